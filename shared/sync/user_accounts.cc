#include "shared/sync/user_accounts.h"

#include <algorithm>

#include "shared/core/byte_reader.h"
#include "shared/sync/granting.h"
#include "shared/sync/members.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMaxNameBytes = 64;
constexpr const char* kPrefix = "user_account.";
constexpr const char* kLastNumberSetting = "user_accounts";

std::string setting_of(const std::string& name) { return kPrefix + name; }

Fault fault(const char* code, const std::string& name, const char* what) {
  return Fault{.code = code, .where = "account " + name, .what = what};
}

Fault unknown(const std::string& name) { return fault("unknown_account", name, "There is no account of this name."); }

Outcome<Done> check_open(const UserAccount& account, const std::string& name) {
  if (account.number == 0) return unknown(name);
  if (account.closed_ms != 0) return fault("account_closed", name, "The account is closed.");
  return Done{};
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Outcome<Done> check_grants(const std::string& name, const Grants& grants, const UnitTree& tree) {
  if (grants.size() > kMaxGrants) return fault("too_many_grants", name, "An account has a bounded number of grants.");
  return check_units(units_of(grants), tree);
}

std::uint32_t number_in(const std::string& setting) {
  ByteReader bytes(setting);
  return static_cast<std::uint32_t>(bytes.varint_up_to(0xFFFFFFFFu));
}

std::uint32_t last_number(StoreReader& reader) { return number_in(reader.setting(kLastNumberSetting)); }

}  // namespace

bool is_account_name(std::string_view name) {
  const auto fits = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-' || c == '@'; };
  return name.size() >= 2 && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), fits) &&
         is_letter_or_digit(name.front()) && is_letter_or_digit(name.back());
}

std::string encode_user_account(const UserAccount& account) {
  ByteWriter writer;
  writer.byte(kVersion);
  writer.varint(account.number);
  writer.bytes(account.name);
  writer.varint(account.grants.size());
  for (const Grant& grant : account.grants) {
    writer.varint(static_cast<std::uint64_t>(grant.role));
    writer.bytes(grant.unit);
  }
  writer.bytes(account.password);
  writer.bytes(account.totp_secret);
  writer.varint(account.totp_step);
  writer.varint(account.revision);
  writer.zigzag(account.made_ms);
  writer.zigzag(account.closed_ms);
  writer.zigzag(account.altered_ms);
  return std::move(writer).take();
}

Outcome<UserAccount> decode_user_account(std::string_view bytes) {
  ByteReader reader(bytes);
  UserAccount account;
  const bool known = reader.byte() == kVersion;
  account.number = static_cast<std::uint32_t>(reader.varint_up_to(0xFFFFFFFFu));
  account.name = reader.bytes();
  const std::uint64_t count = reader.varint_up_to(kMaxGrants);
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    Grant grant;
    grant.role = static_cast<schema::Role>(reader.varint_up_to(schema::Role_MAX));
    grant.unit = reader.bytes();
    account.grants.push_back(std::move(grant));
  }
  account.password = reader.bytes();
  account.totp_secret = reader.bytes();
  account.totp_step = reader.varint();
  account.revision = static_cast<std::uint32_t>(reader.varint_up_to(0xFFFFFFFFu));
  account.made_ms = reader.zigzag();
  account.closed_ms = reader.zigzag();
  account.altered_ms = reader.zigzag();
  if (!known || !reader.at_end())
    return Fault{.code = "storage_damaged",
                 .where = "setting user_account",
                 .what = "A setting of the store cannot be read back."};
  return account;
}

Outcome<std::optional<UserAccount>> find_user_account(StoreReader& reader, const std::string& name) {
  const std::string stored = is_account_name(name) ? reader.setting(setting_of(name)) : std::string();
  if (stored.empty()) return std::optional<UserAccount>();
  Outcome<UserAccount> account = decode_user_account(stored);
  if (!account) return account.fault();
  return std::optional<UserAccount>(std::move(*account));
}

Outcome<UserAccount> open_user_account(StoreReader& reader, const std::string& name) {
  Outcome<std::optional<UserAccount>> found = find_user_account(reader, name);
  if (!found) return found.fault();
  UserAccount account = found->value_or(UserAccount{});
  const Outcome<Done> open = check_open(account, name);
  if (!open) return open.fault();
  return account;
}

Outcome<Done> each_user_account(StoreReader& reader, const std::function<void(UserAccount)>& each) {
  return each_setting(reader, kPrefix, [&](const std::string& bytes) -> Outcome<Done> {
    Outcome<UserAccount> account = decode_user_account(bytes);
    if (!account) return account.fault();
    each(std::move(*account));
    return Done{};
  });
}

void put_user_account(const UserAccount& account, StoreReader& reader, StoreBatch& batch) {
  batch.settings[setting_of(account.name)] = encode_user_account(account);
  // Others of the same commit may have taken numbers.
  const auto coming = batch.settings.find(kLastNumberSetting);
  const std::uint32_t last = coming != batch.settings.end() ? number_in(coming->second) : last_number(reader);
  if (account.number <= last) return;
  ByteWriter number;
  number.varint(account.number);
  batch.settings[kLastNumberSetting] = std::move(number).take();
}

