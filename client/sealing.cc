#include "client/sealing.h"

#include <filesystem>
#include <system_error>

namespace songsong::client {
namespace {

namespace fs = std::filesystem;

std::string moved_store(const std::string& folder) { return bare_store(folder) + ".moved"; }
std::string unfinished_store(const std::string& folder) { return sealed_store(folder) + ".unfinished"; }

bool there(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

Outcome<Done> rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return Fault{.code = "file_unwritable", .where = to, .what = "The file cannot be given its name."};
  return sync_folder(fs::path(to).parent_path().string());
}

// With what SQLite keeps beside it.
Outcome<Done> destroy_store(const std::string& path) {
  for (const char* part : {"-wal", "-shm", "-journal", ""}) {
    const Outcome<Done> gone = destroy_file(path + part);
    if (!gone) return gone;
  }
  return Done{};
}

StoreLies found(const std::string& folder) {
  if (there(sealed_store(folder))) return StoreLies::kSealed;
  return there(bare_store(folder)) ? StoreLies::kBare : StoreLies::kNowhere;
}

bool half_done(const std::string& folder) {
  return there(unfinished_store(folder)) || there(moved_store(folder)) ||
         (there(sealed_store(folder)) && there(bare_store(folder)));
}

}  // namespace

std::string bare_store(const std::string& folder) { return folder + "/replica.db"; }
std::string sealed_store(const std::string& folder) { return folder + "/replica.sealed"; }

Outcome<StoreLies> store_lies(const std::string& folder) {
  return half_done(folder) ? mended(folder) : Outcome<StoreLies>(found(folder));
}

Outcome<StoreLies> mended(const std::string& folder) {
  const Outcome<FolderSealing> sealing = FolderSealing::begin(folder);
  if (!sealing) return sealing.fault();
  return sealing->lies();
}

Outcome<FolderSealing> FolderSealing::begin(const std::string& folder, int busy_ms) {
  Outcome<std::unique_ptr<FileLock>> lock = FileLock::take(folder + "/sealing.lock", busy_ms);
  if (!lock) return lock.fault();
  return FolderSealing(folder, busy_ms, std::move(*lock));
}

Outcome<StoreLies> FolderSealing::lies() const {
  const Outcome<Done> finished = finish();
  if (!finished) return finished.fault();
  return found(folder_);
}

Outcome<Done> FolderSealing::seal(const SealedFiles& sealed) const {
  const Outcome<Done> copied = copy_sealed(bare_store(folder_), unfinished_store(folder_), sealed, busy_ms_);
  if (copied) return give_way();
  const Outcome<Done> back = finish();
  return back ? copied : back;
}

Outcome<Done> FolderSealing::finish() const {
  const bool copy = there(unfinished_store(folder_));
  if (!there(bare_store(folder_))) {
    // A copy alone, of which nothing says that it is whole, is left as it is.
    return there(moved_store(folder_)) ? give_way() : Outcome<Done>(Done{});
  }
  const Outcome<bool> moved = is_moved(bare_store(folder_));
  if (!moved && !half_done(folder_)) return Done{};  // whoever opens it is told why not
  if (!moved) return moved.fault();
  if (there(sealed_store(folder_)) || there(moved_store(folder_)))
    return Fault{.code = "two_stores",
                 .where = bare_store(folder_) + ", " + sealed_store(folder_),
                 .what = "Two stores lie here, and both are whole."};
  if (*moved) return copy ? give_way() : take_back(bare_store(folder_));  // without a copy it is the only one there is
  return copy ? destroy_store(unfinished_store(folder_)) : Outcome<Done>(Done{});
}

// The bare store was marked: all that it held is in the copy.
Outcome<Done> FolderSealing::give_way() const {
  if (there(bare_store(folder_))) {
    const Outcome<Done> aside = rename(bare_store(folder_), moved_store(folder_));
    if (!aside) return aside;
  }
  if (there(unfinished_store(folder_)) && !there(sealed_store(folder_))) {
    const Outcome<Done> named = rename(unfinished_store(folder_), sealed_store(folder_));
    if (!named) return named;
  }
  if (!there(sealed_store(folder_))) {  // somebody took it away; what it was made of is still whole
    const Outcome<Done> named = rename(moved_store(folder_), bare_store(folder_));
    return named ? take_back(bare_store(folder_)) : named;
  }
  for (const char* part : {"-wal", "-shm"}) {
    const Outcome<Done> gone = destroy_file(bare_store(folder_) + part);
    if (!gone) return gone;
  }
  return destroy_store(moved_store(folder_));
}

}  // namespace songsong::client
