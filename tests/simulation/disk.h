// Disk: the storage of all devices of a simulation, in memory, behind SQLite's interface for a file system (VFS). What
// was written but not synced may be lost, or torn, when the power goes; writes fail when told to; a whole device can be
// copied, or put back as it was.
//
// A path is "DEVICE/FILE". Faults come in here and nowhere else, by the interface that production uses. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace songsong::simulation {

class Disk {
 public:
  explicit Disk(std::uint64_t seed);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // The name under which SQLite knows it.
  const std::string& vfs() const { return name_; }

  // The device dies, as a whole, at the n-th write or sync from now (0: the next): that one and all after it fail.
  void die_after(const std::string& device, std::uint64_t operations);
  // The n-th write or sync from now fails; later ones do not.
  void fail_after(const std::string& device, std::uint64_t operations);
  void set_full(const std::string& device, bool full);
  // Whatever was to fail later does not.
  void calm(const std::string& device);
  bool is_dead(const std::string& device) const;
  // A process ended (kill -9): the system still has all that it wrote.
  void end_process(const std::string& device);
  // The power went: of what was not synced each write is kept, lost or torn, whatever was written after it.
  void lose_power(const std::string& device);

  using Image = std::map<std::string, std::string>;  // file → bytes
  Image image(const std::string& device) const;
  void put(const std::string& device, const Image& image);

  // What has happened so far, by kind.
  const std::map<std::string, std::uint64_t>& faults() const { return faults_; }

 private:
  friend struct DiskFile;
  friend struct DiskSystem;

  struct Write {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncates = false;  // to `offset`
  };
  struct File {
    std::string now;      // as whoever reads sees it
    std::string durable;  // as of the last sync
    std::vector<Write> unsynced;
  };
  struct Device {
    std::map<std::string, std::shared_ptr<File>> files;
    bool dead = false;
    bool full = false;
    std::int64_t dies_in = -1;  // operations; -1: never
    std::int64_t fails_in = -1;
  };

  static void apply(std::string& bytes, const Write& write);
  // What the operation is to answer: 0, or an error code of SQLite.
  int before_operation(Device& device, bool grows);

  std::string name_;
  std::unique_ptr<struct DiskSystem> system_;
  Random random_;
  std::map<std::string, Device> devices_;
  std::map<std::string, std::uint64_t> faults_;
};

}  // namespace songsong::simulation
