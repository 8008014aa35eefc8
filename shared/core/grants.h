// Grants: what somebody may do: roles, each on a unit and all below it. Plain values; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "schemas/songsong/options.pb.h"
#include "shared/core/outcome.h"
#include "shared/core/policy.h"

namespace songsong {

struct Grant {
  schema::Role role = schema::TEACHER;
  std::string unit;  // empty: no place at all

  auto operator<=>(const Grant&) const = default;
};

// In the order in which they were given.
using Grants = std::vector<Grant>;

inline constexpr std::size_t kMaxGrants = 256;

// A set of roles that this program knows. A newer server may name others: those are in no set, and nobody here acts in
// them.
class Roles {
 public:
  Roles() = default;
  Roles(schema::Role role) { add(role); }  // implicit: who has one role is the usual case

  void add(schema::Role role) { bits_ |= bit(role); }
  bool has(schema::Role role) const { return (bits_ & bit(role)) != 0; }
  bool empty() const { return bits_ == 0; }

  bool operator==(const Roles&) const = default;

 private:
  static_assert(schema::Role_MIN == 0 && schema::Role_MAX < 32);
  static std::uint32_t bit(schema::Role role) {
    return schema::Role_IsValid(role) ? 1U << static_cast<unsigned>(role) : 0;
  }

  std::uint32_t bits_ = 0;
};

Roles roles_of(const Grants& grants);
// "head_office"; of several roles "reviewer+teacher", in their order.
std::string role_name(schema::Role role);
std::string role_names(const Grants& grants);
// "teacher [S1,S2] reviewer [D1]".
std::string grants_text(const Grants& grants);
// Fault "unknown_role", which names those that there are.
Outcome<schema::Role> role_named(const std::string& name);
// Each once, in their order.
std::vector<std::string> units_of(const Grants& grants);
// Where new records belong by default: the first unit in which one writes at all; else the first.
std::string default_unit(const Grants& grants);
// One role on several units; on none, a grant without a unit, which covers no place.
Grants granted(schema::Role role, const std::vector<std::string>& units);

// Head office and auditors write nothing.
bool never_writes(schema::Role role);
// Whether one of the roles may add and remove records of the kind, or write the field.
bool may_write(const KindPolicy& kind, Roles roles);
bool may_write(const FieldPolicy& field, Roles roles);
// Whether one of the roles writes at all.
bool may_write_anything(Roles roles);

}  // namespace songsong
