#include "shared/core/clock.h"

#include <algorithm>
#include <limits>

namespace songsong {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

std::int64_t add(std::int64_t one, std::int64_t other) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(one, other, &sum)) return sum;
  return other > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

std::int64_t subtract(std::int64_t one, std::int64_t other) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(one, other, &difference)) return difference;
  return other < 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

bool same_session(const ClockReading& one, const ClockReading& other) {
  return one.boot_session != 0 && one.boot_session == other.boot_session;
}

// Time from one reading to a later one; negative where the clock was set back between them.
std::int64_t elapsed(const ClockReading& from, const ClockReading& to) {
  return same_session(from, to) ? subtract(to.monotonic_ms, from.monotonic_ms) : subtract(to.wall_ms, from.wall_ms);
}

// Rounded up, so that what is not known is never understated.
std::int64_t drift(std::int64_t elapsed_ms) {
  const std::int64_t whole = elapsed_ms / kMillion * kDriftPerMillion;
  return whole + (elapsed_ms % kMillion * kDriftPerMillion + kMillion - 1) / kMillion;
}

std::uint32_t grown(std::uint32_t uncertainty_ms, std::int64_t by_ms) {
  const std::int64_t sum = add(uncertainty_ms, by_ms);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(sum, 0, kMaxUncertaintyMs));
}

CapturedTime at(std::int64_t captured_ms, const ClockReading& now, std::uint32_t uncertainty_ms) {
  return {captured_ms, subtract(captured_ms, now.wall_ms), uncertainty_ms};
}

ClockState contact(std::int64_t server_ms, const ClockReading& device, std::int64_t round_trip_ms,
                   std::uint32_t uncertainty_ms) {
  return {.contacted = true,
          .server_ms = server_ms,
          .device = device,
          .round_trip_ms = round_trip_ms,
          .offset_ms = subtract(server_ms, device.wall_ms),
          .uncertainty_ms = uncertainty_ms};
}

}  // namespace

ClockState learn(const ClockState& state, const ClockReading& sent, const ClockReading& received,
                 std::int64_t server_ms) {
  const std::int64_t round_trip = elapsed(sent, received);
  if (round_trip < 0) return state;
  // The server told its time at some moment of the round trip: the middle is off by half of it at most.
  const std::int64_t half = round_trip / 2 + round_trip % 2;
  const ClockState fresh = contact(add(server_ms, round_trip / 2), received, round_trip, grown(0, half));
  if (!state.contacted || !same_session(state.device, received)) return fresh;

  const CapturedTime aged = corrected(state, received);
  const std::int64_t apart =
      subtract(std::max(aged.captured_ms, fresh.server_ms), std::min(aged.captured_ms, fresh.server_ms));
  const bool agree = apart <= std::int64_t{aged.uncertainty_ms} + fresh.uncertainty_ms;
  if (!agree || fresh.uncertainty_ms <= aged.uncertainty_ms) return fresh;
  return contact(aged.captured_ms, received, round_trip, aged.uncertainty_ms);
}

CapturedTime corrected(const ClockState& state, const ClockReading& now) {
  if (!state.contacted) return {now.wall_ms, 0, kNeverSynchronised};
  if (same_session(state.device, now) && now.monotonic_ms >= state.device.monotonic_ms) {
    const std::int64_t passed = subtract(now.monotonic_ms, state.device.monotonic_ms);
    return at(add(state.server_ms, passed), now, grown(state.uncertainty_ms, drift(passed)));
  }
  const std::int64_t captured = add(now.wall_ms, state.offset_ms);
  if (captured < state.server_ms) return at(state.server_ms, now, kMaxUncertaintyMs);
  return at(captured, now, grown(state.uncertainty_ms, drift(subtract(captured, state.server_ms))));
}

}  // namespace songsong
