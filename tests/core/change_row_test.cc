#include "shared/core/change_row.h"

#include <catch2/catch_test_macros.hpp>

#include "shared/core/personal_values.h"
#include "tests/support/history.h"

namespace songsong::testing {
namespace {

std::vector<Change> some_changes() {
  const HistoryShape shape{.replicas = 3,
                           .changes = 40,
                           .records = 4,
                           .copies_percent = 10,
                           .removals_percent = 20,
                           .unknown_saw_percent = 10};
  std::vector<Change> changes;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (Admitted& each : make_history(seed, shape)) changes.push_back(std::move(each.change));
  }
  changes.front().actor = "cô Lan";
  changes.front().correction_ms = -3'600'000;
  changes.front().uncertainty_ms = kNeverSynchronised;
  changes.front().origin = Name(9, 9, 9);
  return changes;
}

}  // namespace

TEST_CASE("a change comes back from its row as it was, with its personal values inside or kept elsewhere") {
  for (const Change& change : some_changes()) {
    REQUIRE(*decode_change(encode_change(change)) == change);
    PersonalValuesOf kept;
    kept.put_all(change);
    const Outcome<PersonalValuesOf> back = PersonalValuesOf::decode(kept.encode());
    REQUIRE(back.ok());
    REQUIRE(*decode_change(encode_change(change, PersonalValues::kLeftOut), back->lookup()) == change);
  }
}

TEST_CASE("a row that is cut short or changed is refused, or is another change in its one canonical form") {
  Random random(2);
  for (const Change& change : some_changes()) {
    const std::string bytes = encode_change(change);
    for (std::size_t size = 0; size < bytes.size(); ++size) REQUIRE_FALSE(decode_change(bytes.substr(0, size)).ok());
    for (int i = 0; i < 50; ++i) {
      std::string changed = bytes;
      char& byte = changed[random.below(changed.size())];
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << random.below(8)));
      const Outcome<Change> read = decode_change(changed);
      if (read.ok()) REQUIRE(encode_change(*read) == changed);
    }
  }
}

TEST_CASE("a row of personal values that is cut short or out of order is refused") {
  PersonalValuesOf kept;
  kept.put(Name(1, 2, 3), 1, Value(Text{"Lò Thị An"}));
  kept.put(Name(1, 5, 3), 1, Value(Text{"Lò Thị Ân"}));
  kept.put(Name(1, 5, 3), 2, Value(Erased{}));
  const std::string row = kept.encode();
  CHECK(*PersonalValuesOf::decode(row)->find(Name(1, 5, 3), 1) == Value(Text{"Lò Thị Ân"}));
  CHECK(PersonalValuesOf::decode(row)->find(Name(1, 5, 3), 2) == nullptr);
  for (std::size_t size = 1; size < row.size(); ++size) CHECK_FALSE(PersonalValuesOf::decode(row.substr(0, size)).ok());
  CHECK(PersonalValuesOf::decode("").ok());
}

}  // namespace songsong::testing
