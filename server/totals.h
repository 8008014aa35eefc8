// Totals: the numbers of a unit out of the store, as JSON; and of the tree and the schema what a page needs to show
// them. Any thread.
#pragma once

#include <optional>
#include <string>

#include "shared/core/policy.h"
#include "shared/replica/store.h"

namespace songsong::server {

struct TotalsNow {
  std::string json;
  StoreSequence sequence = 0;  // of the store when it was read
};

// An empty code is the root. Nothing for a unit that the tree does not have.
Outcome<std::optional<TotalsNow>> totals_of(Store& store, const Policies& policies, const std::string& unit,
                                            std::int64_t now_ms);

// {"unit":{code,name,level},"parents":[…],"children":[{code,name,level,measures:{…}}]}, parents from the root down,
// children by name.
Outcome<std::optional<std::string>> unit_json(Store& store, const Policies& policies, const std::string& unit);

// {"measures":[{name,vi,en,definition_vi,definition_en}],"dimensions":[{name,vi,en,values:[{name,vi,en}]}]}
std::string measures_json(const Policies& policies);

}  // namespace songsong::server
