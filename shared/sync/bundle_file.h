// The two files that carry a conversation by hand.
//
//   bundle   := "SNGB" 0x01 (length:varint  frame)*               requests of one phone, in order
//   receipts := "SNGR" 0x01 (tag:16 bytes  length:varint  frame)*   the answers, each with the tag of its question
//
// Pure functions, any thread; bounded by wire::kMaxBundleBytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/sync/frame.h"

namespace songsong {

struct CarriedAnswer {
  FrameTag question;
  std::string frame;
};

bool is_bundle(std::string_view bytes);
bool is_receipts(std::string_view bytes);

std::string pack_bundle(const std::vector<std::string>& frames);
std::string pack_receipts(const std::vector<CarriedAnswer>& answers);

// Fault "not_a_bundle": another file, or one that was cut short.
Outcome<std::vector<std::string>> unpack_bundle(std::string_view bytes);
Outcome<std::vector<CarriedAnswer>> unpack_receipts(std::string_view bytes);

// Of bytes that are a frame.
FrameTag tag_of_frame(std::string_view frame);

}  // namespace songsong
