// The commands on accounts: who may sign in, with which rights; and who looked at whose data.
#include <algorithm>
#include <array>
#include <deque>
#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "server/looks.h"
#include "server/office.h"
#include "server/printed.h"
#include "server/qr_code.h"
#include "server/sign_in.h"
#include "server/totp.h"
#include "shared/core/civil_time.h"
#include "shared/core/grants.h"
#include "shared/system/entropy.h"

namespace songsong::server {
namespace {

using Json = nlohmann::ordered_json;

Json account_json(const UserAccount& account) {
  return Json{{"account", account.name},
              {"number", account.number},
              {"grants", grants_json(account.grants)},
              {"second_factor", !account.totp_secret.empty()},
              {"made", print_instant(account.made_ms)},
              {"closed", account.closed_ms != 0 ? Json(print_instant(account.closed_ms)) : Json()}};
}

Printed with_password(const std::string& vi, const std::string& en, const UserAccount& account,
                      const std::string& password) {
  Json json = account_json(account);
  json["password"] = password;
  return printed(vi + "\nMật khẩu đầu tiên (chỉ in một lần): " + password + "\nNgười nhận nên đổi khi đăng nhập.",
                 en + "\nFirst password (printed only once): " + password + "\nWhoever gets it should change it.",
                 json);
}

std::string line_of(const Json& look) {
  const std::string account = look.value("account", "");
  const std::string who = account.empty() ? "#" + number(look.value("replica", std::uint64_t{0})) : account;
  std::string line = look.value("at", "") + "  " + who + "  " + look.value("what", "") + "  " + look.value("unit", "");
  for (const Json& record : look.value("records", Json::array())) line += " " + record.get<std::string>();
  return line;
}

}  // namespace

Outcome<Printed> add_account(const std::string& folder, const std::string& name, const std::vector<std::string>& units,
                             const std::string& role) {
  const Outcome<schema::Role> given = role_named(role);
  if (!given) return given.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const UserAccounts& accounts = (*office)->host().user_accounts();
  const Outcome<bool> first = accounts.any();
  if (!first) return first.fault();
  const std::string password = draw_password();
  const Outcome<std::string> kept = keep_drawn(password);
  if (!kept) return kept.fault();
  const Outcome<UserAccount> added = accounts.add(name, granted(*given, units), *kept);
  if (!added) return added.fault();
  const std::string closes_vi = *first ? "" : "\nTừ nay phải đăng nhập mới xem được số liệu trên máy chủ này.";
  const std::string closes_en = *first ? "" : "\nFrom now on this server's figures are for people who signed in.";
  return with_password("Tài khoản " + name + ": " + grants_text(added->grants) + closes_vi,
                       "Account " + name + ": " + grants_text(added->grants) + closes_en, *added, password);
}

Outcome<Printed> appoint_account(const std::string& folder, const std::string& name,
                                 const std::vector<std::string>& units, const std::string& role, bool besides) {
  const Outcome<schema::Role> given = role_named(role);
  if (!given) return given.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<UserAccount> appointed =
      (*office)->host().user_accounts().appoint(name, granted(*given, units), besides);
  if (!appointed) return appointed.fault();
  return printed(
      "Tài khoản " + name + " nay có quyền " + grants_text(appointed->grants) +
          "; các máy của người này biết ở lần đồng bộ tới",
      "Account " + name + " is now " + grants_text(appointed->grants) + "; its devices hear so at their next sync",
      account_json(*appointed));
}

Outcome<Printed> renew_password(const std::string& folder, const std::string& name) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const std::string password = draw_password();
  const Outcome<UserAccount> renewed = set_password((*office)->host().user_accounts(), name, password);
  if (!renewed) return renewed.fault();
  return with_password("Tài khoản " + name + " có mật khẩu mới; ai đang đăng nhập phải đăng nhập lại",
                       "Account " + name + " has a new password; whoever is signed in has to sign in again", *renewed,
                       password);
}

