// Pacing: how large the next piece may be, and the states that are asked for: what about two seconds carry of what was
// seen of the link, so that a cut costs no more than that. A part of the initiator; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace songsong {

class Pacing {
 public:
  // Begins small, since nothing is known of the link.
  explicit Pacing(std::size_t most_bytes);

  std::size_t bytes() const { return bytes_; }

  // An exchange that was `allowed` so many bytes a way. `full`: there was more to say than was allowed. `took_ms`:
  // nothing when the device was started anew in between.
  void went(std::size_t bytes_up, std::size_t bytes_down, std::size_t allowed, bool full,
            std::optional<std::int64_t> took_ms);
  void failed();

 private:
  std::size_t at_least(std::size_t bytes) const;

  std::size_t most_;
  std::size_t bytes_;
};

}  // namespace songsong
