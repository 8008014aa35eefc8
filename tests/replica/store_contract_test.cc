// What every Store promises (shared/replica/store.h), tested on each kind that store_kinds() names: that what is put in
// comes back, and that rows go. Pages are in store_pages_test.cc, what a write promises in store_writing_test.cc,
// several threads and processes in store_sharing_test.cc.
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/replica/store_example.h"
#include "tests/replica/store_use.h"

using namespace songsong;
using namespace songsong::example;

namespace {

const RecordId kLan(kLansPhone, 1, 0xABCDE);
const RecordId kMinh(kMinhsPhone, 1, 0xABCDE);
const RecordId kNobody(3, 1, 0);

// As the store gives them back: with their sequences.
std::vector<LogRow> numbered(std::vector<LogRow> rows, StoreSequence first) {
  for (LogRow& row : rows) row.sequence = first++;
  return rows;
}

void check_records(Store& store, const StoreBatch& was) {
  const std::vector<RecordId> ids = {kMinh, kNobody, kLan, kMinh};
  const auto rows = read(store, [&](StoreReader& reader) { return reader.records(ids); });
  REQUIRE(rows.size() == 4);
  CHECK(rows[0] == was.records[1]);
  CHECK(rows[1] == std::nullopt);
  CHECK(rows[2] == was.records[0]);
  CHECK(rows[3] == was.records[1]);
  CHECK(read(store, [&](StoreReader& reader) { return reader.personal(ids); }) ==
        std::vector<std::string>{"", "", was.personal[0].values, ""});
  CHECK(read(store, [&](StoreReader& reader) { return reader.search_texts(ids); }) ==
        std::vector<std::string>{was.search[1].text, "", was.search[0].text, was.search[1].text});
  CHECK(read(store, [&](StoreReader& reader) { return reader.class_names(ids); }) ==
        std::vector<RecordId>{kLan, kNobody, kLan, kLan});
}

void check_what_is_counted(Store& store, const StoreBatch& was) {
  CHECK(one(store, &StoreReader::accounts, kLan) == was.accounts[0]);
  CHECK(one(store, &StoreReader::accounts, kMinh) == std::nullopt);
  CHECK(one(store, &StoreReader::references_to, kLan) == was.references_added);
  CHECK(one(store, &StoreReader::references_to, kMinh).empty());
  CHECK(one(store, &StoreReader::claimants, ClaimKey{1, "sn-1", kNobody}) == std::vector<RecordId>{kLan, kMinh});
  CHECK(one(store, &StoreReader::claimants, ClaimKey{2, "sn-1", kNobody}).empty());
  const std::vector<MatchKey> keys = {{2, ~std::uint64_t{0}}, {1, 41}, {1, 42}};
  CHECK(read(store, [&](StoreReader& reader) { return reader.matches(keys); }) ==
        std::vector<std::vector<RecordId>>{{kMinh}, {}, {kLan, kMinh}});
  CHECK(one(store, &StoreReader::totals, std::string("D01")) == was.totals[0]);
  CHECK(one(store, &StoreReader::totals, std::string("S017")) == std::nullopt);
  CHECK(one(store, &StoreReader::cases, std::string("duplicate.a-b")) == was.cases[0]);
  CHECK(one(store, &StoreReader::cases, std::string("duplicate.a-c")) == std::nullopt);
}

void check_lineage(Store& store, const StoreBatch& was) {
  const auto log = numbered(was.log, 1);
  CHECK(one(store, &StoreReader::runs, kLansPhone) == std::vector{was.runs[0]});
  CHECK(one(store, &StoreReader::runs, kMinhsPhone) == std::vector{was.runs[1]});
  CHECK(one(store, &StoreReader::tips, kLansPhone) == std::vector{was.tips[0]});
  CHECK(one(store, &StoreReader::tips, kMinhsPhone) == std::vector{was.tips[1]});
  CHECK(one(store, &StoreReader::tips, ReplicaId{8}).empty());
  const std::vector<Name> names = {kMinh, Name(kLansPhone, 1, 0xABCDF), Name(kLansPhone, 2, 0xABCDE), kLan};
  CHECK(read(store, [&](StoreReader& reader) { return reader.changes(names); }) ==
        std::vector<std::optional<LogRow>>{log[1], std::nullopt, std::nullopt, log[0]});
  const std::vector<StoreSequence> sequences = {2, 0, 1, 3, UINT64_MAX};
  CHECK(read(store, [&](StoreReader& reader) { return reader.log_at(sequences); }) ==
        std::vector<std::optional<LogRow>>{log[1], std::nullopt, log[0], std::nullopt, std::nullopt});
  const auto keys = read(store, [](StoreReader& reader) { return reader.block_keys(kLansPhone); });
  REQUIRE(keys.size() == 2);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK(keys[i].block == was.block_keys[i].block);
    CHECK(keys[i].key == was.block_keys[i].key);
  }
  CHECK(read(store, [](StoreReader& reader) { return reader.block_keys(8); }).empty());
  const auto own = read(store, [](StoreReader& reader) { return reader.change_keys(kLansPhone); });
  REQUIRE(own.size() == 1);
  CHECK(own[0].name == was.change_keys[0].name);
  CHECK(own[0].key == was.change_keys[0].key);
  CHECK(read(store, [](StoreReader& reader) { return reader.change_keys(kMinhsPhone); }).empty());
  CHECK(read(store, [](StoreReader& reader) { return reader.erased(kLansPhone); }) == was.erased);
  CHECK(read(store, [](StoreReader& reader) { return reader.erased(kMinhsPhone); }).empty());
}

