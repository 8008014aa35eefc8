// What a record costs on the wire.
#include <span>

#include "shared/core/change_codec.h"
#include "tests/bench/bare.h"
#include "tests/bench/figure.h"
#include "tests/support/bench_need.h"

namespace songsong::bench {
namespace {

constexpr std::size_t kRows = 4000;

double bytes_a_change(std::span<const Change> changes, std::size_t in_piece, const Primer& primer) {
  std::size_t bytes = 0, count = 0;
  for (std::size_t at = 0; at + in_piece <= changes.size(); at += in_piece) {
    bytes += encode_changes(changes.subspan(at, in_piece), &primer).size();
    count += in_piece;
  }
  return static_cast<double>(bytes) / static_cast<double>(count);
}

}  // namespace

void measure_bytes(Figures& figures) {
  const Primer primer = must(Primer::from_pieces(1, training_pieces()));
  const std::vector<Change> changes = make_changes(make_needs(Lists::kMeasured, kRows, kMeasuredSeed),
                                                   Author{.replica = 4711, .tag = 0x5A5A5, .unit = "D04"});
  struct Size {
    std::size_t in_piece;
    double budget;
  };
  for (const Size size : {Size{1, 60}, Size{20, 30}, Size{200, 22}}) {
    figures.push_back(Figure{.what = "a new need on the wire, " + std::to_string(size.in_piece) + " in a piece",
                             .measured = bytes_a_change(changes, size.in_piece, primer),
                             .unit = "B",
                             .budget = size.budget,
                             .binding = true,
                             .limit = bare_zstd_bytes(changes, size.in_piece),
                             .limit_is = "zstd -19, dictionary"});
  }
}

}  // namespace songsong::bench
