// What is on the way: questions, answers, files.
#include <algorithm>

#include "shared/sync/bundle.h"
#include "tests/simulation/checks.h"
#include "tests/simulation/violation.h"
#include "tests/simulation/world.h"

namespace songsong::simulation {
namespace {

constexpr std::size_t kMostRoundTrips = 2000;

// What a phone may hear of its own server or a poor link; anything else is a mistake of ours.
bool may_end_a_talk(const Fault& fault) {
  return is_disk_fault(fault) || fault.code == "not_our_server" || fault.code == "answer_forged" ||
         fault.code == "refused" || fault.code == "no_progress" || fault.code == "policies_changed";
}

void spoil(std::string& bytes, std::uint32_t how) {
  if (bytes.empty()) return;
  const std::size_t at = how / 2 % bytes.size();
  if (how % 2 == 0)
    bytes.resize(at);
  else
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (how % 8)));
}

}  // namespace

InitiatorOptions World::options(bool check) const {
  InitiatorOptions options{.primer = &primer(), .check = check};
  if (plan_.bytes != 0) options.most_piece_bytes = plan_.bytes;
  return options;
}

void World::ask(std::size_t number) {
  Phone& phone = *phones_[number];
  if (phone.talking != nullptr && phone.waits) phone.talking->failed();
  phone.waits = false;
  if (phone.talking == nullptr) {
    Outcome<std::unique_ptr<Initiator>> begun = Initiator::begin(phone.replica(), options(false));
    if (!begun) return;
    phone.talking = std::move(*begun);
  }
  Outcome<std::optional<Outgoing>> outgoing = phone.talking->next(phone.clock());
  if (!outgoing || !outgoing->has_value()) {
    if (!outgoing && !may_end_a_talk(outgoing.fault()))
      throw Violation("a phone can always ask", phone.device() + ": " + text_of(outgoing.fault()));
    phone.talking.reset();
    return;
  }
  phone.waits = true;
  phone.talk = ++talks_;
  questions_.push_back(
      Message{.phone = number, .talk = phone.talk, .bytes = std::move((*outgoing)->body), .office = 0, .promised = {}});
}

// Nothing where the server died while it answered.
std::optional<std::string> World::answer_of(std::size_t number, Message& question) {
  Office& office = *offices_[number];
  Answered answered = office.host().answer(question.bytes);
  ++counts_.answers;
  if (disk_.is_dead(office.device())) {
    after_office(office);
    return std::nullopt;
  }
  office.look_at_log(true);
  const std::string promised = check_answer(office, question.bytes, answered.frame);
  if (!promised.empty()) {
    if (!question.promised.empty() && question.office == number && question.promised != promised &&
        question.promised.substr(0, question.promised.find(' ')) == promised.substr(0, promised.find(' ')))
      throw Violation("a retry gets the same receipt", office.device());
    question.office = number;
    question.promised = promised;
  }
  return std::move(answered.frame);
}

