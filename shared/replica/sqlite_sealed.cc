#include "shared/replica/sqlite_sealed.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <string_view>

#include "shared/replica/sqlite.h"
#include "shared/replica/sqlite_store.h"

namespace songsong {
namespace {

constexpr int kPage = static_cast<int>(kStorePageBytes);
constexpr int kContent = kPage - kSealedReserve;
constexpr int kReserveByte = 20;        // of the file's head: SQLite's file format, 1.3
constexpr sqlite3_int64 kLogHead = 32;  // of the log, 4.1 of the same
constexpr std::size_t kMostJournalBytes = std::size_t{64} << 20;
constexpr int kFrameHead = 24;
constexpr int kFrame = kFrameHead + kPage;

struct Sealing {
  SealKey key;
  SealedFiles::Entropy entropy;
};

// SQLite's memory for one open file; the file of the VFS below follows it.
struct File {
  sqlite3_file base;
  const Sealing* sealing;
  sqlite3_file* under;
  bool is_log;
  std::array<std::uint8_t, 16> drawn;  // for this opening
  std::uint64_t sealed;                // since
  // The head of a frame arrives before its page, and both are written together.
  bool head_waits;
  sqlite3_int64 head_at;
  std::array<std::uint8_t, kFrameHead> head;
};

File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

// What binds sealed bytes to their place.
struct Place {
  Place(const char* what, sqlite3_int64 offset) {
    bytes[0] = what[0];
    for (std::size_t i = 0; i < 8; ++i)
      bytes[1 + i] = static_cast<char>(static_cast<std::uint64_t>(offset) >> (56 - 8 * i));
  }
  std::string_view view() const { return {bytes.data(), bytes.size()}; }
  std::array<char, 9> bytes{};
};
constexpr const char* kInStore = "p";
constexpr const char* kInLog = "f";

SealNonce next_nonce(File& file) {
  SealNonce nonce{};
  std::copy(file.drawn.begin(), file.drawn.end(), nonce.begin());
  const std::uint64_t count = ++file.sealed;
  for (std::size_t i = 0; i < 8; ++i) nonce[16 + i] = static_cast<std::uint8_t>(count >> (56 - 8 * i));
  return nonce;
}

// All of `bytes` but the last 40, which take nonce and tag.
void seal(File& file, const Place& place, std::span<std::uint8_t> bytes) {
  const SealNonce nonce = next_nonce(file);
  const std::size_t content = bytes.size() - kSealedReserve;
  std::array<std::uint8_t, kSealTagBytes> tag{};
  seal_in_place(file.sealing->key, nonce, place.view(), bytes.first(content), tag);
  std::copy(nonce.begin(), nonce.end(), bytes.begin() + static_cast<std::ptrdiff_t>(content));
  std::copy(tag.begin(), tag.end(), bytes.end() - kSealTagBytes);
}

// The last 40 are zeroes then, as SQLite leaves them.
bool open(const File& file, const Place& place, std::span<std::uint8_t> bytes) {
  const std::size_t content = bytes.size() - kSealedReserve;
  SealNonce nonce{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(content), nonce.size(), nonce.begin());
  std::array<std::uint8_t, kSealTagBytes> tag{};
  std::copy(bytes.end() - kSealTagBytes, bytes.end(), tag.begin());
  std::fill(bytes.end() - kSealedReserve, bytes.end(), std::uint8_t{0});
  return open_in_place(file.sealing->key, nonce, place.view(), bytes.first(content), tag);
}

// SQLite sums up a page with its last bytes, which are not kept: whatever stood there would be missed.
bool is_reserved(const std::uint8_t* page, bool is_first) {
  const bool free = std::all_of(page + kContent, page + kPage, [](std::uint8_t byte) { return byte == 0; });
  return free && (!is_first || page[kReserveByte] == kSealedReserve);
}

int read_under(const File& file, std::uint8_t* into, int amount, sqlite3_int64 at) {
  return file.under->pMethods->xRead(file.under, into, amount, at);
}
int write_under(const File& file, const std::uint8_t* from, int amount, sqlite3_int64 at) {
  return file.under->pMethods->xWrite(file.under, from, amount, at);
}

// The store. -----------------------------------------------------------------------------------------------------

int read_page(const File& file, std::uint8_t* page, sqlite3_int64 at) {
  const int result = read_under(file, page, kPage, at);
  if (result != SQLITE_OK) return result;
  return open(file, Place(kInStore, at), {page, kPage}) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

// SQLite asks for a part of the first page before it looks at the log: whether there is one it can use is not settled
// by a page that cannot be opened, for the log may have it whole.
int read_store(const File& file, std::uint8_t* into, int amount, sqlite3_int64 at) {
  const sqlite3_int64 within = at % kPage;
  if (within + amount > kPage) return SQLITE_IOERR_READ;
  std::array<std::uint8_t, kPage> page;
  const int result = read_page(file, page.data(), at - within);
  const bool unknown = result == SQLITE_IOERR_SHORT_READ || (result == SQLITE_IOERR_DATA && amount < kPage);
  if (unknown) {
    std::memset(into, 0, static_cast<std::size_t>(amount));
    return SQLITE_IOERR_SHORT_READ;
  }
  if (result == SQLITE_OK) std::memcpy(into, page.data() + within, static_cast<std::size_t>(amount));
  return result;
}

int write_store(File& file, const std::uint8_t* from, int amount, sqlite3_int64 at) {
  if (amount != kPage || at % kPage != 0 || !is_reserved(from, at == 0)) return SQLITE_IOERR_WRITE;
  std::array<std::uint8_t, kPage> page;
  std::copy_n(from, kPage, page.begin());
  seal(file, Place(kInStore, at), page);
  return write_under(file, page.data(), kPage, at);
}

// The log ahead. -------------------------------------------------------------------------------------------------

int read_frame(const File& file, std::uint8_t* frame, sqlite3_int64 at) {
  const int result = read_under(file, frame, kFrame, at);
  if (result != SQLITE_OK) return result;
  return open(file, Place(kInLog, at), {frame, kFrame}) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

int write_frame(File& file, std::uint8_t* frame, sqlite3_int64 at) {
  seal(file, Place(kInLog, at), {frame, kFrame});
  return write_under(file, frame, kFrame, at);
}

// A head that no page followed: SQLite wrote sums anew over frames that stand there already.
int write_waiting_head(File& file) {
  if (!file.head_waits) return SQLITE_OK;
  file.head_waits = false;
  std::array<std::uint8_t, kFrame> frame;
  const int result = read_frame(file, frame.data(), file.head_at);
  if (result != SQLITE_OK) return SQLITE_IOERR_WRITE;
  std::copy(file.head.begin(), file.head.end(), frame.begin());
  return write_frame(file, frame.data(), file.head_at);
}

int read_log(File& file, std::uint8_t* into, int amount, sqlite3_int64 at) {
  const int written = write_waiting_head(file);
  if (written != SQLITE_OK) return written;
  if (at < kLogHead) return at + amount <= kLogHead ? read_under(file, into, amount, at) : SQLITE_IOERR_READ;
  const sqlite3_int64 within = (at - kLogHead) % kFrame;
  if (within + amount > kFrame) return SQLITE_IOERR_READ;
  std::array<std::uint8_t, kFrame> frame;
  const int result = read_frame(file, frame.data(), at - within);
  if (result == SQLITE_IOERR_SHORT_READ || (result == SQLITE_IOERR_DATA && amount == kFrame)) {
    std::memset(into, 0, static_cast<std::size_t>(amount));
    return result == SQLITE_IOERR_DATA ? SQLITE_OK : result;  // of zeroes SQLite sees that the log ends before them
  }
  if (result == SQLITE_OK) std::memcpy(into, frame.data() + within, static_cast<std::size_t>(amount));
  return result;
}

int write_log(File& file, const std::uint8_t* from, int amount, sqlite3_int64 at) {
  if (at < kLogHead) return at + amount <= kLogHead ? write_under(file, from, amount, at) : SQLITE_IOERR_WRITE;
  const sqlite3_int64 within = (at - kLogHead) % kFrame;
  const sqlite3_int64 frame_at = at - within;
  if (file.head_waits && file.head_at != frame_at) {
    const int written = write_waiting_head(file);
    if (written != SQLITE_OK) return written;
  }
  if (within == 0 && amount == kFrameHead) {
    std::copy_n(from, kFrameHead, file.head.begin());
    file.head_at = frame_at;
    file.head_waits = true;
    return SQLITE_OK;
  }
  if (within != kFrameHead || amount != kPage) return SQLITE_IOERR_WRITE;
  std::array<std::uint8_t, kFrame> frame;
  if (file.head_waits) {
    std::copy(file.head.begin(), file.head.end(), frame.begin());
    file.head_waits = false;
  } else if (read_frame(file, frame.data(), frame_at) != SQLITE_OK) {
    return SQLITE_IOERR_WRITE;
  }
  const bool is_first = frame[0] == 0 && frame[1] == 0 && frame[2] == 0 && frame[3] == 1;
  if (!is_reserved(from, is_first)) return SQLITE_IOERR_WRITE;
  std::copy_n(from, kPage, frame.begin() + kFrameHead);
  return write_frame(file, frame.data(), frame_at);
}

// What SQLite calls. ---------------------------------------------------------------------------------------------

int close(sqlite3_file* file) {
  File& self = of(file);
  const int written = write_waiting_head(self);
  const int closed = self.under->pMethods->xClose(self.under);
  self.~File();
  return written != SQLITE_OK ? written : closed;
}
int read(sqlite3_file* file, void* into, int amount, sqlite3_int64 at) {
  auto* const bytes = static_cast<std::uint8_t*>(into);
  return of(file).is_log ? read_log(of(file), bytes, amount, at) : read_store(of(file), bytes, amount, at);
}
int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 at) {
  const auto* const bytes = static_cast<const std::uint8_t*>(from);
  return of(file).is_log ? write_log(of(file), bytes, amount, at) : write_store(of(file), bytes, amount, at);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  File& self = of(file);
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

// A journal to roll back by, of a file that is being made: in memory only, so that nothing lies bare. A file whose
// making was broken off is none that anybody goes on with.
struct Journal {
  sqlite3_file base;
  std::string bytes;
};

Journal& journal_of(sqlite3_file* file) { return *reinterpret_cast<Journal*>(file); }

int close_journal(sqlite3_file* file) {
  journal_of(file).~Journal();
  return SQLITE_OK;
}
int read_journal(sqlite3_file* file, void* into, int amount, sqlite3_int64 at) {
  const std::string_view bytes = journal_of(file).bytes;
  const auto from = std::min(static_cast<std::size_t>(at), bytes.size());
  const std::string_view found = bytes.substr(from, static_cast<std::size_t>(amount));
  std::memset(into, 0, static_cast<std::size_t>(amount));
  std::memcpy(into, found.data(), found.size());
  return found.size() == static_cast<std::size_t>(amount) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}
int write_journal(sqlite3_file* file, const void* from, int amount, sqlite3_int64 at) {
  std::string& bytes = journal_of(file).bytes;
  const auto end = static_cast<std::size_t>(at) + static_cast<std::size_t>(amount);
  if (end > kMostJournalBytes) return SQLITE_FULL;
  try {
    if (bytes.size() < end) bytes.resize(end);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  std::memcpy(bytes.data() + at, from, static_cast<std::size_t>(amount));
  return SQLITE_OK;
}
int truncate_journal(sqlite3_file* file, sqlite3_int64 size) {
  std::string& bytes = journal_of(file).bytes;
  bytes.resize(std::min(static_cast<std::size_t>(size), bytes.size()));
  return SQLITE_OK;
}
int size_of_journal(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(journal_of(file).bytes.size());
  return SQLITE_OK;
}
int nothing(sqlite3_file*, int) { return SQLITE_OK; }
int never_locked(sqlite3_file*, int* answer) {
  *answer = 0;
  return SQLITE_OK;
}
int knows_no_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_of_memory(sqlite3_file*) { return 512; }
int device_of_memory(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

constexpr sqlite3_io_methods kInMemory = {
    1,       close_journal, read_journal, write_journal,    truncate_journal, nothing,          size_of_journal,
    nothing, nothing,       never_locked, knows_no_control, sector_of_memory, device_of_memory, nullptr,
    nullptr, nullptr,       nullptr,      nullptr,          nullptr};

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
      (new (file) Journal())->base.pMethods = &kInMemory;
      return SQLITE_OK;
    }
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0 || path == nullptr) return SQLITE_CANTOPEN;
    const Vfs& self = of(vfs);
    auto* const under = reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
    const int result = self.under->xOpen(self.under, path, under, flags, flags_given);
    if (result != SQLITE_OK) return result;
    auto* const made = new (file) File{.base = {},
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
  static_assert(sizeof(Journal) <= sizeof(File));
  base.szOsFile = static_cast<int>(sizeof(File)) + vfs_->under->szOsFile;
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
