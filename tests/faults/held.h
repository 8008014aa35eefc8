// What is held, looked up in the stores themselves: how far a phone's own changes go and what it has receipts for, and
// what of them a server holds. The programs may be running.
#pragma once

#include <cstdint>
#include <string>

#include "shared/core/name.h"

namespace songsong::testing {

struct Held {
  ReplicaId replica = 0;
  Sequence saved = 0;     // own changes
  Sequence received = 0;  // of which the server gave a receipt
};

// `folder` is the phone's.
Held held_by_phone(const std::string& folder);
// Changes of the replica, in a server's folder.
Sequence held_by_server(const std::string& folder, ReplicaId replica);

// What a program that was killed left of its store: the write-ahead log is there while a store is open, and empty while
// nothing was written since.
struct Traces {
  bool open = false;
  std::uintmax_t bytes = 0;
  std::int64_t written_ns = 0;  // when it was written last
};
Traces traces_of(const std::string& store);

}  // namespace songsong::testing
