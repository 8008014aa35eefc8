// A small disk, in the ways that this machine permits: a limit on the size of every file that a program writes, which
// is always possible; and a filesystem in memory of some megabytes, which takes the right to mount one.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace songsong::testing {

class SmallDisk {
 public:
  virtual ~SmallDisk() = default;

  virtual std::string name() const = 0;
  // The folder, within the test's own, in which lies what is to run out of room: empty or "small/".
  virtual std::string folder() const = 0;
  // From now on next to nothing goes in, for programs that this one begins and for one that is running (or 0).
  virtual void fill(pid_t running) = 0;
  // There is room again, for the same.
  virtual void make_room(pid_t running) = 0;
};

// Every way that is permitted here; `own` is the test's own folder.
std::vector<std::unique_ptr<SmallDisk>> small_disks(const std::string& own);

}  // namespace songsong::testing
