#include "shared/sync/pacing.h"

#include <algorithm>

namespace songsong {
namespace {

constexpr std::size_t kFirstBytes = 4096;
constexpr std::size_t kLeastBytes = 1024;
constexpr std::int64_t kWantedMs = 2000;
constexpr std::size_t kMostGrowth = 4;  // of what went well

}  // namespace

Pacing::Pacing(std::size_t most_bytes) : most_(most_bytes), bytes_(std::min(kFirstBytes, most_bytes)) {}

// One that was full counts for all that it was allowed: how many changes fit is guessed before they are packed, and
// where they pack better than was guessed, the bytes that moved would make each piece smaller than the one before. One
// that was not says little about the link.
void Pacing::went(std::size_t bytes_up, std::size_t bytes_down, std::size_t allowed, bool full,
                  std::optional<std::int64_t> took_ms) {
  const std::int64_t took = std::max<std::int64_t>(1, took_ms.value_or(kWantedMs));
  const std::size_t moved = std::max({bytes_up, bytes_down, full ? allowed : 0});
  auto seen =
      static_cast<std::size_t>(static_cast<std::uint64_t>(moved) * kWantedMs / static_cast<std::uint64_t>(took));
  if (!full && took <= kWantedMs) seen = std::max(seen, allowed);
  const std::size_t most = std::min(most_, bytes_ * kMostGrowth);
  bytes_ = std::clamp(seen, std::min(most, at_least(bytes_ / 2)), most);
}

void Pacing::failed() { bytes_ = at_least(bytes_ / 2); }

std::size_t Pacing::at_least(std::size_t bytes) const { return std::min(most_, std::max(kLeastBytes, bytes)); }

}  // namespace songsong
