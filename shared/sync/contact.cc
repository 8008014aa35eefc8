#include "shared/sync/contact.h"

#include <algorithm>
#include <charconv>

#include "shared/replica/record_cache.h"
#include "shared/sync/join.h"

namespace songsong {
namespace {

template <class Number>
Number number_setting(StoreReader& reader, const char* name) {
  const std::string text = reader.setting(name);
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && (error != std::errc() || end != text.data() + text.size())) {
    throw StorageDamage{
        Fault{.code = "storage_damaged", .where = std::string("setting ") + name, .what = "It is no number."}};
  }
  return number;
}

}  // namespace

std::optional<Contact> Contact::read(StoreReader& reader) {
  const std::string bytes = reader.setting(kTicketSetting);
  if (bytes.empty()) return std::nullopt;
  Outcome<Ticket> ticket = decode_ticket(bytes);
  if (!ticket) {
    throw StorageDamage{
        Fault{.code = "storage_damaged", .where = "setting ticket", .what = "The ticket cannot be read back."}};
  }
  Contact contact;
  contact.ticket = std::move(*ticket);
  contact.ticket_revision = number_setting<std::uint32_t>(reader, kTicketRevisionSetting);
  contact.ticket_wanted = reader.setting(kTicketWantedSetting) == "1";
  contact.enrolled = reader.setting(kEnrolledSetting) == "1";
  contact.epoch = number_setting<std::uint64_t>(reader, kServerEpochSetting);
  contact.cursor = reader.setting(kCursorSetting);
  contact.primer = std::max(kPrimerOfAllServers, number_setting<std::uint32_t>(reader, kServerPrimerSetting));
  const std::string stage = reader.setting(kAfterRestoreSetting);
  contact.after_restore = stage == to_setting(AfterRestore::kHearing)       ? AfterRestore::kHearing
                          : stage == to_setting(AfterRestore::kOrphansLeft) ? AfterRestore::kOrphansLeft
                                                                            : AfterRestore::kNo;
  return contact;
}

std::vector<PublicKey> former_servers(StoreReader& reader) {
  const std::string stored = reader.setting(kFormerServersSetting);
  std::vector<PublicKey> keys;
  for (std::size_t at = 0; at + PublicKey::kSize <= stored.size(); at += PublicKey::kSize)
    keys.push_back(
        *PublicKey::from_bytes(std::string_view(stored).substr(at, PublicKey::kSize), kFormerServersSetting));
  return keys;
}

std::string with_former_server(StoreReader& reader, const PublicKey& server) {
  const std::string all = std::string(server.view()) + reader.setting(kFormerServersSetting);
  return all.substr(0, kMostFormerServers * PublicKey::kSize);
}

std::string to_setting(AfterRestore stage) {
  switch (stage) {
    case AfterRestore::kNo:
      return "";
    case AfterRestore::kHearing:
      return "1";
    case AfterRestore::kOrphansLeft:
      return "2";
  }
  return "";
}

std::string encode_erased_heard(std::uint64_t epoch, std::uint64_t until) {
  return std::to_string(epoch) + " " + std::to_string(until);
}

std::uint64_t erased_heard(StoreReader& reader, std::uint64_t epoch) {
  const std::string text = reader.setting(kErasedHeardSetting);
  const std::string prefix = std::to_string(epoch) + " ";
  if (!text.starts_with(prefix)) return 0;
  std::uint64_t until = 0;
  std::from_chars(text.data() + prefix.size(), text.data() + text.size(), until);
  return until;
}

bool is_orphan(const RecordRow& row, std::uint64_t epoch) {
  return row.live && row.base_epoch != 0 && row.base_epoch < epoch;
}

}  // namespace songsong
