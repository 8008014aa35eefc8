#include "shared/replica/sqlite_store.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "shared/replica/sqlite.h"
#include "shared/replica/sqlite_reader.h"
#include "shared/replica/sqlite_schema.h"
#include "shared/replica/sqlite_sealed.h"
#include "shared/replica/sqlite_writer.h"

namespace songsong {
namespace {

constexpr Shard kOnlyShard = 0;
constexpr const char* kInMemory = ":memory:";

std::optional<Fault> wrong_shard(Shard shard) {
  if (shard == kOnlyShard) return std::nullopt;
  return Fault{"shard_unknown", "shard " + std::to_string(shard), "A store in one file has shard 0 only."};
}

Fault only_to_be_read(const std::string& path) {
  return {"storage_read_only", path, "The store may only be read here."};
}

const std::string& vfs_of(const SqliteOptions& options) {
  return options.sealed ? options.sealed->name() : options.vfs;
}

void tune(SqliteConnection& connection, const SqliteOptions& options) {
  const auto pragma = [&](const char* name, const std::string& value) {
    connection.execute("PRAGMA " + std::string(name) + "=" + value);
  };
  pragma("synchronous", "FULL");
  pragma("foreign_keys", "OFF");
  pragma("secure_delete", "ON");
  pragma("temp_store", "MEMORY");
  pragma("cell_size_check", "ON");
  pragma("cache_size", "-" + std::to_string(options.cache_kib));
  pragma("wal_autocheckpoint", std::to_string(options.checkpoint_pages));
  pragma("journal_size_limit", std::to_string(std::uint64_t{options.checkpoint_pages} * kStorePageBytes));
  if (options.max_pages != 0) pragma("max_page_count", std::to_string(options.max_pages));
}

// Another process may have brought the file to a newer version since it was opened here.
void check_version(SqliteStatement& version_statement, const std::string& path) {
  SqliteQuery query(version_statement);
  const auto version = query.step() ? query.integer(0) : 0;
  if (version == kStoreVersion) return;
  throw StorageError({version > kStoreVersion ? "storage_newer" : "storage_damaged", path,
                      "While it was open the store's file became one of version " + std::to_string(version) + "."});
}

}  // namespace

struct SqliteStore::Session {
  Session(const std::string& path, const SqliteOptions& options, SqliteAccess access)
      : connection(path, vfs_of(options), access, options.busy_timeout_ms) {}

  SqliteConnection connection;
  SqliteReader reader{connection};
  SqliteStatement version{connection, "user_version", RowKey::kNumber, "PRAGMA user_version"};
};

struct SqliteStore::Writer : Session {
  using Session::Session;

