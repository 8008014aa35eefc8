// PIN: what stands between a sealed folder and whoever holds the device (shared/core/pin.h). Asking for it, and keeping
// the key at hand for a while, so that a morning's work is not a morning of typing.
//
//   DIR/pin                            the key, sealed under the PIN
//   DIR/at-hand                        a word that a key at hand has to name: without it none is good, wherever it lies
//   RUNTIME/songsong/NAME.key          the key at hand, with the time at which it goes; RUNTIME is XDG_RUNTIME_DIR, and
//                                      only where that is kept in memory. Its owner's alone; gone when the device is
//                                      switched off
//
// Locking takes the key at hand and its word away and nothing else. One thread. Faults: "pin_needed" where nobody can
// be asked (no terminal, and no PIN in SONGSONG_PIN), "pin_wrong", "pin_weak", "pin_differs", "pin_unset",
// "pin_not_given", "no_memory_folder", those of files and of open_key().
#pragma once

#include <optional>
#include <string>

#include "client/command.h"
#include "shared/core/sealing.h"

namespace songsong::client {

inline constexpr int kMostUnlockedMinutes = 24 * 60;

enum class Asks { kMay, kNever };
// Opens the folder of these settings, which may take its PIN.
Outcome<std::unique_ptr<Workspace>> open_workspace(const Settings& settings, Asks asks = Asks::kMay);
// The same, of a program that goes on and on: with the key that it had, or with one at hand; nobody is asked.
Outcome<std::unique_ptr<Workspace>> open_again(const Settings& settings, const std::optional<SealKey>& key);

// Seals the folder under a new PIN, or gives a sealed one another.
Exit set_pin(const Settings& settings);
// Keeps the key at hand.
Exit unlock(const Settings& settings, int minutes);
Exit lock(const Settings& settings);

}  // namespace songsong::client
