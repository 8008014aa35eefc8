#include "tests/replica/counting_vfs.h"

#include <sqlite3.h>

#include <stdexcept>

namespace songsong {
namespace {

// What SQLite sees; the system's own file follows it in memory.
struct File {
  sqlite3_file base;
  std::atomic<int>* syncs;
};

sqlite3_file* own(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1); }

int close(sqlite3_file* file) { return own(file)->pMethods->xClose(own(file)); }
int read(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  return own(file)->pMethods->xRead(own(file), into, size, at);
}
int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  return own(file)->pMethods->xWrite(own(file), from, size, at);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) { return own(file)->pMethods->xTruncate(own(file), size); }
int sync(sqlite3_file* file, int flags) {
  ++*reinterpret_cast<File*>(file)->syncs;
  return own(file)->pMethods->xSync(own(file), flags);
}
int size(sqlite3_file* file, sqlite3_int64* bytes) { return own(file)->pMethods->xFileSize(own(file), bytes); }
int lock(sqlite3_file* file, int level) { return own(file)->pMethods->xLock(own(file), level); }
int unlock(sqlite3_file* file, int level) { return own(file)->pMethods->xUnlock(own(file), level); }
int is_reserved(sqlite3_file* file, int* answer) { return own(file)->pMethods->xCheckReservedLock(own(file), answer); }
int control(sqlite3_file* file, int what, void* argument) {
  return own(file)->pMethods->xFileControl(own(file), what, argument);
}
int sector(sqlite3_file* file) { return own(file)->pMethods->xSectorSize(own(file)); }
int device(sqlite3_file* file) { return own(file)->pMethods->xDeviceCharacteristics(own(file)); }
int map(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
  return own(file)->pMethods->xShmMap(own(file), region, bytes, extend, memory);
}
int lock_map(sqlite3_file* file, int offset, int count, int flags) {
  return own(file)->pMethods->xShmLock(own(file), offset, count, flags);
}
void barrier(sqlite3_file* file) { own(file)->pMethods->xShmBarrier(own(file)); }
int unmap(sqlite3_file* file, int remove) { return own(file)->pMethods->xShmUnmap(own(file), remove); }

constexpr int kWithoutSharedMemory = 1;
constexpr int kWithSharedMemory = 2;

constexpr sqlite3_io_methods methods(int version) {
  return {version, close,  read,   write, truncate, sync,    size,  lock,    unlock, is_reserved,
          control, sector, device, map,   lock_map, barrier, unmap, nullptr, nullptr};
}
constexpr sqlite3_io_methods kShared = methods(kWithSharedMemory);
constexpr sqlite3_io_methods kUnshared = methods(kWithoutSharedMemory);

}  // namespace

struct CountingVfs::Shim {
  sqlite3_vfs base;
  sqlite3_vfs* system;
  CountingVfs* owner;
  const sqlite3_io_methods* methods;

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_given) {
    auto* shim = reinterpret_cast<Shim*>(vfs);
    file->pMethods = nullptr;
    const int result = shim->system->xOpen(shim->system, path, own(file), flags, flags_given);
    if (result != SQLITE_OK) return result;
    ++shim->owner->opened_;
    file->pMethods = shim->methods;
    reinterpret_cast<File*>(file)->syncs = &shim->owner->syncs_;
    return SQLITE_OK;
  }
};

CountingVfs::CountingVfs(SharedMemory shared_memory)
    : name_(shared_memory == SharedMemory::kGiven ? "counting" : "counting without shared memory"), shim_(new Shim) {
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  *shim_ = {*system, system, this, shared_memory == SharedMemory::kGiven ? &kShared : &kUnshared};
  shim_->base.szOsFile = static_cast<int>(sizeof(File)) + system->szOsFile;
  shim_->base.zName = name_.c_str();
  shim_->base.xOpen = Shim::open;
  if (sqlite3_vfs_register(&shim_->base, 0) != SQLITE_OK) throw std::runtime_error("the VFS is not taken");
}

CountingVfs::~CountingVfs() {
  sqlite3_vfs_unregister(&shim_->base);
  delete shim_;
}

}  // namespace songsong
