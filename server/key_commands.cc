// The commands with which a server becomes another to its devices and stays the same: another key, another address, and
// what it shows by TLS.
#include <nlohmann/json.hpp>

#include "server/authority.h"
#include "server/commands.h"
#include "server/devices.h"
#include "server/office.h"
#include "server/printed.h"
#include "shared/system/entropy.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Outcome<Printed> rotate_key(const std::string& folder, const std::string& backup_path, bool forgets) {
  {
    // A server that runs would go on with the former key.
    const Outcome<std::unique_ptr<Office>> known = Office::open(folder);
    if (!known) return known.fault();
    const Outcome<std::unique_ptr<FileLock>> lock = take_serve_lock(folder);
    if (!lock) return lock.fault();
    const HostDoors doors{.now_ms = wall_clock_ms, .entropy = draw_entropy, .commit = {}};
    const Outcome<Done> rotated = Host::rotate_key((*known)->store(), doors, !forgets);
    if (!rotated) return rotated.fault();
  }
  // Backups from before know the former key only.
  const Outcome<Printed> backed_up = back_up(folder, backup_path);
  if (!backed_up) return backed_up.fault();
  const char* const vi = forgets ? "Khoá cũ không dùng được nữa: cấp vé mới cho mọi máy, và trên máy: songsong init "
                                   "--ticket VÉ --same-server. Những gì chưa gửi vẫn còn.\n"
                                 : "Máy chủ có khoá mới; mỗi máy sẽ biết ở lần đồng bộ tới.\n";
  const char* const en = forgets ? "The former key is good for nothing any more: issue a ticket for each device, and "
                                   "there: songsong init --ticket TICKET --same-server. Nothing unsent is lost.\n"
                                 : "The server has another key; each device hears so at its next sync.\n";
  return printed(vi + backed_up->vi, en + backed_up->en,
                 Json{{"rotated", true}, {"forgets", forgets}, {"backup", backup_path}});
}

Outcome<Printed> move_server(const std::string& folder, const std::string& url) {
  const Outcome<std::string> address = ticket_address(url);
  if (!address) return address.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<Done> announced = (*office)->host().announce_address(*address);
  if (!announced) return announced.fault();
  return printed("Mỗi máy sẽ biết địa chỉ mới ở lần đồng bộ tới, ở địa chỉ cũ: " + *address +
                     "\nGiữ địa chỉ cũ cho tới khi mọi máy đã đồng bộ (songsong-server devices).",
                 "Each device hears of the new address at its next sync, which is at the former one: " + *address +
                     "\nKeep that up until all have been here (songsong-server devices).",
                 Json{{"url", *address}});
}

Outcome<Printed> show_authority(const std::string& folder, const std::string& path) {
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  const Outcome<Authority> authority = authority_of((*office)->store(), wall_clock_ms());
  if (!authority) return authority.fault();
  const std::string pem = authority->certificate_pem();
  if (!path.empty()) {
    const Outcome<Done> written = write_file(path, pem);
    if (!written) return written.fault();
  }
  const std::string print = to_text(authority->fingerprint());
  const std::string rest = path.empty() ? pem.substr(0, pem.find_last_not_of('\n') + 1) : path;
  return printed("SHA-256 " + print + "\n" + rest, "SHA-256 " + print + "\n" + rest,
                 Json{{"fingerprint", print}, {"certificate", pem}});
}

}  // namespace songsong::server
