// HTTP, as a stranger on the network says it: the server's real service on a loopback port, one connection an input.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>

#include "server/http.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/tables.h"
#include "tests/support/temporary_folder.h"

namespace songsong::fuzz {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMostSeconds = 5;  // for all answers of one connection
constexpr std::size_t kMostAnswerBytes = std::size_t{8} << 20;

// A server as people run it, with short limits so that an input which waits for them costs little.
class Service {
 public:
  Service() {
    limits_.read_timeout_seconds = 1;
    limits_.idle_timeout_seconds = 1;
    limits_.header_deadline_seconds = 2;
    limits_.request_deadline_seconds = 3;
    limits_.max_connections = 16;
    limits_.max_body_bytes = 64 * 1024;
    must(server::Office::create(folder_.file("server")));
    office_ = must(server::Office::open(folder_.file("server")));
    service_ = must(server::HttpService::start(*office_, limits_, "127.0.0.1:0"));
    const std::string address = service_->address();
    const std::string_view port = std::string_view(address).substr(address.rfind(':') + 1);
    std::from_chars(port.data(), port.data() + port.size(), port_);
  }

  std::uint16_t port() const { return port_; }

 private:
  const TemporaryFolder folder_;
  server::Limits limits_;
  std::unique_ptr<server::Office> office_;
  std::unique_ptr<server::HttpService> service_;
  std::uint16_t port_ = 0;
};

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    // Closing forgets the port at once, or the thousands of a fuzzer would use them up.
    const linger forget{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &forget, sizeof(forget));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
                 (errno == EINTR && is_connected_in_time());
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connected() const { return connected_; }

  // Everything that is to be sent; what comes back until the server ends, or streams.
  std::string exchange(std::string_view bytes) {
    std::string answer;
    const Clock::time_point deadline = Clock::now() + std::chrono::seconds(kMostSeconds);
    bool done = bytes.empty();
    if (done) ::shutdown(socket_, SHUT_WR);
    while (answer.size() < kMostAnswerBytes) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      hold(left > 0, "a connection whose other side has said all is ended in time", answer.substr(0, 200));
      pollfd watched{.fd = socket_, .events = static_cast<short>(POLLIN | (done ? 0 : POLLOUT)), .revents = 0};
      if (::poll(&watched, 1, static_cast<int>(left)) <= 0) continue;
      if (!done && (watched.revents & POLLOUT) != 0) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
        done = sent < 0 || bytes.empty();
        if (done) ::shutdown(socket_, SHUT_WR);
      }
      if ((watched.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      char part[16 * 1024];
      const ssize_t got = ::recv(socket_, part, sizeof(part), MSG_DONTWAIT);
      if (got <= 0) break;
      answer.append(part, static_cast<std::size_t>(got));
      if (answer.find("text/event-stream") != std::string::npos) break;
    }
    return answer;
  }

 private:
  // The fuzzer's clock interrupts, and what was interrupted goes on by itself.
  bool is_connected_in_time() const {
    const Clock::time_point deadline = Clock::now() + std::chrono::seconds(kMostSeconds);
    while (Clock::now() < deadline) {
      pollfd watched{.fd = socket_, .events = POLLOUT, .revents = 0};
      if (::poll(&watched, 1, 100) <= 0) continue;
      int error = 0;
      socklen_t size = sizeof(error);
      return ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    }
    return false;
  }

  const int socket_;
  bool connected_ = false;
};

}  // namespace

void http(std::string_view bytes) {
  // Ends with the process: its threads outlive any input.
  static Service* const service = new Service();
  Connection connection(service->port());
  hold(connection.connected(), "the server takes connections");
  const std::string answer = connection.exchange(bytes);
  // Not every input is so much of a request that it is answered.
  if (answer.empty()) return;
  hold(answer.starts_with("HTTP/1.") && answer.size() > 12, "an answer is one of HTTP", answer.substr(0, 40));
  hold(answer.compare(9, 3, "500") != 0, "nothing that is asked is an internal error",
       std::string(bytes.substr(0, 200)));
}

}  // namespace songsong::fuzz
