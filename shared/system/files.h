// Files of this computer, whole: read with a bound, written so that they are there whole or not at all.
//
// Any thread. The browser has none of this.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "shared/core/outcome.h"

namespace songsong {

// Faults "file_unreadable", "file_too_large".
Outcome<std::string> read_file(const std::string& path, std::size_t most_bytes);

enum class ReadableBy { kAnyone, kOwner };
// Under another name first, and on the disk, name and all, when this returns. Fault "file_unwritable"; what stood there
// stays.
Outcome<Done> write_file(const std::string& path, const std::string& bytes, ReadableBy who = ReadableBy::kAnyone);

// What names the folder's files have is on the disk when this returns. Fault "file_unwritable".
Outcome<Done> sync_folder(const std::string& folder);
// Zeroes over all of it, as far as the disk lets a program do so, and on the disk before the file is taken away. One
// that is not there is no fault. Fault "file_unwritable".
Outcome<Done> destroy_file(const std::string& path);

// Held by one program at a time; the file stays, empty. Fault "file_unwritable".
class FileLock {
 public:
  // Whoever comes second waits, and for so long at most (fault "storage_busy").
  static Outcome<std::unique_ptr<FileLock>> take(const std::string& path, int most_ms = 30'000);
  // Null where another program holds it.
  static Outcome<std::unique_ptr<FileLock>> try_take(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  static Outcome<std::unique_ptr<FileLock>> lock(const std::string& path, int operation);

  int descriptor_;
};

}  // namespace songsong
