// Reply: what is answered to one request, before it is HTTP. Errors are problem details (RFC 9457).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "server/body.h"
#include "shared/core/outcome.h"
#include "shared/sync/host.h"

namespace songsong::server {

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
  std::string etag = {};
  Served served = {};
  ReplicaId replica = 0;
  ReplicaId device = 0;            // that was revoked or replaced, for the log
  ReplicaId new_device = 0;        // that takes its place
  std::string refusal = {};        // the code of what was refused, for the log
  std::uint32_t account = 0;       // whose request it was; 0: nobody's in particular
  std::string allow = {};          // the methods that the path takes, where another was tried
  std::string cookie = {};         // a whole Set-Cookie
  std::int64_t retry_after_s = 0;  // 0: as the status has it
  std::string content_range = {};  // of a part of a file
  bool body_read = false;          // the request's, to its end, whatever is answered
  bool detached = false;           // the connection belongs to somebody else now
  MessageRoom::Share share = {};
};

Reply json_reply(std::string body);
Reply problem(int status, const std::string& code, const std::string& title);
// The store cannot be read or written now.
Reply storage_problem(const Fault& fault);

}  // namespace songsong::server
