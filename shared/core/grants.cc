#include "shared/core/grants.h"

#include <algorithm>

namespace songsong {
namespace {

// Those of `writers`; where it names none, everybody who writes at all.
template <class Writers>
bool any_writes(const Writers& writers, Roles roles) {
  if (writers.empty()) return may_write_anything(roles);
  return std::any_of(writers.begin(), writers.end(), [&](int each) {
    const auto role = static_cast<schema::Role>(each);
    return roles.has(role) && !never_writes(role);
  });
}

}  // namespace

Roles roles_of(const Grants& grants) {
  Roles roles;
  for (const Grant& grant : grants) roles.add(grant.role);
  return roles;
}

std::vector<std::string> units_of(const Grants& grants) {
  std::vector<std::string> units;
  for (const Grant& grant : grants) {
    if (!grant.unit.empty() && std::find(units.begin(), units.end(), grant.unit) == units.end())
      units.push_back(grant.unit);
  }
  return units;
}

std::string role_name(schema::Role role) {
  std::string name = schema::Role_Name(role);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

std::string role_names(const Grants& grants) {
  std::string names;
  Roles named;
  for (const Grant& grant : grants) {
    if (named.has(grant.role)) continue;
    named.add(grant.role);
    names += (names.empty() ? "" : "+") + role_name(grant.role);
  }
  return names;
}

std::string grants_text(const Grants& grants) {
  std::string text;
  Roles told;
  for (const Grant& each : grants) {
    if (told.has(each.role)) continue;
    told.add(each.role);
    std::string units;
    for (const Grant& grant : grants) {
      if (grant.role == each.role) units += (units.empty() ? "" : ",") + grant.unit;
    }
    text += (text.empty() ? "" : " ") + role_name(each.role) + " [" + units + "]";
  }
  return text;
}

Outcome<schema::Role> role_named(const std::string& name) {
  std::string allowed;
  for (int number = schema::ROLE_UNSPECIFIED + 1; number <= schema::Role_MAX; ++number) {
    const auto role = static_cast<schema::Role>(number);
    if (role_name(role) == name) return role;
    allowed += (allowed.empty() ? "" : ", ") + role_name(role);
  }
  return Fault{.code = "unknown_role", .where = name, .what = "There is no such role; allowed: " + allowed};
}

std::string default_unit(const Grants& grants) {
  const auto writes = std::find_if(grants.begin(), grants.end(),
                                   [](const Grant& grant) { return !grant.unit.empty() && !never_writes(grant.role); });
  if (writes != grants.end()) return writes->unit;
  return grants.empty() ? std::string() : grants.front().unit;
}

Grants granted(schema::Role role, const std::vector<std::string>& units) {
  Grants grants;
  for (const std::string& unit : units) grants.push_back(Grant{.role = role, .unit = unit});
  if (units.empty()) grants.push_back(Grant{.role = role, .unit = {}});
  return grants;
}

bool never_writes(schema::Role role) { return role == schema::HEAD_OFFICE || role == schema::AUDITOR; }

bool may_write_anything(Roles roles) {
  for (int number = schema::Role_MIN; number <= schema::Role_MAX; ++number) {
    const auto role = static_cast<schema::Role>(number);
    if (roles.has(role) && !never_writes(role)) return true;
  }
  return false;
}

bool may_write(const KindPolicy& kind, Roles roles) { return any_writes(kind.writers(), roles); }

bool may_write(const FieldPolicy& field, Roles roles) { return any_writes(field.writers(), roles); }

}  // namespace songsong
