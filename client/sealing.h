// Sealing a folder: which of its files is the store, and how a bare one gives way to a sealed one. Whatever ends it,
// the power or a killed program, the store is whole in one of them, and the next program finishes or takes back what is
// half done. What cannot be decided now (a full disk, a file that another program holds) is left as it is, with a
// fault.
//
//   DIR/replica.db                  1  the bare store
//   DIR/replica.sealed.unfinished   2  its sealed copy, while it is made; then the bare one is marked as moved
//   DIR/replica.db.moved            3  the bare one, which is no store any more
//   DIR/replica.sealed              4  the sealed store; then the bare one is overwritten and taken away. A disk may
//   keep
//                                      what was overwritten, and what it held before (flash does): what has to be
//                                      unreadable for certain is sealed before anything is recorded
//   DIR/sealing.lock                   held by whoever is at any of this
//
// One thread. Faults: those of copy_sealed(); "storage_busy"; "two_stores" where both lie there and neither was moved:
// a backup was put back beside it, say, and nobody but its owner knows which one counts.
#pragma once

#include <string>

#include "shared/replica/sealing_store.h"
#include "shared/system/files.h"

namespace songsong::client {

std::string bare_store(const std::string& folder);
std::string sealed_store(const std::string& folder);

enum class StoreLies { kNowhere, kBare, kSealed };
// Where the store is. Of a folder in which nothing is half done it only looks.
Outcome<StoreLies> store_lies(const std::string& folder);
// The same, where nothing seems half done and the store cannot be opened all the same.
Outcome<StoreLies> mended(const std::string& folder);

// Held while a folder is sealed, from before its key is drawn. `busy_ms`: how long others are waited for.
class FolderSealing {
 public:
  static Outcome<FolderSealing> begin(const std::string& folder, int busy_ms = 10'000);

  // As store_lies(), under the lock.
  Outcome<StoreLies> lies() const;
  Outcome<Done> seal(const SealedFiles& sealed) const;

 private:
  FolderSealing(std::string folder, int busy_ms, std::unique_ptr<FileLock> lock)
      : folder_(std::move(folder)), busy_ms_(busy_ms), lock_(std::move(lock)) {}

  Outcome<Done> finish() const;
  Outcome<Done> give_way() const;

  std::string folder_;
  int busy_ms_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace songsong::client
