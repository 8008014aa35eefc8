// A check compares what a phone holds with what the server holds of its scope, and mends what differs.
#include <algorithm>

#include "shared/core/state_codec.h"
#include "shared/sync/ranges.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

SyncTally check(Field& field, Server& server) {
  return must(field.try_sync(server, {}, InitiatorOptions{.primer = &town_primer(), .check = true}));
}

void damage(Store& store, RecordId record, const std::function<void(RecordRow&)>& how) {
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    const RecordId wanted[] = {record};
    StoreBatch batch;
    batch.records.push_back(reader.records(wanted).front().value());
    how(batch.records.back());
    return batch;
  };
  must(store.write(0, {&writing, 1}));
}

void lose(RecordRow& row) {
  State state;
  state.id = row.id;
  state.kind = row.kind;
  row.state = encode_state(state);
  row.base.reset();
  row.live = false;
}

TEST_CASE("a check of a healthy phone costs one round trip and finds both the same") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  for (int i = 0; i < 200; ++i) an.pupil("Em " + std::to_string(i), "school-1");
  an.sync(server);
  binh.sync(server);
  an.sync(server);
  for (Field* const field : {&an, &binh}) {
    const SyncTally tally = check(*field, server);
    CHECK(tally.same);
    CHECK(tally.mended == 0);
    CHECK(tally.round_trips == 2);
  }
}

TEST_CASE("a check mends records that a phone lost, holds in an old state, or should not hold") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"}), chi(server, {"school-2"});
  std::vector<RecordId> pupils;
  for (int i = 0; i < 500; ++i) pupils.push_back(an.pupil("Em " + std::to_string(i), "school-1"));
  const RecordId foreign = chi.pupil("Em khác trường", "school-2");
  chi.sync(server);
  an.sync(server);
  binh.sync(server);
  REQUIRE(binh.count("pupil") == 500);
  const std::map<RecordId, std::string> right = binh.states();

  const State old = [&] {
    std::optional<RecordView> view = must(binh.replica().view(pupils[7]));
    return view.value().state;
  }();
  an.set(pupils[7], {{"grade", "2"}});
  an.remove(pupils[250]);
  an.sync(server);
  binh.sync(server);
  const std::size_t live = binh.count("pupil");
  damage(binh.store(), pupils[7], [&](RecordRow& row) { row.state = encode_state(old); });
  for (const std::size_t i : {3u, 4u, 5u, 499u}) damage(binh.store(), pupils[i], lose);
  // It went away while this phone was put back from a backup.
  damage(binh.store(), pupils[250], [&](RecordRow& row) {
    State state = old;
    state.id = pupils[250];
    row.state = encode_state(state);
    row.live = true;
  });
  const SyncTally tally = check(binh, server);
  CHECK(tally.same);
  CHECK(tally.mended >= 6);
  CHECK(tally.mended < 128);  // the neighbours of each, and no more
  CHECK(binh.count("pupil") == live);
  CHECK(binh.shown(pupils[7], "grade") == "2");
  CHECK_FALSE(binh.live(pupils[250]));
  CHECK(an.states() == binh.states());
  CHECK_FALSE(binh.live(foreign));
}

TEST_CASE("a check takes away the last record that a phone holds and should not, be there few others or many") {
  for (const int others : {3, 500}) {
    CAPTURE(others);
    Server server;
    Field an(server, {"district-1"}, schema::REVIEWER), binh(server, {"school-1"});
    for (int i = 0; i < others; ++i) an.pupil("Em " + std::to_string(i), "school-1");
    const RecordId last = an.pupil("Em cuối", "school-1");
    an.sync(server);
    binh.sync(server);
    std::optional<RecordView> view = must(binh.replica().view(last));
    const State there = view.value().state;
    an.set(last, {{"school", "school-2"}});
    an.sync(server);
    binh.sync(server);
    REQUIRE_FALSE(binh.live(last));
    // It went away while this phone was put back from a backup.
    damage(binh.store(), last, [&](RecordRow& row) {
      row.state = encode_state(there);
      row.live = true;
    });
    REQUIRE(binh.live(last));
    CHECK(check(binh, server).same);
    CHECK_FALSE(binh.live(last));
    CHECK(binh.count("pupil") == static_cast<std::size_t>(others));
  }
}

TEST_CASE("work that was saved and not sent is sent first, and none of it is taken for a difference") {
  Server server;
  Field an(server, {"school-1"});
  for (int i = 0; i < 100; ++i) an.pupil("Em " + std::to_string(i), "school-1");
  const SyncTally tally = check(an, server);
  CHECK(tally.same);
  CHECK(tally.mended == 0);
  CHECK(an.count("pupil") == 100);
  an.verify();
}

TEST_CASE("a head office, which holds units only, is checked too") {
  Server server;
  Field an(server, {"school-1"}), ministry(server, {"ministry"}, schema::HEAD_OFFICE);
  an.pupil("Một", "school-1");
  an.sync(server);
  ministry.sync(server);
  CHECK(check(ministry, server).same);
}

TEST_CASE("parts of a range hold all of it, once") {
  Random random(3);
  std::vector<HeldRecord> held;
  for (int i = 0; i < 1000; ++i) {
    const Name id(static_cast<ReplicaId>(1 + random.below(5)), static_cast<Sequence>(1 + i), 7);
    held.push_back(HeldRecord{.id = id, .live = random.chance(9, 10), .digest = {random.next(), random.next()}});
  }
  std::sort(held.begin(), held.end(), [](const HeldRecord& one, const HeldRecord& other) { return one.id < other.id; });
  const wire::Range whole = summed(held, whole_range());
  const std::vector<wire::Range> parts = split(held, whole_range());
  CHECK(parts.size() == kRangeParts);
  CHECK(parts.front().from() == 0);
  CHECK(parts.back().to() == 0);
  Digest128 sum;
  std::uint32_t records = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) CHECK(parts[i].from() == parts[i - 1].to());
    sum += must(parse_digest(parts[i].digest()));
    records += parts[i].records();
  }
  CHECK(records == whole.records());
  CHECK(to_bytes(sum) == whole.digest());
}

TEST_CASE("ranges that overlap or are none are not compared") {
  const auto range = [](std::uint64_t from, std::uint64_t to) {
    wire::Range made;
    made.set_from(from);
    made.set_to(to);
    return made;
  };
  const auto fits = [](const std::vector<wire::Range>& ranges) {
    std::vector<const wire::Range*> borrowed;
    for (const wire::Range& each : ranges) borrowed.push_back(&each);
    return check_ranges(borrowed).ok();
  };
  CHECK(fits({range(0, 0)}));
  CHECK(fits({range(0, 5), range(5, 9), range(20, 0)}));
  CHECK_FALSE(fits({range(5, 5)}));
  CHECK_FALSE(fits({range(0, 6), range(5, 9)}));
  CHECK_FALSE(fits({range(0, 0), range(5, 9)}));
  CHECK_FALSE(fits({range(5, 9), range(0, 4)}));
}

}  // namespace
}  // namespace songsong::testing
