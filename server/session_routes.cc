#include "server/session_routes.h"

#include "server/office.h"
#include "server/printed.h"
#include "shared/json/record_json.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;

constexpr std::size_t kMostBytes = 8192;  // of a name, a password and a code
// What is a little too much is read whole, so that its sender hears why it is refused.
constexpr std::size_t kMostRead = 8 * kMostBytes;

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

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

std::optional<nlohmann::json> SessionRoutes::read(HTTPServerRequest& request, Reply& refused) {
  constexpr const char* kExpected = "A small JSON object is expected.";
  if (!request.getContentType().starts_with("application/json")) {
    refused = problem(415, "wrong_content_type", kExpected);
    return std::nullopt;
  }
  Limits limits = limits_;
  limits.max_body_bytes = kMostRead;
  const Body body = read_body(request, limits, room_);
  const int status = body.status == 200 && body.bytes.size() > kMostBytes ? 413 : body.status;
  if (status != 200) {
    refused = problem(status, status == 413 ? "too_large" : "body_incomplete", kExpected);
    return std::nullopt;
  }
  nlohmann::json object = nlohmann::json::parse(body.bytes, nullptr, false);
  if (object.is_object()) return object;
  refused = problem(400, "body_malformed", kExpected);
  return std::nullopt;
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
  const std::optional<nlohmann::json> said = read(request, refused);
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
  const std::optional<nlohmann::json> said = read(request, refused);
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
