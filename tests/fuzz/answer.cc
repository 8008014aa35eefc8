// Answers, to a phone that asked: as whoever holds its server's key says them, by the network or by a file.
#include "shared/sync/bundle.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/wire.h"
#include "tests/fuzz/authentic.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/tables.h"

namespace songsong::fuzz {
namespace {

constexpr int kMostTold = 6;

// A fault, but none of the store: what a stranger says does no harm to it.
template <class T>
void hold_unharmed(const Outcome<T>& outcome) {
  if (outcome) return;
  // Of a refusal it is the server's own word.
  hold_fault(outcome.fault(), outcome.fault().code == "refused" ? Place::kCallersToSay : Place::kSaid);
  hold(!outcome.fault().code.starts_with("storage_"), "whatever is told, the store stays sound",
       text_of(outcome.fault()));
}

void converse(const Town& town, PhoneAtWork& phone, const AnswerCase& drawn) {
  const std::unique_ptr<Initiator> initiator =
      must(Initiator::begin(*phone.replica, {.primer = &simulation::primer(), .check = drawn.checks()}));
  for (int i = 0; i < drawn.told_size() && i < kMostTold; ++i) {
    const Outcome<std::optional<Outgoing>> asked = initiator->next(phone.clock());
    hold_unharmed(asked);
    if (!asked || !asked->has_value()) return;
    if (drawn.told(i).lost()) {
      initiator->failed();
      continue;
    }
    hold_unharmed(initiator->receive(answer_of(town, phone, (*asked)->body, drawn.told(i)), phone.clock()));
  }
  hold_unharmed(initiator->next(phone.clock()));
}

void read_receipts(const Town& town, PhoneAtWork& phone, const AnswerCase& drawn) {
  const Outcome<Bundle> made = make_bundle(*phone.replica, phone.clock());
  if (!made) return hold_unharmed(made);
  const std::vector<std::string> questions = must(unpack_bundle(made->bytes));
  std::vector<CarriedAnswer> answers;
  for (int i = 0; i < drawn.told_size() && i < kMostTold; ++i) {
    const std::string& question = questions[static_cast<std::size_t>(i) % questions.size()];
    answers.push_back(
        CarriedAnswer{.question = tag_of_frame(question), .frame = answer_of(town, phone, question, drawn.told(i))});
  }
  if (!answers.empty()) hold_unharmed(accept_file(*phone.replica, pack_receipts(answers), phone.clock()));
}

// What a person does after: looks at everything.
void look(PhoneAtWork& phone) {
  std::vector<RecordId> ids;
  hold_unharmed(phone.replica->list(0, [&](const RecordView& view) {
    ids.push_back(view.state.id);
    return true;
  }));
  for (const RecordId id : ids) {
    hold_unharmed(phone.replica->view(id));
    hold_unharmed(phone.replica->history(id));
  }
  hold_unharmed(phone.replica->cases());
  hold_unharmed(phone.replica->pending());
  hold_unharmed(phone.replica->search("lan", 100));
}

}  // namespace

void answer(std::string_view bytes) {
  Town& town = Town::get();
  AnswerCase drawn;
  if (!drawn.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const std::unique_ptr<PhoneAtWork> phone = town.phone(drawn.phone());
  drawn.by_file() ? read_receipts(town, *phone, drawn) : converse(town, *phone, drawn);
  look(*phone);
  if (phone->store->written()) Town::verify_phone(*phone);
}

}  // namespace songsong::fuzz
