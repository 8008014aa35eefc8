// Workspace: a folder of this computer that is a replica: its store, its policy table, its Replica. Several programs
// may have one folder open at once.
//
//   DIR/replica.db      the store, with -wal and -shm while it is open
//   DIR/replica.sealed  the store of a folder that is sealed, in the place of the other (sealing.h)
//   DIR/pin, DIR/outbox see pin.h, outbox.h
//   DIR/drafts/         one file a draft (drafts.h)
//   DIR/receipts/       receipts to be given back to those whose bundles were handed on
//
// One thread. Errors: Faults of the store, "no_replica" for a folder that is not set up.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/http.h"
#include "shared/core/change_codec.h"
#include "shared/core/policy.h"
#include "shared/core/sealing.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/replica.h"
#include "shared/replica/sqlite_store.h"
#include "shared/sync/ticket.h"

namespace songsong::client {

// Of a sealed folder without its key.
Fault pin_needed(const std::string& folder);

class Workspace {
 public:
  // Fault "pin_needed" of a sealed folder without its key.
  static Outcome<std::unique_ptr<Workspace>> open(const std::string& folder, const std::optional<SealKey>& key = {});
  // Makes the folder this ticket's replica, or gives a bare one the new ticket. Never uses the network.
  static Outcome<Done> set_up(const std::string& folder, const Ticket& ticket, bool same_server = false);
  // Gives an opened one the new ticket; it takes effect when the folder is opened next.
  Outcome<Done> take_ticket(const Ticket& ticket, bool same_server = false);
  const std::string& folder() const { return folder_; }
  // Of a sealed folder.
  const std::optional<SealKey>& key() const { return key_; }
  Replica& replica() { return *replica_; }
  const Policies& policies() const { return *policies_; }
  SqliteStore& store() { return *store_; }
  // Learned when it is first asked for, which takes some milliseconds.
  const Primer& primer();

  // One snapshot of the store; what its rows cannot say comes back as a fault.
  template <class Reading>
  Outcome<Done> read(const Reading& reading) {
    Outcome<Done> result = Done{};
    const Outcome<Done> read = store_->read(Shard{0}, [&](StoreReader& reader) {
      try {
        reading(reader);
      } catch (const StorageDamage& damage) {
        result = damage.fault;
      }
    });
    if (!read) return read.fault();
    return result;
  }

  // Where the server is. Fault "no_server" without a ticket.
  Outcome<ServerAddress> server();
  // What proves to the server who asks for the path and query (asking.h); empty before this device has enrolled.
  // `replica`: one of own_replicas(), the present one if not given.
  Outcome<std::string> authorization(const std::string& target, ReplicaId replica = 0);
  // The present one, then those that this folder was before.
  Outcome<std::vector<ReplicaId>> own_replicas();

 private:
  Workspace() = default;

  std::string folder_;
  std::optional<SealKey> key_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Policies> policies_;
  std::unique_ptr<Replica> replica_;
  std::optional<Primer> primer_;
};

}  // namespace songsong::client
