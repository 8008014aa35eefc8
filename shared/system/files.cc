#include "shared/system/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace songsong {

Outcome<std::string> read_file(const std::string& path, std::size_t most_bytes) {
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!file || error) return Fault{.code = "file_unreadable", .where = path, .what = "The file cannot be read."};
  if (size > most_bytes) return Fault{.code = "file_too_large", .where = path, .what = "The file is too large."};
  std::string bytes(static_cast<std::size_t>(size), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.gcount() != static_cast<std::streamsize>(bytes.size()))
    return Fault{.code = "file_unreadable", .where = path, .what = "The file cannot be read."};
  return bytes;
}

Outcome<Done> write_file(const std::string& path, const std::string& bytes, ReadableBy who) {
  const std::string unfinished = path + ".unfinished";
  const int file = open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                        who == ReadableBy::kOwner ? S_IRUSR | S_IWUSR : S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  bool written = file >= 0;
  for (std::size_t done = 0; written && done < bytes.size();) {
    const ssize_t count = write(file, bytes.data() + done, bytes.size() - done);
    written = count > 0 || (count < 0 && errno == EINTR);
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  written = written && fsync(file) == 0;
  if (file >= 0) close(file);
  std::error_code error;
  if (written) std::filesystem::rename(unfinished, path, error);
  if (written && !error) return Done{};
  std::filesystem::remove(unfinished, error);
  return Fault{.code = "file_unwritable", .where = path, .what = "The file cannot be written."};
}

Outcome<std::unique_ptr<FileLock>> FileLock::take(const std::string& path) { return lock(path, LOCK_EX); }
Outcome<std::unique_ptr<FileLock>> FileLock::try_take(const std::string& path) { return lock(path, LOCK_EX | LOCK_NB); }

Outcome<std::unique_ptr<FileLock>> FileLock::lock(const std::string& path, int operation) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  int locked = -1;
  while (descriptor >= 0 && (locked = flock(descriptor, operation)) != 0 && errno == EINTR) {
  }
  if (locked == 0) return std::unique_ptr<FileLock>(new FileLock(descriptor));
  const bool held_by_another = descriptor >= 0 && errno == EWOULDBLOCK;
  if (descriptor >= 0) close(descriptor);
  if (held_by_another) return std::unique_ptr<FileLock>();
  return Fault{.code = "file_unwritable", .where = path, .what = "The lock file cannot be taken."};
}

FileLock::~FileLock() { close(descriptor_); }

}  // namespace songsong
