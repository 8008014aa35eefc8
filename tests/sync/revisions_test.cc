// Programs of different age at one server: a kind that is added there is usable on a phone that was installed before
// it, and what a phone does not know it keeps and passes on.
#include "schemas/songsong/policy_table.pb.h"
#include "shared/core/report.h"
#include "shared/replica/books.h"
#include "shared/sync/contact.h"
#include "shared/sync/feed.h"
#include "tests/schemas/bench_table.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

constexpr KindNumber kVisit = 900;

// What ships, two kinds more (bench_need, and a visit that belongs to a pupil), and the next revision.
std::string newer_table() {
  policy::PolicyTable table;
  REQUIRE(table.ParseFromString(std::string(bench_policy_table())));
  table.set_revision(programme().revision() + 1);
  auto& visit = *table.add_kind();
  visit.set_number(kVisit);
  visit.set_name("visit");
  visit.set_unit_via(1);
  auto& pupil = *visit.add_field();
  pupil.set_number(1);
  pupil.set_name("pupil");
  pupil.set_type(policy::REFERENCE);
  pupil.set_merge(schema::LATEST);
  pupil.set_target(programme().kind_named("pupil")->number());
  return table.SerializeAsString();
}

const Policies& newer() {
  static const Policies policies = must(Policies::parse(newer_table()));
  return policies;
}

SyncTally talk(Field& field, Replica& replica, Host& host, bool check = true) {
  const auto initiator = must(Initiator::begin(replica, InitiatorOptions{.primer = &town_primer(), .check = check}));
  while (const std::optional<Outgoing> outgoing = must(initiator->next(field.clock())))
    must(initiator->receive(host.answer(outgoing->body).frame, field.clock()));
  return initiator->tally();
}

RecordId add_bench_need(Replica& replica) {
  const KindPolicy& kind = *newer().kind_named("bench_need");
  Act act;
  act.kind = kind.number();
  for (const auto& [name, value] : std::vector<std::pair<std::string, Value>>{{"student_code", Value(Text{"0123"})},
                                                                              {"full_name", Value(Text{"Vi Thị Hoa"})},
                                                                              {"school_id", Value(Text{"school-1"})}}) {
    act.inputs.push_back(
        Input{.field = Policies::field_named(kind, name)->number(), .shape = Shape::kRegister, .value = value});
  }
  return must(replica.save(act));
}

Environment environment(Field& field) {
  return Environment{.clock = [&field] { return field.clock(); },
                     .entropy =
                         [](std::span<std::uint8_t> bytes) {
                           static Random random(5);
                           for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
                         },
                     .actor = {}};
}

TEST_CASE("a kind that is added at the server is usable on a phone that was installed before it") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  an.pupil("Một", "school-1");
  an.sync(server);
  // The server is updated; the phone's program is not.
  const auto updated = must(Host::open(server.store(), newer(), server.doors(), &town_primer()));
  talk(an, an.replica(), *updated);
  std::string handed_out;
  must(an.store().read(0, [&](StoreReader& reader) { handed_out = reader.setting(kPolicyTableSetting); }));
  const Policies received = must(Policies::parse(handed_out));
  CHECK(received.revision() == newer().revision());
  const auto replica = must(Replica::open(an.store(), received, environment(an)));
  const RecordId need = add_bench_need(*replica);
  CHECK(talk(an, *replica, *updated).quarantined == 0);
  Cells cells;
  must(server.store().read(0, [&](StoreReader& reader) {
    const std::string wanted[] = {"province"};
    cells = reader.totals(wanted).front().value().subtree;
  }));
  CHECK(make_report("province", cells, newer()).measures["bench_needs"] == 1);

  // A phone that was not told keeps what it does not know, holds the same as the server, and works on.
  const SyncTally tally = must(binh.try_sync(server));
  CHECK(tally.unreadable == 0);
  CHECK(must(binh.replica().view(need)).has_value());
  binh.pupil("Hai", "school-1");
  CHECK(talk(binh, binh.replica(), *updated).same);
  CHECK(must(updated->verify()).records > 0);
}

