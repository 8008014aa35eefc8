// DeviceRoutes: how the server and its devices are, for administrators who signed in. Handlers that translate. Any
// thread.
//
//   GET  /v1/health                               the server itself: disk, store, last backup, refusals, devices
//   counted GET  /v1/devices?limit=N&after=CURSOR         {"devices":[…],"next":CURSOR or null}: those all of whose
//   places are
//                                                 theirs to administer
//   POST /v1/devices/ID/revoke                    {"replica","revoked"}
//   POST /v1/devices/ID/replace  {"url","days"}   revokes it; {"ticket","replica","replaces",…,"qr":SVG or null}
//
// A device elsewhere is answered as what does not exist.
#pragma once

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/URI.h>

#include <nlohmann/json.hpp>
#include <string>

#include "server/devices.h"
#include "server/limits.h"
#include "server/metrics.h"
#include "server/reply.h"
#include "server/visitors.h"

namespace songsong::server {

class DeviceRoutes {
 public:
  // Borrows all.
  DeviceRoutes(Office& office, const Limits& limits, const Metrics& metrics, MessageRoom& room);

  Reply health(const Visitor& visitor);
  Reply devices(const Poco::URI& uri, const Visitor& visitor);
  // `what` is "revoke" or "replace".
  Reply alter(Poco::Net::HTTPServerRequest& request, const std::string& id, const std::string& what,
              const Visitor& visitor);

 private:
  Reply revoke(ReplicaId replica);
  Reply replace(ReplicaId replica, const nlohmann::json& said);

  Office& office_;
  const Limits& limits_;
  const Metrics& metrics_;
  MessageRoom& room_;
  const std::int64_t started_ms_;
};

}  // namespace songsong::server
