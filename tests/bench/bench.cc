// bench: one table of the budgets of docs/DESIGN.md, section 9, each beside the physical limit that the same run saw.
// Ends with 1 if a budget of bytes or round trips is passed; times are told and not judged, for a busy machine is no
// fault. scripts/bench.sh builds and runs it.
#include <cinttypes>
#include <cstdio>
#include <exception>

#include "shared/core/crypto.h"
#include "tests/bench/figure.h"

namespace songsong::bench {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value >= 1000 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  return text;
}

void print(const Figure& figure) {
  const char* const verdict = figure.holds() ? "ok" : figure.binding ? "OVER" : "over";
  const double ratio = figure.limit == 0 ? 0
                       : figure.at_least ? figure.limit / figure.measured
                                         : figure.measured / figure.limit;
  std::printf("%-60s %10s %-13s %s %-8s %-5s", figure.what.c_str(), number(figure.measured).c_str(),
              figure.unit.c_str(), figure.at_least ? "≥" : "≤", number(figure.budget).c_str(), verdict);
  if (figure.limit != 0)
    std::printf(" %10s  %6.2f x  %s", number(figure.limit).c_str(), ratio, figure.limit_is.c_str());
  std::printf("\n");
  std::fflush(stdout);
}

int run() {
  init_crypto();
  std::printf("%-60s %10s %-13s %-10s %-5s %10s  %8s\n", "what", "measured", "", "budget", "", "limit", "ratio");
  int over = 0;
  for (void (*const measure)(Figures&) : {measure_bytes, measure_admission, measure_conversations, measure_phone}) {
    Figures figures;
    measure(figures);
    for (const Figure& figure : figures) {
      print(figure);
      over += figure.binding && !figure.holds() ? 1 : 0;
    }
  }
  if (over > 0) std::printf("%d binding budgets are passed\n", over);
  return over > 0 ? 1 : 0;
}

}  // namespace
}  // namespace songsong::bench

int main() {
  // The server's log of requests is no part of the table; what goes wrong stands in it.
  if (std::freopen("/dev/null", "w", stderr) == nullptr) return 1;
  try {
    return songsong::bench::run();
  } catch (const std::exception& error) {
    std::printf("bench: %s\n", error.what());
    return 1;
  }
}
