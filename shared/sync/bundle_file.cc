#include "shared/sync/bundle_file.h"

#include <algorithm>

#include "shared/core/byte_reader.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr std::string_view kBundleMagic("SNGB\x01", 5);
constexpr std::string_view kReceiptsMagic("SNGR\x01", 5);
constexpr std::size_t kTagAt = 5;  // in a frame, after its magic and flags
constexpr std::size_t kTagBytes = 16;

Fault not_a_bundle(const char* what) { return Fault{.code = "not_a_bundle", .where = "file", .what = what}; }

FrameTag tag_from(std::string_view bytes) {
  FrameTag tag;
  if (bytes.size() == kTagBytes) std::copy(bytes.begin(), bytes.end(), tag.bytes.begin());
  return tag;
}

}  // namespace

bool is_bundle(std::string_view bytes) { return bytes.starts_with(kBundleMagic); }
bool is_receipts(std::string_view bytes) { return bytes.starts_with(kReceiptsMagic); }

std::string pack_bundle(const std::vector<std::string>& frames) {
  ByteWriter writer;
  writer.raw_bytes(kBundleMagic);
  for (const std::string& frame : frames) writer.bytes(frame);
  return std::move(writer).take();
}

std::string pack_receipts(const std::vector<CarriedAnswer>& answers) {
  ByteWriter writer;
  writer.raw_bytes(kReceiptsMagic);
  for (const CarriedAnswer& answer : answers) {
    writer.raw_bytes(answer.question.view());
    writer.bytes(answer.frame);
  }
  return std::move(writer).take();
}

Outcome<std::vector<std::string>> unpack_bundle(std::string_view bytes) {
  if (!is_bundle(bytes)) return not_a_bundle("This file is no bundle.");
  if (bytes.size() > wire::kMaxBundleBytes) return not_a_bundle("The bundle is too large.");
  ByteReader reader(bytes.substr(kBundleMagic.size()));
  std::vector<std::string> frames;
  while (reader.ok() && !reader.at_end()) frames.emplace_back(reader.bytes());
  if (!reader.ok() || frames.empty() || frames.size() > wire::kMaxPieces)
    return not_a_bundle("The bundle was cut short.");
  return frames;
}

Outcome<std::vector<CarriedAnswer>> unpack_receipts(std::string_view bytes) {
  if (!is_receipts(bytes)) return not_a_bundle("This file holds no receipts.");
  if (bytes.size() > wire::kMaxBundleBytes) return not_a_bundle("The file is too large.");
  ByteReader reader(bytes.substr(kReceiptsMagic.size()));
  std::vector<CarriedAnswer> answers;
  while (reader.ok() && !reader.at_end()) {
    const FrameTag tag = tag_from(reader.raw_bytes(kTagBytes));
    answers.push_back(CarriedAnswer{.question = tag, .frame = std::string(reader.bytes())});
  }
  if (!reader.ok() || answers.empty() || answers.size() > wire::kMaxPieces)
    return not_a_bundle("The file was cut short.");
  return answers;
}

FrameTag tag_of_frame(std::string_view frame) {
  return frame.size() < kTagAt + kTagBytes ? FrameTag() : tag_from(frame.substr(kTagAt, kTagBytes));
}

}  // namespace songsong
