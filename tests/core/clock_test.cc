#include "shared/core/clock.h"

#include <catch2/catch_test_macros.hpp>
#include <limits>

#include "tests/support/random.h"

using namespace songsong;

namespace {

constexpr std::int64_t kNow = 1'634'000'000'000;  // a morning in October 2021
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// A phone in a true world: its wall clock is wrong, its monotonic clock counts from its start.
struct Phone {
  std::int64_t true_ms = kNow;
  std::int64_t wall_error_ms = 0;
  std::int64_t started_ms = kNow - kDay;
  std::uint64_t session = 1;

  ClockReading read() const { return {true_ms + wall_error_ms, true_ms - started_ms, session}; }
  void restart() {
    started_ms = true_ms;
    ++session;
  }
  // One contact; the server tells its time after `up_ms`.
  ClockState contact(const ClockState& state, std::int64_t up_ms, std::int64_t down_ms) {
    const ClockReading sent = read();
    true_ms += up_ms;
    const std::int64_t server_ms = true_ms;
    true_ms += down_ms;
    return learn(state, sent, read(), server_ms);
  }
};

std::int64_t error_of(const CapturedTime& time, const Phone& phone) {
  const std::int64_t difference = time.captured_ms - phone.true_ms;
  return difference < 0 ? -difference : difference;
}

}  // namespace

TEST_CASE("a phone that was never in contact keeps its own time and says so") {
  Phone lan{.wall_error_ms = 5 * kMinute};
  const CapturedTime time = corrected(ClockState{}, lan.read());
  CHECK(time.captured_ms == kNow + 5 * kMinute);
  CHECK(time.correction_ms == 0);
  CHECK(time.uncertainty_ms == kNeverSynchronised);
}

TEST_CASE("a contact teaches the middle of the round trip, known to half of it") {
  Phone lan{.wall_error_ms = -3 * kMinute};
  const ClockState state = lan.contact({}, 300, 300);
  CHECK(state.contacted);
  CHECK(state.round_trip_ms == 600);
  CHECK(state.uncertainty_ms == 300);
  CHECK(state.server_ms == lan.true_ms);
  CHECK(state.offset_ms == 3 * kMinute);
  CHECK(state.device == lan.read());

  const ClockState lopsided = Phone{}.contact({}, 601, 0);
  CHECK(lopsided.uncertainty_ms == 301);
  CHECK(lopsided.server_ms == kNow + 601 + 300);
}

TEST_CASE("while the phone runs, setting its wall clock changes nothing") {
  Phone lan{.wall_error_ms = kMinute};
  const ClockState state = lan.contact({}, 100, 100);
  lan.true_ms += kDay;
  lan.wall_error_ms = -400 * kDay;
  const CapturedTime time = corrected(state, lan.read());
  CHECK(time.captured_ms == lan.true_ms);
  CHECK(time.captured_ms - time.correction_ms == lan.read().wall_ms);
  CHECK(time.uncertainty_ms == 100 + kDay * kDriftPerMillion / 1'000'000);
}

TEST_CASE("what is not known is rounded up") {
  Phone lan;
  const ClockState state = lan.contact({}, 100, 100);
  lan.true_ms += 1;
  CHECK(corrected(state, lan.read()).uncertainty_ms == 101);
}

TEST_CASE("after a restart the last offset is applied to the wall clock") {
  Phone lan{.wall_error_ms = 2 * kMinute};
  const ClockState state = lan.contact({}, 100, 100);
  lan.true_ms += kDay;
  lan.restart();
  const CapturedTime time = corrected(state, lan.read());
  CHECK(time.captured_ms == lan.true_ms);
  CHECK(time.correction_ms == -2 * kMinute);
  CHECK(time.uncertainty_ms == 100 + kDay * kDriftPerMillion / 1'000'000);
}

TEST_CASE("a clock that fell back to 1970 puts an act at the last contact, not before it") {
  Phone lan;
  const ClockState state = lan.contact({}, 100, 100);
  lan.true_ms += kDay;
  lan.restart();
  lan.wall_error_ms = -lan.true_ms;
  const CapturedTime time = corrected(state, lan.read());
  CHECK(time.captured_ms == state.server_ms);
  CHECK(time.captured_ms - time.correction_ms == 0);
  CHECK(time.uncertainty_ms == kMaxUncertaintyMs);
}

