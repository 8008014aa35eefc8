// ByteReader and ByteWriter: bounded reading and writing of the forms that all binary formats here are made of.
//
//   varint   LEB128, least significant group first, at most 10 bytes; only the shortest form is accepted
//   zigzag   a signed integer as a varint: 0, -1, 1, -2 … become 0, 1, 2, 3 …
//   fixed64  8 bytes, big-endian
//   bytes    a varint length, then that many bytes
//
// A reader never throws and never reads past its end: after the first fault every call yields zero or nothing, ok() is
// false and offset() stays where the fault was met, so that a decoder may read a whole structure and ask once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace songsong {

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t coded) {
  return static_cast<std::int64_t>((coded >> 1) ^ (~(coded & 1) + 1));
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return bytes_.size() - offset_; }
  bool at_end() const { return ok_ && remaining() == 0; }
  void fail() { ok_ = false; }

  std::uint8_t byte() {
    if (!ok_ || remaining() == 0) return fail(), std::uint8_t{0};
    return static_cast<std::uint8_t>(bytes_[offset_++]);
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    std::size_t at = offset_;
    for (unsigned shift = 0; ok_ && shift < 64; shift += 7) {
      if (at == bytes_.size()) break;
      const auto group = static_cast<std::uint8_t>(bytes_[at++]);
      if (shift == 63 && group > 1) break;
      value |= std::uint64_t{group & 0x7Fu} << shift;
      if (group & 0x80u) continue;
      if (group == 0 && shift != 0) break;  // not the shortest form: two byte strings would mean one value
      offset_ = at;
      return value;
    }
    return fail(), 0;
  }

  // A varint that must not exceed `most`.
  std::uint64_t varint_up_to(std::uint64_t most) {
    const std::size_t at = offset_;
    const std::uint64_t value = varint();
    if (value <= most) return value;
    offset_ = at;
    return fail(), 0;
  }

  std::int64_t zigzag() { return unzigzag(varint()); }

  std::uint64_t fixed64() {
    const std::string_view raw = raw_bytes(8);
    std::uint64_t value = 0;
    for (const char c : raw) value = (value << 8) | static_cast<std::uint8_t>(c);
    return value;
  }

  std::string_view raw_bytes(std::uint64_t count) {
    if (!ok_ || count > remaining()) return fail(), std::string_view{};
    const std::string_view raw = bytes_.substr(offset_, static_cast<std::size_t>(count));
    offset_ += raw.size();
    return raw;
  }

  std::string_view bytes() { return raw_bytes(varint()); }

 private:
  std::string_view bytes_;
  std::size_t offset_ = 0;
  bool ok_ = true;
};

class ByteWriter {
 public:
  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }

  void zigzag(std::int64_t value) { varint(songsong::zigzag(value)); }

  void fixed64(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) byte(static_cast<std::uint8_t>(value >> shift));
  }

  void raw_bytes(std::string_view raw) { out_.append(raw); }

  void bytes(std::string_view raw) {
    varint(raw.size());
    out_.append(raw);
  }

  std::size_t size() const { return out_.size(); }
  const std::string& out() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace songsong
