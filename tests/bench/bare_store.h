// The rows of a store's batches by SQLite's C interface and nothing else: one table each without any index, in the
// order in which they come. What a store can at most do.
#pragma once

#include <sqlite3.h>

#include <array>
#include <string>

#include "shared/replica/store.h"

namespace songsong::bench {

class BareStore {
 public:
  // A file that is not there yet; synchronous as the server is.
  explicit BareStore(const std::string& path);
  ~BareStore();
  BareStore(const BareStore&) = delete;
  BareStore& operator=(const BareStore&) = delete;

  // One transaction.
  void insert(const StoreBatch& batch);
  void checkpoint();

 private:
  void execute(const char* sql);
  template <class... Values>
  void put(std::size_t table, const char* sql, const Values&... values);

  sqlite3* database_ = nullptr;
  std::array<sqlite3_stmt*, 7> statements_{};
  std::int64_t last_ = 0;
};

}  // namespace songsong::bench
