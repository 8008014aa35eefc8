#include "shared/system/entropy.h"

#include <sys/random.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>

namespace songsong {

void draw_entropy(std::span<std::uint8_t> bytes) {
  for (std::size_t drawn = 0; drawn < bytes.size();) {
    const ssize_t got = getrandom(bytes.data() + drawn, bytes.size() - drawn, 0);
    if (got > 0) {
      drawn += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      std::abort();
    }
  }
}

}  // namespace songsong
