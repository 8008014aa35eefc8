// A violation: the simulation saw what may never be. `name` is one of the invariants at the top of checks.h.
#pragma once

#include <stdexcept>
#include <string>

#include "shared/core/outcome.h"

namespace songsong::simulation {

struct Violation : std::runtime_error {
  Violation(std::string invariant, const std::string& what)
      : std::runtime_error(invariant + ": " + what), name(std::move(invariant)) {}
  std::string name;
};

// What the disk's own faults explain, and nothing else does.
inline bool is_disk_fault(const Fault& fault) { return fault.code == "storage_failed" || fault.code == "storage_full"; }

inline std::string text_of(const Fault& fault) { return fault.code + " at " + fault.where + " (" + fault.what + ")"; }

}  // namespace songsong::simulation
