// The pages of every Store, against what a naive reading of all that was put in gives.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "tests/replica/store_example.h"
#include "tests/replica/store_use.h"

using namespace songsong;
using namespace songsong::example;

namespace {

constexpr std::uint64_t kSeeds = 10;
constexpr std::size_t kAll = SIZE_MAX;
const std::vector<ReplicaId> kPhones = {1, kLansPhone, (1u << 23) - 1, 1u << 23, kMinhsPhone, kMaxReplica};

// What a page of at least `limit` rows after a place holds, of all rows in order; place_of may be the same for several.
template <class Row, class Place, class PlaceOf>
std::vector<Row> naive_page(const std::vector<Row>& all, const Place& after, std::size_t limit, PlaceOf place_of) {
  std::vector<Row> page;
  for (const Row& row : all) {
    if (!(after < place_of(row))) continue;
    if (page.size() >= limit && place_of(page.back()) != place_of(row)) break;
    page.push_back(row);
  }
  return page;
}

// Phones that are copied go on from any sequence that one of their branches has reached; what the phones write is
// admitted in pieces, as they come.
std::vector<LogRow> some_admissions(Random& random) {
  struct Branch {
    ReplicaId phone;
    Sequence last;
    Tag tag;
  };
  std::vector<Branch> branches;
  for (const ReplicaId phone : kPhones) branches.push_back({phone, 0, 1});
  std::vector<LogRow> rows;
  for (int piece = 0; piece < 60; ++piece) {
    const auto at = static_cast<std::size_t>(random.below(branches.size()));
    if (random.chance(1, 6)) {
      const Branch& from = branches[at];
      const auto last = static_cast<Sequence>(random.below(from.last + 1));
      branches.push_back({from.phone, last, static_cast<Tag>(branches.size() + 1)});
    }
    for (std::uint64_t count = random.below(6); count-- > 0;) {
      Branch& branch = branches[at];
      const Name name(branch.phone, ++branch.last, branch.tag);
      rows.push_back(log_row(name, name, random));
    }
  }
  return rows;
}

std::vector<LogRow> put_in_pieces(Store& store, std::vector<LogRow> rows, Random& random) {
  for (std::size_t at = 0; at < rows.size();) {
    StoreBatch batch;
    for (std::uint64_t count = 1 + random.below(9); count-- > 0 && at < rows.size(); ++at) {
      rows[at].sequence = at + 1;
      batch.log.push_back(rows[at]);
    }
    put(store, batch);
  }
  return rows;
}

void check_log_of(Store& store, ReplicaId phone, std::vector<LogRow> rows, Random& random) {
  std::erase_if(rows, [&](const LogRow& row) { return row.name.replica() != phone; });
  std::sort(rows.begin(), rows.end(), [](const LogRow& one, const LogRow& other) { return one.name < other.name; });
  for (int i = 0; i < 8; ++i) {
    const auto after = static_cast<Sequence>(random.below(20));
    const std::size_t limit = static_cast<std::size_t>(1 + random.below(12));
    CAPTURE(phone, after, limit);
    CHECK(read(store, [&](StoreReader& reader) { return reader.log_of(phone, after, limit); }) ==
          naive_page(rows, after, limit, [](const LogRow& row) { return row.name.sequence(); }));
  }
  CHECK(read(store, [&](StoreReader& reader) { return reader.log_of(phone, 0, kAll); }) == rows);
  CHECK(read(store, [&](StoreReader& reader) { return reader.log_of(phone, 0, 0); }).empty());
  CHECK(read(store, [&](StoreReader& reader) { return reader.log_of(phone, UINT32_MAX, kAll); }).empty());
}

// Records that are written again and again, in several units; the last of each, in the order of the feed.
std::vector<RecordRow> put_feed(Store& store, const std::vector<std::string>& units, Random& random) {
  std::map<RecordId, RecordRow> latest;
  StoreBatch batch;
  for (StoreSequence version = 1; version <= 150; ++version) {
    for (std::uint64_t count = 1 + random.below(3); count-- > 0;) {
      const RecordId id(random.pick(kPhones), static_cast<Sequence>(1 + random.below(8)), 3);
      latest[id] = record_row(id, static_cast<KindNumber>(1 + random.below(3)), random.pick(units), version, random);
      batch.records.push_back(latest[id]);
    }
    if (!random.chance(1, 15) && version != 150) continue;
    put(store, batch);
    batch.records.clear();
  }
  std::vector<RecordRow> rows;
  for (const auto& [id, row] : latest) rows.push_back(row);
  std::sort(rows.begin(), rows.end(), [](const RecordRow& one, const RecordRow& other) {
    return std::tie(one.version, one.id) < std::tie(other.version, other.id);
  });
  return rows;
}

FeedPosition position(const RecordRow& row) { return {row.version, row.id}; }

}  // namespace

