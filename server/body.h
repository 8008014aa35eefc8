// A request's body, read under named limits: size, time, speed, and the memory of all messages together.
#pragma once

#include <Poco/Net/HTTPServerRequest.h>

#include <atomic>
#include <cstddef>
#include <string>

#include "server/limits.h"

namespace songsong::server {

// What all bodies of requests and answers that are in memory may take together. Any thread.
class MessageRoom {
 public:
  // The part of one message; given back when it goes.
  class Share {
   public:
    Share() = default;
    explicit Share(MessageRoom& room) : room_(&room) {}
    Share(Share&& other) noexcept;
    Share& operator=(Share&& other) noexcept;
    ~Share();

    // False, and nothing taken, when there is no room for so much more.
    bool grow(std::size_t bytes);

   private:
    MessageRoom* room_ = nullptr;
    std::size_t bytes_ = 0;
  };

  explicit MessageRoom(std::size_t most) : most_(most) {}
  std::size_t taken() const { return taken_; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

struct Body {
  // 200 when it has come whole; else the HTTP status that says why not: 400 it ended early, 408 too slow, 413 too
  // large, 503 no room.
  int status = 200;
  std::string bytes;
  MessageRoom::Share share;
};

Body read_body(Poco::Net::HTTPServerRequest& request, const Limits& limits, MessageRoom& room);

}  // namespace songsong::server
