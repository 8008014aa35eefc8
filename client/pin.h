// PIN: what stands between a sealed folder and whoever holds the device (shared/core/pin.h). Asking for it, and keeping
// the key at hand for a while, so that a morning's work is not a morning of typing.
//
//   DIR/pin                            the key, sealed under the PIN
//   RUNTIME/songsong/NAME.key          the key at hand, with the time at which it goes; RUNTIME is XDG_RUNTIME_DIR, and
//                                      only where that is kept in memory. Readable by its owner only; gone when the
//                                      device is switched off
//
// Locking takes the key at hand away and nothing else. One thread. Faults: "pin_needed" where nobody can be asked (no
// terminal, and no PIN in SONGSONG_PIN), "pin_wrong", "pin_weak", "pin_differs", "no_memory_folder", those of files and
// of open_key().
#pragma once

#include <optional>
#include <string>

#include "client/command.h"
#include "shared/core/sealing.h"

namespace songsong::client {

inline constexpr int kMostUnlockedMinutes = 24 * 60;

// Opens the folder of these settings, which may take its PIN.
Outcome<std::unique_ptr<Workspace>> open_workspace(const Settings& settings);

// Seals the folder under a new PIN, or gives a sealed one another.
Exit set_pin(const Settings& settings);
// Keeps the key at hand.
Exit unlock(const Settings& settings, int minutes);
Exit lock(const Settings& settings);

}  // namespace songsong::client