TEST_CASE("changes of copied phones are found by name, and side by side in their log") {
  OpenStore open;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    if (seed > 1) open.store = (open.store.reset(), open.place = open.kind.make(), open.place->open());
    CAPTURE(open.kind.name, seed);
    Random random(seed);
    const std::vector<LogRow> rows = put_in_pieces(*open.store, some_admissions(random), random);
    std::vector<Name> names;
    std::vector<std::optional<LogRow>> expected;
    for (const LogRow& row : rows) {
      names.insert(names.end(), {row.name, Name(row.name.replica(), row.name.sequence(), kMaxTag)});
      expected.insert(expected.end(), {row, std::nullopt});
    }
    CHECK(read(*open.store, [&](StoreReader& reader) { return reader.changes(names); }) == expected);
    for (const ReplicaId phone : kPhones) check_log_of(*open.store, phone, rows, random);
  }
}

TEST_CASE("of two changes under one name the one admitted first is found, and the log has both") {
  OpenStore open;
  CAPTURE(open.kind.name);
  Random random(8);
  const Name name(kLansPhone, 1, 5);
  StoreBatch batch;
  batch.log = {log_row(name, name, random), log_row(name, name, random)};
  batch.log[1].verdict = Verdict::kQuarantined;
  put(*open.store, batch);
  const auto found = one(*open.store, &StoreReader::changes, name);
  REQUIRE(found.has_value());
  CHECK(found->sequence == 1);
  CHECK(read(*open.store, [&](StoreReader& reader) { return reader.log_of(kLansPhone, 0, 9); }).size() == 2);
}

TEST_CASE("pages of the log go on where the last one ended") {
  OpenStore open;
  CAPTURE(open.kind.name);
  Random random(9);
  const std::vector<LogRow> rows = put_in_pieces(*open.store, some_admissions(random), random);
  std::vector<LogRow> paged;
  for (StoreSequence after = 0;;) {
    const auto page = read(*open.store, [&](StoreReader& reader) { return reader.log(after, 7); });
    CHECK(page.size() <= 7);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back().sequence;
  }
  CHECK(paged == rows);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.log(0, kAll); }) == rows);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.log(UINT64_MAX, kAll); }).empty());
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.log(0, 0); }).empty());
}

TEST_CASE("records are scanned in the order of their names, whatever the replica") {
  OpenStore open;
  CAPTURE(open.kind.name);
  Random random(10);
  std::vector<RecordRow> rows;
  StoreBatch batch;
  for (const ReplicaId phone : kPhones) {
    for (const Sequence sequence : {1u, kMaxSequence}) {
      const RecordId id(phone, sequence, sequence == 1 ? 0 : kMaxTag);
      rows.push_back(record_row(id, sequence == 1 ? kPupil : kNeed, "S017", 1, random));
    }
  }
  batch.records.assign(rows.rbegin(), rows.rend());
  put(*open.store, batch);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.scan(0, {}, kAll); }) == rows);

  std::vector<RecordRow> pupils = rows;
  std::erase_if(pupils, [](const RecordRow& row) { return row.kind != kPupil; });
  std::vector<RecordRow> paged;
  for (RecordId after;;) {
    const auto page = read(*open.store, [&](StoreReader& reader) { return reader.scan(kPupil, after, 4); });
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back().id;
  }
  CHECK(paged == pupils);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.scan(99, {}, kAll); }).empty());
}

TEST_CASE("a feed has each record of its units once, where it was changed last, from any place on") {
  OpenStore open;
  const std::vector<std::string> units = {"D01", "S017", "S0170", "S018", "Ủy ban"};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    if (seed > 1) open.store = (open.store.reset(), open.place = open.kind.make(), open.place->open());
    CAPTURE(open.kind.name, seed);
    Random random(seed);
    const std::vector<RecordRow> all = put_feed(*open.store, units, random);
    for (int i = 0; i < 20; ++i) {
      std::vector<std::string> asked = {"nowhere"};
      for (const std::string& unit : units) {
        if (random.chance(1, 2)) asked.insert(asked.end(), {unit, unit});
      }
      std::vector<RecordRow> within = all;
      std::erase_if(
          within, [&](const RecordRow& row) { return std::find(asked.begin(), asked.end(), row.unit) == asked.end(); });
      const FeedPosition after = random.chance(1, 3) ? FeedPosition{} : position(random.pick(all));
      const auto limit = static_cast<std::size_t>(1 + random.below(20));
      CHECK(read(*open.store, [&](StoreReader& reader) { return reader.feed(asked, after, limit); }) ==
            naive_page(within, after, limit, position));
      CHECK(read(*open.store, [&](StoreReader& reader) { return reader.feed(asked, {}, kAll); }) == within);
    }
    CHECK(read(*open.store, [&](StoreReader& reader) { return reader.feed(units, {}, 0); }).empty());
    CHECK(read(*open.store, [&](StoreReader& reader) { return reader.feed({}, {}, kAll); }).empty());
    CHECK(read(*open.store, [&](StoreReader& reader) { return reader.feed(units, {UINT64_MAX, {}}, kAll); }).empty());
  }
}