void check_pages(Store& store, const StoreBatch& was) {
  const std::vector<std::string> both = {"S018", "S017"};
  CHECK(read(store, [](StoreReader& reader) { return reader.log(0, 9); }) == numbered(was.log, 1));
  CHECK(read(store, [&](StoreReader& reader) { return reader.feed(both, {}, 9); }) == was.records);
  CHECK(read(store, [&](StoreReader& reader) { return reader.departures(both, 0, 9); }) == was.departures);
  CHECK(read(store, [](StoreReader& reader) { return reader.open_cases("", 9); }) == was.cases);
  CHECK(read(store, [](StoreReader& reader) { return reader.all_accounts({}, 9); }) == was.accounts);
  CHECK(read(store, [](StoreReader& reader) { return reader.all_totals("", 9); }) == was.totals);
  CHECK(read(store, [](StoreReader& reader) { return reader.units(); }) == was.units);
  CHECK(read(store, [](StoreReader& reader) { return reader.setting("epoch"); }) == was.settings.at("epoch"));
  CHECK(read(store, [](StoreReader& reader) { return reader.setting("era"); }).empty());
  CHECK(read(store, [](StoreReader& reader) { return reader.last_sequence(); }) == 2);
  CHECK(read(store, [](StoreReader& reader) { return reader.counts(); }) == StoreCounts{1, 3, 2, 2, 1});
}

void check_all(Store& store, const StoreBatch& was) {
  check_records(store, was);
  check_what_is_counted(store, was);
  check_lineage(store, was);
  check_pages(store, was);
}

}  // namespace

TEST_CASE("an empty store has nothing of anything") {
  OpenStore open;
  CAPTURE(open.kind.name);
  const std::vector<std::string> units = {"S017"};
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.last_sequence(); }) == 0);
  CHECK(one(*open.store, &StoreReader::records, kLan) == std::nullopt);
  CHECK(one(*open.store, &StoreReader::changes, kLan) == std::nullopt);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.log(0, 1); }).empty());
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.log_of(kLansPhone, 0, 1); }).empty());
  CHECK(read(*open.store, [&](StoreReader& reader) { return reader.feed(units, {}, 1); }).empty());
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.records({}); }).empty());
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.counts(); }) == StoreCounts{});
}

TEST_CASE("what is put in comes back, in the order asked") {
  OpenStore open;
  CAPTURE(open.kind.name);
  CHECK(put(*open.store, one_of_each()) == 2);
  check_all(*open.store, one_of_each());
}

TEST_CASE("what was written is there when the store is opened again, and the sequence goes on") {
  OpenStore open;
  CAPTURE(open.kind.name);
  if (!open.kind.lasting) return;
  put(*open.store, one_of_each());
  open.store.reset();
  open.store = open.place->open();
  check_all(*open.store, one_of_each());
  StoreBatch next;
  Random random(5);
  next.log = {log_row(Name(kLansPhone, 2, 1), kLan, random)};
  CHECK(put(*open.store, next) == 3);
}

