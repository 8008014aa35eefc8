// Offers: records that somebody let go and that another unit is to receive. The change that moves the record is set
// aside ("to_be_received", judge.h), and its quarantine lives in the receiving unit, with what tells there who it is.
// Whoever receives it lets the change in: the record moves, with all that belongs to it, and stays one.
//
// Inside Store::write, of a server. Throws StorageDamage.
#pragma once

#include <string>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/policy.h"
#include "shared/replica/record_cache.h"

namespace songsong {

// The unit to which the change moves its record; empty where it moves it nowhere.
std::string unit_written(const Change& change, const Policies& policies);
// What names the record, and where it lives: "Vi Thị Hoa · 2014-05-03 [S1]". Empty where nothing names it.
std::string about_record(RecordId record, RecordCache& cache);
// Whether the change that was set aside has been let in.
bool was_let_in(const LogRow& set_aside, const RecordRow& row, StoreReader& reader);
// Whether the record has moved since the change was set aside, so that nobody can take it from where it is now.
bool has_moved_since(const LogRow& set_aside, const RecordRow& row, StoreReader& reader, const Policies& policies);
// Quarantines that offer the record besides this one, and are open.
std::vector<RecordId> other_offers(RecordId record, RecordId received, RecordCache& cache, const Policies& policies);

}  // namespace songsong
