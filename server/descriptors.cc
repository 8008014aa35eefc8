#include "server/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace songsong::server {

std::size_t descriptors_needed(const Limits& limits) {
  return kOwnDescriptors + static_cast<std::size_t>(limits.max_connections) +
         static_cast<std::size_t>(limits.max_queued) + limits.max_streams;
}

Limits fitted(Limits limits, std::size_t descriptors) {
  if (descriptors_needed(limits) <= descriptors) return limits;
  const std::size_t left = descriptors > kOwnDescriptors ? descriptors - kOwnDescriptors : 0;
  const auto part = [left](std::size_t share) { return std::max<std::size_t>(left / share, 1); };
  limits.max_connections = std::min(limits.max_connections, static_cast<int>(std::max<std::size_t>(part(2), 4)));
  limits.max_queued = std::min(limits.max_queued, static_cast<int>(part(4)));
  limits.max_streams = std::min(limits.max_streams, part(4));
  return limits;
}

std::size_t raise_descriptors(std::size_t needed) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return needed;  // whoever cannot say sets none
  if (limit.rlim_cur < needed) {
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(needed, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace songsong::server