TEST_CASE("a row replaces the row of its key, and of several in one batch the last stands") {
  OpenStore open;
  CAPTURE(open.kind.name);
  StoreBatch batch = one_of_each();
  put(*open.store, batch);
  batch.log.clear();
  batch.records[0].unit = "S099";
  batch.records[0].version = 7;
  batch.records[0].base = "";
  batch.records[1].base.reset();
  batch.personal.push_back({kLan, "later"});
  batch.accounts.push_back({kLan, {{"S099", 2, 1, -5, -1}}, {}});
  batch.totals.push_back({"D01", {}, {{"D01", 2, 0, 0, 9}}});
  batch.cases.push_back(batch.cases[0]);
  batch.cases[1].raised.reason = "decisions_disagree";
  batch.tips[0].hash = batch.tips[1].hash;
  batch.runs[0].run.last = 5;
  batch.units[0].parent = "D02";
  batch.settings["epoch"] = "8";
  batch.class_names[kMinh] = kNobody;
  put(*open.store, batch);

  Store& store = *open.store;
  CHECK(one(store, &StoreReader::records, kLan) == batch.records[0]);
  CHECK(one(store, &StoreReader::records, kMinh) == batch.records[1]);
  CHECK(one(store, &StoreReader::personal, kLan) == "later");
  CHECK(one(store, &StoreReader::accounts, kLan) == batch.accounts[1]);
  CHECK(one(store, &StoreReader::totals, std::string("D01")) == batch.totals[1]);
  CHECK(one(store, &StoreReader::cases, std::string("duplicate.a-b")) == batch.cases[1]);
  CHECK(one(store, &StoreReader::tips, kLansPhone) == std::vector{batch.tips[0]});
  CHECK(one(store, &StoreReader::runs, kLansPhone) == std::vector{batch.runs[0]});
  CHECK(one(store, &StoreReader::class_names, kMinh) == kNobody);
  CHECK(one(store, &StoreReader::references_to, kLan).size() == 1);
  CHECK(one(store, &StoreReader::claimants, ClaimKey{1, "sn-1", {}}).size() == 2);
  CHECK(one(store, &StoreReader::matches, MatchKey{1, 42}).size() == 2);
  CHECK(read(store, [](StoreReader& reader) { return reader.units(); }) == batch.units);
  CHECK(read(store, [](StoreReader& reader) { return reader.setting("epoch"); }) == "8");
  const std::vector<std::string> old_home = {"S017"};
  CHECK(read(store, [&](StoreReader& reader) { return reader.feed(old_home, {}, 9); }).empty());
}

TEST_CASE("rows go when they are empty, removed, closed or dropped") {
  OpenStore open;
  CAPTURE(open.kind.name);
  const StoreBatch was = one_of_each();
  put(*open.store, was);
  StoreBatch batch;
  batch.personal = {{kLan, ""}, {kNobody, ""}};
  batch.search = {{kLan, "S017", ""}, {kMinh, "", ""}};
  batch.accounts = {{kLan, {}, {}}, {kNobody, {}, {}}};
  batch.class_names = {{kMinh, kMinh}};
  batch.references_removed = was.references_added;
  batch.claims_removed = was.claims_added;
  batch.matches_removed = was.matches_added;
  batch.cases_closed = {"duplicate.a-b", "never.raised"};
  batch.totals = {{"D01", {}, {}}};
  batch.units_dropped = {kLan, kMinh};
  batch.tips_dropped = {kLan};
  batch.change_keys = {{was.change_keys[0].name, std::nullopt}, {kNobody, std::nullopt}};
  batch.settings = {{"epoch", ""}};
  put(*open.store, batch);

  Store& store = *open.store;
  const std::vector<std::string> nothing = {};
  CHECK(one(store, &StoreReader::personal, kLan).empty());
  CHECK(read(store, [&](StoreReader& reader) { return reader.search(nothing, nothing, 9); }).empty());
  CHECK(one(store, &StoreReader::accounts, kLan) == std::nullopt);
  CHECK(one(store, &StoreReader::class_names, kMinh) == kMinh);
  CHECK(one(store, &StoreReader::references_to, kLan).empty());
  CHECK(one(store, &StoreReader::claimants, ClaimKey{1, "sn-1", {}}).empty());
  CHECK(one(store, &StoreReader::matches, MatchKey{1, 42}).empty());
  CHECK(one(store, &StoreReader::matches, MatchKey{2, ~std::uint64_t{0}}).empty());
  CHECK(read(store, [](StoreReader& reader) { return reader.open_cases("", 9); }).empty());
  CHECK(read(store, [](StoreReader& reader) { return reader.all_totals("", 9); }).empty());
  CHECK(read(store, [](StoreReader& reader) { return reader.units(); }).empty());
  CHECK(read(store, [](StoreReader& reader) { return reader.counts(); }) == StoreCounts{});
  CHECK(read(store, [](StoreReader& reader) { return reader.change_keys(kLansPhone); }).empty());
  CHECK(one(store, &StoreReader::tips, kLansPhone).empty());
  CHECK(one(store, &StoreReader::tips, kMinhsPhone) == std::vector{was.tips[1]});
  CHECK(read(store, [](StoreReader& reader) { return reader.setting("epoch"); }).empty());
  CHECK(one(store, &StoreReader::records, kLan) == was.records[0]);
}

