// Sealed files: a coat between SQLite and the system's files (a VFS, sqlite.org/vfs.html), so that a store's pages are
// sealed on the disk and nowhere else. Whoever has the device and not the key finds noise, and an altered page is found
// out when it is read.
//
//   the store          each page sealed (sealing.h) under a nonce of its own, bound to its place; nonce and tag stand
//   in
//                      the last 40 bytes, which SQLite leaves free (its "reserved space")
//   the log ahead      each frame sealed whole, its head of 24 bytes with its page: SQLite's check sums are of what is
//                      sealed, and would tell of it. The log's own head of 32 bytes says nothing and stays bare
//   the log's index    in shared memory or a -shm file: numbers of pages, no content; left as it is
//   rollback journals  stay in memory. Only a file that is being made has one, and nobody goes on with what broke off
//   anything else      is refused, so that nothing can come to lie there unsealed
//
// A frame that cannot be opened when the log is gone through is its end, as a torn one always was. A page that cannot
// be opened is "storage_damaged".
//
// Threads: any; connections have files of their own. Ownership: the connections' owner keeps this until the last of
// them is closed. Nonces are 16 bytes drawn for each opened file and a count, so that none comes twice.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "shared/core/sealing.h"

namespace songsong {

inline constexpr int kSealedReserve = 40;

class SealedFiles {
 public:
  using Entropy = std::function<void(std::span<std::uint8_t>)>;

  // Over the VFS of that name; empty: the system's own. Throws StorageError where there is none.
  SealedFiles(const SealKey& key, Entropy entropy, const std::string& under = {});
  ~SealedFiles();
  SealedFiles(const SealedFiles&) = delete;
  SealedFiles& operator=(const SealedFiles&) = delete;

  // Under which SQLite knows it.
  const std::string& name() const;

 private:
  struct Vfs;
  std::unique_ptr<Vfs> vfs_;
};

}  // namespace songsong
