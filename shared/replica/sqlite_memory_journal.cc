#include "shared/replica/sqlite_memory_journal.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

namespace songsong {
namespace {

struct Journal {
  sqlite3_file base;
  std::string bytes;
};

Journal& journal_of(sqlite3_file* file) { return *reinterpret_cast<Journal*>(file); }

int close(sqlite3_file* file) {
  journal_of(file).~Journal();
  return SQLITE_OK;
}
int read(sqlite3_file* file, void* into, int amount, sqlite3_int64 at) {
  const std::string_view bytes = journal_of(file).bytes;
  const auto from = std::min(static_cast<std::size_t>(at), bytes.size());
  const std::string_view found = bytes.substr(from, static_cast<std::size_t>(amount));
  std::memset(into, 0, static_cast<std::size_t>(amount));
  std::memcpy(into, found.data(), found.size());
  return found.size() == static_cast<std::size_t>(amount) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}
int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 at) {
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
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  std::string& bytes = journal_of(file).bytes;
  bytes.resize(std::min(static_cast<std::size_t>(size), bytes.size()));
  return SQLITE_OK;
}
int size(sqlite3_file* file, sqlite3_int64* size) {
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

constexpr sqlite3_io_methods kInMemory = {1,
                                          close,
                                          read,
                                          write,
                                          truncate,
                                          nothing,
                                          size,
                                          nothing,
                                          nothing,
                                          never_locked,
                                          knows_no_control,
                                          sector_of_memory,
                                          device_of_memory,
                                          nullptr,
                                          nullptr,
                                          nullptr,
                                          nullptr,
                                          nullptr,
                                          nullptr};

}  // namespace

std::size_t memory_journal_bytes() { return sizeof(Journal); }

void open_memory_journal(sqlite3_file* file) { (new (file) Journal())->base.pMethods = &kInMemory; }

}  // namespace songsong
