#include "server/visitors.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NameValueCollection.h>
#include <Poco/URI.h>

#include <chrono>

#include "shared/core/crypto.h"
#include "shared/core/fold.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;

constexpr const char* kCookie = "songsong_session";
constexpr std::size_t kMostTokenBytes = 128;
constexpr unsigned kIpv6NetworkBits = 64;

std::string token_of(const HTTPServerRequest& request) {
  Poco::Net::NameValueCollection cookies;
  request.getCookies(cookies);
  const std::string token = cookies.get(kCookie, "");
  return token.size() <= kMostTokenBytes ? token : std::string();
}

std::string cookie(const std::string& token, const HTTPServerRequest& request) {
  std::string text = std::string(kCookie) + "=" + token + "; Path=/; HttpOnly; SameSite=Strict";
  if (token.empty()) text += "; Max-Age=0";
  if (request.secure() || request.get("X-Forwarded-Proto", "") == "https") text += "; Secure";
  return text;
}

}  // namespace

Visitors::Visitors(const UserAccounts& accounts, const Limits& limits)
    : accounts_(accounts),
      publishes_(limits.public_totals != 0),
      sessions_(std::chrono::minutes(limits.session_idle_minutes), std::chrono::hours(limits.session_hours)) {}

Outcome<std::optional<UserAccount>> Visitors::account_of(const Session& session) const {
  Outcome<std::optional<UserAccount>> found = accounts_.find(session.account);
  if (!found) return found.fault();
  const bool same = found->has_value() && (*found)->closed_ms == 0 && (*found)->revision == session.revision;
  if (!same) return std::optional<UserAccount>();
  return found;
}

Outcome<std::optional<UserAccount>> Visitors::account_of(const std::string& token) {
  const std::optional<Session> session = sessions_.find(token, Sessions::Clock::now());
  if (!session) return std::optional<UserAccount>();
  return account_of(*session);
}

Outcome<Visitor> Visitors::visitor_of(const HTTPServerRequest& request) {
  Visitor visitor;
  visitor.token = token_of(request);
  if (const std::optional<Session> session = sessions_.find(visitor.token, Sessions::Clock::now())) {
    const Outcome<std::optional<UserAccount>> account = account_of(*session);
    if (!account) return account.fault();
    if (*account) {
      visitor.account = **account;
      visitor.session = *session;
      return visitor;
    }
    sessions_.close(visitor.token);
  }
  visitor.is_public = publishes_;
  if (publishes_) return visitor;
  const Outcome<bool> open = open_to_all();
  if (!open) return open.fault();
  visitor.open_to_all = *open;
  return visitor;
}

Outcome<bool> Visitors::open_to_all() const {
  const Outcome<bool> any = accounts_.any();
  if (!any) return any.fault();
  return !*any;
}

std::string Visitors::sign_in(const UserAccount& account, const HTTPServerRequest& request, Visitor& visitor) {
  // Whatever the browser came with ends: nobody goes on in a session that somebody else put there.
  if (!visitor.token.empty()) sessions_.close(visitor.token);
  const Sessions::Opened opened = sessions_.open(account.name, account.revision, Sessions::Clock::now());
  visitor.account = account;
  visitor.token = opened.token;
  visitor.session = Session{.account = account.name, .revision = account.revision, .csrf = opened.csrf};
  return cookie(opened.token, request);
}

std::string Visitors::sign_out(const Visitor& visitor, const HTTPServerRequest& request) {
  sessions_.close(visitor.token);
  return cookie("", request);
}

bool Visitors::is_own(const HTTPServerRequest& request, const Visitor& visitor) {
  return is_same_origin(request) && visitor.account &&
         equal_secrets(request.get("X-CSRF-Token", ""), visitor.session.csrf);
}

bool Visitors::is_same_origin(const HTTPServerRequest& request) {
  const std::string site = request.get("Sec-Fetch-Site", "");
  if (!site.empty()) return site == "same-origin" || site == "none";
  const std::string origin = request.get("Origin", "");
  if (origin.empty()) return true;  // no browser's, or a question of the page itself
  try {
    return Poco::URI(origin).getAuthority() == request.get("Host", "");
  } catch (const Poco::Exception&) {
    return false;
  }
}

std::string Visitors::address_of(const HTTPServerRequest& request) {
  Poco::Net::IPAddress address = request.clientAddress().host();
  if (address.isLoopback()) {
    // The last one is what the proxy itself saw; those before it are what it was told.
    const std::string forwarded = request.get("X-Forwarded-For", "");
    const std::string last(trimmed(forwarded.substr(forwarded.rfind(',') + 1)));
    Poco::Net::IPAddress told;
    if (Poco::Net::IPAddress::tryParse(last, told)) address = told;
  }
  if (address.family() == Poco::Net::IPAddress::IPv6 && !address.isIPv4Mapped())
    address.mask(Poco::Net::IPAddress(kIpv6NetworkBits, Poco::Net::IPAddress::IPv6));
  return address.toString();
}

}  // namespace songsong::server
