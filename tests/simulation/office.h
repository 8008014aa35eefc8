// An office of a simulation: one server on one store, with the real admission path: Host, commit queue, SQLite. After
// it was put back from a backup the new server is another office, and the old one may go on for a while. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/commit_queue.h"
#include "shared/replica/sqlite_store.h"
#include "shared/sync/host.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/tables.h"

namespace songsong::simulation {

// What a receipt promised.
struct Promise {
  Name held;
  ChainHash hash;
};

class Office {
 public:
  Office(Disk& disk, std::string device, std::uint64_t luck, const std::int64_t& now_ms);

  const std::string& device() const { return device_; }
  void create();                          // a new server's folder
  void restored(std::uint64_t at_least);  // of a store that was put back: a new epoch
  void start(const Policies& policies);   // a violation if it cannot
  void stop();
  // After its device died: what was promised must be there.
  void start_again();
  bool on() const { return host_ != nullptr; }
  Host& host() { return *host_; }
  SqliteStore& store() { return *store_; }

  RecordId add_unit(const std::string& code, const std::string& parent);
  void set_parent(const std::string& code, const std::string& parent);
  // From today on; how the unit stood is kept.
  void reform(const std::string& code, const std::string& parent);
  void close_unit(const std::string& code);
  // Of one of the records that may be somebody; what the register holds goes with the office to its next life.
  void erase(std::uint32_t one_of);
  void carry_out(const std::map<RecordId, ErasureNote>& erasures);
  const std::map<RecordId, ErasureNote>& erasures() const { return erasures_; }
  const std::vector<std::string>& units() const { return codes_; }
  void know_units_of(const Office& other);

  void promise(const Promise& promise) { promises_.push_back(promise); }
  // The log goes on from where it was; a violation where it skips, alters or forgets. `acknowledged`: all that is there
  // now was acknowledged to somebody, so it has to stay.
  void look_at_log(bool acknowledged);
  void check_promises();

  std::int64_t clock_error_ms = 0;
  bool dies_by_power = false;
  const Policies* policies = nullptr;

 private:
  HostDoors doors(bool queued);
  std::vector<Act> acts_of_reform(const std::string& code, const std::string& parent);
  UnitTree units_now();
  void note_erasures();
  std::string today() const;

  Disk& disk_;
  const std::string device_;
  const std::int64_t& now_ms_;
  Random random_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<server::CommitQueue> queue_;
  std::unique_ptr<Host> host_;
  std::map<std::string, RecordId> units_;
  std::vector<std::string> codes_;
  std::map<RecordId, ErasureNote> erasures_;  // the register, outside of the store
  std::vector<Promise> promises_;
  std::vector<std::pair<Name, ChainHash>> log_;  // as it was seen last
  std::size_t acknowledged_ = 0;                 // of it
};

}  // namespace songsong::simulation
