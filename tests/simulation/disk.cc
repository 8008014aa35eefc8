#include "tests/simulation/disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>

namespace songsong::simulation {
namespace {

constexpr std::size_t kSector = 512;
constexpr int kMaxPath = 200;

std::string device_of(const std::string& path) { return path.substr(0, path.find('/')); }
std::string file_of(const std::string& path) { return path.substr(path.find('/') + 1); }

}  // namespace

struct DiskSystem {
  sqlite3_vfs vfs{};
};

// What SQLite holds of an open file.
struct DiskFile {
  sqlite3_file base{};
  Disk* disk = nullptr;
  std::shared_ptr<Disk::File>* file = nullptr;  // SQLite moves this struct as bytes, so what has a constructor is apart
  std::string* device = nullptr;

  static DiskFile& of(sqlite3_file* file) { return *reinterpret_cast<DiskFile*>(file); }
  Disk::Device& on() const { return disk->devices_[*device]; }

  static int close(sqlite3_file* file) {
    delete of(file).file;
    delete of(file).device;
    return SQLITE_OK;
  }
  static int read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    DiskFile& self = of(file);
    if (self.on().dead) return SQLITE_IOERR_READ;
    const std::string& bytes = (*self.file)->now;
    const auto from = std::min(static_cast<std::size_t>(offset), bytes.size());
    const std::size_t there = std::min(static_cast<std::size_t>(amount), bytes.size() - from);
    std::memcpy(to, bytes.data() + from, there);
    std::memset(static_cast<char*>(to) + there, 0, static_cast<std::size_t>(amount) - there);
    return there == static_cast<std::size_t>(amount) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  static int change(DiskFile& self, Disk::Write write) {
    Disk::File& file = **self.file;
    const bool grows = !write.truncates && write.offset + write.bytes.size() > file.now.size();
    const int answer = self.disk->before_operation(self.on(), grows);
    if (answer != SQLITE_OK) return answer;
    Disk::apply(file.now, write);
    file.unsynced.push_back(std::move(write));
    return SQLITE_OK;
  }
  static int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    return change(of(file),
                  Disk::Write{.offset = static_cast<std::uint64_t>(offset),
                              .bytes = std::string(static_cast<const char*>(from), static_cast<std::size_t>(amount)),
                              .truncates = false});
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return change(of(file), Disk::Write{.offset = static_cast<std::uint64_t>(size), .bytes = {}, .truncates = true});
  }
  static int sync(sqlite3_file* file, int) {
    DiskFile& self = of(file);
    const int answer = self.disk->before_operation(self.on(), false);
    if (answer != SQLITE_OK) return SQLITE_IOERR_FSYNC;
    (*self.file)->durable = (*self.file)->now;
    (*self.file)->unsynced.clear();
    return SQLITE_OK;
  }
  static int size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>((*of(file).file)->now.size());
    return SQLITE_OK;
  }
  // One connection has each file, for itself.
  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int check_lock(sqlite3_file*, int* held) {
    *held = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return kSector; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* const disk = static_cast<Disk*>(vfs->pAppData);
    DiskFile& self = of(file);
    self.base.pMethods = nullptr;
    const std::string path = name != nullptr ? name : "temporary/file";
    Disk::Device& device = disk->devices_[device_of(path)];
    if (device.dead) return SQLITE_CANTOPEN;
    const auto found = device.files.find(file_of(path));
    if (found == device.files.end() && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    std::shared_ptr<Disk::File>& held = device.files[file_of(path)];
    if (held == nullptr || name == nullptr) held = std::make_shared<Disk::File>();
    static const sqlite3_io_methods methods{.iVersion = 1,
                                            .xClose = close,
                                            .xRead = read,
                                            .xWrite = write,
                                            .xTruncate = truncate,
                                            .xSync = sync,
                                            .xFileSize = size,
                                            .xLock = lock,
                                            .xUnlock = lock,
                                            .xCheckReservedLock = check_lock,
                                            .xFileControl = control,
                                            .xSectorSize = sector_size,
                                            .xDeviceCharacteristics = characteristics,
                                            .xShmMap = nullptr,
                                            .xShmLock = nullptr,
                                            .xShmBarrier = nullptr,
                                            .xShmUnmap = nullptr,
                                            .xFetch = nullptr,
                                            .xUnfetch = nullptr};
    self.base.pMethods = &methods;
    self.disk = disk;
    self.file = new std::shared_ptr<Disk::File>(held);
    self.device = new std::string(device_of(path));
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int) {
    auto* const disk = static_cast<Disk*>(vfs->pAppData);
    Disk::Device& device = disk->devices_[device_of(name)];
    const int answer = disk->before_operation(device, false);
    if (answer != SQLITE_OK) return SQLITE_IOERR_DELETE;
    return device.files.erase(file_of(name)) == 1 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }
  static int access(sqlite3_vfs* vfs, const char* name, int, int* there) {
    auto* const disk = static_cast<Disk*>(vfs->pAppData);
    *there = disk->devices_[device_of(name)].files.contains(file_of(name)) ? 1 : 0;
    return SQLITE_OK;
  }
  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
  static int random_bytes(sqlite3_vfs* vfs, int size, char* out) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(static_cast<Disk*>(vfs->pAppData)->random_.next());
    return size;
  }
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int time(sqlite3_vfs*, double* now) {
    *now = 2459470.0;
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

Disk::Disk(std::uint64_t seed) : system_(std::make_unique<DiskSystem>()), random_(seed) {
  static std::atomic<int> made{0};
  name_ = "songsong-simulation-" + std::to_string(++made);
  sqlite3_vfs& vfs = system_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(DiskFile);
  vfs.mxPathname = kMaxPath;
  vfs.zName = name_.c_str();
  vfs.pAppData = this;
  vfs.xOpen = DiskFile::open;
  vfs.xDelete = DiskFile::remove;
  vfs.xAccess = DiskFile::access;
  vfs.xFullPathname = DiskFile::full_path;
  vfs.xRandomness = DiskFile::random_bytes;
  vfs.xSleep = DiskFile::sleep;
  vfs.xCurrentTime = DiskFile::time;
  vfs.xGetLastError = DiskFile::last_error;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) throw std::runtime_error("SQLite takes no file system");
}

