// Generated histories: who saved what, having seen what. A world of a few phones (some of them copied or put back from
// their own backup) and records; every history is gap-free by construction and reproduced by its seed.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/core/lineage.h"
#include "shared/core/reference.h"
#include "shared/core/state.h"
#include "tests/support/random.h"

namespace songsong::testing {

struct HistoryShape {
  std::uint32_t replicas = 3;
  std::uint32_t changes = 12;
  std::uint32_t records = 2;
  std::uint32_t fields = 3;           // registers 1..fields; then a union (field 8), a sum (9) and a group (1000)
  std::uint32_t copies_percent = 0;   // chance that a phone's life is doubled before a save
  std::uint32_t reopen_percent = 20;  // chance of a new tag before a save
  std::uint32_t removals_percent = 10;
  std::uint32_t unknown_saw_percent = 0;  // chance that `saw` names a change nobody ever saves
  std::uint32_t empty_percent = 0;        // chance that a change was refused for good
  bool wild_clocks = true;                // off by years
};

// Parents come before their children, otherwise in the order of saving.
std::vector<Admitted> make_history(std::uint64_t seed, const HistoryShape& shape);

// Another order of arrival in which every change still comes after its parent.
std::vector<Admitted> shuffled(const std::vector<Admitted>& history, Random& random);

// What a store does with changes of many records: describes every replica, applies in the order given.
class MergedStore {
 public:
  void admit(const Admitted& admitted);
  const std::map<RecordId, State>& states() const { return states_; }
  const Lineage& lineage() const { return lineage_; }

 private:
  std::map<RecordId, State> states_;
  Lineage lineage_;
};

}  // namespace songsong::testing
