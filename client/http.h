// HttpClient: the one home of libcurl. Carries bytes to a server and back, and nothing else.
//
// TLS is verified, proxies are those of the environment, redirects are not followed (a captive portal's is none of
// ours). A connection is kept for the next request. Bounded: kConnectSeconds to connect; a transfer that moves nothing
// for kStallSeconds is given up, however slow the link is otherwise; answers to kMaxAnswerBytes.
//
// One thread. Fault "network" when nothing came back, with what the system said.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "shared/core/outcome.h"

namespace songsong::client {

inline constexpr long kConnectSeconds = 15;
inline constexpr long kStallSeconds = 30;

struct HttpAnswer {
  long status = 0;
  std::string content_type;
  std::string body;
};

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Outcome<HttpAnswer> post(const std::string& url, const std::string& content_type, const std::string& body);
  Outcome<HttpAnswer> get(const std::string& url);
  // As a part of a URL's query.
  std::string escape(const std::string& text) const;

 private:
  struct Handle;

  Outcome<HttpAnswer> perform(const std::string& url);

  std::unique_ptr<Handle> handle_;
};

}  // namespace songsong::client