Outcome<Printed> second_factor(const std::string& folder, const std::string& name, bool off) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  std::string secret;
  if (!off) {
    std::array<std::uint8_t, kTotpSecretBytes> drawn{};
    draw_entropy(drawn);
    secret.assign(reinterpret_cast<const char*>(drawn.data()), drawn.size());
  }
  const Outcome<UserAccount> altered =
      (*office)->host().user_accounts().alter(name, [&](UserAccount& account) -> Outcome<Done> {
        account.totp_secret = secret;
        account.totp_step = 0;
        ++account.revision;
        return Done{};
      });
  if (!altered) return altered.fault();
  if (off)
    return printed("Tài khoản " + name + " đăng nhập chỉ bằng mật khẩu", "Account " + name + " needs a password only",
                   account_json(*altered));
  const std::string uri = totp_uri(secret, name);
  const Outcome<std::string> code = qr_lines(uri);
  const std::string picture = code ? *code : std::string();
  Json json = account_json(*altered);
  json["secret"] = to_base32(secret);
  json["uri"] = uri;
  return printed(picture + "Quét mã này bằng ứng dụng xác thực (chỉ in một lần), hoặc gõ: " + to_base32(secret) +
                     "\nTừ nay tài khoản " + name + " đăng nhập bằng mật khẩu và mã sáu số.",
                 picture + "Scan this with an authenticator app (printed only once), or type: " + to_base32(secret) +
                     "\nFrom now on account " + name + " signs in with its password and a code of six digits.",
                 json);
}

Outcome<Printed> close_account(const std::string& folder, const std::string& name) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<UserAccount> closed = (*office)->host().user_accounts().close(name);
  if (!closed) return closed.fault();
  return printed("Tài khoản " + name + " đã đóng; các máy của người này đã bị thu hồi quyền",
                 "Account " + name + " is closed; its devices are revoked", account_json(*closed));
}

Outcome<Printed> list_accounts(const std::string& folder) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<std::vector<UserAccount>> accounts = (*office)->host().user_accounts().all();
  if (!accounts) return accounts.fault();
  Printed all;
  for (const UserAccount& account : *accounts) {
    const std::string who = account.name + "  " + grants_text(account.grants);
    const std::string before = all.json.empty() ? "" : "\n";
    all.json += before + account_json(account).dump();
    all.vi += before + who + (account.totp_secret.empty() ? "" : "  có mã sáu số") +
              (account.closed_ms != 0 ? "  ĐÃ ĐÓNG" : "");
    all.en += before + who + (account.totp_secret.empty() ? "" : "  second factor") +
              (account.closed_ms != 0 ? "  CLOSED" : "");
  }
  return all;
}

Outcome<Printed> list_looks(const std::string& folder, const std::string& account, const std::string& record,
                            int most) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  std::deque<Json> wanted;  // the newest
  std::size_t older = 0;
  const Outcome<Done> read = Looks(folder).read([&](const Json& look) {
    const Json records = look.value("records", Json::array());
    const bool fits = (account.empty() || look.value("account", "") == account) &&
                      (record.empty() || std::find(records.begin(), records.end(), Json(record)) != records.end());
    // Whose a damaged line was nobody knows.
    if (!fits && !look.contains("damaged")) return;
    wanted.push_back(look);
    if (wanted.size() <= static_cast<std::size_t>(most)) return;
    wanted.pop_front();
    ++older;
  });
  if (!read) return read.fault();
  Printed all;
  if (older > 0) {
    all.vi = "(" + number(older) + " lần xem trước đó: --last N)";
    all.en = "(" + number(older) + " looks before these: --last N)";
  }
  for (const Json& look : wanted) {
    const std::string line = look.contains("damaged") ? "?" : line_of(look);
    all.json += (all.json.empty() ? "" : "\n") + look.dump();
    all.vi += (all.vi.empty() ? "" : "\n") + line;
    all.en += (all.en.empty() ? "" : "\n") + line;
  }
  return all;
}

}  // namespace songsong::server
