#include "server/session_routes.h"

#include "server/office.h"
#include "server/printed.h"
#include "server/said.h"
#include "shared/json/record_json.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;

Reply session_reply(const Visitor& visitor) {
  return json_reply(Json{{"account", visitor.account->name},
                         {"grants", grants_json(visitor.account->grants)},
                         {"second_factor", !visitor.account->totp_secret.empty()},
                         {"csrf", visitor.session.csrf}}
                        .dump());
}

}  // namespace

Reply sign_in_required() { return problem(401, "sign_in_required", "Sign in first."); }

Reply foreign_page() {
  return problem(403, "foreign_page", "Only a page of this server may ask for this, with the session's token.");
}

Reply SessionRoutes::refusal(const SignIn::Tried& tried) {
  if (tried.result == SignIn::Result::kBusy) return problem(503, "busy", "Too many are signing in; try again.");
  if (tried.result == SignIn::Result::kCodeNeeded)
    return problem(401, "code_needed", "The code of the second factor is needed.");
  if (tried.result == SignIn::Result::kRefused)
    return problem(401, "sign_in_refused", "The name, the password or the code is wrong.");
  Reply reply = problem(429, "too_many_tries", "Too many wrong tries; wait, then try again.");
  reply.retry_after_s = tried.wait.count();
  return reply;
}

Reply SessionRoutes::session(HTTPServerRequest& request, Visitor visitor) {
  if (request.getMethod() == "POST") return enter(request, std::move(visitor));
  if (!visitor.account) return sign_in_required();
  if (request.getMethod() != "DELETE") return session_reply(visitor);
  if (!Visitors::is_own(request, visitor)) return foreign_page();
  Reply reply = json_reply("{\"signed_in\":false}");
  reply.cookie = visitors_.sign_out(visitor, request);
  return reply;
}

Reply SessionRoutes::enter(HTTPServerRequest& request, Visitor visitor) {
  if (!Visitors::is_same_origin(request)) return foreign_page();
  Reply refused;
  const std::optional<nlohmann::json> said = read_said(request, limits_, room_, refused);
  if (!said) return refused;
  const Outcome<SignIn::Tried> tried = sign_in_.attempt(SignIn::Said{.name = text_of(*said, "name"),
                                                                     .password = text_of(*said, "password"),
                                                                     .code = text_of(*said, "code"),
                                                                     .address = Visitors::address_of(request)},
                                                        wall_clock_ms());
  if (!tried) return storage_problem(tried.fault());
  if (tried->result != SignIn::Result::kIn) return refusal(*tried);
  const std::string cookie = visitors_.sign_in(tried->account, request, visitor);
  Reply reply = session_reply(visitor);
  reply.cookie = cookie;
  reply.account = tried->account.number;
  return reply;
}

Reply SessionRoutes::password(HTTPServerRequest& request, Visitor visitor) {
  if (!visitor.account) return sign_in_required();
  if (!Visitors::is_own(request, visitor)) return foreign_page();
  Reply refused;
  const std::optional<nlohmann::json> said = read_said(request, limits_, room_, refused);
  if (!said) return refused;
  const SignIn::Said known{.name = visitor.account->name,
                           .password = text_of(*said, "password"),
                           .code = {},
                           .address = Visitors::address_of(request)};
  const Outcome<SignIn::Tried> tried = sign_in_.change_password(known, text_of(*said, "new"));
  if (!tried) {
    const std::string& code = tried.fault().code;
    if (code == "text_too_long") return problem(422, "password_too_long", "A password has at most 1,024 bytes.");
    if (code == "password_weak" || code.starts_with("text_"))
      return problem(422, "password_weak", "A password has at least 10 letters, not all one.");
    return storage_problem(tried.fault());
  }
  if (tried->result != SignIn::Result::kIn) return refusal(*tried);
  // All sessions end with the old password; this one goes on as a new one.
  const std::string cookie = visitors_.sign_in(tried->account, request, visitor);
  Reply reply = session_reply(visitor);
  reply.cookie = cookie;
  return reply;
}

}  // namespace songsong::server
