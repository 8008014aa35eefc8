// Programs of different age at one server: a kind that is added there is usable on a phone that was installed before
// it, and what a phone does not know it keeps and passes on.
#include "schemas/songsong/policy_table.pb.h"
#include "shared/core/report.h"
#include "shared/sync/contact.h"
#include "tests/schemas/bench_table.h"
#include "tests/sync/town.h"

namespace songsong::testing {
namespace {

// What ships, one kind more (bench_need), and the next revision.
std::string newer_table() {
  policy::PolicyTable table;
  REQUIRE(table.ParseFromString(std::string(bench_policy_table())));
  table.set_revision(programme().revision() + 1);
  return table.SerializeAsString();
}

const Policies& newer() {
  static const Policies policies = must(Policies::parse(newer_table()));
  return policies;
}

SyncTally talk(Field& field, Replica& replica, Host& host) {
  const auto initiator = must(Initiator::begin(replica, InitiatorOptions{.primer = &town_primer(), .check = true}));
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

}  // namespace
}  // namespace songsong::testing
