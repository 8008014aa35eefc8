#include "tests/faults/nuisance.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <vector>

namespace songsong::testing {
namespace {

constexpr auto kTurn = std::chrono::milliseconds(100);
constexpr std::size_t kMostNewInTurn = 500;  // later ones, which take the place of others, are a tenth of it

int connect_to(int port) {
  const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (one < 0) return -1;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  if (connect(one, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0 || errno == EINPROGRESS) return one;
  close(one);
  return -1;
}

// What it says when it has come.
std::string opening_of(Nuisance what) {
  const std::string head =
      "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-songsong\r\nContent-Length: 100000\r\n";
  switch (what) {
    case Nuisance::kIdle:
      return {};
    case Nuisance::kSlowHeader:
      return "GET /healthz HTTP/1.1\r\nX-Slow: ";
    case Nuisance::kSlowBody:
    case Nuisance::kHalfClosed:
      return head + "\r\nabc";
  }
  return {};
}

bool is_over(int socket) {
  char part[512];
  const ssize_t got = recv(socket, part, sizeof(part), MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN);
}

}  // namespace

const char* name_of(Nuisance nuisance) {
  switch (nuisance) {
    case Nuisance::kIdle:
      return "idle connections";
    case Nuisance::kSlowHeader:
      return "headers that dribble";
    case Nuisance::kSlowBody:
      return "bodies that dribble";
    case Nuisance::kHalfClosed:
      return "half-closed connections";
  }
  return "";
}

Nuisances::Nuisances(const std::string& address, Nuisance what, std::size_t count) : what_(what) {
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  thread_ = std::thread([this, port, count] { run(port, count); });
}

Nuisances::~Nuisances() {
  stopping_ = true;
  thread_.join();
}

void Nuisances::wait_for(std::size_t opened, int seconds) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (opened_ < opened && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kTurn);
}

void Nuisances::run(int port, std::size_t count) {
  struct Client {
    int socket;
    bool greeted;
  };
  std::vector<Client> clients;
  const std::string opening = opening_of(what_);
  const bool dribbles = what_ == Nuisance::kSlowHeader || what_ == Nuisance::kSlowBody;
  while (!stopping_) {
    for (Client& each : clients) {
      if (!each.greeted && !opening.empty()) {
        each.greeted = send(each.socket, opening.data(), opening.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
        if (each.greeted && what_ == Nuisance::kHalfClosed) shutdown(each.socket, SHUT_WR);
      } else if (dribbles) {
        (void)send(each.socket, "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
      }
      if (!is_over(each.socket)) continue;
      close(each.socket);
      each.socket = -1;
      ++ended_;
    }
    std::erase_if(clients, [](const Client& each) { return each.socket < 0; });
    const std::size_t most = opened_ < count ? kMostNewInTurn : kMostNewInTurn / 10;
    for (std::size_t i = 0; i < most && clients.size() < count; ++i) {
      const int one = connect_to(port);
      if (one < 0) break;
      clients.push_back(Client{.socket = one, .greeted = false});
      ++opened_;
    }
    open_ = clients.size();
    std::this_thread::sleep_for(kTurn);
  }
  for (const Client& each : clients) close(each.socket);
}

std::size_t allow_open_files(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur = std::clamp<rlim_t>(wanted, std::min(limit.rlim_cur, limit.rlim_max), limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace songsong::testing
