// A server of a test's own: its folder, its office, its address on loopback, and questions that are put to it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "server/http.h"
#include "server/office.h"
#include "tests/support/temporary_folder.h"

namespace songsong::server {

struct Heard {
  int status = 0;
  std::string type, body;
  std::map<std::string, std::string> headers;
};

class Place {
 public:
  // The list of units that its tree is made of; `limits` as they are, if not given.
  explicit Place(const std::string& units, const Limits& limits = {});

  Heard ask(const std::string& method, const std::string& path, const std::map<std::string, std::string>& headers = {},
            const std::string& body = {}) const;

  std::string address() const { return service_->address(); }
  Office& office() { return *office_; }
  Host& host() { return office_->host(); }
  std::string folder() const { return folder_.file("server"); }

 private:
  TemporaryFolder folder_;
  Limits limits_;
  std::unique_ptr<Office> office_;
  std::unique_ptr<HttpService> service_;
};

// Who asks after signing in.
struct SignedIn {
  std::map<std::string, std::string> headers;  // cookie and token
  std::string csrf;
};
// With the password; fails the test when it is not let in.
SignedIn sign_in(const Place& place, const std::string& name, const std::string& password);

}  // namespace songsong::server
