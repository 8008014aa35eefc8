#include "server/commit_queue.h"

#include <algorithm>
#include <exception>

namespace songsong::server {

Outcome<StoreSequence> CommitQueue::commit(const Store::Writing& writing) {
  const Fault busy{.code = "busy", .where = "commit queue", .what = "Too many writings wait; try again."};
  Waiting waiting;
  waiting.writing = &writing;
  const auto deadline = std::chrono::steady_clock::now() + kQueueSeconds;
  std::unique_lock lock(mutex_);
  if (queue_.size() >= kMostQueued) return busy;
  queue_.push_back(&waiting);
  while (!waiting.done) {
    if (!waiting.taken && !writing_) {
      // This thread writes for all that wait.
      std::vector<Waiting*> group;
      while (!queue_.empty() && group.size() < kMostInCommit) {
        group.push_back(queue_.front());
        group.back()->taken = true;
        queue_.pop_front();
      }
      writing_ = true;
      lock.unlock();
      try {
        write_together(group);
      } catch (const std::exception&) {
        // Out of memory, or a mistake of ours: nothing was committed, and nobody may be left waiting.
        const Fault failed{.code = "storage_failed", .where = "commit", .what = "The writing could not be finished."};
        for (Waiting* each : group) each->outcome = failed;
      }
      lock.lock();
      writing_ = false;
      for (Waiting* each : group) each->done = true;
      ++counts_.commits;
      counts_.writings += group.size();
      changed_.notify_all();
    } else if (waiting.taken) {
      changed_.wait(lock);  // it is being written; that takes as long as the disk does
    } else if (changed_.wait_until(lock, deadline) == std::cv_status::timeout && !waiting.taken) {
      std::erase(queue_, &waiting);
      return busy;
    }
  }
  return waiting.outcome;
}

void CommitQueue::write_together(const std::vector<Waiting*>& group) {
  std::vector<Store::Writing> writings;
  for (const Waiting* each : group) writings.push_back(*each->writing);
  const Outcome<StoreSequence> written = store_.write(shard_, writings);
  if (written || group.size() == 1) {
    for (Waiting* each : group) each->outcome = written;
    if (written) after_(*written);
    return;
  }
  for (Waiting* each : group) {
    each->outcome = store_.write(shard_, {each->writing, 1});
    if (each->outcome) after_(*each->outcome);
  }
}

CommitQueue::Counts CommitQueue::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace songsong::server
