#include "shared/replica/sqlite_sealed_file.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "shared/replica/sqlite_store.h"

namespace songsong {
namespace {

constexpr int kPage = static_cast<int>(kStorePageBytes);
constexpr int kContent = kPage - kSealedReserve;
constexpr int kReserveByte = 20;        // of the file's head: SQLite's file format, 1.3
constexpr sqlite3_int64 kLogHead = 32;  // of the log, 4.1 of the same
constexpr int kFrameHead = kFrameHeadBytes;
constexpr int kFrame = kFrameHead + kPage;

// What binds sealed bytes to their place.
struct Place {
  Place(const char* what, sqlite3_int64 offset) {
    bytes[0] = what[0];
    for (std::size_t i = 0; i < 8; ++i)
      bytes[1 + i] = static_cast<char>(static_cast<std::uint64_t>(offset) >> (56 - 8 * i));
  }
  std::string_view view() const { return {bytes.data(), bytes.size()}; }
  std::array<char, 9> bytes{};
};
constexpr const char* kInStore = "p";
constexpr const char* kInLog = "f";

SealNonce next_nonce(SealedFile& file) {
  SealNonce nonce{};
  std::copy(file.drawn.begin(), file.drawn.end(), nonce.begin());
  const std::uint64_t count = ++file.sealed;
  for (std::size_t i = 0; i < 8; ++i) nonce[16 + i] = static_cast<std::uint8_t>(count >> (56 - 8 * i));
  return nonce;
}

// All of `bytes` but the last 40, which take nonce and tag.
void seal(SealedFile& file, const Place& place, std::span<std::uint8_t> bytes) {
  const SealNonce nonce = next_nonce(file);
  const std::size_t content = bytes.size() - kSealedReserve;
  std::array<std::uint8_t, kSealTagBytes> tag{};
  seal_in_place(file.sealing->key, nonce, place.view(), bytes.first(content), tag);
  std::copy(nonce.begin(), nonce.end(), bytes.begin() + static_cast<std::ptrdiff_t>(content));
  std::copy(tag.begin(), tag.end(), bytes.end() - kSealTagBytes);
}

// The last 40 are zeroes then, as SQLite leaves them.
bool open(const SealedFile& file, const Place& place, std::span<std::uint8_t> bytes) {
  const std::size_t content = bytes.size() - kSealedReserve;
  SealNonce nonce{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(content), nonce.size(), nonce.begin());
  std::array<std::uint8_t, kSealTagBytes> tag{};
  std::copy(bytes.end() - kSealTagBytes, bytes.end(), tag.begin());
  std::fill(bytes.end() - kSealedReserve, bytes.end(), std::uint8_t{0});
  return open_in_place(file.sealing->key, nonce, place.view(), bytes.first(content), tag);
}

// SQLite sums up a page with its last bytes, which are not kept: whatever stood there would be missed.
bool is_reserved(const std::uint8_t* page, bool is_first) {
  const bool free = std::all_of(page + kContent, page + kPage, [](std::uint8_t byte) { return byte == 0; });
  return free && (!is_first || page[kReserveByte] == kSealedReserve);
}

int read_under(const SealedFile& file, std::uint8_t* into, int amount, sqlite3_int64 at) {
  return file.under->pMethods->xRead(file.under, into, amount, at);
}
int write_under(const SealedFile& file, const std::uint8_t* from, int amount, sqlite3_int64 at) {
  return file.under->pMethods->xWrite(file.under, from, amount, at);
}

// A whole page, or a whole frame.
int read_whole(const SealedFile& file, const char* what, std::span<std::uint8_t> bytes, sqlite3_int64 at) {
  const int result = read_under(file, bytes.data(), static_cast<int>(bytes.size()), at);
  if (result != SQLITE_OK) return result;
  return open(file, Place(what, at), bytes) ? SQLITE_OK : SQLITE_IOERR_DATA;
}
int write_whole(SealedFile& file, const char* what, std::span<std::uint8_t> bytes, sqlite3_int64 at) {
  seal(file, Place(what, at), bytes);
  return write_under(file, bytes.data(), static_cast<int>(bytes.size()), at);
}

// The store. -----------------------------------------------------------------------------------------------------

// SQLite asks for a part of the first page before it looks at the log: whether there is one it can use is not settled
// by a page that cannot be opened, for the log may have it whole.
int read_store(const SealedFile& file, std::uint8_t* into, int amount, sqlite3_int64 at) {
  const sqlite3_int64 within = at % kPage;
  if (within + amount > kPage) return SQLITE_IOERR_READ;
  std::array<std::uint8_t, kPage> page;
  const int result = read_whole(file, kInStore, page, at - within);
  const bool unknown = result == SQLITE_IOERR_SHORT_READ || (result == SQLITE_IOERR_DATA && amount < kPage);
  if (unknown) {
    std::memset(into, 0, static_cast<std::size_t>(amount));
    return SQLITE_IOERR_SHORT_READ;
  }
  if (result == SQLITE_OK) std::memcpy(into, page.data() + within, static_cast<std::size_t>(amount));
  return result;
}

int write_store(SealedFile& file, const std::uint8_t* from, int amount, sqlite3_int64 at) {
  if (amount != kPage || at % kPage != 0 || !is_reserved(from, at == 0)) return SQLITE_IOERR_WRITE;
  std::array<std::uint8_t, kPage> page;
  std::copy_n(from, kPage, page.begin());
  return write_whole(file, kInStore, page, at);
}

// The log ahead. -------------------------------------------------------------------------------------------------

int read_frame(const SealedFile& file, std::span<std::uint8_t> frame, sqlite3_int64 at) {
  return read_whole(file, kInLog, frame, at);
}
int write_frame(SealedFile& file, std::span<std::uint8_t> frame, sqlite3_int64 at) {
  return write_whole(file, kInLog, frame, at);
}

}  // namespace

// A head that no page followed: SQLite wrote sums anew over frames that stand there already.
int write_waiting_head(SealedFile& file) {
  if (!file.head_waits) return SQLITE_OK;
  file.head_waits = false;
  std::array<std::uint8_t, kFrame> frame;
  const int result = read_frame(file, frame, file.head_at);
  if (result != SQLITE_OK) return SQLITE_IOERR_WRITE;
  std::copy(file.head.begin(), file.head.end(), frame.begin());
  return write_frame(file, frame, file.head_at);
}

namespace {

int read_log(SealedFile& file, std::uint8_t* into, int amount, sqlite3_int64 at) {
  const int written = write_waiting_head(file);
  if (written != SQLITE_OK) return written;
  if (at < kLogHead) return at + amount <= kLogHead ? read_under(file, into, amount, at) : SQLITE_IOERR_READ;
  const sqlite3_int64 within = (at - kLogHead) % kFrame;
  if (within + amount > kFrame) return SQLITE_IOERR_READ;
  std::array<std::uint8_t, kFrame> frame;
  const int result = read_frame(file, frame, at - within);
  if (result == SQLITE_IOERR_SHORT_READ || (result == SQLITE_IOERR_DATA && amount == kFrame)) {
    std::memset(into, 0, static_cast<std::size_t>(amount));
    return result == SQLITE_IOERR_DATA ? SQLITE_OK : result;  // of zeroes SQLite sees that the log ends before them
  }
  if (result == SQLITE_OK) std::memcpy(into, frame.data() + within, static_cast<std::size_t>(amount));
  return result;
}

int write_log(SealedFile& file, const std::uint8_t* from, int amount, sqlite3_int64 at) {
  if (at < kLogHead) return at + amount <= kLogHead ? write_under(file, from, amount, at) : SQLITE_IOERR_WRITE;
  const sqlite3_int64 within = (at - kLogHead) % kFrame;
  const sqlite3_int64 frame_at = at - within;
  if (file.head_waits && file.head_at != frame_at) {
    const int written = write_waiting_head(file);
    if (written != SQLITE_OK) return written;
  }
  if (within == 0 && amount == kFrameHead) {
    std::copy_n(from, kFrameHead, file.head.begin());
    file.head_at = frame_at;
    file.head_waits = true;
    return SQLITE_OK;
  }
  if (within != kFrameHead || amount != kPage) return SQLITE_IOERR_WRITE;
  std::array<std::uint8_t, kFrame> frame;
  if (file.head_waits) {
    std::copy(file.head.begin(), file.head.end(), frame.begin());
    file.head_waits = false;
  } else if (read_frame(file, frame, frame_at) != SQLITE_OK) {
    return SQLITE_IOERR_WRITE;
  }
  const bool is_first = frame[0] == 0 && frame[1] == 0 && frame[2] == 0 && frame[3] == 1;
  if (!is_reserved(from, is_first)) return SQLITE_IOERR_WRITE;
  std::copy_n(from, kPage, frame.begin() + kFrameHead);
  return write_frame(file, frame, frame_at);
}

}  // namespace

int read_sealed(SealedFile& file, std::uint8_t* into, int amount, sqlite3_int64 at) {
  return file.is_log ? read_log(file, into, amount, at) : read_store(file, into, amount, at);
}

int write_sealed(SealedFile& file, const std::uint8_t* from, int amount, sqlite3_int64 at) {
  return file.is_log ? write_log(file, from, amount, at) : write_store(file, from, amount, at);
}

}  // namespace songsong
