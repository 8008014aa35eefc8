// Descriptors: a system gives a process a soft limit of open files, often 1,024, that is below what a server of the
// default limits may have open, and a hard one that is far above. Where they run out, nobody new is accepted and those
// who hold them are not told to go; so the soft limit is raised before listening, and where the hard one is too low the
// limits shrink to what it allows.
#pragma once

#include <cstddef>

#include "server/limits.h"

namespace songsong::server {

// The store's files and readers, the log, the listening socket, what commands beside the server open.
inline constexpr std::size_t kOwnDescriptors = 64;

// Of all connections that the limits allow at once.
std::size_t descriptors_needed(const Limits& limits);
// The same limits, or those that so many descriptors allow: half for connections, a quarter each for those that wait
// and for readers of totals.
Limits fitted(Limits limits, std::size_t descriptors);

// Raises this process's soft limit as far as needed and possible. How many descriptors it may have open then.
std::size_t raise_descriptors(std::size_t needed);

}  // namespace songsong::server
