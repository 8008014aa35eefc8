#include "server/tls.h"

#include <Poco/Environment.h>
#include <Poco/Exception.h>
#include <Poco/Net/NetworkInterface.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/StringTokenizer.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "server/log.h"
#include "server/office.h"

namespace songsong::server {
namespace {

constexpr std::int64_t kNewEveryMs = 24LL * 3600 * 1000;
constexpr std::size_t kMostNames = 64;
constexpr std::size_t kMostNameBytes = 253;

// What somebody on the network may type to get here.
std::set<std::string> names_of_this_machine() {
  std::set<std::string> names{"localhost"};
  try {
    const std::string host = Poco::Environment::nodeName();
    names.insert(host);
    if (host.find('.') == std::string::npos) names.insert(host + ".local");
    for (const Poco::Net::NetworkInterface& each : Poco::Net::NetworkInterface::list()) {
      for (const auto& address : each.addressList()) {
        const std::string text = address.get<Poco::Net::NetworkInterface::IP_ADDRESS>().toString();
        names.insert(text.substr(0, text.find('%')));  // without the interface that IPv6 names besides
      }
    }
  } catch (const Poco::Exception&) {
    log_event("warning", "the machine's addresses cannot be read; the certificate names fewer");
  }
  return names;
}

class OwnAuthority : public Tls::Source {
 public:
  OwnAuthority(Authority authority, std::set<std::string> names)
      : authority_(std::move(authority)), names_(std::move(names)) {}

  Outcome<std::optional<Credentials>> look() override {
    const std::int64_t now_ms = wall_clock_ms();
    const bool fresh = made_ms_ != 0 && now_ms >= made_ms_ && now_ms - made_ms_ < kNewEveryMs;
    if (fresh) return std::optional<Credentials>();
    std::set<std::string> names = names_;
    names.merge(names_of_this_machine());
    std::vector<std::string> all;
    for (const std::string& name : names) {
      if (!name.empty() && name.size() <= kMostNameBytes && all.size() < kMostNames) all.push_back(name);
    }
    Outcome<Credentials> made = authority_.issue(all, now_ms);
    if (!made) return made.fault();
    made_ms_ = now_ms;
    return std::optional<Credentials>(std::move(*made));
  }

 private:
  const Authority authority_;
  const std::set<std::string> names_;
  std::int64_t made_ms_ = 0;
};

class GivenFiles : public Tls::Source {
 public:
  GivenFiles(std::string certificate_path, std::string key_path)
      : certificate_path_(std::move(certificate_path)), key_path_(std::move(key_path)) {}

  Outcome<std::optional<Credentials>> look() override {
    const Times now{time_of(certificate_path_), time_of(key_path_)};
    if (now == read_) return std::optional<Credentials>();
    read_ = now;  // what is half written is looked at again when the rest has come
    Outcome<Credentials> credentials = read_credentials(certificate_path_, key_path_);
    if (!credentials) return credentials.fault();
    return std::optional<Credentials>(std::move(*credentials));
  }

 private:
  using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;

  static std::filesystem::file_time_type time_of(const std::string& path) {
    std::error_code error;
    return std::filesystem::last_write_time(path, error);
  }

  const std::string certificate_path_, key_path_;
  Times read_;
};

}  // namespace

Outcome<std::unique_ptr<Tls>> Tls::chosen(const Limits& limits, Store& store, const std::string& host) {
  std::unique_ptr<Source> source;
  if (!limits.tls_certificate.empty()) {
    source = std::make_unique<GivenFiles>(limits.tls_certificate, limits.tls_key);
  } else {
    Outcome<Authority> authority = authority_of(store, wall_clock_ms());
    if (!authority) return authority.fault();
    const Poco::StringTokenizer given(limits.tls_names, ", ",
                                      Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    std::set<std::string> names(given.begin(), given.end());
    names.insert(host);
    source = std::make_unique<OwnAuthority>(std::move(*authority), std::move(names));
  }
  Outcome<std::optional<Credentials>> first = source->look();
  if (!first) return first.fault();
  std::unique_ptr<Tls> tls(new Tls(std::move(source)));
  tls->shown_ = std::make_shared<const Credentials>(std::move(**first));
  return tls;
}

Tls::Tls(std::unique_ptr<Source> source)
    : source_(std::move(source)),
      context_(
          new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, "", "", "", Poco::Net::Context::VERIFY_NONE)) {
  context_->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  SSL_CTX* const context = context_->sslContext();
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  // A ticket to resume with would cost a phone bytes that it never uses: each `sync` is a process of its own.
  SSL_CTX_set_num_tickets(context, 0);
  // Live totals are sent without waiting, from a buffer that grows; idle connections keep no buffers.
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cert_cb(context, show, this);
}

Poco::Net::ServerSocket Tls::socket() { return Poco::Net::SecureServerSocket(context_); }

std::shared_ptr<const Credentials> Tls::shown() {
  const std::lock_guard lock(mutex_);
  Outcome<std::optional<Credentials>> newer = source_->look();
  if (!newer) {
    log_event("warning", "the certificate cannot be renewed: " + newer.fault().code);
  } else if (*newer) {
    shown_ = std::make_shared<const Credentials>(std::move(**newer));
  }
  return shown_;
}

int Tls::show(SSL* connection, void* tls) {
  const std::shared_ptr<const Credentials> shown = static_cast<Tls*>(tls)->shown();
  STACK_OF(X509)* const chain = sk_X509_new_null();
  for (const Certificate& each : shown->chain) sk_X509_push(chain, each.get());
  const int done = SSL_use_cert_and_key(connection, shown->certificate.get(), shown->key.get(), chain, 1);
  sk_X509_free(chain);
  return done;
}

void forget_tls_errors() { ERR_clear_error(); }

Outcome<std::optional<Fingerprint>> authority_on_tickets(const std::string& url, const Limits& limits, Store& store) {
  const bool by_tls = url.starts_with("https://");
  if (limits.tls != 0 && !by_tls)
    return Fault{.code = "address_without_tls", .where = url, .what = "The server answers at https:// only."};
  if (!by_tls || (limits.tls == 0 && limits.tls_listen.empty())) return std::optional<Fingerprint>();
  if (!limits.tls_certificate.empty()) return std::optional<Fingerprint>();
  const Outcome<Authority> authority = authority_of(store, wall_clock_ms());
  if (!authority) return authority.fault();
  return std::optional(authority->fingerprint());
}

}  // namespace songsong::server
