// The commands with which a server becomes another to its devices and stays the same: another key, another address, and
// what it shows by TLS.
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "server/authority.h"
#include "server/commands.h"
#include "server/devices.h"
#include "server/office.h"
#include "server/printed.h"
#include "shared/core/messages.h"
#include "shared/system/entropy.h"
#include "shared/system/files.h"

namespace songsong::server {
namespace {

using Json = nlohmann::ordered_json;

// Before anything is altered: that nothing is there yet, and that something can be.
Outcome<Done> can_be_made(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error))
    return Fault{.code = "file_exists", .where = path, .what = "There is such a file already."};
  const std::string tried = path + ".tried";
  const Outcome<Done> written = write_file(tried, "", ReadableBy::kOwner);
  std::filesystem::remove(tried, error);
  return written;
}

// Whether a server answers there now, so that a slip of the pen sends no phone astray.
bool answers(const std::string& address) {
  try {
    const Poco::URI uri(address + "/healthz");
    std::unique_ptr<Poco::Net::HTTPClientSession> session;
    if (uri.getScheme() == "https") {
      // What it shows is not looked at: whether phones trust it is theirs to say.
      const Poco::Net::Context::Ptr context(
          new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", "", Poco::Net::Context::VERIFY_NONE));
      session = std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
    } else {
      session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
    }
    session->setTimeout(Poco::Timespan(10, 0));
    Poco::Net::HTTPRequest request("GET", uri.getPathAndQuery(), "HTTP/1.1");
    session->sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::string body;
    Poco::StreamCopier::copyToString(session->receiveResponse(response), body);
    return response.getStatus() == Poco::Net::HTTPResponse::HTTP_OK && body.starts_with("{\"status\"");
  } catch (const Poco::Exception&) {
    return false;
  }
}

}  // namespace

Outcome<Printed> rotate_key(const std::string& folder, const std::string& backup_path, bool forgets) {
  const Outcome<Done> writable = can_be_made(backup_path);
  if (!writable) return writable.fault();
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
  if (!backed_up) {
    Printed told = printed("Khoá ĐÃ đổi, nhưng chưa sao lưu được: chạy ngay songsong-server backup",
                           "The key IS another now, and there is no backup of it: run songsong-server backup at once",
                           Json{{"rotated", true}, {"forgets", forgets}, {"backup", Json()}});
    told.exit = exit_code_for(backed_up.fault());
    return told;
  }
  const char* const vi = forgets ? "Khoá cũ không dùng được nữa: cấp vé mới cho mọi máy, và trên máy: songsong init "
                                   "--ticket VÉ --same-server. Những gì chưa gửi vẫn còn.\n"
                                 : "Máy chủ có khoá mới; mỗi máy sẽ biết ở lần đồng bộ tới.\n";
  const char* const en = forgets ? "The former key is good for nothing any more: issue a ticket for each device, and "
                                   "there: songsong init --ticket TICKET --same-server. Nothing unsent is lost.\n"
                                 : "The server has another key; each device hears so at its next sync.\n";
  return printed(vi + backed_up->vi, en + backed_up->en,
                 Json{{"rotated", true}, {"forgets", forgets}, {"backup", backup_path}});
}

Outcome<Printed> stand_in_for(const std::string& folder, const std::string& key) {
  const Outcome<PublicKey> lost = PublicKey::from_hex(key, "KEY");
  if (!lost) return lost.fault();
  {
    const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
    if (!office) return office.fault();
    const Outcome<std::unique_ptr<FileLock>> lock = take_serve_lock(folder);
    if (!lock) return lock.fault();
    const HostDoors doors{.now_ms = wall_clock_ms, .entropy = draw_entropy, .commit = {}};
    const Outcome<Done> done = Host::stand_in_for((*office)->store(), doors, *lost);
    if (!done) return done.fault();
  }
  return printed(
      "Máy chủ này thay cho máy chủ đã mất. Trên mỗi máy: songsong init --ticket VÉ_MỚI --same-server; máy sẽ "
      "gửi lại mọi thứ đã ghi.",
      "This server stands in for the one that is lost. On each device: songsong init --ticket NEW_TICKET "
      "--same-server; it sends again all that it ever recorded.",
      Json{{"lost", key}});
}

Outcome<Printed> move_server(const std::string& folder, const std::string& url, bool unchecked) {
  const Outcome<std::string> address = ticket_address(url);
  if (!address) return address.fault();
  const Outcome<std::unique_ptr<Office>> office = Office::open(folder);
  if (!office) return office.fault();
  if (!unchecked && !answers(*address))
    return Fault{.code = "nobody_answers", .where = *address, .what = "No server answers there."};
  const Outcome<Done> announced = (*office)->host().announce_address(*address);
  if (!announced) return announced.fault();
  return printed(
      "Mỗi máy sẽ biết địa chỉ mới ở lần đồng bộ tới, ở địa chỉ cũ: " + *address +
          "\nGiữ địa chỉ cũ cho tới khi mọi máy đã đồng bộ (songsong-server devices); máy đang khoá chỉ biết khi được "
          "mở.",
      "Each device hears of the new address at its next sync, which is at the former one: " + *address +
          "\nKeep that up until all have been here (songsong-server devices); a locked one hears when it is opened.",
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
