// A record's log, asked of the server: whoever has the record in scope is told all of it, nobody else anything.
#include "shared/sync/inquiry.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

Outcome<ToldHistory> ask(Field& field, Server& server, RecordId record,
                         const std::function<void(std::string&)>& altered = {}) {
  const Outcome<Inquiry> inquiry = Inquiry::begin(field.replica(), record, &town_primer(), field.clock());
  if (!inquiry) return inquiry.fault();
  std::string answer = server.host().answer(inquiry->question().body).frame;
  if (altered) altered(answer);
  return inquiry->receive(answer, &town_primer());
}

std::string fault_of(const Outcome<ToldHistory>& told) {
  if (told) return "";
  return told.fault().code == "refused" ? told.fault().where : told.fault().code;
}

TEST_CASE(
    "the log of a record is told to those who have it in scope, oldest first, set-aside changes with their reason") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"district-1"}, schema::REVIEWER), chi(server, {"school-3"}),
      ministry(server, {"ministry"}, schema::HEAD_OFFICE);
  const RecordId pupil = an.pupil("Vi Thị Hoa", "school-1");
  an.set(pupil, {{"school", "school-2"}});  // the phone has no tree yet, and cannot know that this is none of its own
  CHECK(fault_of(ask(an, server, pupil)) == "not_enrolled");
  for (Field* const field : {&an, &binh, &chi, &ministry}) field->sync(server);
  binh.set(pupil, {{"grade", "3"}});
  binh.sync(server);

  for (Field* const field : {&an, &binh}) {
    const ToldHistory told = must(ask(*field, server, pupil));
    REQUIRE(told.entries.size() == 3);
    CHECK_FALSE(told.older);
    CHECK(told.entries[0].change.name == pupil);
    CHECK(told.entries[0].received_ms == kTownTime);
    CHECK(told.entries[1].verdict == Verdict::kQuarantined);
    CHECK(told.entries[1].reason == "to_be_received");
    CHECK(told.entries[2].change.name.replica() == binh.replica().identity().replica);
    CHECK(told.entries[2].verdict == Verdict::kApplied);
  }
  CHECK(fault_of(ask(chi, server, pupil)) == "not_told");
  CHECK(fault_of(ask(ministry, server, pupil)) == "not_told");
  CHECK(fault_of(ask(an, server, Name(99, 1, 7))) == "not_told");
  must(server.host().revoke(an.replica().identity().replica));
  CHECK(fault_of(ask(an, server, pupil)) == "replica_revoked");
}

TEST_CASE("asking alters nothing on either side") {
  Server server;
  Field an(server, {"school-1"});
  const RecordId pupil = an.pupil("Vi Thị Hoa", "school-1");
  an.sync(server);
  an.set(pupil, {{"grade", "3"}});
  const auto before = server.states();
  must(ask(an, server, pupil));
  CHECK(server.states() == before);
  CHECK(must(an.replica().pending()) == 1);
  CHECK(an.sync(server).sent == 1);
}

TEST_CASE("of a long log the newest changes are told, and that there are older ones") {
  Server server;
  Field an(server, {"school-1"});
  const RecordId pupil = an.pupil("Vi Thị Hoa", "school-1");
  for (int i = 0; i < 520; ++i) an.set(pupil, {{"note", "lần " + std::to_string(i)}});
  an.sync(server);
  const ToldHistory told = must(ask(an, server, pupil));
  CHECK(told.older);
  CHECK(told.entries.size() == 500);
  CHECK(told.entries.back().change.name.sequence() == 521);
  CHECK(told.entries.front().change.name.sequence() == 22);
}

TEST_CASE("an answer that was altered, or is for another question, is not believed") {
  Server server;
  Field an(server, {"school-1"});
  const RecordId pupil = an.pupil("Vi Thị Hoa", "school-1");
  an.sync(server);
  CHECK(fault_of(ask(an, server, pupil, [](std::string& answer) { answer.back() ^= 1; })) == "answer_forged");
  CHECK(fault_of(ask(an, server, pupil, [](std::string& answer) { answer = "<html>"; })) == "not_our_server");
}

}  // namespace
}  // namespace songsong::testing
