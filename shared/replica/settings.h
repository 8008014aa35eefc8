// Settings: the small named values that a replica keeps in its store, and their bytes. Decoding never throws.
#pragma once

#include <string>
#include <string_view>

#include "shared/core/clock.h"
#include "shared/core/crypto.h"
#include "shared/core/name.h"
#include "shared/core/outcome.h"
#include "shared/replica/replica.h"

namespace songsong {

inline constexpr const char* kIdentitySetting = "identity";
inline constexpr const char* kClockSetting = "clock";
// The change that this store saved last, as text: of a copied phone's branches, this one's.
inline constexpr const char* kOwnTipSetting = "own_tip";

std::string encode_identity(const Identity& identity);
Outcome<Identity> decode_identity(std::string_view bytes);

std::string encode_clock(const ClockState& clock);
Outcome<ClockState> decode_clock(std::string_view bytes);

}  // namespace songsong
