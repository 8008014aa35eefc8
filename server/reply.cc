#include "server/reply.h"

namespace songsong::server {

Reply json_reply(std::string body) { return Reply{.body = std::move(body)}; }

Reply problem(int status, const std::string& code, const std::string& title) {
  Reply reply{.status = status, .type = "application/problem+json"};
  reply.body =
      nlohmann::ordered_json{{"type", "about:blank"}, {"title", title}, {"status", status}, {"code", code}}.dump();
  reply.refusal = code;
  return reply;
}

Reply storage_problem(const Fault& fault) { return problem(503, fault.code, "The store cannot be read now."); }

}  // namespace songsong::server
