// Comparing: a replica's half of a check: which ranges to ask for next, until both sides hold the same.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/sync/ranges.h"

namespace songsong {

class Comparing {
 public:
  explicit Comparing(bool wanted) : over_(!wanted) {}

  // Nothing is to be asked any more: all is the same, or it could not be compared within kMostQuestions.
  bool is_over() const { return over_; }
  bool is_same() const { return same_; }
  std::uint64_t mended() const { return mended_; }

  // Summed over what is held now. Faults of the store.
  Outcome<std::vector<wire::Range>> next(Store& store);
  // `mended`: records that the answer altered here.
  void heard(const wire::Answer& answer, std::uint64_t mended);

 private:
  static constexpr int kMostQuestions = 32;

  std::vector<HeldRecord> held_;    // when the question was asked
  std::vector<wire::Range> parts_;  // that differ, as the server holds them; empty: begin with all
  bool over_ = false;
  bool same_ = false;
  bool whole_ = false;  // the last question was for all
  int questions_ = 0;
  std::uint64_t mended_ = 0;
};

}  // namespace songsong
