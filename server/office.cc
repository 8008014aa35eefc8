#include "server/office.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "schemas/programme_primer.h"
#include "schemas/programme_table.h"
#include "server/authority.h"
#include "server/erasure_register.h"
#include "server/limits.h"
#include "server/tls.h"
#include "shared/core/civil_time.h"
#include "shared/sync/announcement.h"
#include "shared/system/entropy.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
constexpr Shard kShard = 0;
constexpr std::uint32_t kCacheKib = 65'536;
constexpr std::size_t kReaders = 8;

SqliteOptions server_options() {
  SqliteOptions options;
  options.checkpoint_pages = kServerCheckpointPages;
  options.cache_kib = kCacheKib;
  options.max_readers = kReaders;
  return options;
}

HostDoors doors_of(Store& store) {
  return HostDoors{.now_ms = wall_clock_ms, .entropy = draw_entropy, .commit = [&store](const Store::Writing& writing) {
                     return store.write(kShard, {&writing, 1});
                   }};
}

}  // namespace

std::string store_path(const std::string& folder) { return folder + "/songsong.db"; }
std::string conf_path(const std::string& folder) { return folder + "/server.conf"; }

std::int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string file_stamp(std::int64_t now_ms) {
  std::string stamp = print_instant(now_ms / 1000 * 1000);
  std::replace(stamp.begin(), stamp.end(), ':', '-');
  return stamp;
}

Outcome<Done> Office::create(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return Fault{.code = "storage_failed", .where = folder, .what = "The folder cannot be made: " + error.message()};
  fs::permissions(folder, fs::perms::owner_all, error);  // keys lie in it
  const Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(store_path(folder), server_options());
  if (!store) return store.fault();
  const Outcome<Done> created = Host::create(**store, doors_of(**store));
  if (!created) return created;
  const Outcome<Authority> authority = authority_of(**store, wall_clock_ms());
  if (!authority) return authority.fault();
  return Done{};
}

OfficeTables programme_tables() {
  return OfficeTables{.policies = programme_policy_table(), .primer = programme_primer_bytes()};
}

Outcome<std::unique_ptr<Office>> Office::open(const std::string& folder,
                                              std::function<void(StoreSequence)> after_commit,
                                              const OfficeTables& tables) {
  std::error_code error;
  if (!fs::exists(store_path(folder), error))
    return Fault{.code = "no_server", .where = folder, .what = "The folder is no server's; make one with init."};
  Outcome<Policies> policies = Policies::parse(tables.policies);
  if (!policies) return policies.fault();
  SqliteOptions options = server_options();
  options.keep_older_at = store_path(folder) + ".before-upgrade-" + file_stamp(wall_clock_ms());
  Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(store_path(folder), options);
  if (!store) return store.fault();
  std::unique_ptr<Office> office(new Office());
  office->folder_ = folder;
  office->policies_ = std::make_unique<Policies>(std::move(*policies));
  office->store_ = std::move(*store);
  office->attachments_ = std::make_unique<Attachments>(folder);
  if (!after_commit) after_commit = [](StoreSequence) {};
  office->queue_ = std::make_unique<CommitQueue>(*office->store_, kShard, std::move(after_commit));
  Outcome<Primer> primer = Primer::parse(tables.primer);
  if (!primer) return primer.fault();
  office->primer_ = std::make_unique<Primer>(std::move(*primer));
  Outcome<std::unique_ptr<Host>> host =
      Host::open(*office->store_, *office->policies_, office->doors(), office->primer_.get());
  if (!host) return host.fault();
  office->host_ = std::move(*host);
  const Outcome<Done> erased = office->carry_out_register();
  if (!erased) return erased.fault();
  return office;
}

HostDoors Office::doors() {
  HostDoors doors = doors_of(*store_);
  doors.commit = [this](const Store::Writing& writing) {
    bool erases = false;
    std::vector<RecordId> touched;
    Outcome<StoreSequence> committed = queue_->commit([&](StoreReader& reader) {
      Outcome<StoreBatch> batch = writing(reader);
      erases = batch.ok() && writes_erasures(*batch);
      touched.clear();
      if (batch && batch->destroys()) {
        for (const PersonalRow& row : batch->personal) touched.push_back(row.record);
      }
      return batch;
    });
    // What cannot be destroyed now is when `serve` begins again.
    if (committed && !touched.empty()) (void)destroy_erased(*attachments_, *store_, *policies_, touched);
    if (committed && erases) register_due_ = true;
    // A register that cannot be written now is written with the next commit, or when the folder is opened again.
    if (register_due_ && host_ != nullptr) (void)write_register();
    return committed;
  };
  doors.authority = [this](const std::string& url) -> Outcome<std::optional<Fingerprint>> {
    const Outcome<Limits> limits = read_limits(conf_path(folder_));
    if (!limits) return limits.fault();
    return authority_on_tickets(url, *limits, *store_);
  };
  return doors;
}

Outcome<std::size_t> Office::destroy_erased_attachments() {
  return destroy_erased(*attachments_, *store_, *policies_, attachments_->records());
}

std::optional<std::uint64_t> Office::free_bytes() const {
  std::error_code error;
  const auto space = std::filesystem::space(folder_, error);
  return error ? std::nullopt : std::optional<std::uint64_t>(space.available);
}

Outcome<std::string> Office::usual_address() {
  std::string url;
  const Outcome<Done> read = store_->read(
      kShard, [&](StoreReader& reader) { url = decode_announcement(reader.setting(kAnnouncedSetting)).url; });
  if (!read) return read.fault();
  if (!url.empty()) return url;
  const Outcome<Limits> limits = read_limits(conf_path(folder_));
  if (!limits) return limits.fault();
  return std::string(limits->tls != 0 ? "https" : "http") + "://127.0.0.1:8480";
}

StoreSequence Office::last_sequence() {
  StoreSequence sequence = 0;
  (void)store_->read(kShard, [&](StoreReader& reader) { sequence = reader.last_sequence(); }).ok();
  return sequence;
}

Outcome<Done> Office::write_register() {
  const std::lock_guard lock(registering_);
  register_due_ = false;
  const Outcome<ErasureRegister> known = host_->erasures();
  if (known && known->empty()) return Done{};
  const Outcome<Done> written = known ? add_to_register(register_path(folder_), *known) : Outcome<Done>(known.fault());
  if (!written) register_due_ = true;
  return written;
}

// Before anybody is served: the store may have been put back from before some of the erasures.
Outcome<Done> Office::carry_out_register() {
  const Outcome<ErasureRegister> listed = read_register(register_path(folder_));
  if (!listed) return listed.fault();
  if (!listed->empty()) {
    const Outcome<std::size_t> again = host_->erase_again(*listed);
    if (!again) return again.fault();
  }
  return write_register();
}

Outcome<std::unique_ptr<FileLock>> take_serve_lock(const std::string& folder) {
  const std::string path = folder + "/serve.lock";
  Outcome<std::unique_ptr<FileLock>> lock = FileLock::try_take(path);
  if (!lock)
    return Fault{.code = "storage_read_only", .where = path, .what = "The lock file cannot be opened for writing."};
  if (*lock == nullptr)
    return Fault{.code = "server_running", .where = folder, .what = "A server is running on this folder."};
  return lock;
}

}  // namespace songsong::server
