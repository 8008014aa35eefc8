// The policy tables of a simulation: what ships, and the notebook; the newer one has bench_need besides.
#pragma once

#include "shared/core/change_codec.h"
#include "shared/core/compose.h"
#include "shared/core/policy.h"
#include "shared/replica/replica.h"

#include <string>
#include <utility>
#include <vector>

namespace songsong::simulation {

const Policies& older_policies();
const Policies& newer_policies();
const Primer& primer();

// Field names and values as the command line takes them; a name that ends in + or - adds to, or takes from.
using Filled = std::vector<std::pair<std::string, std::string>>;

std::vector<Input> inputs_of(const KindPolicy& kind, const Filled& filled);
Act act_of(const Policies& policies, const std::string& kind, RecordId record, const Filled& filled);

}  // namespace songsong::simulation
