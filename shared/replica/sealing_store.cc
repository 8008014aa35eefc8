#include "shared/replica/sealing_store.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "shared/replica/sqlite.h"
#include "shared/replica/sqlite_schema.h"

namespace songsong {
namespace {

namespace fs = std::filesystem;

std::string unfinished_of(const std::string& path) { return path + ".unfinished"; }

Fault unusable(const std::string& path, const std::error_code& error) {
  return Fault{.code = "storage_failed", .where = path, .what = "The file could not be moved: " + error.message()};
}

// As far as the disk lets a program do so.
void overwrite(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::vector<char> zeroes(std::size_t{64} * 1024, '\0');
  for (std::uintmax_t at = 0; file && at < size; at += zeroes.size())
    file.write(zeroes.data(), static_cast<std::streamsize>(std::min<std::uintmax_t>(zeroes.size(), size - at)));
}

Outcome<Done> take_away(const std::string& path) {
  std::error_code error;
  for (const char* const part : {"-wal", "-shm", ""}) {
    overwrite(path + part);
    fs::remove(path + part, error);
    if (error) return unusable(path + part, error);
  }
  return Done{};
}

Outcome<Done> rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return unusable(to, error);
  return Done{};
}

// Throws StorageError.
void make_sealed(SqliteConnection& from, const std::string& path, const SealedFiles& sealed) {
  from.make_anew(path, sealed.name(), kSealedReserve);
  SqliteConnection made(path, sealed.name(), SqliteAccess::kReadWrite, 0);
  made.execute("PRAGMA synchronous=FULL");
  (void)made.write_ahead();
  const std::string found = made.first_value("PRAGMA integrity_check(1)");
  if (found != "ok") throw StorageError({"storage_damaged", path, "The sealed copy is damaged. SQLite says: " + found});
}

}  // namespace

Outcome<Done> seal_store(const std::string& bare, const std::string& sealed_path, const SealedFiles& sealed,
                         int busy_ms) {
  const std::string unfinished = unfinished_of(sealed_path);
  try {
    if (const Outcome<Done> cleared = take_away(unfinished); !cleared) return cleared.fault();
    SqliteConnection from(bare, "", SqliteAccess::kReadWrite, busy_ms);
    from.execute("PRAGMA synchronous=FULL");
    from.execute("PRAGMA locking_mode=EXCLUSIVE");
    from.execute("BEGIN EXCLUSIVE");
    from.execute("COMMIT");
    if (inspect_store_file(from) != StoreFile::kCurrent)
      throw StorageError({"storage_failed", bare, "To be sealed, a store must be of this program's version."});
    make_sealed(from, unfinished, sealed);
    mark_store_file_moved(from);
  } catch (const StorageError& error) {
    if (!is_moved_store_file(bare)) (void)take_away(unfinished);
    return error.fault();
  }
  const Outcome<Done> named = rename(unfinished, sealed_path);
  if (!named) return named;
  return take_away(bare);
}

Outcome<StoreLies> finish_sealing(const std::string& bare, const std::string& sealed_path) {
  std::error_code error;
  const std::string unfinished = unfinished_of(sealed_path);
  if (fs::exists(unfinished, error)) {
    const bool moved = !fs::exists(sealed_path, error) && is_moved_store_file(bare);
    const Outcome<Done> done = moved ? rename(unfinished, sealed_path) : take_away(unfinished);
    if (!done) return done.fault();
  }
  if (fs::exists(sealed_path, error)) {
    if (fs::exists(bare, error)) {
      const Outcome<Done> done = take_away(bare);
      if (!done) return done.fault();
    }
    return StoreLies::kSealed;
  }
  return fs::exists(bare, error) ? StoreLies::kBare : StoreLies::kNowhere;
}

}  // namespace songsong
