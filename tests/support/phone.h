// A phone (or an office's computer) in a test: a replica on a store in memory, spoken to in the words of the programme.
// Everything it does is checked: an act that should be saved and is not fails the test.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/policy.h"
#include "shared/replica/audit.h"
#include "shared/replica/replica.h"
#include "shared/replica/sqlite_store.h"
#include "tests/support/random.h"

namespace songsong::testing {

// Field names and values as the command line takes them; a name that ends in + or - adds to, or takes from, a union.
using Filled = std::vector<std::pair<std::string, std::string>>;

const Policies& programme();

// As `total` does: a measure of a totals row, or derived from those that are; dimension 0 for the whole.
std::int64_t measure_in(const Cells& cells, const std::string& name, std::uint32_t dimension, std::int64_t value);

class Phone {
 public:
  explicit Phone(ReplicaId id, schema::Role role = schema::TEACHER, std::vector<std::string> units = {"school-1"});
  // On a file, which is made if it is not there; a copy of a phone is a copy of its file, with luck of its own.
  Phone(const std::string& path, ReplicaId id, std::uint64_t luck);

  RecordId add(const std::string& kind, const Filled& filled);
  void set(RecordId record, const Filled& filled);
  void set_if_new(RecordId record, const Filled& filled);  // or does nothing, if the record holds the values already
  void set_seen(RecordId record, const VersionVector& seen, const Filled& filled);
  void remove(RecordId record);
  // The code of the fault that keeps the act from being saved; empty if it is saved.
  std::string refused(const std::string& kind, const Filled& filled);

  RecordView view(RecordId record);
  std::string shown(RecordId record, const std::string& field);
  std::int64_t total(const std::string& unit, const std::string& measure);
  std::int64_t total(const std::string& unit, const std::string& measure, const std::string& dimension,
                     const std::string& value);
  std::vector<std::string> case_ids();
  AuditSummary verify();

  // What leaves this phone: its log, oldest first.
  std::vector<LogRow> log();

  Replica& replica() { return *replica_; }
  Store& store() { return *store_; }
  void reopen();  // as if the program were started again: a new tag
  void set_clock(std::int64_t wall_ms) { wall_ms_ = wall_ms; }

 private:
  void make_its_own(ReplicaId id, schema::Role role, std::vector<std::string> units);
  Act act_of(KindNumber kind, RecordId record, const Filled& filled) const;

  std::unique_ptr<Store> store_;
  Random random_;
  std::int64_t wall_ms_ = 1'631'404'800'000;  // 12 September 2021, when the programme began
  std::unique_ptr<Replica> replica_;
};

}  // namespace songsong::testing
