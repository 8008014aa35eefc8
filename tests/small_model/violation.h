// A violation: the model came to what may never be. `what()` tells the history and the way there.
#pragma once

#include <stdexcept>

namespace songsong::small_model {

struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace songsong::small_model
