// A server on loopback and replicas beside it, in one process, on the tables of the bench: the server's own HTTP
// service and store, the client's own conversation over libcurl.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/http.h"
#include "server/office.h"
#include "shared/replica/sqlite_store.h"
#include "shared/sync/initiator.h"
#include "tests/support/bench_need.h"
#include "tests/support/temporary_folder.h"

namespace songsong::bench {

const Policies& bench_policies();
const Primer& bench_primer();

class Town {
 public:
  // `needs`: whose schools become the units of one district each.
  explicit Town(const std::vector<Need>& needs);
  ~Town();

  std::string ticket(const std::vector<std::string>& units);
  const std::string& folder() const { return folder_path_; }
  const std::string& address() const { return address_; }
  SqliteStore& store() { return office_->store(); }
  Host& host() { return office_->host(); }
  std::string store_path() const;
  // A replica's store is made in it.
  std::string new_path();

 private:
  TemporaryFolder folder_;
  std::string folder_path_;
  std::string address_;
  server::Limits limits_;
  std::unique_ptr<server::Office> office_;
  std::unique_ptr<server::HttpService> service_;
  server::HttpService* watched_ = nullptr;
  int made_ = 0;
};

class Device {
 public:
  Device(Town& town, const std::vector<std::string>& units);
  // The same store again.
  explicit Device(const std::string& path);

  std::vector<RecordId> record(std::span<const Need> needs);
  void set_grade(RecordId record, std::int64_t grade);
  SyncTally sync();
  Replica& replica() { return *replica_; }
  SqliteStore& store() { return *store_; }
  const std::string& path() const { return path_; }

 private:
  void open();

  std::string path_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Replica> replica_;
};

}  // namespace songsong::bench
