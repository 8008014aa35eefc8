// AuditLog: the part of the audit that reads the log: numbering, links, bytes, chains, runs and tips. Yields the
// changes for the reference model. Throws Difference.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/personal_values.h"
#include "shared/core/reference.h"
#include "shared/replica/audit.h"
#include "shared/replica/keyring.h"

namespace songsong {

struct Difference {
  Fault fault;
};

[[noreturn]] void differ(std::string where, std::string what);

class AuditLog {
 public:
  AuditLog(StoreReader& reader, Authority authority, const ReplicaKeys& keys)
      : reader_(reader), authority_(authority), keys_(keys) {}

  void check();

  const std::vector<Admitted>& changes() const { return changes_; }
  const std::map<RecordId, StoreSequence>& last_logged() const { return last_logged_; }
  const std::map<ReplicaId, std::vector<RunRow>>& runs() const { return runs_; }

 private:
  void check_row(const LogRow& row);
  void check_hash(const LogRow& row, const Change& change, Name parent);
  void meet(ReplicaId replica);
  const RunRow& run_of(Name name);
  void check_tips();
  void check_runs();

  StoreReader& reader_;
  Authority authority_;
  const ReplicaKeys& keys_;
  StoreSequence last_ = 0;
  std::vector<Admitted> changes_;
  std::map<RecordId, StoreSequence> last_logged_;
  std::map<Name, ChainHash> hashes_;
  std::map<Name, Name> child_;  // one child of each change that has any
  std::map<ReplicaId, std::vector<RunRow>> runs_;
  std::map<ReplicaId, ChainHash> roots_;
  Keyring keyring_;
};

}  // namespace songsong
