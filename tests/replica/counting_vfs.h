// CountingVfs: a VFS for SQLite that hands everything to the system's own, counts what is synced, and may be without
// shared memory, as in a browser. It is registered while this lives.
#pragma once

#include <atomic>
#include <string>

namespace songsong {

enum class SharedMemory { kGiven, kMissing };

class CountingVfs {
 public:
  explicit CountingVfs(SharedMemory shared_memory);
  ~CountingVfs();
  CountingVfs(const CountingVfs&) = delete;
  CountingVfs& operator=(const CountingVfs&) = delete;

  const std::string& name() const { return name_; }
  int opened() const { return opened_; }
  int syncs() const { return syncs_; }

 private:
  struct Shim;

  std::string name_;
  std::atomic<int> opened_ = 0;
  std::atomic<int> syncs_ = 0;
  Shim* shim_;
};

}  // namespace songsong
