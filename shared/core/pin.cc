#include "shared/core/pin.h"

#include <algorithm>

#include "shared/core/byte_reader.h"
#include "shared/core/fold.h"
#include "shared/core/password.h"

namespace songsong {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr const char* kWhere = "pin";

// Each sign as far from the one before it: 111111, 123456, fedcba.
bool is_row(std::u32string_view pin) {
  if (pin.size() < 2) return true;
  const auto step = [&](std::size_t i) {
    return static_cast<std::int64_t>(pin[i]) - static_cast<std::int64_t>(pin[i - 1]);
  };
  if (step(1) < -1 || step(1) > 1) return false;
  for (std::size_t i = 2; i < pin.size(); ++i) {
    if (step(i) != step(1)) return false;
  }
  return true;
}

Outcome<SealKey> stretched(std::string_view pin, const StretchSalt& salt, const StretchCost& cost) {
  const Outcome<std::string> text = readable_secret(pin, kWhere);
  if (!text) return text.fault();
  StretchedKey stretched;
  if (!stretch(*text, salt, cost, stretched)) return no_memory_to_check(kWhere);
  SealKey key;
  std::copy(stretched.view().begin(), stretched.view().end(), key.fill().begin());
  return key;
}

}  // namespace

Outcome<Done> check_new_pin(std::string_view pin) {
  const Outcome<std::string> text = readable_secret(pin, kWhere);
  if (!text) return text.fault();
  const std::u32string signs = code_points(*text);
  if (signs.size() < kLeastPinLetters || is_row(signs))
    return Fault{.code = "pin_weak", .where = "pin", .what = "A PIN has at least 6 signs, not all one nor in a row."};
  return Done{};
}

Outcome<std::string> keep_key(const SealKey& key, std::string_view pin, const StretchSalt& salt, const SealNonce& nonce,
                              const StretchCost& cost) {
  const Outcome<SealKey> outer = stretched(pin, salt, cost);
  if (!outer) return outer.fault();
  ByteWriter writer;
  writer.byte(kVersion);
  writer.varint(cost.passes);
  writer.varint(cost.memory_kib);
  for (const std::uint8_t byte : salt.bytes) writer.byte(byte);
  std::string kept = std::move(writer).take();
  const std::string_view inner(reinterpret_cast<const char*>(key.view().data()), SealKey::kSize);
  return kept + seal_bytes(*outer, nonce, kept, inner);
}

Outcome<SealKey> open_key(std::string_view kept, std::string_view pin) {
  ByteReader reader(kept);
  const std::uint8_t version = reader.byte();
  const StretchCost cost{.passes = static_cast<std::uint32_t>(reader.varint_up_to(kMostCost.passes)),
                         .memory_kib = static_cast<std::uint32_t>(reader.varint_up_to(kMostCost.memory_kib))};
  const Outcome<StretchSalt> salt = StretchSalt::from_bytes(reader.raw_bytes(StretchSalt::kSize), "pin");
  constexpr std::size_t kSealed = std::tuple_size_v<SealNonce> + SealKey::kSize + kSealTagBytes;
  if (version != kVersion || !salt || !reader.ok() || reader.remaining() != kSealed)
    return Fault{.code = "storage_damaged", .where = "pin", .what = "The sealed key cannot be read back."};
  const Outcome<SealKey> outer = stretched(pin, *salt, cost);
  if (!outer) return outer.fault();
  Outcome<std::string> inner = open_bytes(*outer, kept.substr(0, reader.offset()), kept.substr(reader.offset()));
  if (!inner) return Fault{.code = "pin_wrong", .where = "pin", .what = "This is not the PIN."};
  Outcome<SealKey> key = SealKey::from_bytes(*inner, "pin");
  wipe(std::span(reinterpret_cast<std::uint8_t*>(inner->data()), inner->size()));
  return key;
}

}  // namespace songsong
