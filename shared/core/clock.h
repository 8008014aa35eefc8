// Clock: when an act happened, told by a device whose own clock may be wrong.
//
// A device reads three things: its wall clock, a monotonic clock, and which boot session the monotonic clock counts in.
// At each contact it learns the server's time (Cristian's algorithm, "Probabilistic clock synchronization", 1989).
// Between contacts it measures from the last one: by the monotonic clock as long as the device runs, whatever is done
// to the wall clock meanwhile; by the wall clock and its last known offset after a restart.
//
// Rules only: no clock is read here. Pure functions, any number of threads. They never refuse: a reading that makes no
// sense yields a time with a great uncertainty. All sums saturate. Units are milliseconds.
#pragma once

#include <cstdint>

#include "shared/core/change.h"

namespace songsong {

struct ClockReading {
  std::int64_t wall_ms = 0;       // since 1970-01-01T00:00Z, as the device shows it
  std::int64_t monotonic_ms = 0;  // from any beginning; has to run on while the device sleeps (CLOCK_BOOTTIME)
  std::uint64_t boot_session =
      0;  // which run of the monotonic clock; 0 where that is not known, then it is not trusted

  bool operator==(const ClockReading&) const = default;
};

// What a device keeps of its last contact with a server. The initial state has never had one.
struct ClockState {
  bool contacted = false;
  std::int64_t server_ms = 0;  // the server's time at `device`, as best known
  ClockReading device;         // when the answer was received
  std::int64_t round_trip_ms = 0;
  std::int64_t offset_ms = 0;                         // server less wall clock, at `device`
  std::uint32_t uncertainty_ms = kNeverSynchronised;  // half-width of what is known of server_ms

  bool operator==(const ClockState&) const = default;
};

struct CapturedTime {
  std::int64_t captured_ms = 0;
  std::int64_t correction_ms = 0;  // captured_ms less the wall clock
  std::uint32_t uncertainty_ms = kNeverSynchronised;

  bool operator==(const CapturedTime&) const = default;
};

// How fast a clock may go wrong while nobody corrects it. Quartz in phones keeps within 20 to 100 parts in a million,
// cold and old batteries included; the assumption is twice the worst.
inline constexpr std::int64_t kDriftPerMillion = 200;
// The greatest uncertainty that still counts as having been synchronised (49 days).
inline constexpr std::uint32_t kMaxUncertaintyMs = kNeverSynchronised - 1;

// The state after an answer that was asked for at `sent`, came at `received`, and carried the server's time. A slow
// answer does not spoil what a quick one taught in the same boot session: where both agree, the narrower is kept and
// brought forward to this contact. An answer that came before it was asked for (the wall clock was set back) teaches
// nothing.
ClockState learn(const ClockState& state, const ClockReading& sent, const ClockReading& received,
                 std::int64_t server_ms);

// When an act happened that was saved at this reading, which is later than the last contact. After a restart a result
// before the last contact is impossible (a dead battery sets clocks to 1970): the act is then put at the last contact,
// with kMaxUncertaintyMs.
CapturedTime corrected(const ClockState& state, const ClockReading& now);

}  // namespace songsong
