#include "shared/sync/courier.h"

#include "schemas/songsong/wire.pb.h"
#include "shared/core/messages.h"
#include "shared/sync/frame.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

// A server that could not deal with a question at all, and will another time, says so; its owner could do nothing with
// it.
std::string passing_refusal(std::string_view answer) {
  std::string code = refusal_without_tag(answer);
  return will_pass(code) ? code : std::string();
}

}  // namespace

std::string refusal_without_tag(std::string_view answer) {
  const Outcome<Frame> frame = open_frame(answer, wire::kMaxAnswerBytes);
  wire::Answer message;
  if (!frame || frame->tag != FrameTag() || !message.ParseFromString(frame->body)) return {};
  return message.refusal().code();
}

Outcome<CarriedAnswer> answer_to(std::string_view frame, std::string_view answer) {
  if (!is_frame(answer))
    return Fault{.code = "not_our_server", .where = "answer", .what = "The answer is none of a SongSong server."};
  if (const std::string code = passing_refusal(answer); !code.empty())
    return Fault{.code = "refused", .where = code, .what = "The server could not take what is carried."};
  return CarriedAnswer{.question = tag_of_frame(frame), .frame = std::string(answer)};
}

Outcome<std::optional<std::string>> Courier::next() {
  if (!loaded_) {
    Outcome<CarriedFiles> bundles = carried_bundles(replica_);
    if (!bundles) return bundles.fault();
    bundles_ = std::move(*bundles);
    loaded_ = true;
  }
  while (!bundles_.empty() && frames_.empty()) {
    Outcome<std::vector<std::string>> frames = unpack_bundle(bundles_.front().second);
    if (frames) {
      frames_ = std::move(*frames);
    } else {
      bundles_.erase(bundles_.begin());
    }
  }
  if (bundles_.empty()) return std::optional<std::string>();
  return std::optional(frames_[answers_.size()]);
}

Outcome<Done> Courier::receive(std::string_view answer) {
  Outcome<CarriedAnswer> carried = answer_to(frames_[answers_.size()], answer);
  if (!carried) return carried.fault();
  answers_.push_back(std::move(*carried));
  if (answers_.size() < frames_.size()) return Done{};
  Outcome<Done> kept = keep_receipts(replica_, bundles_.front().first, pack_receipts(answers_));
  bundles_.erase(bundles_.begin());
  frames_.clear();
  answers_.clear();
  return kept;
}

}  // namespace songsong
