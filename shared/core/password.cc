#include "shared/core/password.h"

#include "shared/core/byte_reader.h"
#include "shared/core/fold.h"
#include "shared/core/name.h"

namespace songsong {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr const char* kWhere = "password";

struct Kept {
  StretchCost cost;
  StretchSalt salt;
  StretchedKey key;
};

Outcome<Kept> decode(std::string_view bytes) {
  ByteReader reader(bytes);
  Kept kept;
  const std::uint8_t version = reader.byte();
  kept.cost.passes = static_cast<std::uint32_t>(reader.varint_up_to(kMostCost.passes));
  kept.cost.memory_kib = static_cast<std::uint32_t>(reader.varint_up_to(kMostCost.memory_kib));
  const Outcome<StretchSalt> salt = StretchSalt::from_bytes(reader.raw_bytes(StretchSalt::kSize), "password");
  const Outcome<StretchedKey> key = StretchedKey::from_bytes(reader.raw_bytes(StretchedKey::kSize), "password");
  if (version != kVersion || !salt || !key || !reader.at_end())
    return Fault{.code = "storage_damaged", .where = "password", .what = "A kept password cannot be read back."};
  kept.salt = *salt;
  kept.key = *key;
  return kept;
}

}  // namespace

Outcome<std::string> readable_secret(std::string_view secret, const char* where) {
  if (secret.size() > kMaxPasswordBytes)
    return Fault{.code = "text_too_long", .where = where, .what = "It is too long to be one."};
  return to_nfc(secret);
}

Fault no_memory_to_check(const char* where) {
  return Fault{.code = "memory_short", .where = where, .what = "There is no memory to check it with."};
}

Outcome<Done> check_new_password(std::string_view password) {
  const Outcome<std::string> text = readable_secret(password, kWhere);
  if (!text) return text.fault();
  if (count_code_points(*text) < kLeastPasswordLetters || text->find_first_not_of(text->front()) == std::string::npos)
    return Fault{
        .code = "password_weak", .where = "password", .what = "A password has at least 10 letters, not all one."};
  return Done{};
}

Outcome<std::string> keep_password(std::string_view password, const StretchSalt& salt, const StretchCost& cost) {
  const Outcome<std::string> text = readable_secret(password, kWhere);
  if (!text) return text.fault();
  StretchedKey key;
  if (!stretch(*text, salt, cost, key)) return no_memory_to_check(kWhere);
  ByteWriter writer;
  writer.byte(kVersion);
  writer.varint(cost.passes);
  writer.varint(cost.memory_kib);
  for (const std::uint8_t byte : salt.bytes) writer.byte(byte);
  for (const std::uint8_t byte : key.view()) writer.byte(byte);
  return std::move(writer).take();
}

Outcome<bool> is_password(std::string_view kept, std::string_view password) {
  const Outcome<Kept> stored = decode(kept);
  if (!stored) return stored.fault();
  const Outcome<std::string> text = readable_secret(password, kWhere);
  StretchedKey key;
  // What cannot be the password takes as long as what is not.
  if (!stretch(text ? std::string_view(*text) : std::string_view(), stored->salt, stored->cost, key))
    return no_memory_to_check(kWhere);
  return text.ok() && key == stored->key;
}

std::string made_password(std::span<const std::uint8_t, 10> chance) {
  std::string password;
  std::uint32_t held = 0;
  int bits = 0;
  for (const std::uint8_t byte : chance) {
    held = (held << 8 | byte) & 0xFFFFu;
    for (bits += 8; bits >= 5;) {
      bits -= 5;
      if (password.size() % 5 == 4) password += '-';
      password += kBase32Digits[held >> static_cast<unsigned>(bits) & 31u];
    }
  }
  return password;
}

}  // namespace songsong
