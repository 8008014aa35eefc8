// Log: one JSON object a line on standard error. No names, no query strings, nothing that people wrote. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "shared/core/name.h"
#include "shared/core/outcome.h"

namespace songsong::server {

struct RequestLine {
  std::string method;
  std::string path;  // one of the server's own
  int status = 0;
  double milliseconds = 0;
  std::size_t bytes = 0;
  ReplicaId replica = 0;
  std::uint32_t account = 0;  // by its number
  ReplicaId device = 0;       // that the account altered
  ReplicaId new_device = 0;   // that it gave a ticket to
  std::string refusal;
};

void log_request(const RequestLine& line);
void log_event(const char* level, const std::string& event);
void log_fault(const std::string& event, const Fault& fault);

}  // namespace songsong::server
