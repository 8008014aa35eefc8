// A country of a test's own: two communes with a school each, what lives there, and the people and devices that work in
// the first one (a teacher in its school) and try what is the second's.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "shared/replica/replica.h"
#include "shared/sync/user_accounts.h"
#include "tests/server/place.h"
#include "tests/support/phone.h"
#include "tests/town/hostile.h"

namespace songsong::server {

inline constexpr const char* kOwnName = "Lường Văn Này";
inline constexpr const char* kForeignName = "Tòng Thị Kia";

// What the server itself saves.
Act act_of(const std::string& kind, const std::string& unit, const testing::Filled& filled);

// With a password that it signs in with.
std::string add_account(Place& place, const std::string& name, const Grants& grants);

class Country {
 public:
  Country();

  RecordId save(const Act& act);
  RecordId pupil(const std::string& name, const std::string& school);
  RecordId device(const std::string& school);
  RecordId handover(const std::string& school);
  // Of a handover there; what it shows is `picture`, whose file the server does not hold yet.
  RecordId photo(const std::string& school, const std::string& picture);
  // As whoever works there is called, and signs in with `password`.
  std::string account(schema::Role role);
  static std::string home(schema::Role role) { return role == schema::TEACHER ? "S1" : "D1"; }

  std::string post(const std::string& frame) const;
  Ticket ticket(const std::string& name);
  // A device of a new account in the role, with a program that does not keep the rules.
  std::unique_ptr<testing::Hostile> hostile(schema::Role role);
  // A teacher's device there, which has nobody's account.
  std::unique_ptr<testing::Hostile> hostile_in(const std::string& school);
  // The record of a change that was set aside.
  RecordId quarantine_of(Name change);
  // What an honest program in the role holds of both pupils when it has synchronised.
  std::string held_after_sync(schema::Role role);

  Place place;
  RecordId own, foreign, own_need;
  std::map<std::string, RecordId> units;
  std::string password;
  int accounts = 0;
  std::uint64_t luck = 1000;
};

// "403 out_of_scope"
std::string outcome(const Heard& heard);

}  // namespace songsong::server
