// Own lines: the lines of changes that a replica's store saved: the present replica's, and those of replicas that it
// was before (a store that was given a new ticket). Each with what the server has given a receipt for.
//
// Values, read inside a call of Store::read or Store::write. Reading throws StorageDamage.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/receipt.h"
#include "shared/core/row_coding.h"
#include "shared/replica/replica.h"
#include "shared/replica/store.h"

namespace songsong {

struct OwnLine {
  Identity identity;
  Name tip;  // the last change saved here; not valid before the first
  std::optional<Receipt> receipt;

  Sequence received() const { return receipt ? receipt->held.sequence() : 0; }
  Sequence pending() const { return tip.valid() && tip.sequence() > received() ? tip.sequence() - received() : 0; }
};

class OwnLines {
 public:
  static OwnLines read(StoreReader& reader);

  // Oldest first; the present replica's is the last.
  const std::vector<OwnLine>& lines() const { return lines_; }
  std::vector<OwnLine>& lines() { return lines_; }
  const OwnLine& present() const { return lines_.back(); }
  const OwnLine* find(ReplicaId replica) const;
  // Whether a change of that name may have been saved here and is beyond its receipt.
  bool may_wait(Name name) const;
  std::uint64_t pending() const;

 private:
  std::vector<OwnLine> lines_;
};

// Names of settings: a line's receipt, and a former identity (encode_former).
std::string receipt_setting(ReplicaId replica);
inline constexpr const char* kFormerPrefix = "former.";
std::string former_setting(ReplicaId replica);
// "1" where a server has told of another life of the replica: this store, or its phone, was copied or put back.
std::string other_lives_setting(ReplicaId replica);
std::string encode_former(const Identity& identity, Name tip);

// The log's entries of a record, oldest first, read along its links: the last `most` of them.
std::vector<LogRow> log_of_record(StoreReader& reader, const RecordRow& row,
                                  std::size_t most = std::numeric_limits<std::size_t>::max());
// The same as changes; without a lookup their personal values are read as erased. Throws StorageDamage.
std::vector<Change> changes_of_record(StoreReader& reader, const RecordRow& row, const PersonalLookup& personal = {});
// How many of them are shown at once.
inline constexpr std::size_t kMaxHistory = 500;

}  // namespace songsong
