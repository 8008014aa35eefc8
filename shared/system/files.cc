#include "shared/system/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

namespace songsong {
namespace {

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

Outcome<std::string> read_file(const std::string& path, std::size_t most_bytes) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);  // before it is opened: a pipe has none, and would wait
  std::ifstream file;
  if (!error) file.open(path, std::ios::binary);
  if (error || !file) return Fault{.code = "file_unreadable", .where = path, .what = "The file cannot be read."};
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
  if (written && !error) return sync_folder(folder_of(path));
  std::filesystem::remove(unfinished, error);
  return Fault{.code = "file_unwritable", .where = path, .what = "The file cannot be written."};
}

Outcome<Done> sync_folder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
  if (descriptor >= 0) close(descriptor);
  if (synced) return Done{};
  return Fault{.code = "file_unwritable", .where = folder, .what = "The folder cannot be written to the disk."};
}

Outcome<Done> destroy_file(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory) return Done{};
  const int file = error ? -1 : open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  bool written = file >= 0;
  const std::vector<char> zeroes(std::size_t{64} * 1024, '\0');
  for (std::uintmax_t done = 0; written && done < size;) {
    const ssize_t count = write(file, zeroes.data(), std::min<std::uintmax_t>(zeroes.size(), size - done));
    written = count > 0 || (count < 0 && errno == EINTR);
    if (count > 0) done += static_cast<std::uintmax_t>(count);
  }
  written = written && fsync(file) == 0;
  if (file >= 0) close(file);
  if (written && std::filesystem::remove(path, error) && !error) return sync_folder(folder_of(path));
  return Fault{.code = "file_unwritable", .where = path, .what = "The file cannot be overwritten and taken away."};
}

Outcome<std::unique_ptr<FileLock>> FileLock::take(const std::string& path, int most_ms) {
  constexpr int kPauseMs = 20;
  for (int waited_ms = 0;; waited_ms += kPauseMs) {
    Outcome<std::unique_ptr<FileLock>> held = try_take(path);
    if (!held || *held != nullptr) return held;
    if (waited_ms >= most_ms)
      return Fault{
          .code = "storage_busy", .where = path, .what = "Another program has been at work here for too long."};
    usleep(kPauseMs * 1000);
  }
}
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
