// CommitQueue: group commit. Callers of many threads hand in what they want written; one of them takes all that waits
// and writes it in one transaction, whose sync to the disk they share.
//
// Any number of threads. A caller blocks until its writing is durable, or for kQueueSeconds until somebody begins with
// it. A Fault of one writing is not another's: when the joint transaction fails, each is tried alone. Fault "busy" when
// too many wait, or for too long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "shared/replica/store.h"

namespace songsong::server {

inline constexpr std::size_t kMostInCommit = 64;
inline constexpr std::size_t kMostQueued = 1024;
inline constexpr std::chrono::seconds kQueueSeconds{20};

class CommitQueue {
 public:
  // Borrows the store. `after` is called after each commit with its last store sequence, by whichever thread wrote.
  CommitQueue(Store& store, Shard shard, std::function<void(StoreSequence)> after)
      : store_(store), shard_(shard), after_(std::move(after)) {}

  Outcome<StoreSequence> commit(const Store::Writing& writing);

  struct Counts {
    std::uint64_t commits = 0;
    std::uint64_t writings = 0;
  };
  Counts counts() const;

 private:
  struct Waiting {
    const Store::Writing* writing = nullptr;
    bool taken = false;
    bool done = false;
    Outcome<StoreSequence> outcome = StoreSequence{0};
  };

  void write_together(const std::vector<Waiting*>& group);

  Store& store_;
  const Shard shard_;
  const std::function<void(StoreSequence)> after_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> queue_;  // guarded by mutex_, as all below
  bool writing_ = false;
  Counts counts_;
};

}  // namespace songsong::server
