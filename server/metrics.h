// Metrics: what a server counts of itself, as Prometheus reads it (text format 0.0.4). Numbers and paths only; nothing
// personal. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "shared/sync/host.h"

namespace songsong::server {

class Metrics {
 public:
  void request(const std::string& path, int status, double seconds);
  void served(const Served& served, std::int64_t now_ms);

  // Conversations refused since the start, by reason; and of devices that were known, the last one of each.
  std::map<std::string, std::uint64_t> refusals() const;
  struct Refused {
    std::uint64_t count = 0;
    std::string code;
    std::int64_t last_ms = 0;
  };
  std::map<ReplicaId, Refused> refused_devices() const;

  // Metrics that are asked of others are given as name → (help, value).
  using Gauges = std::map<std::string, std::pair<std::string, double>>;
  std::string text(const Gauges& gauges) const;

 private:
  // Upper bounds of the latency histogram, in seconds.
  static constexpr std::array<double, 10> kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5};

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
  std::array<std::uint64_t, kBounds.size() + 1> buckets_{};
  double seconds_ = 0;
  std::uint64_t applied_ = 0, known_ = 0, quarantined_ = 0, states_ = 0;
  std::map<std::string, std::uint64_t> refusals_;
  static constexpr std::size_t kMostRefused = 10'000;  // further devices are counted together only
  std::map<ReplicaId, Refused> refused_;
};

}  // namespace songsong::server
