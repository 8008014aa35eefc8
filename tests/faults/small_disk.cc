#include "tests/faults/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace songsong::testing {
namespace {

// A store can still be opened and read, and a few acts fit into its write-ahead log.
constexpr rlim_t kMostBytesInFile = 80 * 1024;
constexpr const char* kFilesystemSize = "size=24m";

void set_file_limit(pid_t process, rlim_t most) {
  rlimit limit{};
  if (prlimit(process, RLIMIT_FSIZE, nullptr, &limit) != 0) throw std::runtime_error("no limit to be read");
  limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
  if (prlimit(process, RLIMIT_FSIZE, &limit, nullptr) != 0) throw std::runtime_error("no limit to be set");
}

// Programs inherit the limit of this one.
class LimitedFiles : public SmallDisk {
 public:
  ~LimitedFiles() override { set_file_limit(0, RLIM_INFINITY); }
  std::string name() const override { return "a limit on files"; }
  std::string folder() const override { return {}; }
  void fill(pid_t running) override { set(running, kMostBytesInFile); }
  void make_room(pid_t running) override { set(running, RLIM_INFINITY); }

 private:
  static void set(pid_t running, rlim_t most) {
    set_file_limit(0, most);
    if (running != 0) set_file_limit(running, most);
  }
};

class SmallFilesystem : public SmallDisk {
 public:
  explicit SmallFilesystem(const std::string& own) : path_(own + "/small") {
    std::filesystem::create_directories(path_);
    // Seen by this process and what it begins only, so that it goes with them whatever becomes of the test.
    const bool apart = unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    mounted_ = apart && mount("songsong", path_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, kFilesystemSize) == 0;
  }
  ~SmallFilesystem() override {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string name() const override { return "a small filesystem"; }
  std::string folder() const override { return "small/"; }
  // To the last byte.
  void fill(pid_t) override {
    const int file = open((path_ + "/ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string page(4096, 'x');
    while (write(file, page.data(), page.size()) > 0) continue;
    close(file);
  }
  void make_room(pid_t) override { std::filesystem::remove(path_ + "/ballast"); }

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace

std::vector<std::unique_ptr<SmallDisk>> small_disks(const std::string& own) {
  std::vector<std::unique_ptr<SmallDisk>> disks;
  disks.push_back(std::make_unique<LimitedFiles>());
  auto filesystem = std::make_unique<SmallFilesystem>(own);
  if (filesystem->mounted()) disks.push_back(std::move(filesystem));
  return disks;
}

}  // namespace songsong::testing
