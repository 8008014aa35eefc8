// Routes: from a path to what is answered. Handlers translate and nothing else: conversations go to the Host, numbers
// come from the store. Errors are problem details (RFC 9457).
//
// Any thread, many at once; further ones than `max_at_once` wait for a place, and are told to come again when none
// becomes free in time.
#pragma once

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/URI.h>

#include <functional>
#include <semaphore>
#include <string>
#include <vector>

#include "server/attachment_routes.h"
#include "server/connections.h"
#include "server/device_routes.h"
#include "server/looks.h"
#include "server/metrics.h"
#include "server/office.h"
#include "server/record_routes.h"
#include "server/reply.h"
#include "server/session_routes.h"
#include "server/totals_routes.h"

namespace songsong::server {

class Routes {
 public:
  Routes(Office& office, const Limits& limits, const Connections& connections, Metrics& metrics);

  // `path` becomes the one that is counted, so that strangers' paths make no new metrics.
  Reply route(Poco::Net::HTTPServerRequest& request, const Poco::URI& uri, std::string& path);
  // All that there are (api/openapi.json describes each).
  static std::vector<std::string> paths();
  // Something was committed: whoever watches is told.
  void committed() { totals_.committed(); }

 private:
  Reply converse(Poco::Net::HTTPServerRequest& request);
  // With a place among the `max_at_once`.
  Reply in_turn(const std::function<Reply()>& work);
  Reply visit(Poco::Net::HTTPServerRequest& request, const Poco::URI& uri, const std::string& path);
  Reply alter_device(Poco::Net::HTTPServerRequest& request, const Poco::URI& uri, const std::string& path,
                     const Visitor& visitor);
  Outcome<Done> note_look(const Served& served) const;
  Reply ready();
  Reply metrics();

  Office& office_;
  const Limits& limits_;
  const Connections& connections_;
  Metrics& metrics_;
  MessageRoom room_;
  std::counting_semaphore<> places_;
  const Looks looks_;
  Visitors visitors_;
  TotalsRoutes totals_;
  RecordRoutes records_;
  SessionRoutes sessions_;
  DeviceRoutes devices_;
  AttachmentRoutes attachments_;
};

}  // namespace songsong::server
