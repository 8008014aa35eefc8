// A phone whose program does not keep the rules: everything that it says is authentic, and wrong. What is no piece is
// refused and alters nothing; what is one and may not be is set aside, with the reason.
#include "tests/town/hostile.h"
#include "shared/core/value_text.h"
#include "shared/sync/frame.h"
#include "shared/sync/questions.h"
#include "shared/sync/wire.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

Write* written(Change& change, const std::string& field) {
  const KindPolicy& kind = *programme().kind(change.kind);
  const FieldNumber number = Policies::field_named(kind, field)->number();
  const auto found = std::find_if(change.writes.begin(), change.writes.end(),
                                  [&](const Write& write) { return write.field == number; });
  REQUIRE(found != change.writes.end());
  return &*found;
}

}  // namespace

TEST_CASE("a piece that is no piece is refused by name, and nothing of it is kept") {
  Server server;
  const std::map<RecordId, std::string> before = server.states();
  const auto refused = [&](const std::function<void(wire::Piece&)>& spoil) {
    Hostile hostile(server);
    wire::Piece piece = hostile.piece({hostile.pupil(), hostile.pupil()});
    spoil(piece);
    const std::string code = hostile.refusal(piece);
    CHECK(server.states() == before);
    return code;
  };
  CHECK(refused([](wire::Piece& piece) { piece.clear_signature(); }) == "piece_signature");
  CHECK(refused([](wire::Piece& piece) { piece.mutable_signature()->back() ^= 1; }) == "piece_signature");
  CHECK(refused([](wire::Piece& piece) { piece.mutable_before()->front() ^= 1; }) == "piece_other_path");
  CHECK(refused([](wire::Piece& piece) { piece.clear_before(); }) == "piece_other_path");
  CHECK(refused([](wire::Piece& piece) { piece.clear_keys(); }) == "piece_key_missing");
  CHECK(refused([](wire::Piece& piece) { piece.set_keys(0, "short"); }) == "piece_key_missing");
  CHECK(refused([](wire::Piece& piece) { piece.mutable_keys(0)->back() ^= 1; }) == "piece_signature");
  CHECK(refused([](wire::Piece& piece) { piece.mutable_changes()->pop_back(); }).starts_with("piece_"));
  CHECK(refused([](wire::Piece& piece) { piece.set_changes("nothing of the kind"); }).starts_with("piece_"));
  CHECK(refused([](wire::Piece& piece) { piece.clear_changes(); }).starts_with("piece_"));
  Hostile hostile(server);
  (void)hostile.pupil();
  wire::Piece elsewhere = hostile.piece({hostile.pupil()});  // the second change, told as the first
  elsewhere.set_first(1);
  CHECK(hostile.refusal(elsewhere) == "piece_misplaced");
}

TEST_CASE("a record whose name was guessed before it came is not taken into another school") {
  Server server;
  Hostile honest(server), hostile(server, {"school-2"});
  const Change opening = honest.pupil();
  Change taking = hostile.change("pupil", {{"school", "school-2"}});
  taking.record = opening.name;
  taking.saw = {opening.name};
  const wire::Answer taken = hostile.say(hostile.request({hostile.piece({taking})}));
  REQUIRE(taken.quarantined_size() == 1);
  CHECK(taken.quarantined(0).reason() == "out_of_scope");
  const wire::Answer opened = honest.say(honest.request({honest.piece({opening})}));
  CHECK(opened.quarantined_size() == 0);
  CHECK(server.total("school-1", "cases_open") == 0);
  CHECK(server.total("school-2", "cases_open") == 1);
}

TEST_CASE("a piece that another phone signed is refused") {
  Server server;
  Hostile hostile(server), victim(server);
  const wire::Piece piece = hostile.piece({hostile.pupil()});
  CHECK(victim.refusal(piece) == "piece_misplaced");
  CHECK(victim.say(victim.request({victim.piece({victim.pupil()})})).refusal().code().empty());
  // Under the victim's number, with the hostile's own key: the ticket is not its own.
  wire::Request request = hostile.request({piece});
  request.set_replica(victim.ticket().replica);
  CHECK(hostile.say(request).refusal().code() == "ticket_used");
  // And under the number of a phone that has not enrolled yet.
  request.set_replica(Hostile(server).ticket().replica);
  CHECK(hostile.say(request).refusal().code() == "ticket_forged");
}

