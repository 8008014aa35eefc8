// Frame: what every message of the wire travels in, so that an answer which is not a server's (a captive portal's page)
// is never taken for one, and one that was altered, or given to another question, is found out.
//
//   frame := "SNG" 0x01  flags:byte  tag:16 bytes  body
//
// The body is a protobuf message (schemas/songsong/wire.proto), under zstd if flag 1 is set. The tag is a keyed BLAKE2b
// of the body under the channel key of the two, an X25519 agreement of their Ed25519 keys (RFC 7748; the conversion is
// libsodium's), for a question and for an answer under domains of their own; an answer's tag also covers the tag of the
// question, so that it answers no other. A tag of zeroes vouches for nothing: a refusal by a server that does not know
// who asks, which alters nothing at the receiver.
//
// What is carried by hand may be lost on the way, so a frame in a bundle is sealed to the server (sealing.h), and
// whoever carries it sees no more than its length and its tag, by which its answer is found:
//
//   sealed frame := "SNG" 0x01  0x02  tag:16 bytes  box(flags:byte  body)
//
// Pure functions, any thread. Opening returns a Fault for bytes that are no frame ("not_our_server").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/core/fixed_bytes.h"
#include "shared/core/outcome.h"
#include "shared/core/signature.h"

namespace songsong {

using ChannelKey = SecretBytes<struct ChannelKeyKind, 32>;
using FrameTag = FixedBytes<struct FrameTagKind, 16>;

// The same for both ends. Fault "key_malformed" where the other's key is no point of the curve.
Outcome<ChannelKey> agree(const KeyPair& own, const PublicKey& other);

FrameTag request_tag(const ChannelKey& key, std::string_view body);
FrameTag answer_tag(const ChannelKey& key, const FrameTag& question, std::string_view body);

// Over what is asked of a server beside the conversation: the path of an HTTP request with its query.
FrameTag asking_tag(const ChannelKey& key, std::string_view target);

struct Frame {
  FrameTag tag;
  std::string body;  // unfolded
};

std::string seal(const FrameTag& tag, std::string_view body);
// `most` bounds the frame, and what its body unfolds to.
Outcome<Frame> open_frame(std::string_view bytes, std::size_t most);

// The same frame always gives the same bytes, so that a bundle that is made again is the same one: the key that is used
// once is a keyed hash of the frame under the sender's own seed. Fault "key_malformed".
Outcome<std::string> seal_frame(std::string_view frame, const PublicKey& server, const SigningSeed& sender);
bool is_sealed_frame(std::string_view bytes);
// The frame in it, at the server that it was sealed to. Fault "not_our_server".
Outcome<std::string> unseal_frame(std::string_view bytes, const KeyPair& server);

// Whether the bytes begin as a frame does, sealed or not.
bool is_frame(std::string_view bytes);

}  // namespace songsong
