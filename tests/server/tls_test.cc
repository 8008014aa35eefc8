// TLS in the server itself, spoken to by the client's own HTTP: the folder's authority and a given certificate.
#include "server/tls.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "client/http.h"
#include "server/authority.h"
#include "server/stream_hub.h"
#include "tests/server/place.h"
#include "tests/support/must.h"

namespace songsong::server {
namespace {

using client::HttpAnswer;
using client::HttpClient;
using testing::must;

constexpr const char* kUnits = "code,name,level,parent,area\nP,Province,province,,\nS,School,school,P,\n";
constexpr std::int64_t kNowMs = 1'790'000'000'000;
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

Limits by_tls() {
  Limits limits;
  limits.tls = 1;
  return limits;
}

Fingerprint authority_of_place(Place& place) {
  return must(authority_of(place.office().store(), kNowMs)).fingerprint();
}

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::trunc) << text; }

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(length));
  BIO_free(bio);
  return text;
}

std::string pem_of(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio);
}

std::string pem_of(X509* certificate) {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  return text_of(bio);
}

// As somebody else's authority would make it, into two files.
struct GivenFiles {
  std::string certificate, key;
  Fingerprint authority;
};
GivenFiles write_given(const TemporaryFolder& folder) {
  const Authority authority = must(Authority::make(kNowMs));
  const Credentials made = must(authority.issue({"127.0.0.1"}, kNowMs));
  GivenFiles files{
      .certificate = folder.file("chain.pem"), .key = folder.file("key.pem"), .authority = authority.fingerprint()};
  write(files.certificate, pem_of(made.certificate.get()) + authority.certificate_pem());
  write(files.key, pem_of(made.key.get()));
  return files;
}

}  // namespace

TEST_CASE("an authority vouches for the names that it is asked for, and is read back as it was") {
  const Authority authority = must(Authority::make(kNowMs));
  CHECK(must(Authority::read(authority.pem())).fingerprint() == authority.fingerprint());
  CHECK(must(Authority::make(kNowMs)).fingerprint() != authority.fingerprint());
  const Credentials made = must(authority.issue({"may-chu.local", "10.1.2.3", "fe80::1"}, kNowMs));
  X509* const leaf = made.certificate.get();
  CHECK(X509_check_host(leaf, "may-chu.local", 0, 0, nullptr) == 1);
  CHECK(X509_check_host(leaf, "elsewhere.local", 0, 0, nullptr) == 0);
  CHECK(X509_check_ip_asc(leaf, "10.1.2.3", 0) == 1);
  CHECK(X509_check_ip_asc(leaf, "fe80::1", 0) == 1);
  CHECK(X509_check_ip_asc(leaf, "10.1.2.4", 0) == 0);
  REQUIRE(made.chain.size() == 1);
  CHECK(X509_verify(leaf, X509_get0_pubkey(made.chain.front().get())) == 1);
  CHECK(X509_check_ca(leaf) == 0);
  std::time_t now = kNowMs / 1000;
  CHECK(X509_cmp_time(X509_get0_notBefore(leaf), &now) < 0);
  CHECK(X509_cmp_time(X509_get0_notAfter(leaf), &now) > 0);
  std::time_t later = (kNowMs + 40 * kDayMs) / 1000;
  CHECK(X509_cmp_time(X509_get0_notAfter(leaf), &later) < 0);
}

TEST_CASE("a name that tries to be more than one is one name") {
  const Authority authority = must(Authority::make(kNowMs));
  const Credentials made = must(authority.issue({"a.test,DNS:bank.test"}, kNowMs));
  CHECK(X509_check_host(made.certificate.get(), "bank.test", 0, 0, nullptr) == 0);
}

TEST_CASE("a device that holds the authority's fingerprint reaches the server by TLS, and reaches no other") {
  Place place(kUnits, by_tls());
  CHECK(place.address().starts_with("https://127.0.0.1:"));
  HttpClient right(authority_of_place(place));
  const HttpAnswer answer = must(right.get(place.address() + "/healthz"));
  CHECK(answer.status == 200);
  // On the same connection.
  CHECK(must(right.get(place.address() + "/v1/totals?unit=P")).status == 200);

  const Fingerprint another = must(Authority::make(kNowMs)).fingerprint();
  const Outcome<HttpAnswer> wrong = HttpClient(another).get(place.address() + "/healthz");
  REQUIRE(!wrong);
  CHECK(wrong.fault().code == "server_unproven");
  // Nor does one that trusts what all the world trusts.
  const Outcome<HttpAnswer> plain = HttpClient(std::nullopt).get(place.address() + "/healthz");
  REQUIRE(!plain);
  CHECK(plain.fault().code == "server_unproven");
}