TEST_CASE("a piece that goes on from a change that is not held is no error: the answer says what is") {
  Server server;
  Hostile hostile(server);
  const wire::Piece first = hostile.piece({hostile.pupil()});
  const wire::Piece second = hostile.piece({hostile.pupil()});
  wire::Answer answer = hostile.say(hostile.request({second}));
  CHECK(answer.refusal().code() == "");
  CHECK(answer.receipts_size() == 0);
  CHECK(hostile.say(hostile.request({first})).receipts_size() == 1);
  answer = hostile.say(hostile.request({second}));
  REQUIRE(answer.receipts_size() == 1);
  CHECK(must(decode_receipt(answer.receipts(0))).held == hostile.name(2));
  server.verify();
}

TEST_CASE("a piece that does not go on from the one before it is refused, the first time and ever after") {
  Server server;
  Hostile hostile(server);
  const wire::Piece first = hostile.piece({hostile.pupil(), hostile.pupil()});
  const wire::Piece second = hostile.piece({hostile.pupil()});
  const wire::Piece third = hostile.piece({hostile.pupil()});
  const std::map<RecordId, std::string> before = server.states();
  const auto misplaced = [&](const std::vector<wire::Piece>& pieces) {
    return hostile.say(hostile.request(pieces)).refusal().code() == "piece_misplaced";
  };
  CHECK(misplaced({first, first}));
  CHECK(misplaced({first, third}));
  CHECK(misplaced({first, second, second}));
  CHECK(server.states() == before);
  CHECK(hostile.say(hostile.request({first, second, third})).refusal().code() == "");
  CHECK(misplaced({first, third}));
  CHECK(misplaced({second, first}));
  server.verify();
  CHECK(server.states().size() == before.size() + 4);
}

TEST_CASE("a phone that gives a name of one of its lines to a change of another is refused, and the log stays sound") {
  Server server;
  Hostile hostile(server);
  const auto say = [&](const std::vector<Change>& changes) {
    return hostile.say(hostile.request({hostile.piece(changes)})).refusal().code();
  };
  CHECK(say({hostile.pupil(), hostile.pupil(), hostile.pupil()}) == "");
  // A second line from the root, as of a copied phone; its third change takes the first line's name.
  hostile.begin_anew(Hostile::kTag + 1);
  CHECK(say({hostile.pupil(), hostile.pupil()}) == "");
  const std::map<RecordId, std::string> before = server.states();
  hostile.take_tag(Hostile::kTag);
  CHECK(say({hostile.pupil()}) == "names_collide");
  CHECK(server.states() == before);
  server.verify();
}

TEST_CASE("a phone that goes on with another key for the same block is refused, and what it sent before stays sound") {
  Server server;
  Hostile hostile(server);
  CHECK(hostile.say(hostile.request({hostile.piece({hostile.pupil()})})).receipts_size() == 1);
  hostile.draw_block_key();
  CHECK(hostile.refusal(hostile.piece({hostile.pupil()})) == "names_collide");
  server.verify();
}

TEST_CASE("what may not be written is set aside with the reason, and counts nowhere") {
  Server server;
  const auto reason = [&](schema::Role role, const std::function<Change(Hostile&)>& make) {
    Hostile hostile(server, {"school-1"}, role);
    const std::int64_t counted = server.total("ministry", "needs_declared");
    const std::string why = hostile.reason({make(hostile)});
    CHECK(server.total("ministry", "needs_declared") == counted);
    return why;
  };
  const auto teacher = [&](const std::function<Change(Hostile&)>& make) { return reason(schema::TEACHER, make); };
  CHECK(teacher([](Hostile& phone) { return phone.pupil(); }) == "");
  CHECK(teacher([](Hostile& phone) { return phone.pupil({{"school", "school-3"}}); }) == "out_of_scope");
  CHECK(teacher([](Hostile& phone) {
          Change change = phone.pupil();
          change.unit = "district-2";
          return change;
        }) == "out_of_scope");
  CHECK(teacher([](Hostile& phone) {
          return phone.change("pupil", {{"full_name", "Vi Thị Hoa"}, {"school", "school-1"}});
        }) == "required");
  CHECK(teacher([](Hostile& phone) {
          Change change = phone.pupil();
          written(change, "household")->value = Value(std::int64_t{77});
          return change;
        }) == "unknown_value");
  CHECK(teacher([](Hostile& phone) {
          Change change = phone.pupil();
          written(change, "household")->shape = Shape::kAdd;
          return change;
        }) == "wrong_shape");
  CHECK(teacher([](Hostile& phone) {
          return phone.change("unit", {{"code", "school-9"}, {"name", "Mới"}});
        }) == "not_for_role");
  CHECK(reason(schema::HEAD_OFFICE, [](Hostile& phone) { return phone.pupil(); }) == "not_for_role");
  CHECK(reason(schema::AUDITOR, [](Hostile& phone) { return phone.pupil(); }) == "not_for_role");
  CHECK(teacher([](Hostile& phone) {
          Change change = phone.pupil();
          change.origin = phone.name(9);
          change.record = phone.name(9);
          return change;
        }) == "origin_not_allowed");
  server.verify();
}

