#include "shared/sync/asking.h"

#include <charconv>

namespace songsong {
namespace {

constexpr std::string_view kScheme = "SongSong ";

}  // namespace

std::string authorization(ReplicaId replica, const ChannelKey& key, std::string_view target) {
  return std::string(kScheme) + std::to_string(replica) + "." + to_text(asking_tag(key, target));
}

std::optional<Asker> read_authorization(std::string_view header) {
  if (!header.starts_with(kScheme)) return std::nullopt;
  header.remove_prefix(kScheme.size());
  const std::size_t dot = header.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  Asker asker;
  const auto [end, error] = std::from_chars(header.data(), header.data() + dot, asker.replica);
  const Outcome<FrameTag> tag = FrameTag::from_hex(header.substr(dot + 1), "authorization");
  if (error != std::errc() || end != header.data() + dot || asker.replica > kMaxReplica || !tag) return std::nullopt;
  asker.tag = *tag;
  return asker;
}

}  // namespace songsong
