// HttpService: the server's face on the network. Small handlers that translate, and nothing else: conversations go to
// the Host, numbers come from the store.
//
// Listens from construction until stop(). Errors of listening are Faults "listen_failed".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/limits.h"
#include "server/office.h"

namespace songsong::server {

class HttpService {
 public:
  // "HOST:PORT"; port 0 takes a free one. Borrows the office and the limits.
  static Outcome<std::unique_ptr<HttpService>> start(Office& office, const Limits& limits, const std::string& listen);
  ~HttpService();

  // "http://HOST:PORT", or "https://…" where it speaks TLS, with the port that it has.
  std::string address() const;
  // That, and where TLS is spoken besides.
  const std::vector<std::string>& addresses() const;
  // Something was committed: whoever watches is told.
  void committed();
  // No new connections; waits for requests in flight, but not longer than the limit.
  void stop();

 private:
  class Service;
  explicit HttpService(std::unique_ptr<Service> service);

  std::unique_ptr<Service> service_;
};

}  // namespace songsong::server
