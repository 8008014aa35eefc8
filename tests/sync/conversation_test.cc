// Stories of phones and a server that talk.
#include "schemas/songsong/wire.pb.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/contact.h"
#include "shared/sync/frame.h"
#include "shared/sync/wire.h"
#include "tests/town/town.h"

namespace songsong::testing {

TEST_CASE("what one teacher records another of the school sees after both have synchronised") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  const RecordId pupil = an.pupil("Vi Thị Hoa", "school-1");
  const RecordId need = an.add("need", {{"pupil", to_text(pupil)}, {"lacks", "device"}});
  const SyncTally sent = an.sync(server);
  CHECK(sent.sent == 2);
  CHECK(sent.pending == 0);
  CHECK(sent.quarantined == 0);
  const SyncTally got = binh.sync(server);
  CHECK(got.received >= 2);
  CHECK(binh.shown(pupil, "full_name") == "Vi Thị Hoa");
  CHECK(binh.shown(need, "lacks") == "device");
  CHECK(server.total("province", "pupils_in_need") == 1);
  CHECK(binh.total("school-1", "pupils_in_need") == 1);
  server.verify();
  an.verify();
  binh.verify();
}

TEST_CASE("a day's work takes one warm round trip") {
  Server server;
  Field an(server, {"school-1"});
  an.sync(server);
  for (int i = 0; i < 10; ++i) an.pupil("Hoàng Văn " + std::to_string(i), "school-1");
  const SyncTally tally = an.sync(server);
  CHECK(tally.round_trips == 1);
  CHECK(tally.sent == 10);
  CHECK(tally.received == 0);  // nobody else's news, and no echo of one's own
}

TEST_CASE("two teachers change different fields, and the same one: both merge, the conflict is shown to both") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  const RecordId pupil = an.pupil("Lý Văn Nam", "school-1");
  an.sync(server);
  binh.sync(server);
  an.set(pupil, {{"grade", "4"}, {"household", "near_poor"}});
  binh.set(pupil, {{"area", "mountain"}, {"household", "other_hardship"}});
  an.sync(server);
  binh.sync(server);
  an.sync(server);
  CHECK(an.states() == binh.states());
  CHECK(an.shown(pupil, "area") == "mountain");
  CHECK(binh.shown(pupil, "grade") == "4");
  CHECK(an.case_ids() == std::vector<std::string>{"conflict." + to_text(pupil)});
  CHECK(server.case_ids() == an.case_ids());
  server.verify();
  an.verify();
}

TEST_CASE("a great import over a far link takes pieces of two seconds, and none of it is sent back") {
  constexpr int kPupils = 3000, kRoundTripMs = 600, kBitsPerMs = 50;
  Server server;
  Field an(server, {"school-1"});
  for (int i = 0; i < kPupils; ++i) an.pupil("Em " + std::to_string(i), "school-1");
  std::int64_t carrying_ms = 0;
  const auto carry = [&](const std::string& bytes) {
    const auto took = static_cast<std::int64_t>(bytes.size()) * 8 / kBitsPerMs;
    carrying_ms += took;
    server.now_ms += took + kRoundTripMs / 2;
    return true;
  };
  const SyncTally tally = must(an.try_sync(server, Link{.up = carry, .down = carry}));
  CHECK(tally.sent == kPupils);
  CHECK(tally.received < 10);  // units
  // Two seconds each, of which one way takes a part; the first ones are small.
  CHECK(static_cast<std::int64_t>(tally.round_trips) <= 4 + carrying_ms / (2000 - kRoundTripMs));
  an.verify();
  server.verify();
}

TEST_CASE("a scope that grows again while its first growth is being told is told whole") {
  Server server;
  server.add_unit("school-4", "district-2");
  Field an(server, {"school-4"}), binh(server, {"school-3"}), chi(server, {"school-1"});
  Field district(server, {"district-1"}, schema::REVIEWER);
  for (int i = 0; i < 30; ++i) an.pupil("Em " + std::to_string(i), "school-4");
  an.sync(server);
  for (int i = 0; i < 60; ++i) binh.pupil("Bạn " + std::to_string(i), "school-3");
  binh.sync(server);
  // By then the district has heard of all that is younger.
  chi.pupil("Em cuối", "school-1");
  chi.sync(server);
  district.sync(server);
  server.set_parent("school-3", "district-1");
  int answers = 0;
  const Link link{.up = {}, .down = [&](std::string&) {
                    if (++answers == 2) server.set_parent("school-4", "district-1");
                    return true;
                  }};
  must(district.try_sync(server, link, {.primer = &town_primer(), .most_piece_bytes = 300}));
  REQUIRE(answers > 4);
  CHECK(district.count("pupil") == 91);
  district.verify();
}

