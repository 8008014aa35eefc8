// SqliteStore: a Store in one SQLite file, on a phone, in an office and on a server without PostgreSQL. STORE.md says
// what is in the file and why.
//
// It writes ahead (WAL) and syncs at every commit (synchronous=FULL): a write that has returned outlives a crash and a
// loss of power. One connection writes, a few others read; several processes may hold one file, whose writers wait for
// each other as long as `busy_timeout_ms` says. ":memory:" and `exclusive` have one connection for both, so that a
// reader waits for a writer and the other way round.
//
// Threads: any thread may call; closing is for the last one. Inside a function that read() or write() lends a Reader
// to, the store is not called again: it would wait for itself. A process that forks opens the store after forking.
// Errors: Faults with the codes of store.h; what a user's function throws is undone and thrown on. A Fault of write()
// may leave open whether the batch was kept only where a sync itself failed ("storage_failed"): asking for the changes
// by name tells.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "shared/core/outcome.h"
#include "shared/replica/store.h"

namespace songsong {

class SealedFiles;

struct SqliteOptions {
  std::string vfs;               // the name under which the caller registered one with SQLite; empty: the system's own
  bool must_exist = false;       // a file that is not there is not made ("storage_failed")
  bool read_only = false;        // write() refuses; the file is neither made nor brought to this version
  bool exclusive = false;        // one connection, nobody else may open: for a VFS without shared memory
  int busy_timeout_ms = 10'000;  // how long another process's writer is waited for
  // The write-ahead log is folded into the file when it has so many pages. Few keep it small (a phone), many make bulk
  // admission faster, because a page that is written often is copied once (a server: kServerCheckpointPages).
  std::uint32_t checkpoint_pages = 1'000;
  std::uint32_t cache_kib = 8'192;  // of pages, at most, for each connection
  std::uint32_t max_pages = 0;      // the file grows to at most so many (of kStorePageBytes); 0: as the disk allows
  std::size_t max_readers = 4;      // further readers wait; at least 1
  // Where a file of an older version is copied before it is brought to this one; empty: nowhere. A program that went
  // wrong with the new version can then be put back with what it had.
  std::string keep_older_at = {};
  // What the pages are sealed by (sqlite_sealed.h), which then stands over its own VFS in the place of `vfs`. A store
  // is sealed from its first page on, or never: copy_sealed() makes the one of the other.
  std::shared_ptr<const SealedFiles> sealed = {};
};

inline constexpr std::uint32_t kStorePageBytes = 4'096;
inline constexpr std::uint32_t kServerCheckpointPages = 16'000;

class SqliteConnection;

class SqliteStore : public Store {
 public:
  // Makes the file where there is none, and brings one of an older version to this one. A newer file ("storage_newer")
  // and another program's ("storage_failed") are refused and left as they are.
  static Outcome<std::unique_ptr<SqliteStore>> open(const std::string& path, const SqliteOptions& options = {});
  // Folds the write-ahead log into the file and empties it, if nobody else is using it.
  ~SqliteStore() override;

  Outcome<Done> read(Shard shard, const std::function<void(StoreReader&)>& reading) override;
  Outcome<StoreSequence> write(Shard shard, std::span<const Writing> writings) override;

  // Folds the write-ahead log into the file and empties it; waits for readers ("storage_busy"). After an erasure, so
  // that no page with the old values is left; and to give room back.
  Outcome<Done> checkpoint();
  // One consistent copy of the store as it stands, at `path`, while others go on reading and writing. A file that is
  // there already is refused ("storage_failed"); one that could not be finished is taken away again.
  Outcome<Done> back_up(const std::string& path);
  // Reads the whole file: "storage_damaged" with what is wrong first, as SQLite says it (it names tree and page).
  Outcome<Done> check();

 private:
  struct Session;
  struct Writer;
  class Borrowed;

  SqliteStore(std::string path, SqliteOptions options);

  void copy_whole(SqliteConnection& connection, const std::string& path) const;
  bool one_connection() const;
  std::size_t most_readers() const;
  void open_for_reading();
  void open_for_writing();
  std::unique_ptr<Session> open_session() const;
  // With a connection to read with; StorageErrors become Faults.
  Outcome<Done> with_session(const std::function<Outcome<Done>(Session&)>& use);
  Outcome<StoreSequence> write_all(std::span<const Writing> writings);
  bool empty_write_ahead();
  void try_checkpoint();

  const std::string path_;
  const SqliteOptions options_;

  std::mutex writing_;              // held by whoever uses writer_
  std::unique_ptr<Writer> writer_;  // none when the store may only be read
  bool checkpoint_due_ = false;     // the write-ahead log may hold what was erased

  std::mutex lending_;  // guards the three below
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::size_t readers_ = 0;  // idle and lent
};

}  // namespace songsong
