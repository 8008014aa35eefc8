#include <stdexcept>

#include "shared/replica/sqlite_store.h"
#include "tests/replica/sealed_use.h"
#include "tests/replica/store_kinds.h"
#include "tests/support/temporary_folder.h"

namespace songsong {
namespace {

class SqlitePlace : public StorePlace {
 public:
  explicit SqlitePlace(SqliteOptions options) : options_(std::move(options)) {}

  std::unique_ptr<Store> open() override { return open_at(folder_.file("songsong.db")); }

 protected:
  std::unique_ptr<Store> open_at(const std::string& path) {
    auto opened = SqliteStore::open(path, options_);
    if (!opened.ok()) throw std::runtime_error(opened.fault().code + ": " + opened.fault().what);
    return std::move(*opened);
  }

 private:
  TemporaryFolder folder_;
  SqliteOptions options_;
};

class MemoryPlace : public SqlitePlace {
 public:
  MemoryPlace() : SqlitePlace({}) {}

  std::unique_ptr<Store> open() override { return open_at(":memory:"); }
};

}  // namespace

std::vector<StoreKind> store_kinds() {
  SqliteOptions alone;
  alone.exclusive = true;
  SqliteOptions sealed_alone = example::sealed_with(1);
  sealed_alone.exclusive = true;
  return {
      {"SQLite file", true, true, true, [] { return std::make_unique<SqlitePlace>(SqliteOptions{}); }},
      {"SQLite file, exclusive", true, false, false, [alone] { return std::make_unique<SqlitePlace>(alone); }},
      {"SQLite file, sealed", true, true, true, [] { return std::make_unique<SqlitePlace>(example::sealed_with(1)); }},
      {"SQLite file, sealed, exclusive", true, false, false,
       [sealed_alone] { return std::make_unique<SqlitePlace>(sealed_alone); }},
      {"SQLite in memory", false, false, false, [] { return std::make_unique<MemoryPlace>(); }},
  };
}

}  // namespace songsong