TEST_CASE("a unit that enters a scope and leaves it while it is being told takes what was told with it") {
  Server server;
  Field binh(server, {"school-3"}), chi(server, {"school-1"}), district(server, {"district-1"}, schema::REVIEWER);
  for (int i = 0; i < 60; ++i) binh.pupil("Bạn " + std::to_string(i), "school-3");
  binh.sync(server);
  chi.pupil("Em cuối", "school-1");
  chi.sync(server);
  district.sync(server);
  server.set_parent("school-3", "district-1");
  std::size_t told = 0;
  const Link link{.up = {}, .down = [&](std::string&) {
                    if (told++ == 2) server.set_parent("school-3", "district-2");
                    return true;
                  }};
  must(district.try_sync(server, link, {.primer = &town_primer(), .most_piece_bytes = 300}));
  district.sync(server);
  CHECK(told > 3);
  CHECK(district.count("pupil") == 1);
  district.verify();
}

TEST_CASE("who gets another role is told of the records, or holds them no more") {
  Server server;
  Field an(server, {"school-1"}), desk(server, {"district-1"}, schema::HEAD_OFFICE);
  an.pupil("Một", "school-1");
  an.sync(server);
  desk.sync(server);
  REQUIRE(desk.count("pupil") == 0);
  desk.join_again(server.ticket({"district-1"}, schema::REVIEWER));
  desk.sync(server);
  CHECK(desk.count("pupil") == 1);
  desk.join_again(server.ticket({"district-1"}, schema::HEAD_OFFICE));
  desk.sync(server);
  CHECK(desk.count("pupil") == 0);
  desk.verify();
}

// Two teachers of one school, and a pupil that both know.
struct Colleagues {
  Server server;
  Field an{server, {"school-1"}}, binh{server, {"school-1"}};
  RecordId pupil = an.pupil("Sửa dần", "school-1");

  Colleagues() {
    an.sync(server);
    binh.sync(server);
  }
};

TEST_CASE("an answer that is lost in a conversation that goes on keeps nothing of the old place on a phone") {
  for (int lost = 0; lost < 6; ++lost) {
    CAPTURE(lost);
    Server server;
    Field an(server, {"school-1"});
    const RecordId pupil = an.pupil("Một", "school-1");
    an.join_again(server.ticket({"school-2"}));
    const auto initiator =
        must(Initiator::begin(an.replica(), InitiatorOptions{.primer = &town_primer(), .check = false}));
    int questions = 0;
    while (const std::optional<Outgoing> outgoing = must(initiator->next(an.clock()))) {
      const std::string answer = server.host().answer(outgoing->body).frame;
      if (questions++ == lost) {
        initiator->failed();
      } else {
        must(initiator->receive(answer, an.clock()));
      }
      REQUIRE(questions < 50);
    }
    CHECK_FALSE(an.live(pupil));
    CHECK(an.sync(server).round_trips == 1);
  }
}

TEST_CASE("a ticket that was revoked before anybody used it tells nothing, and lets nothing in") {
  Server server;
  Field an(server, {"school-1"});
  for (int i = 0; i < 50; ++i) an.pupil("Em " + std::to_string(i), "school-1");
  an.sync(server);
  Field finder(server, {"school-1"});
  must(server.host().revoke(finder.replica().identity().replica));
  server.now_ms += 3'600'000;
  finder.pupil("Sau", "school-1");
  const Outcome<SyncTally> refused = finder.try_sync(server);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.fault().where == "replica_revoked");
  CHECK(finder.count("pupil") <= 1);
  CHECK(server.total("school-1", "cases_open") == 1);
}

