#include "server/visitors.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NameValueCollection.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <array>
#include <chrono>
#include <cstring>
#include <vector>

#include "shared/core/crypto.h"
#include "shared/core/fold.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;

constexpr const char* kCookie = "songsong_session";
// With the prefix browsers take it from this host only (RFC 6265bis); without TLS they would not take it at all.
constexpr const char* kSecureCookie = "__Host-songsong_session";
constexpr std::size_t kMostTokenBytes = 128;
constexpr std::size_t kMostCookies = 8;  // of our name that are tried
constexpr std::size_t kIpv6Bytes = 16, kIpv6NetworkBytes = 8;

// A page of a neighbouring name may have put others of the name before ours.
std::vector<std::string> tokens_of(const HTTPServerRequest& request) {
  Poco::Net::NameValueCollection cookies;
  request.getCookies(cookies);
  std::vector<std::string> tokens;
  for (const auto& [name, value] : cookies) {
    const bool ours = name == kCookie || name == kSecureCookie;
    if (ours && !value.empty() && value.size() <= kMostTokenBytes && tokens.size() < kMostCookies)
      tokens.push_back(value);
  }
  return tokens;
}

std::string cookie(const std::string& token, const HTTPServerRequest& request) {
  const bool secure = request.secure() || request.get("X-Forwarded-Proto", "") == "https";
  std::string text =
      std::string(secure ? kSecureCookie : kCookie) + "=" + token + "; Path=/; HttpOnly; SameSite=Strict";
  if (token.empty()) text += "; Max-Age=0";
  if (secure) text += "; Secure";
  return text;
}

// An address of IPv4 as such, also where the socket is one of IPv6.
Poco::Net::IPAddress unmapped(const Poco::Net::IPAddress& address) {
  if (address.family() != Poco::Net::IPAddress::IPv6 || !address.isIPv4Mapped()) return address;
  return Poco::Net::IPAddress(static_cast<const unsigned char*>(address.addr()) + 12, 4);
}

}  // namespace

Visitors::Visitors(Host& host, const Limits& limits)
    : host_(host),
      publishes_(limits.public_totals != 0),
      sessions_(std::chrono::minutes(limits.session_idle_minutes), std::chrono::hours(limits.session_hours)) {}

Outcome<std::optional<UserAccount>> Visitors::account_of(const Session& session) const {
  Outcome<std::optional<UserAccount>> found = host_.user_accounts().find(session.account);
  if (!found) return found.fault();
  const bool same = found->has_value() && (*found)->closed_ms == 0 && (*found)->revision == session.revision;
  if (!same) return std::optional<UserAccount>();
  return found;
}

Outcome<std::optional<UserAccount>> Visitors::account_of(const std::string& token) {
  const std::optional<Session> session = sessions_.find(token, Sessions::Clock::now(), Sessions::Asked::kByTheWay);
  if (!session) return std::optional<UserAccount>();
  return account_of(*session);
}

// What a device vouches for: path and query; of what alters something the method besides, so that nobody who has heard
// the one asks the other.
std::string asked_of(const HTTPServerRequest& request) {
  const std::string& method = request.getMethod();
  const bool looks = method == HTTPServerRequest::HTTP_GET || method == HTTPServerRequest::HTTP_HEAD;
  return looks ? request.getURI() : method + " " + request.getURI();
}

Outcome<Visitor> Visitors::visitor_of(const HTTPServerRequest& request) {
  Visitor visitor;
  for (const std::string& token : tokens_of(request)) {
    const std::optional<Session> session = sessions_.find(token, Sessions::Clock::now());
    if (!session) continue;
    const Outcome<std::optional<UserAccount>> account = account_of(*session);
    if (!account) return account.fault();
    if (*account) {
      visitor.token = token;
      visitor.account = **account;
      visitor.grants = (*account)->grants;
      visitor.session = *session;
      return visitor;
    }
    sessions_.close(token);
  }
  const Outcome<std::optional<Member>> member =
      host_.member_asking(request.get("Authorization", ""), asked_of(request));
  if (!member) return member.fault();
  if (*member) {
    visitor.replica = (*member)->replica;
    visitor.grants = present_grants(**member);
  }
  visitor.is_public = publishes_ && !visitor.grants;
  if (publishes_) return visitor;
  const Outcome<bool> open = open_to_all();
  if (!open) return open.fault();
  visitor.open_to_all = *open;
  return visitor;
}

Outcome<bool> Visitors::open_to_all() const {
  const Outcome<bool> any = host_.user_accounts().any();
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
  Poco::Net::IPAddress address = unmapped(request.clientAddress().host());
  if (address.isLoopback()) {
    // The last of the last line is what the proxy itself saw; those before it are what it was told.
    std::string forwarded;
    for (const auto& [name, value] : request) {
      if (Poco::icompare(name, "X-Forwarded-For") == 0) forwarded = value;
    }
    const std::string last(trimmed(forwarded.substr(forwarded.rfind(',') + 1)));
    Poco::Net::IPAddress told;
    if (Poco::Net::IPAddress::tryParse(last, told)) address = unmapped(told);
  }
  if (address.family() != Poco::Net::IPAddress::IPv6) return address.toString();
  std::array<unsigned char, kIpv6Bytes> bytes{};
  std::memcpy(bytes.data(), address.addr(), kIpv6NetworkBytes);
  return Poco::Net::IPAddress(bytes.data(), kIpv6Bytes).toString();
}

}  // namespace songsong::server
