// Requests, to a server with a store: as bytes, and as an authentic phone says them.
#include "shared/core/receipt.h"
#include "shared/core/state_batch_codec.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/wire.h"
#include "tests/fuzz/authentic.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/tables.h"

namespace songsong::fuzz {
namespace {

constexpr int kMostAsked = 4;

void hold_sound(const Town& town, const wire::Answer& answer) {
  if (!answer.states().empty()) {
    const Outcome<std::vector<State>> states =
        decode_states(answer.states(), wire::kStatesLimits, &simulation::primer());
    hold(states.ok(), "a server's states can be read", states ? "" : text_of(states.fault()));
    hold(states->size() == static_cast<std::size_t>(answer.versions_size()), "each state has its version");
  }
  for (const std::string& bytes : answer.receipts())
    hold(verify(must(decode_receipt(bytes)), KeyPair(town.server().seed).public_key()), "a receipt is signed");
  for (const wire::Logged& logged : answer.history().entries())
    hold(decode_changes(logged.change(), wire::kPieceLimits, &simulation::primer()).ok(), "a history can be read");
}

// What a server says of the same changes, whenever it is asked.
struct Word {
  std::vector<std::string> receipts, quarantined;
  std::string refusal;

  explicit Word(const wire::Answer& answer)
      : receipts(answer.receipts().begin(), answer.receipts().end()), refusal(answer.refusal().code()) {
    for (const wire::Quarantined& each : answer.quarantined()) quarantined.push_back(each.SerializeAsString());
  }
  bool operator==(const Word&) const = default;
};

std::optional<wire::Answer> heard(const Answered& answered, const QuestionSecret& secret) {
  hold(answered.status != 503, "whatever is asked, the store stays sound", answered.served.refusal);
  hold(is_frame(answered.frame), "every answer is a frame");
  const Outcome<wire::Answer> answer = open_answer(secret, answered.frame);
  if (answer) return *answer;
  hold(answer.fault().code == "refused", "an answer is authentic, or a refusal", text_of(answer.fault()));
  return std::nullopt;
}

StoreSequence last_sequence(Town& town) {
  StoreSequence last = 0;
  must(town.store().read(0, [&](StoreReader& reader) { last = reader.last_sequence(); }));
  return last;
}

void ask(Town& town, const Asker::Made& made) {
  const std::optional<wire::Answer> first = heard(town.host().answer(made.frame), made.secret);
  if (!first) return;
  hold_sound(town, *first);
  const StoreSequence after = last_sequence(town);
  const std::optional<wire::Answer> again = heard(town.host().answer(made.frame), made.secret);
  hold(again.has_value() && Word(*again) == Word(*first), "a question asked again gets the same word",
       again ? again->refusal().code() + " after " + first->refusal().code() : "refused");
  hold(last_sequence(town) == after, "a question asked again adds nothing");
}

void ask_by_file(Town& town, const std::vector<Asker::Made>& made) {
  std::vector<std::string> frames;
  for (const Asker::Made& each : made) frames.push_back(each.frame);
  const Answered answered = town.host().answer_file(pack_bundle(frames));
  hold(answered.status != 503, "whatever is asked, the store stays sound", answered.served.refusal);
  const std::vector<CarriedAnswer> answers = must(unpack_receipts(answered.frame));
  hold(answers.size() == made.size(), "a bundle has an answer to each of its questions");
  for (std::size_t i = 0; i < answers.size(); ++i)
    hold(answers[i].question == made[i].secret.tag, "an answer says which question it answers");
}

}  // namespace

void request(std::string_view bytes) {
  Town& town = Town::get();
  town.begin();
  RequestCase drawn;
  if (!drawn.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    (void)heard(town.host().answer(bytes), QuestionSecret{});
    return;
  }
  const Seat& seat = town.seats()[drawn.seat() % town.seats().size()];
  Asker asker(town, seat);
  std::vector<Asker::Made> made;
  for (int i = 0; i < drawn.asked_size() && i < kMostAsked; ++i) {
    made.push_back(asker.make(drawn.asked(i)));
    if (!drawn.by_file()) ask(town, made.back());
  }
  if (drawn.by_file() && !made.empty()) ask_by_file(town, made);
  if (town.written()) town.verify_server();
}

}  // namespace songsong::fuzz
