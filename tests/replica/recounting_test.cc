// A store that is opened with a policy table of another revision counts everything anew, and is as if it had always
// been counted so.
#include "shared/replica/recounting.h"

#include <catch2/catch_test_macros.hpp>

#include "schemas/programme_table.h"
#include "shared/replica/audit.h"
#include "shared/replica/sqlite_store.h"
#include "tests/support/must.h"
#include "tests/support/phone.h"
#include "tests/support/temporary_folder.h"

namespace songsong::testing {
namespace {

policy::PolicyTable programme_table() {
  policy::PolicyTable table;
  REQUIRE(table.ParseFromString(std::string(programme_policy_table())));
  return table;
}

Policies newer_table() {
  policy::PolicyTable table = programme_table();
  table.set_revision(table.revision() + 1);
  return must(Policies::parse(table.SerializeAsString()));
}

// As an older program had it: of these kinds it knew nothing.
Policies older_table(const std::vector<std::string>& unknown) {
  policy::PolicyTable table = programme_table();
  auto* const kinds = table.mutable_kind();
  for (int i = kinds->size(); i-- > 0;) {
    if (std::find(unknown.begin(), unknown.end(), kinds->Get(i).name()) != unknown.end()) kinds->DeleteSubrange(i, 1);
  }
  for (policy::KindPolicy& kind : *kinds) {
    if (kind.name() == "pupil") kind.clear_match();
  }
  return must(Policies::parse(table.SerializeAsString()));
}

void record_all(Phone& phone) {
  std::vector<RecordId> pupils;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "Vi Văn " + std::string(1, static_cast<char>('A' + i % 30));
    pupils.push_back(phone.add("pupil", {{"full_name", name},
                                         {"school", "school-1"},
                                         {"school_level", "primary"},
                                         {"household", "poor"},
                                         {"birth_date", "2013-09-05"}}));
    phone.add("need", {{"pupil", to_text(pupils.back())}, {"lacks", "device"}});
  }
  for (int i = 0; i < 10; ++i) {
    const RecordId device = phone.add("device", {{"device_type", "tablet"}, {"school", "school-1"}});
    phone.add("handover", {{"pupil", to_text(pupils[static_cast<std::size_t>(i / 2)])},
                           {"device", to_text(device)},
                           {"date", "2021-10-05"}});
  }
}

struct Counted {
  std::vector<CaseRow> cases;
  std::vector<TotalsRow> totals;
  std::vector<AccountRow> accounts;
  std::vector<RecordRow> records;
  StoreCounts counts;

  explicit Counted(Store& store) {
    must(store.read(0, [this](StoreReader& reader) {
      cases = reader.open_cases("", 10'000);
      totals = reader.all_totals("", 10'000);
      accounts = reader.all_accounts({}, 10'000);
      records = reader.scan(0, {}, 10'000);
      counts = reader.counts();
    }));
  }
};

void write_settings(Store& store, const std::map<std::string, std::string>& settings) {
  const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings = settings;
    return batch;
  };
  must(store.write(0, {&writing, 1}));
}

struct Counter {
  explicit Counter(const Policies& table) : policies(table), dependencies(table) {}
  Outcome<Done> run(Store& store) {
    return recount_if_due(store, 0, BooksContext{policies, dependencies, trees}, 1'700'000'000'000);
  }

  const Policies& policies;
  Dependencies dependencies;
  UnitTreeCache trees;
};

TEST_CASE("kinds that a newer table knows are counted when the store is opened with it, as if they always had been") {
  Phone phone(ReplicaId{9});
  record_all(phone);
  const Counted right(phone.store());
  REQUIRE(right.cases.size() > 10);
  REQUIRE(right.counts.matches > 0);

  const Policies older = older_table({"handover", "return", "device", "allocation", "verification", "need", "photo"});
  write_settings(phone.store(), {{kBooksRevisionSetting, ""}});
  must(Counter(older).run(phone.store()));
  const Counted before(phone.store());
  CHECK(before.cases.size() < right.cases.size());
  CHECK(before.counts.matches == 0);

  const Policies newer = newer_table();
  must(Counter(newer).run(phone.store()));
  const Counted now(phone.store());
  CHECK(now.accounts == right.accounts);
  CHECK(now.totals == right.totals);
  CHECK(now.counts == right.counts);
  CHECK(now.records == right.records);
  CHECK(now.cases.size() == right.cases.size());
  write_settings(phone.store(), {{kBooksRevisionSetting, std::to_string(programme().revision())}});
  phone.verify();
}

TEST_CASE("a recount that was ended half way goes on, and cases keep the time when they were raised") {
  Phone phone(ReplicaId{9});
  record_all(phone);
  const Counted right(phone.store());
  // As the first transaction leaves it.
  StoreBatch begun;
  begun.drop_books = true;
  begun.settings = {{kBooksRevisionSetting, kRecounting}, {"recount", std::to_string(programme().revision()) + " 0"}};
  for (const CaseRow& row : right.cases)
    begun.settings["recount_raised." + row.raised.id] = std::to_string(row.raised_ms);
  const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> { return begun; };
  must(phone.store().write(0, {&writing, 1}));
  CHECK(phone.refused(
            "pupil",
            {{"full_name", "Hoa"}, {"school", "school-1"}, {"school_level", "primary"}, {"household", "poor"}}) ==
        "policies_changed");
  phone.reopen();
  const Counted now(phone.store());
  CHECK(now.cases == right.cases);
  CHECK(now.totals == right.totals);
  must(phone.store().read(0, [](StoreReader& reader) { CHECK(reader.settings("recount", "", 10).empty()); }));
  phone.verify();
}

TEST_CASE("a store that a newer table has counted is not opened by an older program") {
  Phone phone(ReplicaId{9});
  write_settings(phone.store(), {{kBooksRevisionSetting, std::to_string(programme().revision() + 1)}});
  const Outcome<Done> refused = Counter(programme()).run(phone.store());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.fault().code == "storage_newer");
}

}  // namespace
}  // namespace songsong::testing