Disk::~Disk() { sqlite3_vfs_unregister(&system_->vfs); }

void Disk::die_after(const std::string& device, std::uint64_t operations) {
  devices_[device].dies_in = static_cast<std::int64_t>(operations);
}
void Disk::fail_after(const std::string& device, std::uint64_t operations) {
  devices_[device].fails_in = static_cast<std::int64_t>(operations);
}
void Disk::set_full(const std::string& device, bool full) { devices_[device].full = full; }

void Disk::calm(const std::string& name) {
  Device& device = devices_[name];
  device.full = device.dead = false;
  device.dies_in = device.fails_in = -1;
}

bool Disk::is_dead(const std::string& device) const {
  const auto found = devices_.find(device);
  return found != devices_.end() && found->second.dead;
}

int Disk::before_operation(Device& device, bool grows) {
  if (device.dead) return SQLITE_IOERR;
  if (device.dies_in == 0) {
    device.dead = true;
    ++faults_["a device died in the middle of writing"];
    return SQLITE_IOERR;
  }
  if (device.dies_in > 0) --device.dies_in;
  if (device.fails_in == 0) {
    device.fails_in = -1;
    ++faults_["a write or sync failed"];
    return SQLITE_IOERR_WRITE;
  }
  if (device.fails_in > 0) --device.fails_in;
  if (device.full && grows) {
    ++faults_["a full disk took no more"];
    return SQLITE_FULL;
  }
  return SQLITE_OK;
}

void Disk::apply(std::string& bytes, const Write& write) {
  if (write.truncates) return bytes.resize(std::min<std::size_t>(bytes.size(), write.offset));
  const std::size_t end = write.offset + write.bytes.size();
  if (bytes.size() < end) bytes.resize(end, '\0');
  std::memcpy(bytes.data() + write.offset, write.bytes.data(), write.bytes.size());
}

void Disk::end_process(const std::string& name) {
  Device& device = devices_[name];
  device.dead = false;
  device.dies_in = device.fails_in = -1;
  ++faults_["a process was killed"];
}

void Disk::lose_power(const std::string& name) {
  Device& device = devices_[name];
  device.dead = false;
  device.dies_in = device.fails_in = -1;
  ++faults_["the power went"];
  for (auto& [file, held] : device.files) {
    for (Write& write : held->unsynced) {
      const std::uint64_t fate = random_.below(4);
      if (fate == 0) {
        ++faults_["an unsynced write was lost"];
        continue;
      }
      if (fate == 1 && write.bytes.size() > kSector) {
        write.bytes.resize(kSector * (1 + random_.below(write.bytes.size() / kSector)));
        ++faults_["an unsynced write was torn"];
      }
      apply(held->durable, write);
    }
    held->unsynced.clear();
    held->now = held->durable;
  }
}

Disk::Image Disk::image(const std::string& device) const {
  Image image;
  const auto found = devices_.find(device);
  if (found == devices_.end()) return image;
  for (const auto& [file, held] : found->second.files) image[file] = held->now;
  return image;
}

void Disk::put(const std::string& name, const Image& image) {
  Device& device = devices_[name];
  device = Device{};
  for (const auto& [file, bytes] : image) {
    device.files[file] = std::make_shared<File>(File{.now = bytes, .durable = bytes, .unsynced = {}});
  }
}

}  // namespace songsong::simulation
