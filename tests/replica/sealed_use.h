// Sealed use: the options of a store that is sealed with a key of a test's own.
#pragma once

#include <memory>

#include "shared/replica/sqlite_sealed.h"
#include "shared/replica/sqlite_store.h"
#include "shared/system/entropy.h"

namespace songsong::example {

inline SqliteOptions sealed_with(std::uint8_t key) {
  SqliteOptions options;
  options.sealed = std::make_shared<SealedFiles>(SealKey({key}), draw_entropy);
  return options;
}

}  // namespace songsong::example
