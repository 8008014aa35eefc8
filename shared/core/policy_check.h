// Whether a policy table means something: every number that it names is there, and fits where it stands.
//
// songsong-schemac says the same of a schema, by name and line. This is for tables that come from outside, so that the
// engine can follow their numbers without asking again. Pure; the first thing that is wrong is the fault.
#pragma once

#include "schemas/songsong/policy_table.pb.h"
#include "shared/core/outcome.h"

namespace songsong {

// Faults policy_table_unknown and policy_table_contradictory, with `where` such as "kind 11 field 3".
Outcome<Done> check_table(const policy::PolicyTable& table);

}  // namespace songsong