TEST_CASE("a cursor that a newer server cannot read lets go what left the school since") {
  Server server;
  Field an(server, {"district-1"}, schema::REVIEWER), binh(server, {"school-1"});
  const RecordId pupil = an.pupil("Một", "school-1");
  for (Field* const each : {&an, &binh}) each->sync(server);
  REQUIRE(binh.live(pupil));
  an.set(pupil, {{"school", "school-2"}});
  an.sync(server);
  const Store::Writing writing = [](StoreReader& reader) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[kCursorSetting] = reader.setting(kCursorSetting);
    batch.settings[kCursorSetting].front() = 1;
    return batch;
  };
  must(binh.store().write(0, {&writing, 1}));
  binh.sync(server);
  CHECK_FALSE(binh.live(pupil));
  CHECK(binh.sync(server).received == 0);
}

TEST_CASE(
    "a phone whose new place was told in part lets go what it recorded in its old one, though it was cut between") {
  const std::vector<std::pair<std::vector<std::string>, schema::Role>> places{{{"school-2"}, schema::TEACHER},
                                                                              {{"district-1"}, schema::HEAD_OFFICE}};
  for (const auto& [units, role] : places) {
    for (int heard = 0; heard < 6; ++heard) {
      CAPTURE(role, heard);
      Server server;
      Field an(server, {"school-1"});
      const RecordId pupil = an.pupil("Một", "school-1");
      an.join_again(server.ticket(units, role));
      int left = heard;
      const Link cut{.up = {}, .down = [&left](std::string&) { return left-- > 0; }};
      (void)an.try_sync(server, cut).ok();
      an.sync(server);
      CHECK_FALSE(an.live(pupil));
      CHECK(server.states().contains(pupil));
      an.sync(server);
      CHECK(an.sync(server).round_trips == 1);
      server.verify();
      an.verify();
    }
  }
}

TEST_CASE("an edit of one's own is not sent back, unless more than that became of the record or the answer was lost") {
  Colleagues town;
  auto& [server, an, binh, pupil] = town;
  const auto same = [&] {
    const SyncTally tally = must(an.try_sync(server, {}, {.primer = &town_primer(), .check = true}));
    CHECK(tally.same);
    CHECK(tally.mended == 0);
    an.verify();
  };
  an.set(pupil, {{"grade", "2"}});
  CHECK(an.sync(server).received == 0);
  same();
  binh.sync(server);
  CHECK(binh.shown(pupil, "grade") == "2");
  binh.set(pupil, {{"note", "đã gọi"}});
  binh.sync(server);
  an.set(pupil, {{"grade", "3"}});
  CHECK(an.sync(server).received == 1);
  CHECK(an.shown(pupil, "note") == "đã gọi");
  same();
  an.set(pupil, {{"grade", "4"}});
  const Link lost{.up = {}, .down = [](std::string&) { return false; }};
  CHECK_FALSE(an.try_sync(server, lost).ok());
  CHECK(an.sync(server).received == 1);
  same();
  server.verify();
}

TEST_CASE("what somebody else does between a phone's edit and its answer is told with it") {
  Colleagues town;
  auto& [server, an, binh, pupil] = town;
  an.set(pupil, {{"grade", "2"}});
  binh.set(pupil, {{"note", "đã gọi"}});
  server.after_commit = [&] { binh.sync(server); };
  CHECK(an.sync(server).received == 1);
  CHECK(an.shown(pupil, "note") == "đã gọi");
  an.verify();
}

TEST_CASE("an answer is about as large as the phone's link bears, though much more waits") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  for (int i = 0; i < 400; ++i) an.pupil("Em " + std::to_string(i), "school-1");
  an.sync(server);
  constexpr std::size_t kPiece = 2000, kEnvelope = 300;
  std::size_t largest = 0, answers = 0;
  const Link link{.up = {}, .down = [&](std::string& answer) {
                    largest = std::max(largest, answer.size());
                    ++answers;
                    return true;
                  }};
  must(binh.try_sync(server, link, {.primer = &town_primer(), .most_piece_bytes = kPiece}));
  CHECK(binh.count("pupil") == 400);
  CHECK(answers > 4);
  CHECK(largest <= kPiece + kEnvelope);
}

