// Scope: the part of the tree of units that a replica may read and write.
//
// What was granted covers a unit and all below it, as the tree stands now. A unit that was closed covers besides what
// it covered on its last day: whoever works there goes on until somebody appoints them elsewhere, for a reorganisation
// must not empty their phones. And what they saved before a reorganisation was written they had a right to then: rights
// are judged as of capture.
//
// Inside Store::read or Store::write. Throws StorageDamage.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/core/policy.h"
#include "shared/replica/unit_trees.h"
#include "shared/sync/host.h"

namespace songsong {

struct Scope {
  std::vector<std::string> units;  // ascending
  std::uint64_t digest = 0;
  bool records = true;  // false: only the records of units, as a head office has it

  bool contains(const std::string& unit) const;
  // Of what lives in its units. `kind` may be null.
  bool tells(const KindPolicy* kind) const {
    return records || (kind != nullptr && (kind->has_unit_tree() || kind->has_unit_period()));
  }
};

// Whether the scope that a digest stands for has records.
bool has_records(std::uint64_t scope_digest);

Scope scope_of(const Grants& grants, const UnitTrees& trees);

// Whether a grant on the one unit covers the other now.
bool covers(const UnitTrees& trees, const std::string& top, const std::string& unit);
// Whether somebody with the grants may see the unit's totals: in any role, for those hold nobody's name.
bool sees_totals(const Grants& grants, const std::string& unit, const UnitTrees& trees);
// Whether they are an administrator of the unit, or of one above it.
bool administers(const Grants& grants, const std::string& unit, const UnitTrees& trees);

// What somebody might do when they saved a change: the grants that had not ended by then, also those that were given
// later, asked of single units by walking up from them.
class Reach {
 public:
  // Borrows the member and the trees.
  Reach(const Member& member, const UnitTrees& trees, std::int64_t captured_ms)
      : member_(member), trees_(trees), captured_ms_(captured_ms) {}

  // In which roles they might write there; none: it was no place of theirs.
  Roles roles_in(const std::string& unit) const;
  // Anywhere.
  Roles roles() const;
  // Nothing but a unit that has none below it.
  bool is_one_unit() const;

 private:
  bool holds(const HeldGrant& held) const;
  bool covered(const std::string& top, const std::string& unit) const;

  const Member& member_;
  const UnitTrees& trees_;
  std::int64_t captured_ms_;
};

}  // namespace songsong
