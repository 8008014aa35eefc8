#include "shared/sync/frame.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "shared/core/byte_reader.h"
#include "shared/core/sealing.h"

namespace songsong {
namespace {

constexpr std::string_view kMagic("SNG\x01", 4);
constexpr std::uint8_t kFolded = 1;
constexpr std::uint8_t kSealed = 2;
constexpr std::size_t kFlagsAt = kMagic.size();
constexpr std::size_t kHead = kFlagsAt + 1 + 16;  // with the tag
// Below it zstd's own frame costs more than it saves; pieces are entropy-coded already.
constexpr std::size_t kLeastToFold = 512;
constexpr int kFoldLevel = 3;

constexpr HashDomain kChannelDomain("songsong channl1");
constexpr HashDomain kRequestDomain("songsong request");
constexpr HashDomain kAnswerDomain("songsong answer1");
constexpr HashDomain kAskingDomain("songsong asking1");
constexpr HashDomain kOnceDomain("songsong sealed1");

Fault not_ours(const char* what) { return Fault{.code = "not_our_server", .where = "answer", .what = what}; }

FrameTag tag_of(const Hash256& hash) {
  FrameTag tag;
  std::copy_n(hash.begin(), tag.bytes.size(), tag.bytes.begin());
  return tag;
}

std::string fold_body(std::string_view body) {
  if (body.size() < kLeastToFold) return {};
  std::string folded(ZSTD_compressBound(body.size()), '\0');
  const std::size_t size = ZSTD_compress(folded.data(), folded.size(), body.data(), body.size(), kFoldLevel);
  if (ZSTD_isError(size) != 0 || size >= body.size()) return {};
  folded.resize(size);
  return folded;
}

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

// Grows with what really comes out, so that a frame which claims to be large costs nothing.
Outcome<std::string> unfold_body(std::string_view folded, std::size_t most) {
  const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
  if (stream == nullptr) return not_ours("It could not be unfolded.");
  ZSTD_initDStream(stream.get());
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, 24);
  std::string body;
  ZSTD_inBuffer in{folded.data(), folded.size(), 0};
  for (;;) {
    const std::size_t before = body.size();
    body.resize(before + ZSTD_DStreamOutSize());
    ZSTD_outBuffer out{body.data() + before, body.size() - before, 0};
    const std::size_t left = ZSTD_decompressStream(stream.get(), &out, &in);
    body.resize(before + out.pos);
    if (ZSTD_isError(left) != 0) return not_ours("It could not be unfolded.");
    if (body.size() > most) return Fault{.code = "too_large", .where = "message", .what = "The message is too large."};
    if (left == 0)
      return in.pos == in.size ? Outcome<std::string>(std::move(body)) : not_ours("It goes on after its end.");
    if (out.pos == 0 && in.pos == in.size) return not_ours("It was cut short.");
  }
}

}  // namespace

Outcome<ChannelKey> agree(const KeyPair& own, const PublicKey& other) {
  SecretBytes<struct SharedKind, 32> shared;
  if (!own.agree(other, shared.fill()))
    return Fault{.code = "key_malformed", .where = "public key", .what = "The key is none that can be agreed with."};
  ByteWriter both;
  both.raw_bytes(std::min(own.public_key(), other).view());
  both.raw_bytes(std::max(own.public_key(), other).view());
  const Hash256 hash = keyed_hash256(kChannelDomain, shared.view(), both.out());
  return ChannelKey(hash);
}

FrameTag request_tag(const ChannelKey& key, std::string_view body) {
  return tag_of(keyed_hash256(kRequestDomain, key.view(), body));
}

FrameTag answer_tag(const ChannelKey& key, const FrameTag& question, std::string_view body) {
  std::string message(question.view());
  message.append(body);
  return tag_of(keyed_hash256(kAnswerDomain, key.view(), message));
}

FrameTag asking_tag(const ChannelKey& key, std::string_view target) {
  return tag_of(keyed_hash256(kAskingDomain, key.view(), target));
}

std::string seal(const FrameTag& tag, std::string_view body) {
  const std::string folded = fold_body(body);
  ByteWriter writer;
  writer.raw_bytes(kMagic);
  writer.byte(folded.empty() ? 0 : kFolded);
  writer.raw_bytes(tag.view());
  writer.raw_bytes(folded.empty() ? body : std::string_view(folded));
  return std::move(writer).take();
}

Outcome<std::string> seal_frame(std::string_view frame, const PublicKey& server, const SigningSeed& sender) {
  const OnceSeed once(keyed_hash256(kOnceDomain, sender.view(), frame));
  std::string inner(frame.substr(kFlagsAt, 1));
  inner.append(frame.substr(kHead));
  const Outcome<std::string> box = seal_to(server, once, inner);
  if (!box) return box.fault();
  std::string sealed(frame.substr(0, kHead));
  sealed[kFlagsAt] = static_cast<char>(kSealed);
  return sealed + *box;
}

bool is_sealed_frame(std::string_view bytes) {
  return is_frame(bytes) && bytes.size() > kHead && static_cast<std::uint8_t>(bytes[kFlagsAt]) == kSealed;
}

Outcome<std::string> unseal_frame(std::string_view bytes, const KeyPair& server) {
  if (!is_sealed_frame(bytes)) return not_ours("It is no sealed message.");
  const Outcome<std::string> inner = server.open_sealed(bytes.substr(kHead));
  if (!inner || inner->empty()) return not_ours("It was sealed to another server, or altered.");
  std::string frame(bytes.substr(0, kHead));
  frame[kFlagsAt] = inner->front();
  return frame.append(*inner, 1);
}

bool is_frame(std::string_view bytes) { return bytes.starts_with(kMagic); }

Outcome<Frame> open_frame(std::string_view bytes, std::size_t most) {
  if (!is_frame(bytes)) return not_ours("It is no message of SongSong.");
  if (bytes.size() > most) return Fault{.code = "too_large", .where = "message", .what = "The message is too large."};
  ByteReader reader(bytes);
  reader.raw_bytes(kMagic.size());
  const std::uint8_t flags = reader.byte();
  const std::string_view tag = reader.raw_bytes(16);
  if (!reader.ok() || flags > kFolded) return not_ours("Its head was cut short, or belongs to a newer program.");
  Frame frame;
  std::copy(tag.begin(), tag.end(), frame.tag.bytes.begin());
  const std::string_view body = reader.raw_bytes(reader.remaining());
  if (flags == 0) {
    frame.body = std::string(body);
    return frame;
  }
  Outcome<std::string> unfolded = unfold_body(body, most);
  if (!unfolded) return unfolded.fault();
  frame.body = std::move(*unfolded);
  return frame;
}

}  // namespace songsong
