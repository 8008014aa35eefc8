// SessionRoutes: signing in and out, and one's own password. Handlers that translate: sign_in.h decides who is who,
// visitors.h holds who is signed in. Any thread.
//
//   POST /v1/session            {"name","password","code"}: a cookie, and the session; 401 "sign_in_refused",
//                               "code_needed"; 429 "too_many_tries"; 503 "busy"
//   GET /v1/session             who is signed in, or 401 "sign_in_required"
//   DELETE /v1/session          signs out
//   POST /v1/session/password   {"password","new"}: of whoever is signed in; other sessions end
#pragma once

#include <Poco/Net/HTTPServerRequest.h>

#include <optional>

#include "server/reply.h"
#include "server/sign_in.h"
#include "server/visitors.h"

namespace songsong::server {

class SessionRoutes {
 public:
  SessionRoutes(const UserAccounts& accounts, Visitors& visitors, const Limits& limits, MessageRoom& room)
      : sign_in_(accounts), visitors_(visitors), limits_(limits), room_(room) {}

  Reply session(Poco::Net::HTTPServerRequest& request, Visitor visitor);
  Reply password(Poco::Net::HTTPServerRequest& request, Visitor visitor);

 private:
  Reply enter(Poco::Net::HTTPServerRequest& request, Visitor visitor);
  static Reply refusal(const SignIn::Tried& tried);

  SignIn sign_in_;
  Visitors& visitors_;
  const Limits& limits_;
  MessageRoom& room_;
};

// Nobody who may see it is signed in.
Reply sign_in_required();
// Something is altered only for a page of this server's own.
Reply foreign_page();

}  // namespace songsong::server