void World::arrive(std::size_t index, const Step& step, bool damaged) {
  Message question = questions_[index];
  const bool repeated = !damaged && step.c % 8 == 1;
  if (damaged) {
    spoil(question.bytes, step.c);
    count_fault("a question was cut or altered");
  }
  const bool old = old_office_runs_ && step.c % 4 == 0;
  if (old) count_fault("a question went to the server from before the restore");
  std::optional<std::string> answer = answer_of(offices_.size() - (old ? 2 : 1), question);
  if (repeated) {
    questions_[index] = question;
    count_fault("a question arrived twice");
  } else {
    questions_.erase(questions_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  if (!answer) return;
  answers_.push_back(Message{
      .phone = question.phone, .talk = question.talk, .bytes = std::move(*answer), .office = 0, .promised = {}});
}

void World::hear(const Message& answer, std::uint32_t c) {
  Phone& phone = *phones_[answer.phone];
  if (phone.gone || !phone.on() || !phone.waits || phone.talk != answer.talk || phone.talking == nullptr) {
    count_fault("an answer came after the phone had given up");
    return;
  }
  std::string bytes = answer.bytes;
  const bool damaged = c % 8 == 7;
  if (damaged) {
    spoil(bytes, c / 8);
    count_fault("an answer was cut or altered");
  }
  phone.waits = false;
  const Outcome<Done> received = phone.talking->receive(bytes, phone.clock());
  if (!received) {
    if (!may_end_a_talk(received.fault()))
      throw Violation("an answer of the server can be taken in", phone.device() + ": " + text_of(received.fault()));
    phone.talking.reset();
  }
  after_phone(phone, 0);
  if (phone.on() && received) check_nothing_hidden(phone);
}

bool World::converse(std::size_t number, bool check) {
  Phone& phone = *phones_[number];
  Outcome<std::unique_ptr<Initiator>> begun = Initiator::begin(phone.replica(), options(check));
  if (!begun) return false;
  for (std::size_t i = 0; i < kMostRoundTrips; ++i) {
    Outcome<std::optional<Outgoing>> outgoing = (*begun)->next(phone.clock());
    if (!outgoing) {
      if (!may_end_a_talk(outgoing.fault()))
        throw Violation("a phone can always ask", phone.device() + ": " + text_of(outgoing.fault()));
      return false;
    }
    if (!outgoing->has_value()) {
      const SyncTally& tally = (*begun)->tally();
      if (check && (!tally.same || tally.mended != 0))
        throw Violation("digests agree", phone.device() + (tally.same ? " had to be mended" : " differs"));
      give_back_receipts(number);
      return tally.sent + tally.received > 0;
    }
    Message question{
        .phone = number, .talk = ++talks_, .bytes = std::move((*outgoing)->body), .office = 0, .promised = {}};
    const std::optional<std::string> answer = answer_of(offices_.size() - 1, question);
    if (!answer) return true;
    const Outcome<Done> received = (*begun)->receive(*answer, phone.clock());
    if (!received && !may_end_a_talk(received.fault()))
      throw Violation("an answer of the server can be taken in", phone.device() + ": " + text_of(received.fault()));
    const bool moved = (*begun)->tally().sent + (*begun)->tally().received > 0;
    const bool died = disk_.is_dead(phone.device());
    if (died) begun = Fault{};
    after_phone(phone, 0);
    if (died || !received) return died || moved;
    check_nothing_hidden(phone);
  }
  throw Violation("a conversation ends", phone.device());
}

// Receipts for bundles that the phone handed on for others.
void World::give_back_receipts(std::size_t number) {
  Phone& phone = *phones_[number];
  const Outcome<CarriedFiles> carried = carried_receipts(phone.replica());
  if (!carried) return;
  for (const auto& [name, bytes] : *carried) {
    parcels_.push_back(Parcel{.owner = number, .receipts = true, .bytes = bytes});
    (void)drop_receipts(phone.replica(), name).ok();
  }
}

void World::carry(const Step& step) {
  if (parcels_.empty()) return;
  const Parcel parcel = parcels_[step.b % parcels_.size()];
  if (step.c % 3 == 0 && !parcel.receipts) {
    Office& server = office();
    const Answered answered = server.host().answer_file(parcel.bytes);
    ++counts_.answers;
    if (disk_.is_dead(server.device())) return after_office(server);
    server.look_at_log(true);
    if (!answered.frame.empty())
      parcels_.push_back(Parcel{.owner = parcel.owner, .receipts = true, .bytes = answered.frame});
    return;
  }
  // Receipts go to whoever is met, too: a phone takes only its own.
  const std::size_t to = step.c % 3 == 1 ? parcel.owner : step.a % phones_.size();
  Phone& phone = *phones_[to];
  if (phone.gone || !phone.on()) return;
  const Outcome<AcceptedFile> accepted = accept_file(phone.replica(), parcel.bytes, phone.clock());
  if (!accepted && accepted.fault().code == "not_a_bundle")
    throw Violation("a file that was written here can be read", phone.device());
  after_phone(phone, 0);
  if (phone.on() && accepted) check_nothing_hidden(phone);
}

bool World::step_of_messages(const Step& step) {
  switch (step.verb) {
    case Verb::kArrive:
    case Verb::kDamage:
      if (!questions_.empty()) arrive(step.b % questions_.size(), step, step.verb == Verb::kDamage);
      return true;
    case Verb::kLose: {
      std::vector<Message>& lost = step.c % 2 == 0 ? questions_ : answers_;
      if (lost.empty()) return true;
      lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(step.b % lost.size()));
      count_fault("a message was lost");
      return true;
    }
    case Verb::kHear:
      if (!answers_.empty()) {
        const auto place = answers_.begin() + static_cast<std::ptrdiff_t>(step.b % answers_.size());
        const Message answer = std::move(*place);
        answers_.erase(place);
        hear(answer, step.c);
      }
      return true;
    case Verb::kCarry:
      carry(step);
      return true;
    default:
      return false;
  }
}

}  // namespace songsong::simulation
