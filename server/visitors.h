// Visitors: who asks over HTTP, and what they may see. As long as no account was ever made, everybody may see totals,
// which hold nobody's name; the first account closes them to strangers. Where the server publishes its totals,
// strangers see them in any case, but for small cells (disclosure.h). Records are for people who signed in only.
//
//   Cookie: songsong_session=TOKEN      HttpOnly, SameSite=Strict, of this host only; Secure where TLS is spoken
//   X-CSRF-Token: TOKEN                 as the session's JSON says, with everything that alters something
//
// Any thread. Every question reads the account anew, so that what another process alters holds at once.
#pragma once

#include <Poco/Net/HTTPServerRequest.h>

#include <optional>
#include <string>

#include "server/limits.h"
#include "server/sessions.h"
#include "shared/sync/user_accounts.h"

namespace songsong::server {

struct Visitor {
  bool open_to_all = false;            // no account was ever made
  bool is_public = false;              // a stranger, who sees what may be published
  std::optional<UserAccount> account;  // who is signed in
  ReplicaId replica = 0;               // a device that asks (asking.h)
  std::optional<Grants> grants;        // the account's, or the device's
  Session session;
  std::string token;
};

class Visitors {
 public:
  Visitors(Host& host, const Limits& limits);

  Outcome<Visitor> visitor_of(const Poco::Net::HTTPServerRequest& request);
  // As long as no account was ever made.
  Outcome<bool> open_to_all() const;
  // Who the token is of; nothing of one that is none any more. Keeps no session awake.
  Outcome<std::optional<UserAccount>> account_of(const std::string& token);

  // The cookie of a session that begins now.
  std::string sign_in(const UserAccount& account, const Poco::Net::HTTPServerRequest& request, Visitor& visitor);
  // The cookie that takes it away.
  std::string sign_out(const Visitor& visitor, const Poco::Net::HTTPServerRequest& request);

  // Whether the request was made by a page of this server itself, and not by one that a visitor has open besides.
  static bool is_own(const Poco::Net::HTTPServerRequest& request, const Visitor& visitor);
  // The same of somebody who is not signed in yet: no page of another origin.
  static bool is_same_origin(const Poco::Net::HTTPServerRequest& request);
  // Where it came from, for counting wrong tries: behind a proxy on this machine as that says; of IPv6 the network.
  static std::string address_of(const Poco::Net::HTTPServerRequest& request);

 private:
  Outcome<std::optional<UserAccount>> account_of(const Session& session) const;

  Host& host_;
  const bool publishes_;
  Sessions sessions_;
};

}  // namespace songsong::server
