// A school is split: its pupils go where the rules say, and what belongs to them goes with them.
#include "server/distribute.h"

#include <catch2/catch_test_macros.hpp>

#include "server/office.h"
#include "server/units.h"
#include "shared/core/value_text.h"
#include "tests/support/must.h"
#include "tests/support/temporary_folder.h"

namespace songsong::server {
namespace {

using testing::must;

const std::string kUnits =
    "code,name,level,parent\nP,Tỉnh,province,\nA,Trường A,school,P\nB,Trường B,school,P\nC,Trường C,school,P\n";
const std::string kRules = "kind,where,to\n";

class Place {
 public:
  Place() {
    must(Office::create(folder_.file("server")));
    office_ = must(Office::open(folder_.file("server")));
    must(write_units(host(), kUnits));
    for (const char* grade : {"1", "2", "3", "4", ""}) {
      std::vector<std::pair<std::string, std::string>> filled{
          {"full_name", std::string("Em lớp ") + grade},
          {"school", "A"},
          {"school_level", "primary"},
          {"household", grade == std::string("2") ? "near_poor" : "poor"}};
      if (*grade != '\0') filled.emplace_back("grade", grade);
      const RecordId pupil = save("pupil", filled);
      save("need", {{"pupil", to_text(pupil)}, {"lacks", "device"}});
    }
  }
  Host& host() { return office_->host(); }

  std::string fault(const std::string& rules, const std::string& from = "A") {
    const Outcome<Distributed> done = distribute(host(), from, rules, false);
    return done ? "" : done.fault().code + " " + done.fault().where;
  }
  // Live records of a kind in a unit.
  std::size_t count(const std::string& kind, const std::string& unit) {
    std::size_t count = 0;
    must(host().store().read(0, [&](StoreReader& reader) {
      for (const RecordRow& row : reader.scan(host().policies().kind_named(kind)->number(), RecordId(), 1000))
        count += row.live && row.unit == unit ? 1 : 0;
    }));
    return count;
  }

 private:
  RecordId save(const std::string& kind_name, const std::vector<std::pair<std::string, std::string>>& filled) {
    const KindPolicy& kind = *host().policies().kind_named(kind_name);
    Act act;
    act.kind = kind.number();
    for (const auto& [name, text] : filled) {
      const FieldPolicy& field = *Policies::field_named(kind, name);
      act.inputs.push_back(
          Input{.field = field.number(), .shape = Shape::kRegister, .value = must(parse_value(field, text))});
    }
    return must(host().save({&act, 1})).front();
  }

  TemporaryFolder folder_;
  std::unique_ptr<Office> office_;
};

}  // namespace

TEST_CASE("the first rule that fits says where a pupil goes; needs go along; what fits no rule stays") {
  Place place;
  const std::string rules = kRules + "pupil,grade=1|2; household=poor,B\npupil,grade=1|2|3,C\n";
  const Distributed tried = must(distribute(place.host(), "A", rules, true));
  CHECK(tried.moved == std::map<std::string, std::size_t>{{"B", 1}, {"C", 2}});
  CHECK(tried.left == 2);
  CHECK(place.count("pupil", "A") == 5);
  const Distributed done = must(distribute(place.host(), "A", rules, false));
  CHECK(done.moved == tried.moved);
  for (const char* kind : {"pupil", "need"}) {
    CHECK(place.count(kind, "A") == 2);
    CHECK(place.count(kind, "B") == 1);
    CHECK(place.count(kind, "C") == 2);
  }
  // Again: nothing is left that fits.
  CHECK(must(distribute(place.host(), "A", rules, false)).moved.empty());
  CHECK(must(distribute(place.host(), "A", kRules + "pupil,,B\n", false)).moved["B"] == 2);
  must(place.host().verify());
}

TEST_CASE("a wrong rule moves nothing, and is named by its row") {
  Place place;
  CHECK(place.fault("") == "rules_heading row 1");
  CHECK(place.fault("kind,to\npupil,B\n") == "rules_heading row 1");
  CHECK(place.fault(kRules) == "rules_row row 2");
  CHECK(place.fault(kRules + "pupil,,B\npupil\n") == "rules_row row 3");
  CHECK(place.fault(kRules + "need,,B\n") == "rules_row row 2");  // follows its pupil
  CHECK(place.fault(kRules + "unit,,B\n") == "rules_row row 2");
  CHECK(place.fault(kRules + "teacher,,B\n") == "unknown_kind row 2");
  CHECK(place.fault(kRules + "pupil,class=1,B\n") == "unknown_field row 2");
  CHECK(place.fault(kRules + "pupil,grade,B\n") == "unknown_field row 2");
  CHECK(place.fault(kRules + "pupil,household=rich,B\n") == "unknown_value row 2");
  CHECK(place.fault(kRules + "pupil,,X\n") == "unknown_unit row 2");
  CHECK(place.fault(kRules + "pupil,,B\n", "X") == "unknown_unit X");
  CHECK(place.count("pupil", "A") == 5);
}

}  // namespace songsong::server
