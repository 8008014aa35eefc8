// What a replica makes of answers that are authentic and come in another order than they were made.
#include "shared/sync/intake.h"

#include <algorithm>

#include "shared/core/receipt.h"
#include "shared/core/signature.h"
#include "shared/core/state_batch_codec.h"
#include "shared/sync/contact.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

struct Told {
  Server server;
  Field phone{server, {"school-1"}}, colleague{server, {"school-1"}};
  RecordId pupil;
  State before;  // before it was edited
  Question question;
  wire::Answer answer;  // with nothing in it yet

  Told() {
    pupil = phone.pupil("Vi Thị Hoa", "school-1");
    phone.sync(server);
    before = shown();
    server.now_ms += 60'000;
    colleague.sync(server);
    colleague.set(pupil, {{"note", "cần máy"}});
    colleague.sync(server);
    phone.sync(server);
    const Outcome<Done> read = phone.store().read(0, [&](StoreReader& reader) {
      const Contact contact = *Contact::read(reader);
      question.replica = phone.replica().identity().replica;
      question.cursor = contact.cursor;
      answer.set_epoch(contact.epoch);
    });
    REQUIRE(read.ok());
    question.wants_states = true;
    question.sent = phone.clock();
    answer.set_protocol(1);
    answer.set_server_ms(server.now_ms);
  }

  State shown() { return must(phone.replica().view(pupil))->state; }

  StoreSequence held_version() {
    StoreSequence version = 0;
    const RecordId wanted[] = {pupil};
    const auto read =
        phone.store().read(0, [&](StoreReader& reader) { version = reader.records(wanted).front()->base_version; });
    REQUIRE(read.ok());
    return version;
  }

  std::uint64_t epoch() {
    std::uint64_t held = 0;
    const auto read = phone.store().read(0, [&](StoreReader& reader) { held = Contact::read(reader)->epoch; });
    REQUIRE(read.ok());
    return held;
  }

  void depart(StoreSequence version) {
    wire::Departure& departure = *answer.add_departures();
    departure.set_record(pupil.packed());
    departure.set_version(version);
  }

  Outcome<Taken> try_to_take() {
    return take_in(phone.replica(), server.host().public_key(), question, answer, phone.clock(), &town_primer());
  }
  Taken take() { return must(try_to_take()); }
};

}  // namespace

TEST_CASE("a record is not dropped by a departure that is older than what is held of it") {
  Told told;
  REQUIRE(told.held_version() > 1);
  told.depart(told.held_version() - 1);
  told.take();
  REQUIRE(told.phone.live(told.pupil));
  told.answer.clear_departures();
  told.depart(told.held_version());
  told.take();
  REQUIRE_FALSE(told.phone.live(told.pupil));
}

TEST_CASE("an answer that another program has overtaken brings neither states nor departures, nor moves the cursor") {
  Told told;
  told.depart(told.held_version());
  told.answer.set_cursor("another place");
  const std::string heard = told.question.cursor;
  told.question.cursor = "a place from before";
  REQUIRE(told.take().overtaken);
  REQUIRE(told.phone.live(told.pupil));
  told.question.cursor = heard;
  REQUIRE_FALSE(told.take().overtaken);
  REQUIRE_FALSE(told.phone.live(told.pupil));
}

TEST_CASE("what was refused is shown no more, though the state that came with the verdict is not taken in") {
  Told told;
  told.phone.set(told.pupil, {{"note", "không cần nữa"}});
  const VersionVector applied = told.shown().applied;
  const auto own =
      std::find_if(applied.begin(), applied.end(), [&](Name name) { return name.replica() == told.pupil.replica(); });
  REQUIRE(own != applied.end());
  wire::Quarantined& verdict = *told.answer.add_quarantined();
  verdict.set_change(own->packed());
  verdict.set_reason("out_of_scope");
  told.answer.set_states(encode_states({&told.before, 1}));
  SECTION("since another program has overtaken the answer") {
    told.question.cursor = "a place from before";
    told.answer.add_versions(static_cast<std::int64_t>(told.held_version()) + 1);
  }
  SECTION("since it is older than what is held") {
    told.answer.add_versions(static_cast<std::int64_t>(told.held_version()) - 1);
  }
  REQUIRE(told.take().quarantined == 1);
  REQUIRE(told.phone.shown(told.pupil, "note") == "cần máy");
}

