// What verify finds: each damage by its name. The damage is done behind the store's back, in the file itself.
#include "shared/replica/audit.h"

#include <catch2/catch_test_macros.hpp>

#include "shared/core/signature.h"
#include "shared/replica/sqlite.h"
#include "tests/support/phone.h"
#include "tests/support/temporary_folder.h"

namespace songsong::testing {
namespace {

class DamagedPhone {
 public:
  DamagedPhone() : file_(folder_.file("lan.db")) {
    Phone lan(file_, 1, 7);
    const RecordId an = lan.add("pupil", {{"full_name", "Lò Thị An"},
                                          {"school", "school-1"},
                                          {"school_level", "primary"},
                                          {"household", "poor"},
                                          {"student_code", "HS-1"}});
    lan.add("pupil", {{"full_name", "Lò Văn Bình"},
                      {"school", "school-1"},
                      {"school_level", "primary"},
                      {"household", "poor"},
                      {"student_code", "HS-1"}});
    lan.add("need", {{"pupil", to_text(an)}, {"lacks", "device"}});
    const RecordId tablet = lan.add("device", {{"device_type", "tablet"}, {"school", "school-1"}, {"serial", "SN-1"}});
    lan.add("handover", {{"pupil", to_text(an)}, {"device", to_text(tablet)}, {"date", "2021-12-01"}});
    lan.set(an, {{"household", "near_poor"}});
    lan.verify();
  }

  // Where verify sees the first difference after this was done to the file.
  std::string difference_after(const std::string& sql) {
    {
      SqliteConnection connection(file_, "", SqliteAccess::kReadWrite, 1000);
      connection.execute(sql);
    }
    Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(file_, {});
    REQUIRE(store.ok());
    Phone lan(file_, 1, 8);
    const PublicKey own = KeyPair(lan.replica().identity().seed).public_key();
    const Outcome<AuditSummary> result = audit(**store, 0, programme(), Authority::kHoldsOwnLog,
                                               [&](StoreReader&, ReplicaId) { return std::optional(own); });
    return result ? std::string("nothing") : result.fault().code + ": " + result.fault().where;
  }

 private:
  TemporaryFolder folder_;
  std::string file_;
};

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

}  // namespace

TEST_CASE("verify finds nothing in a store that nobody touched") {
  CHECK(DamagedPhone().difference_after("SELECT 1") == "nothing");
}

TEST_CASE(
    "verify names the damage: one tally, one log byte, one chain hash, one personal value, and everything counted") {
  const struct {
    const char* sql;
    const char* named;
  } damages[] = {
      {"UPDATE account SET cells = (SELECT cells FROM account WHERE length(cells) > 2 ORDER BY id DESC LIMIT 1) WHERE "
       "length(cells) > 2",
       "difference: account"},
      {"UPDATE log SET change = CAST(substr(change, 1, length(change) - 1) || x'7f' AS BLOB) WHERE sequence = 4",
       "difference: log 4"},
      {"UPDATE log SET hash = zeroblob(32) WHERE sequence = 2", "difference: log 2"},
      {"DELETE FROM log WHERE sequence = 3", "difference: log 4"},
      {"UPDATE log SET previous = 5 WHERE sequence = 6", "difference: log 6"},
      {"DELETE FROM personal WHERE record = (SELECT min(record) FROM personal)", "difference: log 1"},
      {"DELETE FROM block_key", "difference: log 1"},
      {"UPDATE total SET subtree = CAST(own || own AS BLOB)", "storage_damaged: "},
      {"DELETE FROM total", "difference: totals"},
      {"DELETE FROM open_case", "difference: case duplicate."},
      {"DELETE FROM claim WHERE number = 3", "difference: claim"},
      {"DELETE FROM match_key", "difference: match key"},
      {"DELETE FROM reference", "difference: references to"},
      {"DELETE FROM search", "difference: search text of"},
      {"UPDATE record SET unit = 'school-9' WHERE id = (SELECT min(id) FROM record)", "difference: record"},
      {"UPDATE record SET live = 0 WHERE id = (SELECT max(id) FROM record)", "difference: record"},
      {"INSERT INTO class_name VALUES(5, 6)", "difference: classes"},
      {"UPDATE tip SET hash = zeroblob(32)", "difference: tip"},
      {"UPDATE run SET last = last + 1", "difference: run of"},
  };
  for (const auto& damage : damages) {
    INFO(damage.sql);
    const std::string found = DamagedPhone().difference_after(damage.sql);
    INFO(found);
    CHECK(found != "nothing");
    CHECK(starts(found, damage.named));
  }
}

}  // namespace songsong::testing
