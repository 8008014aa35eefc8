// Courier: hands on the bundles of other phones that this one carries, frame by frame, and keeps the receipts for them.
// A part of the initiator; the same rules.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/replica/replica.h"
#include "shared/sync/bundle.h"
#include "shared/sync/bundle_file.h"

namespace songsong {

// The answer to a frame that was handed on, with the tag by which its owner finds it. Its owner will check it; here it
// need only be a frame ("not_our_server"). Fault "refused" where the server could not take it now (busy, no room): it
// is handed on again.
Outcome<CarriedAnswer> answer_to(std::string_view frame, std::string_view answer);

// The code of a refusal that vouches for nothing, as a server answers whom it does not know; empty of any other answer.
std::string refusal_without_tag(std::string_view answer);

class Courier {
 public:
  explicit Courier(Replica& replica) : replica_(replica) {}

  // The next frame to hand on; nothing when none is left.
  Outcome<std::optional<std::string>> next();
  // The answer to it. Faults of answer_to().
  Outcome<Done> receive(std::string_view answer);

 private:
  Replica& replica_;
  bool loaded_ = false;
  CarriedFiles bundles_;
  std::vector<std::string> frames_;  // of the first bundle
  std::vector<CarriedAnswer> answers_;
};

}  // namespace songsong
