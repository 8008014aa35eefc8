// Bundles: the conversation by any carrier. A bundle file holds all that no receipt covers; it travels by USB, message
// or another teacher's phone, and a server takes it as it is. Whoever carries it cannot read it. Its receipts travel
// back the same way; they hold nothing of anybody.
//
// One thread at a time; borrows the replica.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/replica/replica.h"
#include "shared/sync/frame.h"

namespace songsong {

struct Bundle {
  std::string bytes;
  std::uint64_t changes = 0;
};

// All own changes that no receipt covers, of this replica and of those that this store was before, the oldest first and
// as many as a bundle holds. Faults
// "nothing_to_send", "no_server" without a ticket.
Outcome<Bundle> make_bundle(Replica& replica, const ClockReading& now);

enum class Accepted {
  kReceipts,  // answers to this store's own bundle: they are taken in
  kBundle,    // another replica's bundle: kept, and handed on at the next sync
};

struct AcceptedFile {
  Accepted what = Accepted::kReceipts;
  std::uint64_t sent = 0;         // own changes that receipts newly cover
  std::uint64_t quarantined = 0;  // own changes that the server set aside
};

// Receipts or a bundle from a file. Faults: "not_a_bundle", "receipt_for_another" (no receipt in it is for this store,
// or it was altered), "too_many_bundles", and "refused" with the server's code in `where`.
Outcome<AcceptedFile> accept_file(Replica& replica, std::string_view bytes, const ClockReading& now);

inline constexpr std::size_t kMaxCarried = 64;

// Others' bundles that wait to be handed on, and receipts to be given back to those whose bundles were: by name, oldest
// first, the files' bytes.
using CarriedFiles = std::vector<std::pair<std::string, std::string>>;
Outcome<CarriedFiles> carried_bundles(Replica& replica);
Outcome<CarriedFiles> carried_receipts(Replica& replica);
// The bundle was handed on: its receipts take its place.
Outcome<Done> keep_receipts(Replica& replica, const std::string& name, std::string receipts);
// They were given back.
Outcome<Done> drop_receipts(Replica& replica, const std::string& name);

}  // namespace songsong
