#include "tests/peers/needs_json.h"

#include <array>
#include <nlohmann/json.hpp>

#include "shared/core/civil_time.h"

namespace songsong::bench {
namespace {

constexpr std::array kHouseholds{"",  // 0 is unspecified
                                 "poor",   "near_poor",  "policy_family", "ethnic_minority",
                                 "orphan", "disability", "other"};

}  // namespace

std::string to_json(const Need& need) {
  const nlohmann::ordered_json json{
      {"id", need.id},
      {"student_code", need.student_code},
      {"full_name", need.full_name},
      {"birth_date", print_date(need.birth_date)},
      {"gender", need.gender == 2 ? "F" : "M"},
      {"grade", need.grade},
      {"school_id", need.school_id},
      {"district_id", need.district_id},
      {"household_category", kHouseholds.at(static_cast<std::size_t>(need.household_category))},
      {"guardian_phone", need.guardian_phone},
      {"lacks_device", need.lacks_device},
      {"lacks_signal", need.lacks_signal},
      {"siblings_sharing", need.siblings_sharing},
      {"recorded_at", print_instant(need.recorded_at)},
      {"recorded_by", need.recorded_by},
      {"note", need.note}};
  return json.dump();
}

}  // namespace songsong::bench
