// Receipts that a replica's store keeps: the part of `verify` that the replica layer, which knows no server, leaves.
#pragma once

#include "shared/core/outcome.h"
#include "shared/replica/store.h"

namespace songsong {

// Each is signed by the server of the ticket, and speaks of the change and the chain hash that the log has. Fault
// "difference" with `where` "receipt of replica 17".
Outcome<Done> check_receipts(Store& store);

}  // namespace songsong
