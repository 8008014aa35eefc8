#include "server/body.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <istream>
#include <streambuf>
#include <utility>

namespace songsong::server {
namespace {

using Clock = std::chrono::steady_clock;

int fill(Body& body, Poco::Net::HTTPServerRequest& request, const Limits& limits) {
  const auto announced = request.getContentLength64();
  if (announced > static_cast<Poco::Int64>(limits.max_body_bytes)) return 413;
  const Clock::time_point began = Clock::now();
  // Asked of the buffer, which gives what one read of the socket brought: the stream itself would wait for more.
  std::streambuf& stream = *request.stream().rdbuf();
  std::array<char, 16 * 1024> part;
  while (stream.sgetc() != std::streambuf::traits_type::eof()) {
    const std::streamsize there = std::clamp<std::streamsize>(stream.in_avail(), 1, part.size());
    const auto got = static_cast<std::size_t>(stream.sgetn(part.data(), there));
    if (body.bytes.size() + got > limits.max_body_bytes) return 413;
    if (!body.share.grow(got)) return 503;
    body.bytes.append(part.data(), got);
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began).count();
    const bool too_slow = took > limits.read_timeout_seconds &&
                          body.bytes.size() < static_cast<std::size_t>(took) * limits.least_bytes_per_second;
    if (too_slow || took > limits.request_deadline_seconds) return 408;
  }
  const bool early = announced != Poco::Net::HTTPMessage::UNKNOWN_CONTENT_LENGTH &&
                     static_cast<Poco::Int64>(body.bytes.size()) < announced;
  return early ? 400 : 200;
}

}  // namespace

MessageRoom::Share::Share(Share&& other) noexcept
    : room_(std::exchange(other.room_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

MessageRoom::Share& MessageRoom::Share::operator=(Share&& other) noexcept {
  std::swap(room_, other.room_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

MessageRoom::Share::~Share() {
  if (room_ != nullptr) room_->taken_ -= bytes_;
}

bool MessageRoom::Share::grow(std::size_t bytes) {
  if (room_->taken_.fetch_add(bytes) + bytes > room_->most_) {
    room_->taken_ -= bytes;
    return false;
  }
  bytes_ += bytes;
  return true;
}

Body read_body(Poco::Net::HTTPServerRequest& request, const Limits& limits, MessageRoom& room) {
  Body body{.status = 200, .bytes = {}, .share = MessageRoom::Share(room)};
  try {
    body.status = fill(body, request, limits);
  } catch (const Poco::TimeoutException&) {
    body.status = 408;
  } catch (const Poco::Exception&) {
    body.status = 400;  // the connection is gone, or what came was no HTTP
  }
  return body;
}

}  // namespace songsong::server
