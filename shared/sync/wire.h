// The named limits of the wire, and the numbers that both sides have to agree on.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shared/core/change_codec.h"

namespace songsong::wire {

// A server refuses a revision that it does not know with "protocol_newer", in an answer that names its own; a newer
// client goes on with that one.
inline constexpr std::uint32_t kProtocol = 1;

inline constexpr const char* kContentType = "application/x-songsong";
inline constexpr const char* kSyncPath = "/v1/sync";
inline constexpr const char* kEnrolPath = "/v1/enrol";

// What one message may be. A bundle may hold what a school wrote in a year.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxBundleBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxPieces = 4096;
inline constexpr std::size_t kMaxRanges = 2048;
inline constexpr std::size_t kMaxOrphans = 2048;
inline constexpr std::size_t kMaxTips = 64;
inline constexpr std::size_t kMaxLinesKnown = 4096;
inline constexpr std::size_t kMaxErasedTold = 8192;
inline constexpr std::size_t kMaxRunsInLine = 16384;

// What one piece of changes or states may unfold to.
inline constexpr DecodeLimits kPieceLimits{.rows = 16384, .bytes = std::size_t{16} << 20};
inline constexpr DecodeLimits kStatesLimits{.rows = 65536, .bytes = std::size_t{64} << 20};

}  // namespace songsong::wire