TEST_CASE("a totals row stays while either half has cells, an account while it has cells or claims") {
  OpenStore open;
  CAPTURE(open.kind.name);
  StoreBatch batch;
  batch.totals = {{"A", {{"A", 1, 0, 0, 1}}, {}}, {"B", {}, {{"A", 1, 0, 0, 1}}}};
  batch.accounts = {{kLan, {{"A", 1, 0, 0, 1}}, {}}, {kMinh, {}, {{1, "key", kMinh}}}};
  put(*open.store, batch);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.all_totals("", 9); }) == batch.totals);
  CHECK(read(*open.store, [](StoreReader& reader) { return reader.all_accounts({}, 9); }) == batch.accounts);
}

TEST_CASE("what goes, goes before what comes in the same batch") {
  OpenStore open;
  CAPTURE(open.kind.name);
  const StoreBatch was = one_of_each();
  put(*open.store, was);
  StoreBatch batch = was;
  batch.log.clear();
  batch.references_removed = was.references_added;
  batch.claims_removed = was.claims_added;
  batch.matches_removed = was.matches_added;
  batch.cases_closed = {"duplicate.a-b"};
  batch.units_dropped = {kLan};
  batch.tips_dropped = {kLan};
  put(*open.store, batch);
  check_all(*open.store, was);
}

TEST_CASE("a verdict changes the entry of the log that it is of, and no other") {
  OpenStore open;
  put(*open.store, one_of_each());
  const auto before = read(*open.store, [](StoreReader& reader) { return reader.log(0, 9); });
  REQUIRE(before.size() == 2);
  StoreBatch batch;
  batch.verdicts.push_back(VerdictRow{.sequence = 2, .verdict = Verdict::kQuarantined, .reason = "out_of_scope"});
  put(*open.store, batch);
  const auto after = read(*open.store, [](StoreReader& reader) { return reader.log(0, 9); });
  REQUIRE(after.size() == 2);
  CHECK(after[0] == before[0]);
  LogRow wanted = before[1];
  wanted.verdict = Verdict::kQuarantined;
  wanted.reason = "out_of_scope";
  CHECK(after[1] == wanted);
}

TEST_CASE("settings are read by what they begin with, in pages, ascending by their bytes") {
  OpenStore open;
  StoreBatch batch;
  for (const char* name : {"former.2", "former.1", "former.\xC4\x90", "forme", "former/", "g"})
    batch.settings[name] = "v";
  put(*open.store, batch);
  const auto names = [&](const std::string& prefix, const std::string& after, std::size_t limit) {
    std::vector<std::string> found;
    for (const auto& [name, value] :
         read(*open.store, [&](StoreReader& reader) { return reader.settings(prefix, after, limit); }))
      found.push_back(name);
    return found;
  };
  CHECK(names("former.", "", 9) == std::vector<std::string>{"former.1", "former.2", "former.\xC4\x90"});
  CHECK(names("former.", "", 2) == std::vector<std::string>{"former.1", "former.2"});
  CHECK(names("former.", "former.1", 9) == std::vector<std::string>{"former.2", "former.\xC4\x90"});
  CHECK(names("x", "", 9).empty());
}