TEST_CASE("a boot session that is not known is never the same") {
  Phone lan{.session = 0};
  const ClockState state = lan.contact({}, 100, 100);
  lan.true_ms += kMinute;
  lan.wall_error_ms = kMinute;
  CHECK(corrected(state, lan.read()).captured_ms == lan.true_ms + kMinute);
}

TEST_CASE("a monotonic clock that ran backwards is not trusted") {
  Phone lan;
  const ClockState state = lan.contact({}, 100, 100);
  ClockReading now = lan.read();
  now.wall_ms += kMinute;
  now.monotonic_ms -= 1;
  CHECK(corrected(state, now).captured_ms == state.server_ms + kMinute);
}

TEST_CASE("a slow answer does not spoil what a quick one taught") {
  Phone lan{.wall_error_ms = kMinute};
  const ClockState quick = lan.contact({}, 50, 50);
  lan.true_ms += 10 * kMinute;
  const ClockState slow = lan.contact(quick, 20'000, 0);
  CHECK(slow.round_trip_ms == 20'000);
  CHECK(slow.device == lan.read());
  CHECK(slow.server_ms == lan.true_ms);
  CHECK(slow.uncertainty_ms < 1000);

  SECTION("unless the server's clock was wrong then") {
    const ClockReading sent = lan.read();
    lan.true_ms += 20'000;
    const ClockState taught = learn(slow, sent, lan.read(), lan.true_ms + 7 * kDay);
    CHECK(taught.server_ms == lan.true_ms + 7 * kDay + 10'000);
    CHECK(taught.uncertainty_ms == 10'000);
  }
  SECTION("or the phone was restarted since") {
    lan.restart();
    lan.true_ms += kMinute;
    CHECK(lan.contact(slow, 10'000, 10'000).uncertainty_ms == 10'000);
  }
}

TEST_CASE("an answer from before its question teaches nothing") {
  Phone lan{.session = 0};
  const ClockState state = lan.contact({}, 100, 100);
  const ClockReading sent = lan.read();
  lan.wall_error_ms = -kDay;
  CHECK(learn(state, sent, lan.read(), lan.true_ms) == state);
  CHECK_FALSE(learn({}, sent, lan.read(), lan.true_ms).contacted);
}

TEST_CASE("the captured time is never further from the truth than its uncertainty while the phone runs") {
  Random random(1989);
  INFO("seed " << random.seed());
  for (int run = 0; run < 500; ++run) {
    Phone minh{.wall_error_ms = random.between(-kDay, kDay)};
    ClockState state;
    for (int step = 0; step < 20; ++step) {
      minh.true_ms += random.between(0, kDay);
      if (random.chance(1, 3)) minh.wall_error_ms = random.between(-kDay, kDay);
      if (random.chance(1, 2)) state = minh.contact(state, random.between(0, 30'000), random.between(0, 30'000));
      if (!state.contacted) continue;
      const CapturedTime time = corrected(state, minh.read());
      REQUIRE(error_of(time, minh) <= time.uncertainty_ms);
      REQUIRE(time.captured_ms - time.correction_ms == minh.read().wall_ms);
    }
  }
}

TEST_CASE("no reading, however wild, overflows") {
  static constexpr std::int64_t kExtremes[] = {kMin, kMin + 1, -kNow, -1, 0, 1, kNow, kMax - 1, kMax};
  Random random(64);
  INFO("seed " << random.seed());
  const auto wild = [&] { return ClockReading{random.pick(kExtremes), random.pick(kExtremes), random.below(3)}; };
  ClockState state;
  for (int i = 0; i < 100'000; ++i) {
    state = learn(random.chance(1, 4) ? ClockState{} : state, wild(), wild(), random.pick(kExtremes));
    const CapturedTime time = corrected(state, wild());
    REQUIRE((time.uncertainty_ms == kNeverSynchronised) == !state.contacted);
  }
  state = ClockState{};
  state.contacted = true;
  state.offset_ms = kMax;
  CHECK(corrected(state, {.wall_ms = 1}).captured_ms == kMax);
}