TEST_CASE("a phone whose clock is a day ahead corrects what it saves once it has heard the server") {
  constexpr std::int64_t kDayMs = 86'400'000;
  Server server;
  Field an(server, {"school-1"});
  an.clock_error_ms = kDayMs;
  an.sync(server);
  const RecordId pupil = an.pupil("Ba", "school-1");
  const Change saved = must(an.replica().history(pupil)).front().change;
  CHECK(std::abs(saved.correction_ms + kDayMs) < 60'000);
}

TEST_CASE("an answer that was lost is asked for again, and nothing is doubled") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  an.sync(server);
  an.pupil("Giàng A Páo", "school-1");
  const Outcome<SyncTally> cut = an.try_sync(server, Link{.up = {}, .down = [](std::string&) { return false; }});
  REQUIRE_FALSE(cut.ok());
  CHECK(must(an.replica().pending()) == 1);
  const SyncTally again = an.sync(server);
  CHECK(again.sent == 1);
  CHECK(again.pending == 0);
  binh.sync(server);
  CHECK(binh.count("pupil") == 1);
  CHECK(server.total("school-1", "cases_open") == 0);
  server.verify();
}

TEST_CASE("a replayed question gets the same answer, byte for byte") {
  Server server;
  Field an(server, {"school-1"});
  an.sync(server);
  an.pupil("Sùng Thị Mỷ", "school-1");
  std::string question;
  must(an.try_sync(server, Link{.up =
                                    [&](std::string& bytes) {
                                      question = bytes;
                                      return true;
                                    },
                                .down = {}}));
  CHECK(server.host().answer(question).frame == server.host().answer(question).frame);
  CHECK(server.total("school-1", "cases_open") == 0);
}

TEST_CASE("a teacher sees the own school only, a district all of its schools, a head office no record") {
  Server server;
  Field an(server, {"school-1"}), chi(server, {"school-3"}), district(server, {"district-1"}, schema::REVIEWER),
      ministry(server, {"ministry"}, schema::HEAD_OFFICE);
  an.pupil("Một", "school-1");
  chi.pupil("Hai", "school-3");
  an.sync(server);
  chi.sync(server);
  district.sync(server);
  ministry.sync(server);
  CHECK(district.count("pupil") == 1);
  CHECK(an.count("pupil") == 1);
  CHECK(ministry.count("pupil") == 0);
  CHECK(ministry.count("unit") == 7);
  CHECK(district.count("unit") == 3);
  CHECK(ministry
            .save("pupil", RecordId(),
                  {{"full_name", "x"}, {"school", "school-1"}, {"school_level", "primary"}, {"household", "poor"}})
            .fault()
            .code == "not_for_role");
}

TEST_CASE("what a teacher writes for another school is set aside, with a reason, and comes back as a case") {
  Server server;
  Field an(server, {"school-1"}), district(server, {"district-1"}, schema::REVIEWER);
  // Without the tree the phone cannot know better.
  const RecordId pupil = an.pupil("Ba", "school-2");
  const RecordId own = an.pupil("Tư", "school-1");
  const SyncTally tally = an.sync(server);
  CHECK(tally.quarantined == 1);
  CHECK(tally.pending == 0);
  CHECK_FALSE(an.live(pupil));
  CHECK(an.live(own));
  CHECK(must(an.replica().history(pupil)).front().reason == "out_of_scope");
  district.sync(server);
  an.sync(server);
  REQUIRE(an.case_ids().size() == 1);
  CHECK(an.case_ids() == district.case_ids());
  an.verify();
  server.verify();

  SECTION("a reviewer lets it in after all") {
    RecordId quarantine;
    must(district.replica().list(programme().quarantine()->number(), [&](const RecordView& view) {
      quarantine = view.state.id;
      return true;
    }));
    Field other(server, {"district-1"}, schema::REVIEWER);
    other.sync(server);
    district.set(quarantine, {{"decision", "released"}});
    district.sync(server);
    district.sync(server);
    CHECK(district.shown(pupil, "full_name") == "Ba");
    // Somebody else decides the same: it is in once.
    other.set(quarantine, {{"decision", "released"}});
    const std::uint64_t held = server.verify().changes;
    other.sync(server);
    CHECK(server.verify().changes == held + 1);
    CHECK(server.total("school-2", "cases_open") == 0);
    server.verify();
    district.verify();
    an.sync(server);
    an.verify();
  }
}

