#include "shared/replica/own_lines.h"

#include <algorithm>

#include "shared/core/byte_reader.h"
#include "shared/core/change_row.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/settings.h"

namespace songsong {
namespace {

constexpr std::size_t kMaxFormer = 1000;

[[noreturn]] void damaged(const std::string& setting) {
  throw StorageDamage{
      Fault{.code = "storage_damaged", .where = "setting " + setting, .what = "A setting cannot be read back."}};
}

Name tip_of(const std::string& text) {
  if (text.empty()) return Name();
  const Outcome<Name> tip = parse_name(text);
  if (!tip) damaged(kOwnTipSetting);
  return *tip;
}

OwnLine decode_former(const std::string& setting, const std::string& bytes) {
  ByteReader reader(bytes);
  const Name tip = Name::from_packed(reader.fixed64());
  Outcome<Identity> identity = decode_identity(reader.raw_bytes(reader.remaining()));
  if (!reader.ok() || !identity) damaged(setting);
  return OwnLine{.identity = std::move(*identity), .tip = tip, .receipt = std::nullopt};
}

}  // namespace

std::string receipt_setting(ReplicaId replica) { return "receipt." + std::to_string(replica); }
std::string former_setting(ReplicaId replica) { return kFormerPrefix + std::to_string(replica); }

std::string other_lives_setting(ReplicaId replica) { return "other_lives." + std::to_string(replica); }

std::string encode_former(const Identity& identity, Name tip) {
  ByteWriter writer;
  writer.fixed64(tip.packed());
  writer.raw_bytes(encode_identity(identity));
  return std::move(writer).take();
}

OwnLines OwnLines::read(StoreReader& reader) {
  OwnLines own;
  for (const auto& [name, bytes] : reader.settings(kFormerPrefix, "", kMaxFormer)) {
    own.lines_.push_back(decode_former(name, bytes));
  }
  Outcome<Identity> identity = decode_identity(reader.setting(kIdentitySetting));
  if (!identity) throw StorageDamage{identity.fault()};
  Name tip = tip_of(reader.setting(kOwnTipSetting));
  if (tip.replica() != identity->replica) tip = Name();
  own.lines_.push_back(OwnLine{.identity = std::move(*identity), .tip = tip, .receipt = std::nullopt});
  for (OwnLine& line : own.lines_) {
    const std::string setting = receipt_setting(line.identity.replica);
    const std::string bytes = reader.setting(setting);
    if (bytes.empty()) continue;
    Outcome<Receipt> receipt = decode_receipt(bytes);
    if (!receipt || receipt->held.replica() != line.identity.replica) damaged(setting);
    line.receipt = std::move(*receipt);
  }
  return own;
}

const OwnLine* OwnLines::find(ReplicaId replica) const {
  const auto found = std::find_if(lines_.begin(), lines_.end(),
                                  [replica](const OwnLine& line) { return line.identity.replica == replica; });
  return found == lines_.end() ? nullptr : &*found;
}

bool OwnLines::may_wait(Name name) const {
  const OwnLine* const line = find(name.replica());
  return line != nullptr && name.sequence() > line->received();
}

std::uint64_t OwnLines::pending() const {
  std::uint64_t count = 0;
  for (const OwnLine& line : lines_) count += line.pending();
  return count;
}

std::vector<LogRow> log_of_record(StoreReader& reader, const RecordRow& row, std::size_t most) {
  std::vector<LogRow> entries;
  for (StoreSequence at = row.last_logged; at != 0 && entries.size() < most;) {
    const StoreSequence asked[] = {at};
    std::optional<LogRow> logged = reader.log_at(asked).front();
    if (!logged || logged->previous >= at) {
      throw StorageDamage{Fault{
          .code = "storage_damaged", .where = "log entry " + std::to_string(at), .what = "The log entry is missing."}};
    }
    at = logged->previous;
    entries.push_back(std::move(*logged));
  }
  std::reverse(entries.begin(), entries.end());
  return entries;
}

std::vector<Change> changes_of_record(StoreReader& reader, const RecordRow& row, const PersonalLookup& personal) {
  std::vector<Change> changes;
  for (const LogRow& entry : log_of_record(reader, row)) {
    Outcome<Change> change = decode_change(entry.change, personal);
    if (!change) throw StorageDamage{change.fault()};
    changes.push_back(std::move(*change));
  }
  return changes;
}

}  // namespace songsong