TEST_CASE("whoever speaks no TLS to it gets nothing, and holds up nobody") {
  Place place(kUnits, by_tls());
  const std::string where = place.address().substr(std::string("https://").size());
  std::vector<Poco::Net::StreamSocket> noise;
  for (int i = 0; i < 8; ++i) {
    noise.emplace_back(Poco::Net::SocketAddress(where));
    const std::string text = i % 2 == 0 ? "GET / HTTP/1.1\r\nHost: x\r\n\r\n" : std::string(300, '\x16');
    noise.back().sendBytes(text.data(), static_cast<int>(text.size()));
  }
  HttpClient http(authority_of_place(place));
  CHECK(must(http.get(place.address() + "/healthz")).status == 200);
  for (Poco::Net::StreamSocket& each : noise) {
    each.setReceiveTimeout(Poco::Timespan(10, 0));
    char bytes[512];
    int length = 0;
    std::string heard;
    try {
      while ((length = each.receiveBytes(bytes, sizeof(bytes))) > 0)
        heard.append(bytes, static_cast<std::size_t>(length));
    } catch (const Poco::Exception&) {
      heard += "";  // it was reset
    }
    CHECK(heard.find("HTTP/") == std::string::npos);
  }
}

TEST_CASE("a connection by TLS that says nothing is ended by its deadline") {
  Limits limits = by_tls();
  limits.idle_timeout_seconds = 1;
  limits.header_deadline_seconds = 1;
  Place place(kUnits, limits);
  const std::string where = place.address().substr(std::string("https://").size());
  Poco::Net::StreamSocket silent{Poco::Net::SocketAddress(where)};
  // One that has spoken TLS and then stops.
  Poco::Net::Context::Ptr context(
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", "", Poco::Net::Context::VERIFY_NONE));
  Poco::Net::SecureStreamSocket spoken(Poco::Net::SocketAddress(where), context);
  char byte = 0;
  silent.setReceiveTimeout(Poco::Timespan(8, 0));
  spoken.setReceiveTimeout(Poco::Timespan(8, 0));
  const auto ends = [&](Poco::Net::StreamSocket& socket) {
    try {
      return socket.receiveBytes(&byte, 1) <= 0;
    } catch (const Poco::TimeoutException&) {
      return false;
    } catch (const Poco::Exception&) {
      return true;
    }
  };
  CHECK(ends(silent));
  CHECK(ends(spoken));
}

TEST_CASE("live totals come by TLS, and a reader who takes none of them holds up nobody") {
  const TemporaryFolder folder;
  Limits limits = by_tls();
  Place place(kUnits);
  const std::unique_ptr<Tls> tls = must(Tls::chosen(limits, place.office().store(), "127.0.0.1"));
  Poco::Net::ServerSocket listening = tls->socket();
  listening.bind(Poco::Net::SocketAddress("127.0.0.1", 0));
  listening.listen(4);
  Poco::Net::Context::Ptr context(
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", "", Poco::Net::Context::VERIFY_NONE));
  // The server's end of a connection whose other end has said hello.
  const auto connect = [&](Poco::Net::SecureStreamSocket& reader) {
    std::thread hello([&] {
      reader.connect(listening.address());
      reader.sendBytes("h", 1);
    });
    Poco::Net::StreamSocket accepted = listening.acceptConnection();
    char byte = 0;
    CHECK(accepted.receiveBytes(&byte, 1) == 1);
    hello.join();
    accepted.setSendTimeout(Poco::Timespan(20, 0));  // as a session has it
    accepted.setSendBufferSize(4096);
    return accepted;
  };
  Poco::Net::SecureStreamSocket lazy(context), reader(context);
  Poco::Net::StreamSocket to_lazy = connect(lazy), to_reader = connect(reader);
  std::atomic<StoreSequence> sequence{1};
  StreamHub hub(
      limits,
      [&](const StreamHub::Watched&) -> Outcome<std::optional<TotalsNow>> {
        return std::optional(TotalsNow{.json = std::string(16 * 1024, 'x'), .sequence = sequence});
      },
      [&] { return ++sequence; }, [](const std::string&, const StreamHub::Watched&) { return true; });
  REQUIRE(hub.add(to_lazy, {.unit = "P"}, 0, "lazy"));
  REQUIRE(hub.add(to_reader, {.unit = "P"}, 0, "reader"));
  reader.setReceiveTimeout(Poco::Timespan(10, 0));
  std::size_t heard = 0;
  std::vector<char> bytes(64 * 1024);
  while (heard < 60 * 16 * 1024) {
    const int length = reader.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
    REQUIRE(length > 0);
    heard += static_cast<std::size_t>(length);
  }
  CHECK(hub.readers() == 1);  // the lazy one was let go
}

TEST_CASE("a given certificate is shown, and read anew when its file changes") {
  const TemporaryFolder folder;
  const GivenFiles first = write_given(folder);
  Limits limits = by_tls();
  limits.tls_certificate = first.certificate;
  limits.tls_key = first.key;
  Place place(kUnits, limits);
  CHECK(must(HttpClient(first.authority).get(place.address() + "/healthz")).status == 200);

  // Half of it is new: what was shown goes on.
  const TemporaryFolder other;
  const GivenFiles second = write_given(other);
  std::filesystem::copy_file(second.key, first.key, std::filesystem::copy_options::overwrite_existing);
  CHECK(must(HttpClient(first.authority).get(place.address() + "/healthz")).status == 200);
  std::filesystem::copy_file(second.certificate, first.certificate, std::filesystem::copy_options::overwrite_existing);
  CHECK(must(HttpClient(second.authority).get(place.address() + "/healthz")).status == 200);
  CHECK(!HttpClient(first.authority).get(place.address() + "/healthz"));
}

TEST_CASE("a certificate that cannot be used is named, with its file") {
  const TemporaryFolder folder;
  const GivenFiles files = write_given(folder);
  CHECK(must(read_credentials(files.certificate, files.key)).chain.size() == 1);
  const std::string other = folder.file("other.pem");
  write(other, pem_of(PrivateKey(EVP_EC_gen("P-256")).get()));
  const Outcome<Credentials> not_its = read_credentials(files.certificate, other);
  REQUIRE(!not_its);
  CHECK(not_its.fault().code == "certificate_unreadable");
  CHECK(not_its.fault().where == other);
  write(other, "not a certificate");
  CHECK(read_credentials(other, files.key).fault().where == other);
  CHECK(read_credentials(files.certificate, folder.file("none.pem")).fault().code == "file_unreadable");
  Limits limits = by_tls();
  limits.tls_certificate = other;
  limits.tls_key = files.key;
  Place place(kUnits);
  const Outcome<std::unique_ptr<Tls>> tls = Tls::chosen(limits, place.office().store(), "127.0.0.1");
  REQUIRE(!tls);
  CHECK(tls.fault().code == "certificate_unreadable");
}

TEST_CASE("a ticket for an address by TLS has the authority's fingerprint, and one for another address is not issued") {
  Place place(kUnits);
  const auto issue = [&](const std::string& url) {
    return place.host().issue_ticket({"S"}, schema::TEACHER, url, kDayMs);
  };
  CHECK(must(issue("http://10.0.0.5:8480")).authority == std::nullopt);
  CHECK(must(issue("https://songsong.example")).authority == std::nullopt);  // of a proxy in front
  write(conf_path(place.folder()), "tls = 1\n");
  CHECK(must(issue("https://10.0.0.5:8480")).authority == authority_of_place(place));
  CHECK(issue("http://10.0.0.5:8480").fault().code == "address_without_tls");
  write(conf_path(place.folder()), "tls = 1\ntls_certificate = /etc/x.pem\ntls_key = /etc/y.pem\n");
  CHECK(must(issue("https://10.0.0.5:8480")).authority == std::nullopt);
}

}  // namespace songsong::server
