// Looking: what somebody with some grants is shown of a server's records, asked one at a time or by pages, without a
// conversation. It tells what the feed would tell a device with the same grants, and no more: whatever is outside the
// scope is told of as what does not exist.
//
// Reads one snapshot, inside Store::read. Throws StorageDamage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/core/grants.h"
#include "shared/replica/replica.h"
#include "shared/replica/store.h"
#include "shared/sync/scope.h"

namespace songsong {

class Looking {
 public:
  // Borrows all but the grants.
  Looking(const Policies& policies, UnitTreeCache& trees, StoreReader& reader, const Grants& grants);

  // Whether the unit's records are theirs to read.
  bool reads(const std::string& unit) const { return records_.records && records_.contains(unit); }

  std::optional<RecordView> record(RecordId record) const;
  // Oldest first, at most kMaxHistory of the newest. Nothing of a record that they are not shown.
  std::vector<HistoryEntry> history(RecordId record) const;

  struct Records {
    std::vector<RecordView> records;
    FeedPosition next;
    bool more = false;
  };
  // Live records of a kind (0: all) in the unit and all below it, in the order of their last change: whoever goes
  // through all pages meets every record that was there all the time, and one that changes meanwhile again. A page may
  // be short of `limit`, even empty, and more may come.
  Records records(const std::string& unit, KindNumber kind, FeedPosition after, std::size_t limit) const;

  struct Cases {
    std::vector<CaseRow> cases;
    std::string next;
    bool more = false;
  };
  // By id, whole pages.
  Cases cases(const std::string& unit, const std::string& after, std::size_t limit) const;

 private:
  std::vector<std::string> within(const std::string& unit) const;
  std::optional<RecordRow> row(RecordId record) const;

  const Policies& policies_;
  UnitTrees trees_;
  StoreReader& reader_;
  Scope records_;
};

}  // namespace songsong
