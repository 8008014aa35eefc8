// Looks: who looked at whose personal data, and when. Everybody's looks at records over HTTP, and what the devices of
// auditors are sent. What cannot be noted is not shown.
//
//   DIR/looks               one JSON object a line, in the order of time; only its owner reads it
//   DIR/looks.2026-11-29T…  what stood there when it had grown to kRotateBytes; until when it is kept is the office's
//                           to decide
//
//   {"at","account","replica","what","unit","kind","records":[…]}   what does not apply is left out
//
// It names records by their ids, and nothing that they hold. Any thread; several programs may write at once.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "shared/core/name.h"
#include "shared/core/outcome.h"

namespace songsong::server {

struct Look {
  std::string account = {};  // empty: a device that is nobody's in particular
  ReplicaId replica = 0;     // 0: not by a device
  std::string what;          // "record", "history", "records", "cases", "sync"
  std::string unit = {};
  std::string kind = {};
  std::vector<RecordId> records = {};
};

class Looks {
 public:
  static constexpr std::size_t kRotateBytes = std::size_t{64} << 20;

  explicit Looks(std::string folder, std::size_t rotate_bytes = kRotateBytes)
      : folder_(std::move(folder)), rotate_bytes_(rotate_bytes) {}

  // On the disk when it returns. Fault "file_unwritable".
  Outcome<Done> note(const Look& look, std::int64_t now_ms) const;
  // Every line, oldest first, those that were put aside among them. A line that cannot be read (the power went while it
  // was written) is given as {"damaged":true}. Fault "file_unreadable".
  Outcome<Done> read(const std::function<void(const nlohmann::ordered_json&)>& each) const;

 private:
  std::string path() const { return folder_ + "/looks"; }

  const std::string folder_;
  const std::size_t rotate_bytes_;
};

}  // namespace songsong::server
