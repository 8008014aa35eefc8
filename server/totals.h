// Totals: the numbers of a unit out of the store, as JSON; and of the tree and the schema what a page needs to show
// them. Any thread.
#pragma once

#include <optional>
#include <string>

#include "shared/core/policy.h"
#include "shared/sync/host.h"

namespace songsong::server {

struct TotalsNow {
  std::string json;
  StoreSequence sequence = 0;  // of the store when it was read
};

// For whom figures are.
struct Audience {
  const Grants* grants = nullptr;    // of the units above only those whose totals somebody with these sees; null: all
  std::int64_t least_published = 0;  // small cells are withheld (disclosure.h); 0: none
};

// An empty code is the root. Nothing for a unit that the tree does not have. `on`: summed in the tree as it stood on
// that day; not for the public, who could take one tree's figures from another's.
Outcome<std::optional<TotalsNow>> totals_of(Host& host, const std::string& unit, std::int64_t now_ms,
                                            std::optional<std::int64_t> on = std::nullopt,
                                            const Audience& audience = {});

// {"unit":{code,name,level},"parents":[…],"children":[{code,name,level,measures:{…}}]}, parents from the root down,
// children by name. Of the units that do not exist on the day, only those that count something. `on`: as the tree stood
// then. For the public, "withheld":[name,…] besides: no child has these measures.
Outcome<std::optional<std::string>> unit_json(Host& host, const std::string& unit, std::int64_t now_ms,
                                              std::optional<std::int64_t> on = std::nullopt,
                                              const Audience& audience = {});

// {"measures":[{name,vi,en,definition_vi,definition_en}],"dimensions":[{name,vi,en,values:[{name,vi,en}]}]}
std::string measures_json(const Policies& policies);

}  // namespace songsong::server