  SqliteWriter writer{connection};
};

// A reading connection, lent by the store until this goes.
class SqliteStore::Borrowed {
 public:
  explicit Borrowed(SqliteStore& store) : store_(store) {
    std::unique_lock lock(store_.lending_);
    store_.returned_.wait(lock, [&] { return !store_.idle_.empty() || store_.readers_ < store_.most_readers(); });
    if (!store_.idle_.empty()) {
      session_ = std::move(store_.idle_.back());
      store_.idle_.pop_back();
      return;
    }
    ++store_.readers_;
    lock.unlock();
    try {
      session_ = store_.open_session();
    } catch (...) {
      give_back();
      throw;
    }
  }
  ~Borrowed() { give_back(); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

  Session& session() { return *session_; }

 private:
  void give_back() {
    {
      const std::lock_guard lock(store_.lending_);
      if (session_)
        store_.idle_.push_back(std::move(session_));
      else
        --store_.readers_;
    }
    store_.returned_.notify_one();
  }

  SqliteStore& store_;
  std::unique_ptr<Session> session_;
};

SqliteStore::SqliteStore(std::string path, SqliteOptions options)
    : path_(std::move(path)), options_(std::move(options)) {
  idle_.reserve(most_readers());
}

SqliteStore::~SqliteStore() {
  idle_.clear();
  if (!writer_) return;
  try {
    writer_->connection.set_busy_timeout(0);
    writer_->connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const StorageError&) {
    return;  // the write-ahead log is kept, and whoever opens the file next goes on from it
  }
}

std::size_t SqliteStore::most_readers() const { return std::max<std::size_t>(options_.max_readers, 1); }

bool SqliteStore::one_connection() const { return options_.exclusive || path_ == kInMemory; }

Outcome<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path, const SqliteOptions& options) {
  try {
    std::unique_ptr<SqliteStore> store(new SqliteStore(path, options));
    if (options.read_only)
      store->open_for_reading();
    else
      store->open_for_writing();
    return store;
  } catch (const StorageError& error) {
    return error.fault();
  }
}

void SqliteStore::open_for_reading() {
  auto session = std::make_unique<Session>(path_, options_, SqliteAccess::kReadOnly);
  if (inspect_store_file(session->connection) != StoreFile::kCurrent) {
    throw StorageError({"storage_failed", path_, "To be read only, a store must be of this program's version."});
  }
  tune(session->connection, options_);
  idle_.push_back(std::move(session));
  readers_ = 1;
}

void SqliteStore::open_for_writing() {
  const auto access = options_.must_exist ? SqliteAccess::kReadWrite : SqliteAccess::kCreate;
  auto writer = std::make_unique<Writer>(path_, options_, access);
  SqliteConnection& connection = writer->connection;
  connection.set_checkpoint_on_close(false);  // a file that is refused stays as it is to the byte
  if (options_.exclusive) connection.execute("PRAGMA locking_mode=EXCLUSIVE");
  const StoreFile found = inspect_store_file(connection);
  if (connection.read_only()) throw StorageError(only_to_be_read(path_));
  connection.execute("PRAGMA page_size=" + std::to_string(kStorePageBytes));
  if (found == StoreFile::kNew && options_.sealed) {
    connection.reserve(kSealedReserve);
    (void)connection.write_ahead();  // from its first page on: its rollback journal lasts no longer than this program
  }
  if (found == StoreFile::kOlder && !options_.keep_older_at.empty()) copy_whole(connection, options_.keep_older_at);
  if (found != StoreFile::kCurrent) upgrade_store_file(connection);
  const std::string mode = connection.write_ahead();
  if (mode != "wal" && path_ != kInMemory) {
    throw StorageError({"storage_failed", path_, "The file cannot be written ahead here (journal mode " + mode + ")."});
  }
  tune(connection, options_);
  // A process that was killed between a commit's last write and its sync leaves it to be read here, and to be lost by
  // the next failing of the power. From here on it is taken for kept.
  connection.sync_write_ahead();
  connection.set_checkpoint_on_close(true);
  // A process that was killed after it had erased something may have left a log that still holds it.
  checkpoint_due_ = connection.first_value("SELECT EXISTS(SELECT 1 FROM erased)") == "1";
  writer_ = std::move(writer);
}

std::unique_ptr<SqliteStore::Session> SqliteStore::open_session() const {
  const auto access = options_.read_only ? SqliteAccess::kReadOnly : SqliteAccess::kReadWrite;
  auto session = std::make_unique<Session>(path_, options_, access);
  tune(session->connection, options_);
  session->connection.execute("PRAGMA query_only=ON");
  return session;
}

Outcome<Done> SqliteStore::with_session(const std::function<Outcome<Done>(Session&)>& use) {
  try {
    if (writer_ && one_connection()) {
      const std::lock_guard lock(writing_);
      return use(*writer_);
    }
    Borrowed borrowed(*this);
    return use(borrowed.session());
  } catch (const StorageError& error) {
    return error.fault();
  } catch (const StorageDamage& damage) {
    return damage.fault;
  }
}

Outcome<Done> SqliteStore::read(Shard shard, const std::function<void(StoreReader&)>& reading) {
  if (auto fault = wrong_shard(shard)) return *std::move(fault);
  return with_session([&](Session& session) -> Outcome<Done> {
    SqliteTransaction transaction(session.connection, SqliteLock::kRead);
    check_version(session.version, path_);
    reading(session.reader);
    transaction.commit();
    return Done{};
  });
}

Outcome<StoreSequence> SqliteStore::write(Shard shard, std::span<const Writing> writings) {
  if (auto fault = wrong_shard(shard)) return *std::move(fault);
  if (!writer_) return only_to_be_read(path_);
  const std::lock_guard lock(writing_);
  try {
    return write_all(writings);
  } catch (const StorageError& error) {
    return error.fault();
  } catch (const StorageDamage& damage) {
    return damage.fault;
  }
}

// Whatever leaves before the commit is undone by the transaction going.
Outcome<StoreSequence> SqliteStore::write_all(std::span<const Writing> writings) {
  SqliteTransaction transaction(writer_->connection, SqliteLock::kWrite);
  check_version(writer_->version, path_);
  StoreSequence last = writer_->reader.last_sequence();
  for (const Writing& writing : writings) {
    const Outcome<StoreBatch> batch = writing(writer_->reader);
    if (!batch.ok()) return batch.fault();
    last = writer_->writer.apply(*batch, last);
    checkpoint_due_ = checkpoint_due_ || batch->destroys();
  }
  transaction.commit();
  if (checkpoint_due_) try_checkpoint();
  return last;
}

bool SqliteStore::empty_write_ahead() {
  const bool emptied = writer_->connection.first_value("PRAGMA wal_checkpoint(TRUNCATE)") == "0";
  if (emptied) checkpoint_due_ = false;
  return emptied;
}

// Readers that are at work are not waited for: the next commit tries again, and so does closing.
void SqliteStore::try_checkpoint() {
  writer_->connection.set_busy_timeout(0);
  try {
    empty_write_ahead();
  } catch (const StorageError&) {
    // A full disk, or another process at work: what was committed stands.
  }
  writer_->connection.set_busy_timeout(options_.busy_timeout_ms);
}

Outcome<Done> SqliteStore::checkpoint() {
  if (!writer_) return only_to_be_read(path_);
  const std::lock_guard lock(writing_);
  try {
    if (empty_write_ahead()) return Done{};
    return Fault{"storage_busy", path_, "Readers kept the write-ahead log from being emptied."};
  } catch (const StorageError& error) {
    return error.fault();
  }
}

// Throws StorageError; what could not be finished is taken away again.
void SqliteStore::copy_whole(SqliteConnection& connection, const std::string& path) const {
  std::error_code error;
  if (std::filesystem::exists(path, error))
    throw StorageError({"storage_failed", path, "There is a file of this name already; it was left as it is."});
  const std::string unfinished = path + ".unfinished";
  try {
    std::filesystem::remove(unfinished, error);
    // What is sealed stays so, under the same key, and one that is written ahead.
    const std::string vfs = options_.sealed ? options_.sealed->name() : std::string();
    SqliteConnection target(unfinished, vfs, SqliteAccess::kCreate, options_.busy_timeout_ms);
    connection.copy_into(target);
    // One file, that is complete in itself and can be carried anywhere.
    if (!options_.sealed) (void)target.first_value("PRAGMA journal_mode=DELETE");
  } catch (const StorageError&) {
    std::filesystem::remove(unfinished, error);
    throw;
  }
  std::filesystem::rename(unfinished, path, error);
  if (!error) return;
  const std::string why = error.message();
  std::filesystem::remove(unfinished, error);
  throw StorageError({"storage_failed", path, "The backup could not be given its name: " + why});
}

Outcome<Done> SqliteStore::back_up(const std::string& path) {
  return with_session([&](Session& session) -> Outcome<Done> {
    copy_whole(session.connection, path);
    return Done{};
  });
}

Outcome<Done> SqliteStore::check() {
  return with_session([&](Session& session) -> Outcome<Done> {
    const std::string found = session.connection.first_value("PRAGMA integrity_check(1)");
    if (found == "ok") return Done{};
    return Fault{"storage_damaged", path_, "The store's file is damaged. SQLite says: " + found};
  });
}

}  // namespace songsong