TEST_CASE("a state that is older than what is held is not taken in") {
  Told told;
  const State now = told.shown();
  told.answer.set_states(encode_states({&told.before, 1}));
  told.answer.add_versions(static_cast<std::int64_t>(told.held_version()) - 1);
  REQUIRE(told.take().received == 0);
  REQUIRE(told.shown() == now);
  told.answer.clear_versions();
  told.answer.add_versions(static_cast<std::int64_t>(told.held_version()) + 1);
  REQUIRE(told.take().received == 1);
}

TEST_CASE("a state that alters what this phone saved is passed over, and what was saved stays as it was") {
  Told told;
  State state = told.shown();
  const auto own = std::find_if(state.registers.begin(), state.registers.end(), [&](const Register& each) {
    return each.heads.front().name == told.pupil && each.heads.front().personal;
  });
  REQUIRE(own != state.registers.end());
  Head& head = own->heads.front();
  SECTION("another value") { head.value = Value(Text{"Vi Thị Hoà"}); }
  SECTION("a value that is nobody's secret") { head.personal = false; }
  SECTION("a value of a field that it did not write") { own->field += 1000; }
  std::sort(state.registers.begin(), state.registers.end(),
            [](const Register& one, const Register& other) { return one.field < other.field; });
  told.answer.set_states(encode_states({&state, 1}));
  told.answer.add_versions(static_cast<std::int64_t>(told.held_version()) + 1);
  const State before = told.shown();
  REQUIRE(told.take().unreadable == 1);
  REQUIRE(told.shown() == before);
  REQUIRE(told.phone.verify().changes > 0);
}

TEST_CASE("what a state says was erased is erased here, and what was erased here stays so whatever a state says") {
  Told told;
  State state = told.shown();
  const State with_values = state;
  for (Register& each : state.registers) {
    for (Head& head : each.heads) {
      if (head.personal && head.name == told.pupil) head.value = Value(Erased{});
    }
  }
  told.answer.set_states(encode_states({&state, 1}));
  told.answer.add_versions(static_cast<std::int64_t>(told.held_version()) + 1);
  const Taken taken = told.take();
  CHECK(taken.received == 1);
  CHECK(taken.erased == 1);
  CHECK(told.shown() == state);
  told.phone.verify();
  // A server that has forgotten it, with a store from before.
  told.answer.set_states(encode_states({&with_values, 1}));
  told.answer.clear_versions();
  told.answer.add_versions(static_cast<std::int64_t>(told.held_version()) + 1);
  CHECK(told.take().received == 1);
  CHECK(told.shown() == state);
  told.phone.verify();
}

TEST_CASE("an answer from before a restore brings nothing, and does not put the phone back into the old epoch") {
  Told told;
  told.depart(told.held_version());
  const std::uint64_t epoch = told.answer.epoch();
  told.answer.set_epoch(epoch - 1);
  told.take();
  REQUIRE(told.phone.live(told.pupil));
  REQUIRE(told.epoch() == epoch);
}

TEST_CASE("a receipt counts only if the ticket's server signed it, and in this epoch") {
  Told told;
  Receipt receipt{.server_key = {},
                  .epoch = told.answer.epoch(),
                  .held = told.pupil,
                  .hash = {},
                  .released = 0,
                  .issued_ms = told.server.now_ms,
                  .signature = {}};
  SECTION("another key's") {
    SigningSeed seed;
    for (std::uint8_t& byte : seed.fill()) byte = static_cast<std::uint8_t>(told.server.random().next());
    sign(receipt, KeyPair(seed));
  }
  SECTION("none's") {}
  told.answer.add_receipts(encode(receipt));
  REQUIRE(told.try_to_take().fault().code == "receipt_forged");
}

}  // namespace songsong::testing
