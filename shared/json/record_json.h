// Records as programs read them: the objects of docs/INTERFACES.md, which the command line prints and the server
// answers with. Pure functions, any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "shared/core/policy.h"
#include "shared/core/shown.h"
#include "shared/replica/replica.h"

namespace songsong {

// Members keep the order in which they are documented.
using Json = nlohmann::ordered_json;

// One value: numbers and booleans as such, everything else as `print_value` writes it; null when cleared.
Json value_json(const FieldPolicy* field, const Value& value);

// {"id","kind","unit","removed","sent","fields":{…},"conflicts":{…}}
Json record_json(const RecordView& view, const Policies& policies);

// {"change","captured","received","actor","unit","verdict","reason","fields"}
Json history_json(const HistoryEntry& entry, const Policies& policies);
// The present heads: {field:[{"value","change","captured"}]}
Json heads_json(const State& state, const KindPolicy* kind);

// `kind` is that of its records; null where none is held.
Json case_json(const CaseRow& row, const KindPolicy* kind);

std::string kind_name(KindNumber kind, const Policies& policies);

}  // namespace songsong
