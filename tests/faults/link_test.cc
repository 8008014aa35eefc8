// Weak links: slow, far, cut again and again, silent in one way, closed in one way. Every one ends with everything
// there, within what the link allows at best and what each fault may cost. The normal tests play them ten times as
// fast.
#include <catch2/catch_test_macros.hpp>

#include "tests/faults/held.h"
#include "tests/faults/scale.h"
#include "tests/link/link.h"
#include "tests/support/bench_need.h"
#include "tests/village/village.h"

namespace songsong::testing {
namespace {

constexpr std::int64_t kBitsPerSecond = 50'000;
constexpr int kRoundTripMs = 600;
constexpr int kFaster = 10;
constexpr int kPatience = 30, kFasterPatience = 4;
constexpr std::size_t kRecords = 500;
constexpr std::int64_t kMetAfterBytes = 800;  // of the two kilobytes and more that go each way
constexpr int kMostRuns = 200;                // of `songsong sync`, until everything is there
constexpr int kMostRunSeconds = 900;          // of one
// What a fault may cost: a piece takes about two seconds of the link (Initiator), however fast that is.
constexpr double kPieceSeconds = 2;
constexpr double kStartSeconds = kSanitized ? 3 : 0.5;  // of one run of the program

int faster() { return all_of_it() ? 1 : kFaster; }
int patience() { return all_of_it() ? kPatience : kFasterPatience; }
double round_trip_seconds() { return kRoundTripMs / 1000.0 / faster(); }
double bits_per_second() { return static_cast<double>(kBitsPerSecond) * faster(); }

link::LinkOptions valley(std::uint64_t seed) {
  link::LinkOptions options;
  options.seed = seed;
  options.bits_per_second_up = options.bits_per_second_down = kBitsPerSecond * faster();
  options.round_trip_ms = kRoundTripMs / faster();
  return options;
}

std::string csv_of(const std::vector<bench::Need>& needs) {
  std::string csv = "full_name,student_code,grade,phone,note,household,school_level,school\n";
  for (const bench::Need& need : needs) {
    csv += need.full_name + "," + need.student_code + "," + std::to_string(need.grade) + "," + need.guardian_phone +
           ",\"" + need.note + "\",poor,primary,S1\n";
  }
  return csv;
}

struct Way {
  double seconds = 0;
  int runs = 0;
  link::LinkCounts counts;
  std::uint64_t round_trips = 0;  // of the last run
};

// What the link allows at best.
double limit_of(const Way& perfect) {
  const double bits = 8.0 * static_cast<double>(perfect.counts.bytes_up + perfect.counts.bytes_down);
  return bits / bits_per_second() +
         static_cast<double>(perfect.round_trips + perfect.counts.connections) * round_trip_seconds();
}

double bound_of(const Way& perfect, const Way& seen) {
  const auto stalls = static_cast<double>(seen.counts.stalled);
  const auto ends = static_cast<double>(seen.counts.cut + seen.counts.half_closed);
  return 2 * limit_of(perfect) + ends * (kPieceSeconds + 2 * round_trip_seconds()) + stalls * (patience() + 2) +
         seen.runs * kStartSeconds + 2;
}

// A village of its own with one phone, which synchronises so many new records, again and again as a teacher does.
Way send_over(link::LinkOptions options, std::size_t records) {
  Village village;
  options.server = [address = village.address()] { return address; };
  const link::Link link(std::move(options));
  village.join("an", {"S1"}, "teacher", link.address());
  village.write("list.csv", csv_of(bench::make_needs(bench::Lists::kMeasured, records, bench::kMeasuredSeed)));
  REQUIRE(village.phone("an", {"import", "pupil", village.path("list.csv")}).exit == 0);
  Way way;
  Run last;
  const std::vector<std::string> words{"sync", "--json", "--patience", std::to_string(patience())};
  way.seconds = time_of([&] {
                  do {
                    last = village.phone("an", words, kMostRunSeconds);
                    ++way.runs;
                  } while (last.exit == 3 && way.runs < kMostRuns);
                }).count();
  INFO(last.err);
  REQUIRE(last.exit == 0);
  way.counts = link.counts();
  way.round_trips = last.json()["round_trips"].get<std::uint64_t>();
  const Held held = held_by_phone(village.path("an"));
  CHECK(last.json()["pending"] == 0);
  CHECK(held.saved == records);
  CHECK(held.received == records);
  CHECK(held_by_server(village.path("server"), held.replica) == records);
  CHECK(village.phone("an", {"verify"}).exit == 0);
  CHECK(village.server("verify").exit == 0);
  return way;
}

std::string kilobytes(std::uint64_t bytes) { return text(static_cast<double>(bytes) / 1000) + " kB"; }

Way play(const std::string& name, const link::LinkOptions& options, std::size_t records, const Way& perfect) {
  const Way seen = send_over(options, records);
  const double bound = bound_of(perfect, seen);
  std::string faults;
  for (const auto& [count, of] : {std::pair(seen.counts.cut, " cut"), std::pair(seen.counts.stalled, " stalled"),
                                  std::pair(seen.counts.half_closed, " half-closed")}) {
    if (count > 0) faults += std::to_string(count) + of + ", ";
  }
  tell(name + ": " + std::to_string(records) + " new records",
       text(seen.seconds) + " s in " + std::to_string(seen.runs) + (seen.runs == 1 ? " run, " : " runs, ") + faults +
           kilobytes(seen.counts.bytes_up) + " up, " + kilobytes(seen.counts.bytes_down) + " down",
       "the link at best " + text(limit_of(perfect)) + " s, bound " + text(bound) + " s");
  CHECK(seen.seconds <= bound);
  return seen;
}

std::string link_name() {
  return text(bits_per_second() / 1000, 0) + " kbit/s, " + text(1000 * round_trip_seconds(), 0) + " ms";
}

}  // namespace

TEST_CASE("500 new records over a weak link, cut now and then or often", "[release]") {
  const Way perfect = send_over(valley(1), kRecords);
  tell(link_name() + ": 500 new records",
       text(perfect.seconds) + " s, " + std::to_string(perfect.round_trips) + " round trips",
       "the link at best " + text(limit_of(perfect)) + " s");
  CHECK(perfect.seconds <= bound_of(perfect, perfect));
  for (const int cut_seconds : {20, 7, 3}) {
    link::LinkOptions options = valley(static_cast<std::uint64_t>(cut_seconds));
    options.cut_every_ms = 1000 * cut_seconds / faster();
    play(link_name() + ", cut every " + text(static_cast<double>(cut_seconds) / faster()) + " s", options, kRecords,
         perfect);
  }
}

TEST_CASE("500 new records over connections that go silent in one way, or are closed in one way", "[release]") {
  const Way perfect = send_over(valley(1), kRecords);
  link::Chances silent_up, silent_down, half_closed;
  silent_up.stalled_up = silent_down.stalled_down = 60;
  half_closed.half_closed_up = half_closed.half_closed_down = 40;
  for (link::Chances* const each : {&silent_up, &silent_down, &half_closed}) each->after_bytes = kMetAfterBytes;
  const std::pair<const char*, link::Chances> all[] = {
      {"silent on the way up", silent_up}, {"silent on the way down", silent_down}, {"closed in one way", half_closed}};
  std::uint64_t seed = 20;
  for (const auto& [name, chances] : all) {
    link::LinkOptions options = valley(++seed);
    options.chances = chances;
    const Way seen = play(link_name() + ", connections " + name, options, kRecords, perfect);
    CHECK(seen.counts.stalled + seen.counts.half_closed > 0);
  }
}

TEST_CASE("a school's year over a weak link that is cut: a cut costs the piece in flight at most", "[release]") {
  const std::size_t records = all_of_it() ? bench::kMeasuredRecords : 3'000;
  const Way perfect = send_over(valley(1), records);
  link::LinkOptions options = valley(31);
  options.cut_every_ms = 20'000 / faster();
  const Way seen = play(link_name() + ", cut every " + text(20.0 / faster()) + " s", options, records, perfect);
  const double again = static_cast<double>(seen.counts.bytes_up) - static_cast<double>(perfect.counts.bytes_up);
  const double piece = kPieceSeconds * bits_per_second() / 8;
  tell("… sent again",
       text(again / 1000) + " kB, " + text(100 * again / static_cast<double>(perfect.counts.bytes_up)) + " %",
       "a piece for each cut: " + text(piece * static_cast<double>(seen.counts.cut) / 1000) + " kB");
  // Smaller pieces pack a little worse.
  CHECK(again <= piece * static_cast<double>(seen.counts.cut) + 0.1 * static_cast<double>(perfect.counts.bytes_up));
}

}  // namespace songsong::testing
