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

#include "server/body.h"
#include "server/connections.h"
#include "server/metrics.h"
#include "server/office.h"
#include "server/stream_hub.h"

namespace songsong::server {

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::string etag;
  Served served;
  ReplicaId replica = 0;
  std::string allow;      // the methods that the path takes, where another was tried
  bool detached = false;  // the connection belongs to somebody else now
  MessageRoom::Share share = {};
};

Reply problem(int status, const char* code, const std::string& title);

class Routes {
 public:
  Routes(Office& office, const Limits& limits, const Connections& connections, Metrics& metrics);

  // `path` becomes the one that is counted, so that strangers' paths make no new metrics.
  Reply route(Poco::Net::HTTPServerRequest& request, const Poco::URI& uri, std::string& path);
  // All that there are (api/openapi.json describes each).
  static const std::vector<std::string>& paths();
  // Something was committed: whoever watches is told.
  void committed() { hub_.notify(); }

 private:
  Reply converse(Poco::Net::HTTPServerRequest& request);
  // With a place among the `max_at_once`.
  Reply in_turn(const std::function<Reply()>& work);
  Reply totals(Poco::Net::HTTPServerRequest& request, const Poco::URI& uri);
  Reply unit(const Poco::URI& uri);
  Reply stream(Poco::Net::HTTPServerRequest& request, const Poco::URI& uri);
  Reply ready();
  Reply metrics();
  StoreSequence last_sequence();

  Office& office_;
  const Limits& limits_;
  const Connections& connections_;
  Metrics& metrics_;
  MessageRoom room_;
  std::counting_semaphore<> places_;
  StreamHub hub_;
};

}  // namespace songsong::server
