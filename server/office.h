// Office: a server's folder, opened: store, commit queue, host.
//
//   DIR/songsong.db    the store, with -wal and -shm while it is open; keys included, so keep it as such
//   DIR/songsong.db.before-upgrade-…   what an older program left, before this one brought it to its version
//   DIR/attachments/   photos and signatures (attachments.h)
//   DIR/server.conf    what `serve` is told (limits.h), if it is told anything
//   DIR/serve.lock     held while `serve` runs
//   DIR/erasures       the register of erasures (erasure_register.h), kept in step with the store
//
// Any thread, once opened. Errors: Faults of the store and of Host; "no_server" for a folder that is none's.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "server/attachments.h"
#include "server/commit_queue.h"
#include "shared/core/change_codec.h"
#include "shared/core/policy.h"
#include "shared/replica/sqlite_store.h"
#include "shared/sync/host.h"
#include "shared/system/files.h"

namespace songsong::server {

std::string store_path(const std::string& folder);
std::string conf_path(const std::string& folder);  // of limits.h
std::int64_t wall_clock_ms();
// A moment as a part of a file's name: "2026-11-29T05-30-00Z".
std::string file_stamp(std::int64_t now_ms);

// What a server is built with; borrowed for the time of open() only.
struct OfficeTables {
  std::string_view policies;  // Policies::parse takes it
  std::string_view primer;    // Primer::parse takes it
};
OfficeTables programme_tables();

class Office {
 public:
  // Makes the folder, the store and the server's keys.
  static Outcome<Done> create(const std::string& folder);
  // `after_commit` is called with the last store sequence after each commit of this process.
  static Outcome<std::unique_ptr<Office>> open(const std::string& folder,
                                               std::function<void(StoreSequence)> after_commit = {},
                                               const OfficeTables& tables = programme_tables());

  Host& host() { return *host_; }
  SqliteStore& store() { return *store_; }
  const Policies& policies() const { return *policies_; }
  const CommitQueue& queue() const { return *queue_; }
  const std::string& folder() const { return folder_; }
  // Left on the store's disk; nothing where the system does not say.
  std::optional<std::uint64_t> free_bytes() const;
  // Where devices reach it: as was announced to them (announcement.h); else on this machine.
  Outcome<std::string> usual_address();
  // 0 where the store cannot be read.
  StoreSequence last_sequence();
  Attachments& attachments() { return *attachments_; }
  // What belongs to somebody who was erased is destroyed by itself, with the erasure; this does it for all that there
  // is, where a program was ended in between. How many files.
  Outcome<std::size_t> destroy_erased_attachments();
  // The register as the store has it. Done by itself at each erasure; again where that failed.
  Outcome<Done> write_register();

 private:
  Office() = default;

  HostDoors doors();
  Outcome<Done> carry_out_register();

  std::string folder_;
  std::unique_ptr<Policies> policies_;
  std::unique_ptr<Primer> primer_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<CommitQueue> queue_;
  std::unique_ptr<Attachments> attachments_;
  std::unique_ptr<Host> host_;
  std::atomic<bool> register_due_ = false;
  std::mutex registering_;
};

// The lock on the folder that only one `serve` holds. Faults "server_running" when another process has it,
// "storage_read_only".
Outcome<std::unique_ptr<FileLock>> take_serve_lock(const std::string& folder);

}  // namespace songsong::server
