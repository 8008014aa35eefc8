#include "client/http.h"

#include <curl/curl.h>

#include <chrono>
#include <stdexcept>

#include "client/trust.h"
#include "shared/sync/wire.h"

namespace songsong::client {
namespace {

constexpr std::size_t kMaxBody = wire::kMaxAnswerBytes;

struct Sink {
  std::string bytes;
  bool too_large = false;
};

std::size_t take(char* data, std::size_t size, std::size_t count, void* into) {
  auto& sink = *static_cast<Sink*>(into);
  const std::size_t length = size * count;
  if (sink.bytes.size() + length > kMaxBody) {
    sink.too_large = true;
    return 0;
  }
  sink.bytes.append(data, length);
  return length;
}

// libcurl's own limit goes by the mean of the last seconds, and so notices silence seconds too late.
struct Stillness {
  std::chrono::seconds most;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  curl_off_t moved = 0;
  bool too_long = false;
};

CURLcode prepare_tls(CURL*, void* ssl_context, void* authority) {
  trust_only(ssl_context, *static_cast<Fingerprint*>(authority));
  return CURLE_OK;
}

// Called once a second at least; not 0 gives the transfer up.
int look(void* watched, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
  auto& stillness = *static_cast<Stillness*>(watched);
  const auto now = std::chrono::steady_clock::now();
  if (down + up != stillness.moved) {
    stillness.moved = down + up;
    stillness.since = now;
  }
  stillness.too_long = now - stillness.since >= stillness.most;
  return stillness.too_long ? 1 : 0;
}

}  // namespace

struct HttpClient::Handle {
  CURL* curl = nullptr;
  curl_slist* headers = nullptr;
};

HttpClient::HttpClient(const std::optional<Fingerprint>& authority, HttpPatience patience)
    : authority_(authority), patience_(patience), handle_(std::make_unique<Handle>()) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  handle_->curl = ready ? curl_easy_init() : nullptr;
  if (handle_->curl == nullptr) throw std::runtime_error("libcurl could not be initialised");
}

HttpClient::~HttpClient() {
  curl_slist_free_all(handle_->headers);
  curl_easy_cleanup(handle_->curl);
}

std::string HttpClient::escape(const std::string& text) const {
  char* const escaped = curl_easy_escape(handle_->curl, text.data(), static_cast<int>(text.size()));
  std::string copy = escaped != nullptr ? escaped : "";
  curl_free(escaped);
  return copy;
}

void HttpClient::set_headers(const std::vector<std::pair<const char*, std::string>>& headers) {
  curl_slist_free_all(handle_->headers);
  // Waiting for a leave to send would cost a round trip.
  handle_->headers = curl_slist_append(nullptr, "Expect:");
  handle_->headers = curl_slist_append(handle_->headers, "Accept:");
  for (const auto& [name, value] : headers) {
    if (!value.empty()) handle_->headers = curl_slist_append(handle_->headers, (name + (": " + value)).c_str());
  }
  curl_easy_setopt(handle_->curl, CURLOPT_HTTPHEADER, handle_->headers);
}

Outcome<HttpAnswer> HttpClient::post(const std::string& url, const std::string& content_type, const std::string& body) {
  curl_easy_reset(handle_->curl);
  set_headers({{"Content-Type", content_type}});
  curl_easy_setopt(handle_->curl, CURLOPT_POST, 1L);
  curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  return perform(url);
}

Outcome<HttpAnswer> HttpClient::get(const std::string& url, const std::string& authorization, std::size_t from) {
  curl_easy_reset(handle_->curl);
  set_headers({{"Authorization", authorization}, {"Range", from > 0 ? "bytes=" + std::to_string(from) + "-" : ""}});
  return perform(url);
}

Outcome<HttpAnswer> HttpClient::put(const std::string& url, const std::string& authorization,
                                    const std::string& content_range, const std::string& body) {
  curl_easy_reset(handle_->curl);
  set_headers({{"Authorization", authorization},
               {"Content-Type", "application/octet-stream"},
               {"Content-Range", content_range}});
  curl_easy_setopt(handle_->curl, CURLOPT_CUSTOMREQUEST, "PUT");
  curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(handle_->curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  return perform(url);
}

Outcome<HttpAnswer> HttpClient::perform(const std::string& url) {
  CURL* const curl = handle_->curl;
  Sink sink;
  char error[CURL_ERROR_SIZE] = {};
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, patience_.connect_seconds);
  if (authority_) {
    // Those that the device trusts vouch for nothing here, and the name is not looked at: see trust.h.
    curl_easy_setopt(curl, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &*authority_);
  }
  Stillness stillness{.most = std::chrono::seconds(patience_.stall_seconds)};
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stillness);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
  const CURLcode result = curl_easy_perform(curl);
  came_ = sink.bytes;
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  if (result != CURLE_OK) {
    std::string said = *error != '\0' ? error : curl_easy_strerror(result);
    if (sink.too_large) said = "the answer is too large";
    if (stillness.too_long) said = "nothing moved for " + std::to_string(patience_.stall_seconds) + " s";
    if (result == CURLE_PEER_FAILED_VERIFICATION)
      return Fault{.code = "server_unproven", .where = url, .what = "The certificate is another one's: " + said};
    return Fault{.code = "network", .where = url, .what = "The server cannot be reached: " + said};
  }
  HttpAnswer answer;
  answer.body = std::move(sink.bytes);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
  answer.retry_after_seconds = static_cast<long>(retry_after);
  const char* type = nullptr;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) answer.content_type = type;
  return answer;
}

}  // namespace songsong::client
