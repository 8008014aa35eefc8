// The files that carry a conversation, and the frames in them.
#include "shared/sync/bundle.h"

#include "shared/core/sealing.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/wire.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/town.h"

namespace songsong::fuzz {
namespace {

constexpr std::size_t kMostUnfolded = std::size_t{1} << 20;

void hold_frame(std::string_view bytes) {
  const Outcome<Frame> frame = open_frame(bytes, kMostUnfolded);
  if (!frame) return hold_fault(frame.fault());
  hold(is_frame(bytes), "a frame is known by how it begins");
  hold(frame->body.size() <= kMostUnfolded, "a body is no larger than its limit");
  const Frame again = must(open_frame(seal(frame->tag, frame->body), kMostUnfolded + 64));
  hold(again.tag == frame->tag && again.body == frame->body, "what is sealed opens to the same");
}

void hold_files(std::string_view bytes) {
  const Outcome<std::vector<std::string>> frames = unpack_bundle(bytes);
  if (frames) {
    hold(pack_bundle(*frames) == bytes, "one bundle has one form in bytes");
    for (const std::string& frame : *frames) {
      hold_frame(frame);
      (void)tag_of_frame(frame);
    }
  } else {
    hold_fault(frames.fault());
  }
  const Outcome<std::vector<CarriedAnswer>> answers = unpack_receipts(bytes);
  if (!answers) return hold_fault(answers.fault());
  hold(pack_receipts(*answers) == bytes, "one file of receipts has one form in bytes");
  for (const CarriedAnswer& each : *answers) hold_frame(each.frame);
}

void hold_accepted(std::string_view bytes) {
  const std::unique_ptr<PhoneAtWork> phone = Town::get().phone(0);
  const Outcome<AcceptedFile> accepted = accept_file(*phone->replica, bytes, phone->clock());
  if (!accepted) {
    hold_fault(accepted.fault());
    return hold(!accepted.fault().code.starts_with("storage_"), "whatever is given, the store stays sound",
                text_of(accepted.fault()));
  }
  if (accepted->what == Accepted::kBundle)
    hold(must(carried_bundles(*phone->replica)).front().second == bytes, "a bundle is handed on as it came");
}

// A frame that is sealed to the server, by whoever: as it comes, or with anything in it.
void hold_sealed(std::string_view bytes, bool is_content) {
  Town& town = Town::get();
  town.begin();
  std::string frame(bytes);
  if (is_content) {
    const std::string head = seal(FrameTag(), "");
    frame = head.substr(0, 4) + '\x02' + head.substr(5, 16) +
            must(seal_to(KeyPair(town.server().seed).public_key(), OnceSeed({7}), bytes));
    hold(is_sealed_frame(frame), "a sealed frame is known by how it begins");
  }
  const Outcome<std::string> inner = unseal_frame(frame, KeyPair(town.server().seed));
  if (inner)
    hold(inner->size() < frame.size(), "what was sealed is smaller than its seal");
  else
    hold_fault(inner.fault());
  const Answered answered = town.host().answer(frame);
  hold(answered.status != 503, "whatever is asked, the store stays sound", answered.served.refusal);
}

}  // namespace

// The first byte: what reads the others.
void bundle(std::string_view bytes) {
  switch (take_byte(bytes) % 6) {
    case 0:
      return hold_files(bytes);
    case 1:
      return hold_frame(bytes);
    case 2:
      return hold_accepted(bytes);
    case 4:
      return hold_sealed(bytes, false);
    case 5:
      return hold_sealed(bytes, true);
    default: {
      Town& town = Town::get();
      town.begin();
      const Answered answered = town.host().answer_file(bytes);
      hold(answered.status != 503, "whatever is asked, the store stays sound", answered.served.refusal);
      if (answered.status == 200)
        hold(unpack_receipts(answered.frame).ok(), "a bundle's answers are a file of receipts");
    }
  }
}

}  // namespace songsong::fuzz
