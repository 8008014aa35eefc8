#include "shared/replica/sqlite_sealed.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <string_view>

#include "shared/replica/sqlite.h"
#include "shared/replica/sqlite_memory_journal.h"
#include "shared/replica/sqlite_sealed_file.h"

namespace songsong {
namespace {

SealedFile& of(sqlite3_file* file) { return *reinterpret_cast<SealedFile*>(file); }

int close(sqlite3_file* file) {
  SealedFile& self = of(file);
  const int written = write_waiting_head(self);
  const int closed = self.under->pMethods->xClose(self.under);
  self.~SealedFile();
  return written != SQLITE_OK ? written : closed;
}
int read(sqlite3_file* file, void* into, int amount, sqlite3_int64 at) {
  return read_sealed(of(file), static_cast<std::uint8_t*>(into), amount, at);
}
int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 at) {
  return write_sealed(of(file), static_cast<const std::uint8_t*>(from), amount, at);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  SealedFile& self = of(file);
  if (self.head_waits && self.head_at >= size) self.head_waits = false;
  const int written = write_waiting_head(self);
  return written != SQLITE_OK ? written : self.under->pMethods->xTruncate(self.under, size);
}
int sync(sqlite3_file* file, int flags) {
  const int written = write_waiting_head(of(file));
  return written != SQLITE_OK ? written : of(file).under->pMethods->xSync(of(file).under, flags);
}
int size(sqlite3_file* file, sqlite3_int64* bytes) {
  return of(file).under->pMethods->xFileSize(of(file).under, bytes);
}
int lock(sqlite3_file* file, int level) { return of(file).under->pMethods->xLock(of(file).under, level); }
int unlock(sqlite3_file* file, int level) { return of(file).under->pMethods->xUnlock(of(file).under, level); }
int is_locked(sqlite3_file* file, int* answer) {
  return of(file).under->pMethods->xCheckReservedLock(of(file).under, answer);
}
int control(sqlite3_file* file, int what, void* argument) {
  return of(file).under->pMethods->xFileControl(of(file).under, what, argument);
}
int sector(sqlite3_file* file) { return of(file).under->pMethods->xSectorSize(of(file).under); }
int device(sqlite3_file* file) { return of(file).under->pMethods->xDeviceCharacteristics(of(file).under); }
int map(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
  return of(file).under->pMethods->xShmMap(of(file).under, region, bytes, extend, memory);
}
int lock_map(sqlite3_file* file, int offset, int count, int flags) {
  return of(file).under->pMethods->xShmLock(of(file).under, offset, count, flags);
}
void barrier(sqlite3_file* file) { of(file).under->pMethods->xShmBarrier(of(file).under); }
int unmap(sqlite3_file* file, int remove) { return of(file).under->pMethods->xShmUnmap(of(file).under, remove); }

// Without xFetch: a page mapped into memory would be as it lies on the disk.
constexpr sqlite3_io_methods methods(int version) {
  return {version, close,  read,   write, truncate, sync,    size,  lock,    unlock, is_locked,
          control, sector, device, map,   lock_map, barrier, unmap, nullptr, nullptr};
}
constexpr sqlite3_io_methods kWithoutSharedMemory = methods(1);
constexpr sqlite3_io_methods kWithSharedMemory = methods(2);

std::string next_name() {
  static std::atomic<std::uint64_t> count{0};
  return "songsong sealed " + std::to_string(++count);
}

}  // namespace

struct SealedFiles::Vfs {
  sqlite3_vfs base;
  sqlite3_vfs* under;
  std::string name;
  Sealing sealing;

