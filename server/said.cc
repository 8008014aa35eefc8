#include "server/said.h"

namespace songsong::server {
namespace {

constexpr std::size_t kMostBytes = 8192;  // names, a password, an address
// What is a little too much is read whole, so that its sender hears why it is refused.
constexpr std::size_t kMostRead = 8 * kMostBytes;

}  // namespace

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<nlohmann::json> read_said(Poco::Net::HTTPServerRequest& request, const Limits& limits, MessageRoom& room,
                                        Reply& refused) {
  constexpr const char* kExpected = "A small JSON object is expected.";
  if (!request.getContentType().starts_with("application/json")) {
    refused = problem(415, "wrong_content_type", kExpected);
    return std::nullopt;
  }
  Limits small = limits;
  small.max_body_bytes = kMostRead;
  const Body body = read_body(request, small, room);
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

}  // namespace songsong::server
