// HttpClient: the one home of libcurl. Carries bytes to a server and back, and nothing else.
//
// TLS is verified, proxies are those of the environment, redirects are not followed (a captive portal's is none of
// ours). A connection is kept for the next request. Bounded by its HttpPatience: a transfer that moves nothing for so
// long is given up, however slow the link is otherwise; answers to kMaxAnswerBytes.
//
// One thread. Faults "network" when nothing came back, with what the system said; "server_unproven" where TLS did not
// prove that it is the server.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/outcome.h"
#include "shared/sync/ticket.h"

namespace songsong::client {

// How long somebody waits who came to send.
struct HttpPatience {
  long connect_seconds = 15;
  long stall_seconds = 30;  // nothing moved for so long
};
// Of one who only asks for what can be told without the server, too.
inline constexpr HttpPatience kImpatient{.connect_seconds = 4, .stall_seconds = 6};

// Where a server is, and which authority vouches for it, as its ticket says.
struct ServerAddress {
  std::string url;
  std::optional<Fingerprint> authority = {};
};

struct HttpAnswer {
  long status = 0;
  long retry_after_seconds = 0;  // 0: nothing is said of it
  std::string content_type;
  std::string body;
};

class HttpClient {
 public:
  // `authority`: the one that vouches for the server (trust.h); none: those that this device trusts.
  explicit HttpClient(const std::optional<Fingerprint>& authority, HttpPatience patience = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Outcome<HttpAnswer> post(const std::string& url, const std::string& content_type, const std::string& body);
  // `authorization`: that header, where it is not empty. `from`: what comes before is not wanted.
  Outcome<HttpAnswer> get(const std::string& url, const std::string& authorization = {}, std::size_t from = 0);
  // `content_range`: which part of what is put the body is.
  Outcome<HttpAnswer> put(const std::string& url, const std::string& authorization, const std::string& content_range,
                          const std::string& body);
  // What came of the last answer, whole or not.
  const std::string& came() const { return came_; }
  // As a part of a URL's query.
  std::string escape(const std::string& text) const;

 private:
  struct Handle;

  // Empty ones are not sent.
  void set_headers(const std::vector<std::pair<const char*, std::string>>& headers);
  Outcome<HttpAnswer> perform(const std::string& url);

  std::optional<Fingerprint> authority_;
  HttpPatience patience_;
  std::string came_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace songsong::client
