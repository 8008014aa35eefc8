// Mutating a protobuf message field by field, whatever its type, so that a fuzzer's inputs stay messages: a byte
// changed in the serialised form mostly breaks the length of all that holds it.
//
// The kinds of change: a scalar drawn anew or off by little, bytes and texts by libFuzzer's own mutations (which knows
// dictionaries and comparisons), an element of a list added, doubled, dropped or moved, a submessage made or cleared.
// Now and then the bytes themselves, for the parser is a door as well. The same seed makes the same change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace songsong::fuzz {

using MutateBytes = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t most);

// `message` is scratch. Both give the size of the result, at most `most`.
std::size_t mutate(google::protobuf::Message& message, std::uint8_t* data, std::size_t size, std::size_t most,
                   std::uint64_t seed, MutateBytes mutate_bytes);
// A field, or an element of a list, of the other goes into the one.
std::size_t cross(google::protobuf::Message& one, std::string_view one_bytes, google::protobuf::Message& other,
                  std::string_view other_bytes, std::uint8_t* out, std::size_t most, std::uint64_t seed);

}  // namespace songsong::fuzz
