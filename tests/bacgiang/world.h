// World: Bắc Giang's autumn of 2021, made up from a seed so that its totals are the published ones. Districts bear
// their names; communes, schools, children, devices and what was done with them are invented.
//
// What is true stands here and goes to the truth file; what the lists say of it is another matter (lists.h). The same
// seed makes the same world on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace songsong::bacgiang {

enum class Level { kPrimary, kLowerSecondary, kUpperSecondary, kContinuing };
enum class Household { kPoor, kNearPoor, kOther };

const char* name_of(Level level);          // as the schema calls it
const char* name_of(Household household);  // the same

struct School {
  std::string code, name, commune, district;
  Level level = Level::kPrimary;
  std::size_t replica = 0;  // that imports its list
};

struct Child {
  std::size_t school = 0;
  std::string name;
  int year = 0, month = 0, day = 0;
  bool girl = false;
  int grade = 1;
  Household household = Household::kPoor;
  std::string lacks;                                      // as the schema calls it
  std::string citizen_id, student_code, phone, guardian;  // empty where the list has none
  Household listed = Household::kPoor;                    // what the list says, and a replica corrects
};

// A right row of a list: a child in a school, with small differences where the child is listed twice.
struct ListedChild {
  std::size_t child = 0;
  std::size_t school = 0;
  std::string name, phone;  // as written, before the list's own ways of spelling
  bool with_citizen_id = true, with_student_code = true;
  bool again = false;  // the child's second row, by another hand
};

struct Device {
  std::string type, serial;
  std::size_t school = 0;
  bool recorded_wrongly = false;  // the same serial, in a school that never had it
};

struct Handover {
  std::size_t row = 0;     // index into rows: which of the child's records
  std::size_t device = 0;  // index into devices
  std::string date;
  bool by_mistake = false;  // the child had one already
  bool returned = false;
};

// After the first sync, two people write one child's household without knowing of each other; the truth is the child's.
struct Disagreement {
  std::size_t row = 0;
  Household field = Household::kPoor, district = Household::kPoor;
};

struct World {
  std::uint64_t seed = 0;
  std::vector<std::string> districts;           // codes
  std::vector<std::vector<std::string>> units;  // rows of units.csv, without the heading
  std::vector<School> schools;
  std::vector<Child> children;
  std::vector<ListedChild> rows;  // by school
  std::vector<Device> devices;
  std::vector<Handover> handovers;
  std::vector<Disagreement> disagreements;
  std::vector<std::vector<std::string>> replica_units;  // of each field replica: the communes that it covers
  std::size_t lookalikes = 0;                           // pairs of children who share name and birth date
};

inline constexpr std::size_t kFieldReplicas = 20;

World make_world(std::uint64_t seed);

}  // namespace songsong::bacgiang
