#include "shared/sync/courier.h"

namespace songsong {

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
  if (!is_frame(answer))
    return Fault{.code = "not_our_server", .where = "answer", .what = "The answer is none of a SongSong server."};
  answers_.push_back(CarriedAnswer{.question = tag_of_frame(frames_[answers_.size()]), .frame = std::string(answer)});
  if (answers_.size() < frames_.size()) return Done{};
  Outcome<Done> kept = keep_receipts(replica_, bundles_.front().first, pack_receipts(answers_));
  bundles_.erase(bundles_.begin());
  frames_.clear();
  answers_.clear();
  return kept;
}

}  // namespace songsong
