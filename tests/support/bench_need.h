// bench_need: the records that sizes and speeds are measured on. Two generators that share no list: kMeasured makes the
// records of the common comparison, byte for byte the same from the same seed as on every other system; kTraining
// writes other schools, names, notes and telephone numbers, so that a primer made of it has not seen what is measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/state.h"
#include "shared/replica/replica.h"

namespace songsong::bench {

inline constexpr KindNumber kNeedKind = 90;
inline constexpr std::size_t kMeasuredRecords = 17049;
inline constexpr std::uint32_t kMeasuredSeed = 20260901;

enum class Lists { kMeasured, kTraining };
// How fast changes are saved: by a teacher (5 to 180 seconds apart) or by an import (0 to 3 milliseconds).
enum class Pace { kTeacher, kImport };

// The fields of the schema's bench_need, numbered as they stand here from 1.
struct Need {
  std::string id;  // that the common comparison gives it; other systems need one, bench_need has the record's own
  std::string student_code;
  std::string full_name;
  std::int64_t birth_date = 0;  // days since 1970-01-01
  std::int64_t gender = 0;
  std::int64_t grade = 0;
  std::string school_id;
  std::string district_id;
  std::int64_t household_category = 0;
  std::string guardian_phone;
  bool lacks_device = false;
  bool lacks_signal = false;
  std::int64_t siblings_sharing = 0;
  std::int64_t recorded_at = 0;  // milliseconds since 1970-01-01T00:00Z
  std::string recorded_by;
  std::string note;  // often empty
};

std::vector<Need> make_needs(Lists lists, std::size_t count, std::uint32_t seed);

// One change a need, which opens its record; an empty note is not written. Consecutive sequences of one replica.
struct Author {
  ReplicaId replica = 1;
  Sequence first = 1;
  Tag tag = 1;
  std::string unit;
  Pace pace = Pace::kTeacher;
  std::uint32_t seed = 1;  // of the clock
};
std::vector<Change> make_changes(std::span<const Need> needs, const Author& author);
// What a phone saves to make such a change.
Act need_act(const Change& change);
// The state of a record that only this change, which opens it, has touched.
State fresh_state(const Change& change);

// Pieces of training changes that a primer is made from: most alone, some by twenty, one of many, from many phones.
std::vector<std::string> training_pieces();

// Every list that a generator draws from, to show that the two share nothing.
std::vector<std::string_view> words_of(Lists lists);

}  // namespace songsong::bench