TEST_CASE("departures come by version, and a page never ends within one") {
  OpenStore open;
  CAPTURE(open.kind.name);
  Random random(11);
  const std::vector<std::string> units = {"S017", "S018", "S019"};
  std::vector<DepartureRow> rows;
  for (StoreSequence version = 1; version <= 40; ++version) {
    StoreBatch batch;
    for (std::uint64_t count = random.below(4); count-- > 0;) {
      const RecordId record(random.pick(kPhones), static_cast<Sequence>(count + 1), 0);
      batch.departures.push_back({random.pick(units), version, record, "D01"});
    }
    put(*open.store, batch);
    rows.insert(rows.end(), batch.departures.begin(), batch.departures.end());
  }
  std::erase_if(rows, [](const DepartureRow& row) { return row.left == "S019"; });
  std::sort(rows.begin(), rows.end(), [](const DepartureRow& one, const DepartureRow& other) {
    return std::tie(one.version, one.record, one.left) < std::tie(other.version, other.record, other.left);
  });
  const std::vector<std::string> asked = {"S018", "S017", "S018"};
  for (StoreSequence after = 0; after <= 41; ++after) {
    for (std::size_t limit = 1; limit <= 7; ++limit) {
      CAPTURE(after, limit);
      CHECK(read(*open.store, [&](StoreReader& reader) { return reader.departures(asked, after, limit); }) ==
            naive_page(rows, after, limit, [](const DepartureRow& row) { return row.version; }));
    }
  }
  CHECK(read(*open.store, [&](StoreReader& reader) { return reader.departures(asked, 0, kAll); }) == rows);
  CHECK(read(*open.store, [&](StoreReader& reader) { return reader.departures(asked, 0, 0); }).empty());
}

TEST_CASE("cases, accounts and totals come in pages, by id, name and unit") {
  OpenStore open;
  CAPTURE(open.kind.name);
  StoreBatch batch;
  for (const ReplicaId phone : kPhones) {
    const RecordId id(phone, 1, 0);
    batch.accounts.push_back({id, {{"S017", 1, 0, 0, 1}}, {}});
    batch.totals.push_back({"S" + std::to_string(1000 + batch.totals.size()), {}, {{"S017", 1, 0, 0, 1}}});
    batch.cases.push_back(
        {{"conflict." + std::to_string(1000 + batch.cases.size()), CaseClass::kConflict, "S017", {id}, {}, ""}, 0});
  }
  put(*open.store, batch);
  const auto from = [](const auto& rows, std::size_t at) {
    return std::vector(rows.begin() + static_cast<std::ptrdiff_t>(at),
                       rows.begin() + static_cast<std::ptrdiff_t>(at) + 2);
  };
  CHECK(read(*open.store, [&](StoreReader& reader) { return reader.all_accounts(batch.accounts[2].id, 2); }) ==
        from(batch.accounts, 3));
  CHECK(read(*open.store, [&](StoreReader& reader) { return reader.all_totals(batch.totals[2].unit, 2); }) ==
        from(batch.totals, 3));
  CHECK(read(*open.store, [&](StoreReader& reader) { return reader.open_cases(batch.cases[2].raised.id, 2); }) ==
        from(batch.cases, 3));
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.all_accounts({}, kAll); }) == batch.accounts);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.all_totals("", kAll); }) == batch.totals);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.open_cases("", kAll); }) == batch.cases);
}

TEST_CASE("a search finds the records that hold every word, within the units") {
  OpenStore open;
  CAPTURE(open.kind.name);
  const RecordId lan(kMinhsPhone, 1, 0);
  const RecordId minh(kLansPhone, 1, 0);
  const RecordId thanh(kLansPhone, 2, 0);
  StoreBatch batch;
  batch.search = {
      {lan, "S017", "nguyen thi lan\n0912"}, {minh, "S017", "tran minh\n0913"}, {thanh, "S018", "tran thanh lan"}};
  put(*open.store, batch);
  using Words = std::vector<std::string>;
  const auto search = [&](const Words& words, const Words& units, std::size_t limit) {
    return read(*open.store, [&](StoreReader& reader) { return reader.search(words, units, limit); });
  };
  CHECK(search({"lan"}, {}, 9) == std::vector{thanh, lan});
  CHECK(search({"la", "an"}, {}, 9) == std::vector{thanh, lan});
  CHECK(search({"tran", "091"}, {}, 9) == std::vector{minh});
  CHECK(search({"n\n0"}, {}, 9) == std::vector{lan});
  CHECK(search({"lan"}, {"S018", "S019"}, 9) == std::vector{thanh});
  CHECK(search({"lan"}, {"S0"}, 9).empty());
  CHECK(search({"Lan"}, {}, 9).empty());
  CHECK(search({}, {}, 9) == std::vector{minh, thanh, lan});
  CHECK(search({}, {"S017"}, 9) == std::vector{minh, lan});
  CHECK(search({}, {}, 2) == std::vector{minh, thanh});
  CHECK(search({"%"}, {}, 9).empty());

  StoreBatch moved;
  moved.search = {{lan, "S018", "nguyen thi lien"}};
  put(*open.store, moved);
  CHECK(search({"lan"}, {}, 9) == std::vector{thanh});
  CHECK(search({"lien"}, {"S018"}, 9) == std::vector{lan});
  CHECK(search({"lien"}, {"S017"}, 9).empty());
}