TEST_CASE("a bundle carries what no receipt covers, and the receipts come back by file") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  const RecordId pupil = an.pupil("Năm", "school-1");
  const Bundle bundle = must(make_bundle(an.replica(), an.clock()));
  CHECK(bundle.changes == 1);
  CHECK_FALSE(open_frame(must(unpack_bundle(bundle.bytes)).front(), wire::kMaxRequestBytes).ok());

  SECTION("given to the server") {
    const Answered answered = server.host().answer_file(bundle.bytes);
    CHECK(answered.served.applied == 1);
    const AcceptedFile accepted = must(accept_file(an.replica(), answered.frame, an.clock()));
    CHECK(accepted.sent == 1);
    CHECK(must(an.replica().pending()) == 0);
    CHECK(accept_file(binh.replica(), answered.frame, binh.clock()).fault().code == "receipt_for_another");
    // Twice is no error.
    CHECK(server.host().answer_file(bundle.bytes).frame == answered.frame);
  }
  SECTION("carried by another teacher's phone") {
    CHECK(must(accept_file(binh.replica(), bundle.bytes, binh.clock())).what == Accepted::kBundle);
    binh.sync(server);
    binh.sync(server);
    CHECK(binh.shown(pupil, "full_name") == "Năm");
    const CarriedFiles receipts = must(carried_receipts(binh.replica()));
    REQUIRE(receipts.size() == 1);
    CHECK(must(carried_bundles(binh.replica())).empty());
    CHECK(must(accept_file(an.replica(), receipts.front().second, an.clock())).sent == 1);
  }
  CHECK(server.total("school-1", "cases_open") == 0);
  an.sync(server);
  an.verify();
  server.verify();
}

TEST_CASE("a bundle that is handed to a server which is busy, or whose disk is full, is not dropped by its carrier") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  an.pupil("Năm", "school-1");
  const Bundle bundle = must(make_bundle(an.replica(), an.clock()));
  binh.sync(server);
  must(accept_file(binh.replica(), bundle.bytes, binh.clock()));
  const std::string carried = must(unpack_bundle(bundle.bytes)).front();
  for (const char* code : {"busy", "storage_full"}) {
    wire::Answer refusal;
    refusal.set_protocol(wire::kProtocol);
    refusal.mutable_refusal()->set_code(code);
    bool is_carried = false;
    const Link link{.up =
                        [&](std::string& question) {
                          is_carried = question == carried;
                          return true;
                        },
                    .down =
                        [&](std::string& answer) {
                          if (is_carried) answer = seal(FrameTag(), refusal.SerializeAsString());
                          return true;
                        }};
    const Outcome<SyncTally> handed = binh.try_sync(server, link);
    REQUIRE_FALSE(handed);
    CHECK(handed.fault().code == "refused");
    CHECK(handed.fault().where == code);
    CHECK(must(carried_bundles(binh.replica())).size() == 1);
    CHECK(must(carried_receipts(binh.replica())).empty());
  }
  binh.sync(server);
  const CarriedFiles receipts = must(carried_receipts(binh.replica()));
  REQUIRE(receipts.size() == 1);
  CHECK(must(accept_file(an.replica(), receipts.front().second, an.clock())).sent == 1);
}

TEST_CASE("a ticket counts once, and only at its own server") {
  Server server, other(2);
  const Ticket ticket = server.ticket({"school-1"});
  Field an(server, {"school-1"});
  an.join_again(ticket);
  an.sync(server);

  SECTION("another device with it is refused, and keeps what it has") {
    Field thief(server, {"school-1"});
    thief.join_again(ticket);
    thief.pupil("Sáu", "school-1");
    const Outcome<SyncTally> refused = thief.try_sync(server);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.fault().where == "ticket_used");
    CHECK(must(thief.replica().pending()) == 1);
  }
  SECTION("another server refuses it") {
    an.pupil("Bảy", "school-1");
    const Outcome<SyncTally> refused = an.try_sync(other);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.fault().code == "refused");
    CHECK(must(an.replica().pending()) == 1);
  }
  SECTION("another server's ticket does not go into this store") {
    CHECK(join(an.store(), other.ticket({"school-1"}), [](std::span<std::uint8_t>) {}).fault().code ==
          "ticket_other_server");
  }
}

