// Outbox: what a sealed folder has still to send, in a form that its server alone can read (shared/sync/bundle.h), so
// that it is sent while the folder is locked: by a sync without the PIN, or by whoever else works on this device.
//
//   DIR/outbox            the server, how many changes, the bundle
//   DIR/outbox.sent       which outbox, and how many of its frames the server has answered: no signal is spent on them
//   twice DIR/outbox.receipts   what it answered; taken in when the folder is opened next, and the outbox stays until
//   then DIR/outbox.lock       held while any of them is written
//   DIR/outbox.files      how many photos wait besides: they go when the folder is open
//
// One thread. Faults of files, of bundles, of the network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/command.h"
#include "client/http.h"

namespace songsong::client {

// Made anew after something was saved, and gone when nothing waits. Of a folder that is not sealed there is none.
Outcome<Done> write_outbox(Workspace& workspace);
// The same, after a command has saved something: what was saved stays saved, so a failure is only said.
void keep_outbox(const Settings& settings, Workspace& workspace);
// In a folder that was just opened: takes the receipts in, and makes the outbox anew where it is not what waits (a
// program was killed, a server was put back, a file was damaged).
Outcome<Done> bring_outbox_up(Workspace& workspace);

// Changes that were handed over to the server now; 0 where there is nothing to hand over. What it could not take stays.
Outcome<std::uint64_t> send_outbox(const std::string& folder, const HttpPatience& patience);
// As far as can be seen without the folder's key. Faults of an outbox that cannot be read.
struct OutboxCount {
  std::uint64_t waiting = 0;      // changes to be handed over
  std::uint64_t handed_over = 0;  // whose receipts nobody has looked at yet: the folder was not opened since
  std::uint64_t files = 0;        // photos that wait until it is opened
};
Outcome<OutboxCount> count_outbox(const std::string& folder);

}  // namespace songsong::client
