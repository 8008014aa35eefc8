// bad_link: a link that is cut now and then. Listens on loopback, prints "link on http://127.0.0.1:PORT", and passes
// bytes to and from the server whose address stands in a file; while there is none, nobody is reached. So many of a
// hundred connections are cut after some bytes, in the middle of whatever goes over them.
//
//   bad_link --to FILE --seed N [--cut PERCENT] [--after BYTES]
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace {

using songsong::Random;

constexpr std::size_t kMostConnections = 256;

// A connection and the one to the server that goes with it.
struct Pair {
  int near = -1;
  int far = -1;
  long left = -1;  // bytes until it is cut; -1: it is not
};

int connect_to(const std::string& file) {
  std::ifstream in(file);
  std::string address;
  std::getline(in, address);
  const std::size_t colon = address.rfind(':');
  if (!in || colon == std::string::npos) return -1;
  const int far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(address.c_str() + colon + 1, nullptr, 10)));
  if (connect(far, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0) return far;
  close(far);
  return -1;
}

bool send_all(int to, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t sent = send(to, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    count -= static_cast<std::size_t>(sent);
  }
  return true;
}

// False when the connection is over.
bool pass(Pair& pair, int from, int to) {
  char buffer[16384];
  ssize_t got = recv(from, buffer, sizeof(buffer), 0);
  if (got <= 0) return false;
  if (pair.left >= 0 && got > pair.left) got = pair.left;
  if (!send_all(to, buffer, static_cast<std::size_t>(got))) return false;
  if (pair.left < 0) return true;
  pair.left -= got;
  return pair.left > 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string file;
  std::uint64_t seed = 1;
  unsigned cut = 25;
  unsigned after = 6000;
  CLI::App app("A link that is cut now and then");
  app.add_option("--to", file)->required();
  app.add_option("--seed", seed);
  app.add_option("--cut", cut);
  app.add_option("--after", after);
  CLI11_PARSE(app, argc, argv);
  signal(SIGPIPE, SIG_IGN);
  Random random(seed);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(here);
  if (bind(listener, reinterpret_cast<sockaddr*>(&here), length) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&here), &length) != 0) {
    std::perror("bad_link");
    return 1;
  }
  std::printf("link on http://127.0.0.1:%d\n", ntohs(here.sin_port));
  std::fflush(stdout);
  std::vector<Pair> pairs;
  for (;;) {
    std::vector<pollfd> waiting{
        {.fd = listener, .events = static_cast<short>(pairs.size() < kMostConnections ? POLLIN : 0), .revents = 0}};
    for (const Pair& pair : pairs) {
      waiting.push_back({.fd = pair.near, .events = POLLIN, .revents = 0});
      waiting.push_back({.fd = pair.far, .events = POLLIN, .revents = 0});
    }
    if (poll(waiting.data(), waiting.size(), -1) < 0) return 1;
    std::vector<Pair> kept;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      Pair pair = pairs[i];
      bool open = true;
      if (waiting[1 + 2 * i].revents != 0) open = pass(pair, pair.near, pair.far);
      if (open && waiting[2 + 2 * i].revents != 0) open = pass(pair, pair.far, pair.near);
      if (open) {
        kept.push_back(pair);
        continue;
      }
      if (pair.left == 0) {
        std::puts("cut");
        std::fflush(stdout);
      }
      // Reset, so that neither side takes what it has for the whole.
      const linger at_once{.l_onoff = 1, .l_linger = pair.left == 0 ? 0 : 1};
      setsockopt(pair.near, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
      close(pair.near);
      close(pair.far);
    }
    pairs = std::move(kept);
    if ((waiting[0].revents & POLLIN) == 0) continue;
    Pair pair;
    pair.near = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (pair.near < 0) continue;
    pair.far = connect_to(file);
    if (pair.far < 0) {
      close(pair.near);
      continue;
    }
    if (random.chance(cut, 100)) pair.left = static_cast<long>(random.between(1, after));
    pairs.push_back(pair);
  }
}