// A visit of a pupil that went to school-2, recorded by a phone with a newer program than the server's: there nobody
// knows that a visit belongs to a pupil, so it stands in school-1, and both schools' phones have heard all.
struct VisitOfOneWhoMoved {
  Server server;
  Field an{server, {"district-1"}, schema::REVIEWER}, binh{server, {"school-1"}}, chi{server, {"school-2"}};
  RecordId visit;

  VisitOfOneWhoMoved() {
    const RecordId pupil = an.pupil("Một", "school-1");
    an.sync(server);
    const auto ahead = must(Replica::open(an.store(), newer(), environment(an)));
    Act act;
    act.kind = kVisit;
    act.unit = "school-1";
    act.inputs = {Input{.field = 1, .shape = Shape::kRegister, .value = Value(pupil)}};
    visit = must(ahead->save(act));
    CHECK(talk(an, *ahead, server.host()).quarantined == 0);
    const KindPolicy& kind = *programme().kind_named("pupil");
    Act moves;
    moves.kind = kind.number();
    moves.record = pupil;
    moves.inputs = {Input{.field = Policies::field_named(kind, "school")->number(),
                          .shape = Shape::kRegister,
                          .value = Value(Text{"school-2"})}};
    must(ahead->save(moves));
    CHECK(talk(an, *ahead, server.host()).quarantined == 0);
    for (Field* const each : {&binh, &chi}) each->sync(server);
    for (Field* const each : {&binh, &chi}) CHECK(each->sync(server).received == 0);
    REQUIRE(binh.live(visit));
    REQUIRE_FALSE(must(chi.replica().view(visit)).has_value());
  }

  std::unique_ptr<Host> updated() { return must(Host::open(server.store(), newer(), server.doors(), &town_primer())); }
};

TEST_CASE("what a new kind of the server's moves to another school is told there, and let go where it was") {
  VisitOfOneWhoMoved here;
  const auto updated = here.updated();
  for (Field* const each : {&here.binh, &here.chi}) talk(*each, each->replica(), *updated, false);
  CHECK_FALSE(here.binh.live(here.visit));
  CHECK(must(here.chi.replica().view(here.visit)).has_value());
  for (Field* const each : {&here.binh, &here.chi}) {
    const SyncTally again = talk(*each, each->replica(), *updated);
    CHECK(again.same);
    CHECK(again.received == 0);
  }
}

TEST_CASE("what a new kind moved is told though the server counted a second time since") {
  VisitOfOneWhoMoved here;
  {
    const auto updated = here.updated();
    Field dung(here.server, {"school-1"});
    dung.pupil("Hai", "school-1");
    talk(dung, dung.replica(), *updated, false);
  }
  // A newer program began to count and was ended, and this one is put back.
  const Store::Writing writing = [](StoreReader&) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[kBooksRevisionSetting] = kRecounting;
    return batch;
  };
  must(here.server.store().write(0, {&writing, 1}));
  const auto back = here.updated();
  for (Field* const each : {&here.binh, &here.chi}) talk(*each, each->replica(), *back, false);
  CHECK_FALSE(here.binh.live(here.visit));
  CHECK(must(here.chi.replica().view(here.visit)).has_value());
}

TEST_CASE("what a new kind moved is let go though the phone's scope cannot be followed") {
  VisitOfOneWhoMoved here;
  // As if units were still being told when the scope changed again.
  const Store::Writing writing = [](StoreReader& reader) -> Outcome<StoreBatch> {
    FeedCursor cursor = must(decode_cursor(reader.setting(kCursorSetting)));
    cursor.scope_before = cursor.scope;
    cursor.scope = 12345679;
    StoreBatch batch;
    batch.settings[kCursorSetting] = encode(cursor);
    return batch;
  };
  must(here.binh.store().write(0, {&writing, 1}));
  const auto updated = here.updated();
  talk(here.binh, here.binh.replica(), *updated, false);
  CHECK_FALSE(here.binh.live(here.visit));
}

}  // namespace
}  // namespace songsong::testing
