#include "server/log.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "server/office.h"
#include "shared/core/civil_time.h"

namespace songsong::server {
namespace {

using Json = nlohmann::ordered_json;

// One call of write(2) a line, so that lines of several threads do not mix.
void write(const Json& json) {
  const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

Json begin(const char* level, const std::string& event) {
  return Json{{"time", print_instant(wall_clock_ms())}, {"level", level}, {"event", event}};
}

}  // namespace

void log_request(const RequestLine& line) {
  Json json = begin(line.status >= 500 ? "error" : "info", "request");
  json["method"] = line.method.substr(0, 16);
  json["path"] = line.path;
  json["status"] = line.status;
  json["ms"] = static_cast<std::int64_t>(line.milliseconds);
  json["bytes"] = line.bytes;
  if (line.replica != 0) json["replica"] = line.replica;
  if (line.account != 0) json["account"] = line.account;
  if (line.device != 0) json["device"] = line.device;
  if (line.new_device != 0) json["new_device"] = line.new_device;
  if (!line.refusal.empty()) json["refusal"] = line.refusal;
  write(json);
}

void log_event(const char* level, const std::string& event) { write(begin(level, event)); }

void log_fault(const std::string& event, const Fault& fault) {
  Json json = begin("error", event);
  json["code"] = fault.code;
  json["where"] = fault.where;
  write(json);
}

}  // namespace songsong::server
