// CaseBook: opens, changes and closes cases, and counts the open ones where they stand.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "shared/core/case.h"
#include "shared/replica/store.h"
#include "shared/replica/totals_book.h"

namespace songsong {

class CaseBook {
 public:
  // What stands now under the case's id: nothing, or the case. `known` is false where the store cannot hold one yet,
  // which saves asking it.
  void stand(const std::string& id, std::optional<Case> now, bool known);

  // Once. `measure` counts open cases; 0 where the schema declares none.
  void settle(std::uint32_t measure, std::int64_t now_ms, StoreReader& reader, TotalsBook& totals, StoreBatch& batch);

 private:
  std::map<std::string, std::optional<Case>> now_;
};

}  // namespace songsong