TEST_CASE("whoever says that two records are one, or takes that back, has both") {
  Server server;
  Field near(server, {"school-1"}), far(server, {"school-3"}), above(server, {"province"}, schema::REVIEWER);
  const RecordId one = near.pupil("Một", "school-1"), other = far.pupil("Hai", "school-3");
  near.sync(server);
  far.sync(server);
  above.sync(server);
  const std::int64_t counted = server.total("province", "cases_open");
  const auto said = [&](const std::string& decision) {
    return Filled{{"one", to_text(one)}, {"other", to_text(other)}, {"decision", decision}};
  };
  Hostile hostile(server);
  CHECK(hostile.reason({hostile.change("samehood", said("same"))}) == "out_of_scope");
  CHECK(hostile.reason({hostile.change("samehood", said("different"))}) == "out_of_scope");
  CHECK(server.total("province", "cases_open") == counted + 2);
  const RecordId decision = above.add("samehood", said("same"));
  above.sync(server);
  CHECK(hostile.reason({hostile.edit(decision, "samehood", {{"decision", "different"}})}) == "out_of_scope");
  CHECK(hostile.reason({hostile.edit(decision, "samehood", {{"other", to_text(one)}})}) == "out_of_scope");
  above.set(decision, {{"decision", "different"}});
  above.sync(server);
  CHECK(server.total("province", "cases_open") == counted + 4);
  server.verify();
}

TEST_CASE("somebody else's record is not written to, and a record does not change its kind") {
  Server server;
  Field an(server, {"school-1"}), far(server, {"school-3"});
  const RecordId near_pupil = an.pupil("Một", "school-1"), far_pupil = far.pupil("Hai", "school-3");
  an.sync(server);
  far.sync(server);
  Hostile hostile(server);
  const auto edit = [&](RecordId record, const std::string& kind) {
    Change change = hostile.change(kind, {{"note", "x"}});
    change.record = record;
    return hostile.reason({change});
  };
  CHECK(edit(far_pupil, "pupil") == "out_of_scope");
  CHECK(edit(near_pupil, "device") == "kind_mismatch");
  CHECK(edit(near_pupil, "pupil") == "");
  server.verify();
}

TEST_CASE("a kind that nobody here knows is kept: a newer program wrote it") {
  Server server;
  Hostile hostile(server);
  Change change = hostile.pupil();
  change.kind = 4000;
  change.unit = "school-1";
  CHECK(hostile.reason({change}) == "");
  server.verify();
}

TEST_CASE("a protocol that is newer, and a request that asks for too much, are refused or bounded") {
  Server server;
  Hostile hostile(server);
  wire::Request request = hostile.request({hostile.piece({hostile.pupil()})});
  request.set_protocol(0);
  CHECK(hostile.say(request).refusal().code() == "request_malformed");
  request.set_protocol(wire::kProtocol + 1);
  CHECK(hostile.say(request).refusal().code() == "protocol_newer");
  request.set_protocol(wire::kProtocol);
  request.set_most_state_bytes(0xFFFFFFFF);
  request.set_upto(~std::uint64_t{0});
  request.set_cursor(std::string(10'000, '\x7F'));
  request.set_primer(0xFFFFFFFF);
  request.set_history(1);
  CHECK(hostile.say(request).refusal().code() == "");
  for (std::size_t i = 0; i <= wire::kMaxPieces; ++i) request.add_pieces();
  CHECK(hostile.say(request).refusal().code() == "request_malformed");
}

}  // namespace songsong::testing
