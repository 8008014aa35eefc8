// What the bench measures: each figure beside its budget (docs/DESIGN.md, section 9) and the physical limit of the same
// work on the same machine, measured in the same run.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/outcome.h"
#include "shared/replica/store.h"

namespace songsong::bench {

struct Figure {
  std::string what;
  double measured = 0;
  std::string unit;
  double budget = 0;
  bool at_least = false;  // the budget is to be reached, not kept below
  bool binding = false;   // of bytes and round trips: the same in every run
  double limit = 0;       // 0: there is none to measure
  std::string limit_is = {};

  bool holds() const { return at_least ? measured >= budget : measured <= budget; }
};

using Figures = std::vector<Figure>;

// The rows that a server writes for the changes, 1,000 of them in a batch.
std::vector<StoreBatch> batches_of(const std::string& path, const std::vector<Change>& changes);

void measure_bytes(Figures& figures);
void measure_admission(Figures& figures);
void measure_conversations(Figures& figures);
void measure_phone(Figures& figures);

// In a bench, what cannot fail has to end it.
template <class T>
T must(Outcome<T> outcome) {
  if (outcome.ok()) return std::move(outcome).value();
  std::printf("bench: %s at %s: %s\n", outcome.fault().code.c_str(), outcome.fault().where.c_str(),
              outcome.fault().what.c_str());
  std::exit(1);
}

inline double cpu_seconds() { return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC); }
inline double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace songsong::bench
