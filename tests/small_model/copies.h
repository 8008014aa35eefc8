// Stores of the small model, in SQLite's memory: one that holds all logs, as a server's, and one that holds its own log
// with the server's states under it, as a phone's. What they do is the real Admission, Books and audit.
//
// Errors: a store that cannot do what it must throws a Violation.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "shared/core/chain.h"
#include "shared/core/policy.h"
#include "shared/core/signature.h"
#include "shared/replica/admission.h"
#include "shared/replica/audit.h"
#include "shared/replica/sqlite_store.h"

namespace songsong::small_model {

// A change as it leaves its author.
struct Sealed {
  Change change;
  Tag parent_tag = 0;
  ChainHash hash;
};

// Writes consecutive changes of one replica, the same bytes whenever asked for the same.
class Line {
 public:
  explicit Line(ReplicaId replica);

  Name next() const;
  Sealed seal(Change change);  // its name is next()

  static PublicKey key_of(ReplicaId replica);
  static Tag tag_of(ReplicaId replica);
  static Name name_of(ReplicaId replica, std::size_t number);

 private:
  ReplicaId replica_;
  Sequence last_ = 0;
  ChainHash tip_;
};

// Everything that is counted, and what it is counted from; what depends on the order of arrival is left out.
struct Counted {
  std::vector<RecordRow> records;
  std::vector<AccountRow> accounts;
  std::vector<RecordId> class_names;  // of the records
  std::vector<CaseRow> cases;
  std::vector<TotalsRow> totals;

  bool operator==(const Counted&) const = default;
};
// Names the first table that differs.
std::string difference(const Counted& one, const Counted& other);

const Policies& programme();

class Copy {
 public:
  explicit Copy(Authority authority, ReplicaId self = 0);

  void admit(std::span<const Sealed* const> changes);  // in one commit
  // A phone hears of the states that a server holds.
  void hear(std::span<const State> states);
  // The audit: everything recounted from the log by the naive reference model. Empty, or the first difference.
  std::string verify();
  Counted counted();
  std::vector<State> states();

 private:
  void write(const std::function<void(Admission&)>& work);

  Authority authority_;
  std::unique_ptr<SqliteStore> store_;
  UnitTreeCache trees_;
  std::vector<const Sealed*> own_;  // of a phone
};

}  // namespace songsong::small_model