  static Vfs& of(sqlite3_vfs* vfs) { return *static_cast<Vfs*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_given) {
    file->pMethods = nullptr;
    if ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0) {
      open_memory_journal(file);
      return SQLITE_OK;
    }
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0 || path == nullptr) return SQLITE_CANTOPEN;
    const Vfs& self = of(vfs);
    auto* const under = reinterpret_cast<sqlite3_file*>(reinterpret_cast<SealedFile*>(file) + 1);
    const int result = self.under->xOpen(self.under, path, under, flags, flags_given);
    if (result != SQLITE_OK) return result;
    auto* const made = new (file) SealedFile{.base = {},
                                             .sealing = &self.sealing,
                                             .under = under,
                                             .is_log = (flags & SQLITE_OPEN_WAL) != 0,
                                             .drawn = {},
                                             .sealed = 0,
                                             .head_waits = false,
                                             .head_at = 0,
                                             .head = {}};
    file->pMethods = under->pMethods->iVersion >= 2 ? &kWithSharedMemory : &kWithoutSharedMemory;
    try {
      self.sealing.entropy(made->drawn);
    } catch (...) {
      return SQLITE_CANTOPEN;  // SQLite closes it; nothing was written
    }
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* path, int sync) {
    const int result = of(vfs).under->xDelete(of(vfs).under, path, sync);
    // A journal in memory is gone with its file.
    const bool is_journal = std::string_view(path).ends_with("-journal");
    return result == SQLITE_IOERR_DELETE_NOENT && is_journal ? SQLITE_OK : result;
  }
  static int access(sqlite3_vfs* vfs, const char* path, int flags, int* answer) {
    return of(vfs).under->xAccess(of(vfs).under, path, flags, answer);
  }
  static int full_path(sqlite3_vfs* vfs, const char* path, int room, char* full) {
    return of(vfs).under->xFullPathname(of(vfs).under, path, room, full);
  }
  static int randomness(sqlite3_vfs* vfs, int amount, char* bytes) {
    return of(vfs).under->xRandomness(of(vfs).under, amount, bytes);
  }
  static int sleep(sqlite3_vfs* vfs, int microseconds) { return of(vfs).under->xSleep(of(vfs).under, microseconds); }
  static int current_time(sqlite3_vfs* vfs, double* day) { return of(vfs).under->xCurrentTime(of(vfs).under, day); }
  static int last_error(sqlite3_vfs* vfs, int room, char* text) {
    return of(vfs).under->xGetLastError(of(vfs).under, room, text);
  }
};

SealedFiles::SealedFiles(const SealKey& key, Entropy entropy, const std::string& under)
    : vfs_(std::make_unique<Vfs>(Vfs{
          .base = {},
          .under = sqlite3_vfs_find(under.empty() ? nullptr : under.c_str()),
          .name = next_name(),
          .sealing = {.key = key, .entropy = std::move(entropy)},
      })) {
  if (vfs_->under == nullptr)
    throw StorageError({"storage_failed", under, "There are no files of this kind to be sealed."});
  sqlite3_vfs& base = vfs_->base;
  base.iVersion = 1;
  const std::size_t room = sizeof(SealedFile) + static_cast<std::size_t>(vfs_->under->szOsFile);
  base.szOsFile = static_cast<int>(std::max(room, memory_journal_bytes()));
  base.mxPathname = vfs_->under->mxPathname;
  base.zName = vfs_->name.c_str();
  base.pAppData = vfs_.get();
  base.xOpen = Vfs::open;
  base.xDelete = Vfs::remove;
  base.xAccess = Vfs::access;
  base.xFullPathname = Vfs::full_path;
  base.xRandomness = Vfs::randomness;
  base.xSleep = Vfs::sleep;
  base.xCurrentTime = Vfs::current_time;
  base.xGetLastError = Vfs::last_error;
  if (sqlite3_vfs_register(&base, 0) != SQLITE_OK)
    throw StorageError({"storage_failed", vfs_->name, "SQLite does not take the sealed files."});
}

SealedFiles::~SealedFiles() { sqlite3_vfs_unregister(&vfs_->base); }

const std::string& SealedFiles::name() const { return vfs_->name; }

}  // namespace songsong
