// What saves an erasure: of a record, and of all that decisions say are the same person.
#pragma once

#include <vector>

#include "shared/replica/replica.h"

namespace songsong {

// One act for each of them that is not to be erased already. Faults "unknown_record"; "unknown_kind" where the schema
// has no erasures.
Outcome<std::vector<Act>> erasure_acts(StoreReader& reader, const Policies& policies, RecordId record,
                                       std::int64_t reason);

// The act for this record alone.
Act erasure_act(const Policies& policies, RecordId record, std::int64_t reason);

}  // namespace songsong
