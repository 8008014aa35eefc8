// Who has what, said a second time: a device that two handovers have, or a pupil that has two, is a case, until one of
// them is returned or removed. `verify` cannot tell, because it takes the rule of claims from where the books take it.
#pragma once

#include <string>

#include "shared/core/policy.h"
#include "shared/replica/store.h"

namespace songsong::simulation {

// Of a store at rest. Throws Violation; `where` names the device.
void check_hands(Store& store, const Policies& policies, const std::string& where);

}  // namespace songsong::simulation