Outcome<UserAccount> UserAccounts::commit(const std::string& name, const Alter& alter) const {
  UserAccount account;
  const Outcome<StoreSequence> written = doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
    const Outcome<std::optional<UserAccount>> stored = find_user_account(reader, name);
    if (!stored) return stored.fault();
    account = stored->value_or(UserAccount{});
    StoreBatch batch;
    const Outcome<Done> altered = alter(reader, account, batch);
    if (!altered) return altered.fault();
    // Later than before, whatever the clock says: of two lives of the store the later one is known by it.
    account.altered_ms = std::max(doors_.now_ms(), account.altered_ms + 1);
    put_user_account(account, reader, batch);
    return batch;
  });
  if (!written) return written.fault();
  return account;
}

Outcome<UserAccount> UserAccounts::add(const std::string& name, const Grants& grants,
                                       const std::string& kept_password) const {
  if (!is_account_name(name)) return fault("account_name_malformed", name, "A name is 2 to 64 of a-z, 0-9, . _ - @.");
  return commit(name, [&](StoreReader& reader, UserAccount& account, StoreBatch&) -> Outcome<Done> {
    if (account.number != 0 && account.closed_ms == 0) return fault("account_exists", name, "There is one already.");
    const Outcome<Done> sound = check_grants(name, grants, *trees_.tree(reader));
    if (!sound) return sound;
    UserAccount opened;
    opened.number = account.number;
    opened.revision = account.revision + 1;
    opened.altered_ms = account.altered_ms;
    if (opened.number == 0) opened.number = last_number(reader) + 1;
    opened.name = name;
    opened.grants = grants;
    opened.password = kept_password;
    opened.made_ms = doors_.now_ms();
    account = std::move(opened);
    return Done{};
  });
}

Outcome<Done> UserAccounts::alter_devices(StoreReader& reader, const std::string& account,
                                          const std::function<Outcome<Done>(Member&)>& alter, StoreBatch& batch) const {
  Outcome<Done> altered = Done{};
  const Outcome<Done> read = each_member(reader, [&](Member member) {
    if (!altered || member.account != account || member.revoked_ms != 0) return;
    altered = alter(member);
    if (altered) batch.settings[member_setting(member.replica)] = encode_member(member);
  });
  return read ? altered : read;
}

Outcome<UserAccount> UserAccounts::appoint(const std::string& name, const Grants& grants, bool besides) const {
  return commit(name, [&](StoreReader& reader, UserAccount& account, StoreBatch& batch) -> Outcome<Done> {
    const Outcome<Done> open = check_open(account, name);
    if (!open) return open;
    Grants now = besides ? account.grants : Grants{};
    for (const Grant& grant : grants) {
      if (std::find(now.begin(), now.end(), grant) == now.end()) now.push_back(grant);
    }
    const Outcome<Done> sound = check_grants(name, now, *trees_.tree(reader));
    if (!sound) return sound;
    account.grants = now;
    return alter_devices(
        reader, name, [&](Member& member) { return songsong::appoint(member, now, false, doors_.now_ms()); }, batch);
  });
}

Outcome<UserAccount> UserAccounts::close(const std::string& name) const {
  return commit(name, [&](StoreReader& reader, UserAccount& account, StoreBatch& batch) -> Outcome<Done> {
    if (account.number == 0) return unknown(name);
    if (account.closed_ms != 0) return Done{};
    account.closed_ms = doors_.now_ms();
    ++account.revision;
    account.password.clear();
    account.totp_secret.clear();
    return alter_devices(
        reader, name,
        [&](Member& member) -> Outcome<Done> {
          member.revoked_ms = account.closed_ms;
          return Done{};
        },
        batch);
  });
}

Outcome<UserAccount> UserAccounts::alter(const std::string& name,
                                         const std::function<Outcome<Done>(UserAccount&)>& alter) const {
  return commit(name, [&](StoreReader&, UserAccount& account, StoreBatch&) -> Outcome<Done> {
    const Outcome<Done> open = check_open(account, name);
    if (!open) return open;
    return alter(account);
  });
}

Outcome<std::optional<UserAccount>> UserAccounts::find(const std::string& name) const {
  Outcome<std::optional<UserAccount>> found = std::optional<UserAccount>();
  const Outcome<Done> read = store_.read(kShard, [&](StoreReader& reader) { found = find_user_account(reader, name); });
  if (!read) return read.fault();
  return found;
}

Outcome<std::vector<UserAccount>> UserAccounts::all() const {
  std::vector<UserAccount> all;
  Outcome<Done> decoded = Done{};
  const Outcome<Done> read = store_.read(kShard, [&](StoreReader& reader) {
    decoded = each_user_account(reader, [&](UserAccount account) { all.push_back(std::move(account)); });
  });
  if (!read) return read.fault();
  if (!decoded) return decoded.fault();
  return all;
}

Outcome<bool> UserAccounts::any() const {
  bool any = false;
  const Outcome<Done> read =
      store_.read(kShard, [&](StoreReader& reader) { any = !reader.setting(kLastNumberSetting).empty(); });
  if (!read) return read.fault();
  return any;
}

}  // namespace songsong
