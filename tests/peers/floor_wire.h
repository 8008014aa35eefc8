// The floor's wire: frames over TCP on loopback.
//
//   frame := kind:byte one:fixed64 other:fixed64 size:fixed32 bytes        numbers as the machine has them
//
//   'Q' client                  → 'L' last                 what is the last changeset that you have of this client?
//   'P' client, number, bytes   → 'A' number               a changeset; answered when it is durable
//   'G' after                   → 'D' number, bytes ... 'E' last        all changesets after one
//   'C'                         → 'C' count                how many records have something in the log of conflicts
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace songsong::bench::floor {

struct Message {
  char kind = 0;
  std::uint64_t one = 0, other = 0;
  std::string bytes;
};

class Connection {
 public:
  explicit Connection(int descriptor);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static int dial(int port);  // -1 when nobody answers
  static int listen(int port);

  [[nodiscard]] bool send(const Message& message) const;
  std::optional<Message> receive() const;  // none when it was cut, or nothing came for kPatienceSeconds

 private:
  int descriptor_;
};

inline constexpr int kPatienceSeconds = 30;

std::string compress(const std::string& bytes);
std::string decompress(const std::string& bytes);

}  // namespace songsong::bench::floor