TEST_CASE("a phone with a new ticket goes on under the new id, and what it had saved is sent under the old one") {
  Server server;
  Field an(server, {"school-1"});
  const RecordId before = an.pupil("Tám", "school-1");
  an.join_again(server.ticket({"school-1"}));
  const RecordId after = an.pupil("Chín", "school-1");
  CHECK(before.replica() != after.replica());
  CHECK(must(an.replica().pending()) == 2);
  const SyncTally tally = an.sync(server);
  CHECK(tally.sent == 2);
  CHECK(must(an.replica().pending()) == 0);
  an.set(before, {{"grade", "2"}});
  an.sync(server);
  CHECK(server.total("school-1", "cases_open") == 0);
  an.verify();
  server.verify();
}

TEST_CASE("late changes of a revoked phone are set aside, and it hears nothing more") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  const RecordId theirs = binh.pupil("Của Bình", "school-1");
  binh.sync(server);
  an.sync(server);
  REQUIRE(an.live(theirs));
  const RecordId early = an.pupil("Trước", "school-1");
  server.now_ms += 3'600'000;
  must(server.host().revoke(an.replica().identity().replica));
  server.now_ms += 3'600'000;
  an.pupil("Sau", "school-1");
  const Outcome<SyncTally> refused = an.try_sync(server);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.fault().where == "replica_revoked");
  CHECK(must(an.replica().pending()) == 0);
  CHECK_FALSE(an.live(theirs));
  CHECK_FALSE(an.live(early));
  an.verify();
  const std::map<RecordId, std::string> states = server.states();
  CHECK(states.contains(early));
  CHECK(server.total("school-1", "cases_open") == 1);
  server.verify();
}

TEST_CASE("a phone that was revoked by mistake holds everything again with a new ticket") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  const RecordId theirs = binh.pupil("Của Bình", "school-1");
  binh.sync(server);
  const RecordId own = an.pupil("Của An", "school-1");
  an.sync(server);
  const std::map<RecordId, std::string> before = an.states();
  must(server.host().revoke(an.replica().identity().replica));
  REQUIRE_FALSE(an.try_sync(server).ok());
  REQUIRE_FALSE(an.live(theirs));
  an.join_again(server.ticket({"school-1"}));
  an.sync(server);
  CHECK(an.shown(theirs, "full_name") == "Của Bình");
  CHECK(an.shown(own, "full_name") == "Của An");
  CHECK(an.states() == before);
  an.verify();
}

TEST_CASE("a record that leaves the scope leaves the phone, and comes back with its newer state") {
  Server server;
  Field an(server, {"school-1"}), district(server, {"district-1"}, schema::ADMINISTRATOR);
  const RecordId pupil = an.pupil("Mười", "school-1");
  const RecordId need = an.add("need", {{"pupil", to_text(pupil)}, {"lacks", "device"}});
  an.sync(server);
  district.sync(server);
  district.set(pupil, {{"school", "school-2"}});
  district.sync(server);
  an.sync(server);
  CHECK_FALSE(an.live(pupil));
  CHECK_FALSE(an.live(need));
  CHECK(an.total("school-1", "pupils_in_need") == 0);
  CHECK(server.total("school-2", "pupils_in_need") == 1);
  an.verify();
  district.set(pupil, {{"school", "school-1"}, {"grade", "3"}});
  district.sync(server);
  an.sync(server);
  CHECK(an.shown(pupil, "grade") == "3");
  CHECK(an.live(need));
  CHECK(an.total("school-1", "pupils_in_need") == 1);
  an.verify();
  district.verify();
  server.verify();
}

TEST_CASE("a school that moves to another district enters the one's scope and leaves the other's") {
  Server server;
  Field an(server, {"school-1"}), first(server, {"district-1"}, schema::REVIEWER),
      second(server, {"district-2"}, schema::REVIEWER);
  const RecordId pupil = an.pupil("Mười một", "school-1");
  an.sync(server);
  first.sync(server);
  second.sync(server);
  CHECK(first.live(pupil));
  server.set_parent("school-1", "district-2");
  first.sync(server);
  second.sync(server);
  CHECK_FALSE(first.live(pupil));
  CHECK(second.live(pupil));
  CHECK(second.total("district-2", "needs_declared") == 0);
  first.verify();
  second.verify();
}

}  // namespace songsong::testing
