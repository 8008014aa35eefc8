// What a store counts, told as teachers and offices would; after every story the whole store is recounted from its log.
#include "shared/replica/books.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/phone.h"

namespace songsong::testing {
namespace {

Filled pupil_named(const std::string& name, const std::string& school = "school-1") {
  return {{"full_name", name}, {"school", school}, {"school_level", "primary"}, {"household", "poor"}};
}

std::string text(RecordId id) { return to_text(id); }

// An office's computer that keeps the tree: a province, two communes, a school in each.
void grow_tree(Phone& office) {
  const auto unit = [&](const char* code, const char* level, const char* parent) {
    Filled filled{{"code", code}, {"name", std::string("Đơn vị ") + code}, {"level", level}};
    if (*parent != '\0') filled.emplace_back("parent", parent);
    return office.add("unit", filled);
  };
  unit("province", "province", "");
  unit("commune-1", "commune", "province");
  unit("commune-2", "commune", "province");
  unit("school-1", "school", "commune-1");
  unit("school-2", "school", "commune-2");
}

RecordId unit_record(Phone& office, const std::string& code) {
  const KindPolicy& kind = *programme().unit_tree();
  RecordId found;
  REQUIRE(office.replica()
              .list(kind.number(),
                    [&](const RecordView& each) {
                      const Shown unit = show(each.state, &kind);
                      if (*unit.find(kind.unit_tree().code())->text() == code) found = each.state.id;
                      return !found.valid();
                    })
              .ok());
  REQUIRE(found.valid());
  return found;
}

}  // namespace

TEST_CASE("a need is counted once in its pupil's school, with the pupil's level and household") {
  Phone lan(1);
  const RecordId an = lan.add("pupil", pupil_named("Lò Thị An"));
  lan.add("need", {{"pupil", text(an)}, {"lacks", "device"}});
  lan.add("need", {{"pupil", text(an)}, {"lacks", "signal"}});
  CHECK(lan.total("school-1", "needs_declared") == 2);
  CHECK(lan.total("school-1", "pupils_in_need") == 1);
  CHECK(lan.total("school-1", "pupils_in_need", "school_level", "primary") == 1);
  CHECK(lan.total("school-1", "pupils_in_need", "household", "poor") == 1);
  lan.set(an, {{"household", "near_poor"}});
  CHECK(lan.total("school-1", "pupils_in_need", "household", "poor") == 0);
  CHECK(lan.total("school-1", "needs_declared", "household", "near_poor") == 2);
  lan.verify();
}

TEST_CASE("a pupil who changes school takes needs and handovers along") {
  Phone lan(1);
  const RecordId an = lan.add("pupil", pupil_named("Giàng A Páo"));
  const RecordId need = lan.add("need", {{"pupil", text(an)}, {"lacks", "both"}});
  const RecordId tablet = lan.add("device", {{"device_type", "tablet"}, {"school", "school-1"}});
  lan.add("handover", {{"pupil", text(an)}, {"device", text(tablet)}, {"date", "2021-12-01"}});
  lan.set(an, {{"school", "school-2"}});
  CHECK(lan.view(need).unit == "school-2");
  CHECK(lan.total("school-1", "needs_declared") == 0);
  CHECK(lan.total("school-2", "needs_declared") == 1);
  CHECK(lan.total("school-2", "devices_handed_over") == 1);
  CHECK(lan.total("school-1", "devices_received") == 1);  // the device stays where it was received
  lan.verify();
}

TEST_CASE("two handovers to one pupil are a case, and the pupil counts once until one is returned") {
  Phone lan(1);
  const RecordId an = lan.add("pupil", pupil_named("Vàng Thị Mỷ"));
  const RecordId tablet = lan.add("device", {{"device_type", "tablet"}, {"school", "school-1"}});
  const RecordId laptop = lan.add("device", {{"device_type", "laptop"}, {"school", "school-1"}});
  lan.add("handover", {{"pupil", text(an)}, {"device", text(tablet)}, {"date", "2021-12-01"}});
  const RecordId second = lan.add("handover", {{"pupil", text(an)}, {"device", text(laptop)}, {"date", "2021-12-02"}});
  CHECK(lan.total("school-1", "devices_handed_over") == 2);
  CHECK(lan.total("school-1", "pupils_supported") == 1);
  CHECK(lan.total("school-1", "support_excess") == 1);
  CHECK(lan.total("school-1", "cases_open") == 1);
  CHECK(lan.total("school-1", "devices_handed_over", "device_type", "laptop") == 1);
  REQUIRE(lan.case_ids().size() == 1);
  lan.verify();
  lan.add("return", {{"handover", text(second)}, {"date", "2021-12-05"}});
  CHECK(lan.total("school-1", "support_excess") == 0);
  CHECK(lan.total("school-1", "cases_open") == 0);
  CHECK(lan.case_ids().empty());
  lan.verify();
}

TEST_CASE("one device handed to two pupils is a case; so is one serial on two devices, however it is spelt") {
  Phone lan(1);
  const RecordId an = lan.add("pupil", pupil_named("Hờ A Sử"));
  const RecordId binh = lan.add("pupil", pupil_named("Thào Thị Dở"));
  const RecordId tablet =
      lan.add("device", {{"device_type", "tablet"}, {"school", "school-1"}, {"serial", "SN-12 ab"}});
  lan.add("handover", {{"pupil", text(an)}, {"device", text(tablet)}, {"date", "2021-12-01"}});
  lan.add("handover", {{"pupil", text(binh)}, {"device", text(tablet)}, {"date", "2021-12-01"}});
  const RecordId twin = lan.add("device", {{"device_type", "tablet"}, {"school", "school-1"}, {"serial", "sn12AB"}});
  CHECK(lan.case_ids().size() == 2);
  CHECK(lan.total("school-1", "cases_open") == 2);
  lan.verify();
  lan.remove(twin);
  CHECK(lan.case_ids().size() == 1);
  lan.verify();
}

TEST_CASE(
    "two lists name one child: a likely duplicate, counted once when it is settled, and again when that is taken "
    "back") {
  Phone district(1, schema::REVIEWER, {"province"});
  const RecordId first = district.add("pupil", pupil_named("Lò Văn Chính", "school-1"));
  const RecordId second = district.add("pupil", {{"full_name", "LÒ VĂN CHÍNH"},
                                                 {"school", "school-2"},
                                                 {"school_level", "primary"},
                                                 {"household", "near_poor"},
                                                 {"student_code", "0001"}});
  district.set(first, {{"student_code", "0001"}});
  district.add("need", {{"pupil", text(first)}, {"lacks", "device"}});
  district.add("need", {{"pupil", text(second)}, {"lacks", "device"}});
  CHECK(district.case_ids() == std::vector<std::string>{"duplicate." + text(first) + "-" + text(second)});
  CHECK(district.total("school-1", "pupils_in_need") == 1);
  CHECK(district.total("school-2", "pupils_in_need") == 1);
  district.verify();

  const RecordId decision =
      district.add("samehood", {{"one", text(first)}, {"other", text(second)}, {"decision", "same"}});
  CHECK(district.case_ids().empty());
  CHECK(district.total("school-1", "pupils_in_need") == 1);
  CHECK(district.total("school-2", "pupils_in_need") == 0);
  CHECK(district.total("school-2", "counted_elsewhere") == 1);
  CHECK(district.total("school-1", "counted_elsewhere") == 0);
  CHECK(district.total("school-1", "needs_declared") + district.total("school-2", "needs_declared") == 2);
  district.verify();

  district.set(decision, {{"decision", "different"}});
  CHECK(district.case_ids().empty());
  CHECK(district.total("school-2", "pupils_in_need") == 1);
  CHECK(district.total("school-2", "counted_elsewhere") == 0);
  district.verify();

  district.remove(decision);
  CHECK(district.case_ids().size() == 1);
  district.verify();
}

TEST_CASE("a handover to each of two records of one child is a double support as soon as they are one") {
  Phone district(1, schema::REVIEWER, {"province"});
  const RecordId first = district.add("pupil", pupil_named("Má Thị Lan", "school-1"));
  const RecordId second = district.add("pupil", pupil_named("Má Thị Lan", "school-2"));
  const RecordId tablet = district.add("device", {{"device_type", "tablet"}, {"school", "school-1"}});
  const RecordId phone = district.add("device", {{"device_type", "smartphone"}, {"school", "school-2"}});
  district.add("handover", {{"pupil", text(first)}, {"device", text(tablet)}, {"date", "2021-12-01"}});
  district.add("handover", {{"pupil", text(second)}, {"device", text(phone)}, {"date", "2021-12-01"}});
  CHECK(district.case_ids().empty());
  const RecordId decision =
      district.add("samehood", {{"one", text(first)}, {"other", text(second)}, {"decision", "same"}});
  CHECK(district.case_ids().size() == 1);
  CHECK(district.total("school-1", "pupils_supported") == 1);
  CHECK(district.total("school-2", "pupils_supported") == 0);
  district.verify();
  district.remove(decision);
  CHECK(district.case_ids().empty());
  CHECK(district.total("school-2", "pupils_supported") == 1);
  district.verify();
}

TEST_CASE("decisions that contradict each other are a case, until one is corrected or a record goes") {
  Phone district(1, schema::REVIEWER, {"province"});
  const RecordId an = district.add("pupil", pupil_named("Lò Thị An"));
  const RecordId binh = district.add("pupil", pupil_named("Giàng A Bình"));
  const RecordId chi = district.add("pupil", pupil_named("Vàng Thị Chi"));
  const RecordId dung = district.add("pupil", pupil_named("Sùng A Dũng"));
  const auto decide = [&](RecordId one, RecordId other, const char* decision) {
    return district.add("samehood", {{"one", text(one)}, {"other", text(other)}, {"decision", decision}});
  };
  decide(an, binh, "same");
  const RecordId link = decide(binh, chi, "same");
  decide(an, chi, "different");
  const std::vector<std::string> disputed{"duplicate." + text(an) + "-" + text(chi)};
  CHECK(district.case_ids() == disputed);
  district.verify();
  district.set(link, {{"one", text(dung)}});  // it was Dũng, not Bình
  CHECK(district.case_ids().empty());
  district.verify();
  district.set(link, {{"one", text(binh)}});
  CHECK(district.case_ids() == disputed);
  district.verify();
  district.remove(an);
  CHECK(district.case_ids().empty());
  district.verify();
}

TEST_CASE("what one decision answered for a whole class is asked again when a member leaves it") {
  Phone district(1, schema::REVIEWER, {"province"});
  const auto coded = [&](const char* name) {
    Filled filled = pupil_named(name);
    filled.emplace_back("student_code", "HS-7");
    return filled;
  };
  const RecordId an = district.add("pupil", pupil_named("Lò Thị An"));
  const RecordId binh = district.add("pupil", coded("Giàng A Bình"));
  const RecordId chi = district.add("pupil", coded("Vàng Thị Chi"));
  const RecordId dung = district.add("pupil", pupil_named("Sùng A Dũng"));
  const RecordId link = district.add("samehood", {{"one", text(an)}, {"other", text(binh)}, {"decision", "same"}});
  district.add("samehood", {{"one", text(an)}, {"other", text(chi)}, {"decision", "different"}});
  CHECK(district.case_ids().empty());
  district.verify();
  district.set(link, {{"other", text(dung)}});
  CHECK(district.case_ids() == std::vector<std::string>{"duplicate." + text(binh) + "-" + text(chi)});
  district.verify();
}

TEST_CASE("a need written before its pupil arrives waits under unspecified, and counts right when the pupil comes") {
  Phone lan(1);
  const RecordId later(2, 1, 77);
  lan.add("need", {{"pupil", text(later)}, {"lacks", "device"}});
  CHECK(lan.total("school-1", "needs_declared") == 1);
  CHECK(lan.total("school-1", "pupils_in_need") == 1);
  lan.verify();
}

TEST_CASE("a need verified without evidence is a case until the evidence is there") {
  Phone district(1, schema::REVIEWER, {"province"});
  const RecordId an = district.add("pupil", pupil_named("Sùng A Long"));
  const RecordId need = district.add("need", {{"pupil", text(an)}, {"lacks", "device"}});
  district.set(need, {{"state", "verified"}});
  CHECK(district.case_ids() == std::vector<std::string>{"missing_proof." + text(need)});
  CHECK(district.total("school-1", "needs_verified") == 1);
  district.verify();
  district.add("verification", {{"need", text(need)}, {"date", "2021-11-20"}, {"finding", "confirmed"}});
  CHECK(district.case_ids().empty());
  district.set(need, {{"state", "refused"}});
  CHECK(district.total("school-1", "needs_declared") == 0);
  CHECK(district.total("school-1", "pupils_in_need") == 0);
  district.verify();
}

TEST_CASE("totals add up the tree, and follow it when a unit moves or a circle is made") {
  Phone office(1, schema::ADMINISTRATOR, {"province"});
  grow_tree(office);
  const RecordId an = office.add("pupil", pupil_named("Tẩn Thị Hoa", "school-1"));
  office.add("need", {{"pupil", text(an)}, {"lacks", "device"}});
  const RecordId binh = office.add("pupil", pupil_named("Chảo A Nam", "school-2"));
  office.add("need", {{"pupil", text(binh)}, {"lacks", "device"}});
  CHECK(office.total("commune-1", "pupils_in_need") == 1);
  CHECK(office.total("province", "pupils_in_need") == 2);
  office.verify();

  const RecordId school_two = unit_record(office, "school-2");
  const RecordId province = unit_record(office, "province");
  office.set(school_two, {{"parent", "commune-1"}});
  CHECK(office.total("commune-1", "pupils_in_need") == 2);
  CHECK(office.total("commune-2", "pupils_in_need") == 0);
  CHECK(office.total("province", "pupils_in_need") == 2);
  office.verify();

  // The edge written last does not hold: the province stays above its communes.
  office.set(province, {{"parent", "school-1"}});
  CHECK(office.total("province", "pupils_in_need") == 2);
  CHECK(office.case_ids() == std::vector<std::string>{"conflict." + text(province)});
  office.verify();
  office.set(province, {{"parent", ""}});
  CHECK(office.case_ids().empty());
  office.verify();
}

TEST_CASE(
    "removing a record takes it out of every count, and an edit that the removal had not seen keeps it, as a case") {
  Phone lan(1);
  const RecordId an = lan.add("pupil", pupil_named("Lý Seo Páo"));
  const RecordId need = lan.add("need", {{"pupil", text(an)}, {"lacks", "device"}});
  lan.remove(need);
  CHECK(lan.total("school-1", "needs_declared") == 0);
  CHECK_FALSE(lan.view(need).live);
  lan.verify();
}

TEST_CASE("a code that says nothing (\"0000\") asks about each record with the least one, not about every pair") {
  Phone lan(1);
  std::vector<RecordId> pupils;
  for (int i = 0; i < 12; ++i) {
    Filled filled = pupil_named("Lò Thị " + std::to_string(i));
    filled.emplace_back("student_code", "0000");
    pupils.push_back(lan.add("pupil", filled));
    if (i % 3 == 0) lan.verify();
  }
  CHECK(lan.case_ids().size() == 11);
  lan.set(pupils[5], {{"student_code", "HS-5"}});
  CHECK(lan.case_ids().size() == 10);
  lan.verify();
  lan.remove(pupils[0]);
  CHECK(lan.case_ids().size() == 9);
  lan.verify();
  for (int i = 1; i < 4; ++i) lan.remove(pupils[static_cast<std::size_t>(i)]);
  CHECK(lan.case_ids().size() == 7 * 6 / 2);  // few enough to look at every pair
  lan.verify();
}

TEST_CASE("a decision about a device that arrives later: its handovers' claims follow") {
  Phone district(1, schema::REVIEWER, {"province"});
  const RecordId an = district.add("pupil", pupil_named("Lò Thị An")),
                 binh = district.add("pupil", pupil_named("Giàng A Bình"));
  const RecordId tablet = district.add("device", {{"device_type", "tablet"}, {"school", "school-1"}});
  const RecordId later(2, 1, 7);
  district.add("handover", {{"pupil", text(an)}, {"device", text(tablet)}, {"date", "2021-12-01"}});
  district.add("handover", {{"pupil", text(binh)}, {"device", text(later)}, {"date", "2021-12-01"}});
  CHECK(district.case_ids().empty());
  district.add("samehood", {{"one", text(tablet)}, {"other", text(later)}, {"decision", "same"}});
  CHECK(district.case_ids().size() == 1);
  district.verify();
}

TEST_CASE("a need that nobody says the school of counts under unspecified, and is not lost there") {
  Phone office(1, schema::ADMINISTRATOR, {});
  office.add("need", {{"pupil", text(RecordId(2, 1, 7))}, {"lacks", "device"}});
  CHECK(office.total(kUnspecifiedUnit, "pupils_in_need") == 1);
  office.verify();
  grow_tree(office);
  CHECK(office.total(kUnspecifiedUnit, "pupils_in_need") == 1);
  office.verify();
}

TEST_CASE("only pupils, devices and the like can be one: a decision between a need and a pupil joins nothing") {
  Phone district(1, schema::REVIEWER, {"province"});
  const RecordId an = district.add("pupil", pupil_named("Lò Thị An")),
                 binh = district.add("pupil", pupil_named("Giàng A Bình"));
  const RecordId need = district.add("need", {{"pupil", text(an)}, {"lacks", "device"}});
  district.add("samehood", {{"one", text(need)}, {"other", text(binh)}, {"decision", "same"}});
  district.add("samehood", {{"one", text(need)}, {"other", text(an)}, {"decision", "same"}});
  CHECK(district.total("school-1", "needs_declared") == 1);
  district.verify();
  district.remove(need);
  CHECK(district.total("school-1", "needs_declared") == 0);
  district.verify();
}

TEST_CASE("two records of one unit's code in circles: the case follows the record whose parent was cut") {
  Phone office(1, schema::ADMINISTRATOR, {"a"});
  const auto unit = [&](const char* code, const char* parent) {
    return office.add("unit", {{"code", code}, {"name", "Đơn vị"}, {"level", "commune"}, {"parent", parent}});
  };
  const RecordId first = office.add("unit", {{"code", "a"}, {"name", "Đơn vị"}, {"level", "commune"}});
  const RecordId second = unit("b", "a");
  office.set(first, {{"parent", "b"}});
  office.verify();
  const RecordId third = unit("b", "a");
  office.verify();
  office.remove(second);
  office.verify();
  office.remove(third);
  CHECK(office.case_ids().empty());
  office.verify();
}

TEST_CASE("any walk of acts leaves the books equal to a recount from the log") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    Phone office(static_cast<ReplicaId>(seed), schema::ADMINISTRATOR, {"province"});
    Phone reviewer(static_cast<ReplicaId>(seed + 100), schema::REVIEWER, {"province"});
    Phone& who = random.chance(1, 2) ? office : reviewer;
    std::vector<RecordId> pupils, needs, devices, handovers, decisions;
    const auto school = [&] { return "school-" + std::to_string(random.below(3) + 1); };
    const auto name = [&] { return std::string("Lò Thị ") + (random.chance(1, 2) ? "An" : "Bảo"); };
    for (int step = 0; step < 60; ++step) {
      switch (random.below(12)) {
        case 0:
        case 1: {
          Filled filled = pupil_named(name(), school());
          if (random.chance(1, 2)) filled.emplace_back("student_code", "HS-" + std::to_string(random.below(4)));
          if (random.chance(1, 2)) filled.emplace_back("birth_date", "2012-01-0" + std::to_string(random.below(3) + 1));
          pupils.push_back(who.add("pupil", filled));
          break;
        }
        case 2:
          if (!pupils.empty())
            needs.push_back(who.add("need", {{"pupil", text(random.pick(pupils))}, {"lacks", "device"}}));
          break;
        case 3:
          devices.push_back(who.add("device", {{"device_type", random.chance(1, 2) ? "tablet" : "laptop"},
                                               {"school", school()},
                                               {"serial", "SN" + std::to_string(random.below(4))}}));
          break;
        case 4:
        case 5:
          if (pupils.empty() || devices.empty()) break;
          handovers.push_back(who.add(
              "handover",
              {{"pupil", text(random.pick(pupils))}, {"device", text(random.pick(devices))}, {"date", "2021-12-01"}}));
          break;
        case 6:
          if (!handovers.empty())
            who.add("return", {{"handover", text(random.pick(handovers))}, {"date", "2021-12-09"}});
          break;
        case 7: {
          if (pupils.size() < 2) break;
          const RecordId one = random.pick(pupils), other = random.pick(pupils);
          if (one == other) break;
          const bool same = random.chance(2, 3);
          decisions.push_back(who.add(
              "samehood", {{"one", text(one)}, {"other", text(other)}, {"decision", same ? "same" : "different"}}));
          break;
        }
        case 8: {
          if (devices.size() < 2) break;
          const RecordId one = random.pick(devices), other = random.pick(devices);
          if (one != other)
            decisions.push_back(
                who.add("samehood", {{"one", text(one)}, {"other", text(other)}, {"decision", "same"}}));
          break;
        }
        case 9: {
          std::vector<RecordId>* lists[] = {&pupils, &needs, &devices, &handovers, &decisions};
          std::vector<RecordId>& list = *lists[random.below(5)];
          if (list.empty()) break;
          const std::size_t at = random.below(list.size());
          who.remove(list[at]);
          list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        }
        case 10:
          if (!pupils.empty()) {
            const RecordId moved = random.pick(pupils);
            const std::string to = school();
            if (who.shown(moved, "school") != to) who.set(moved, {{"school", to}});
          }
          break;
        default:
          if (handovers.empty() || pupils.empty()) break;
          const RecordId handover = random.pick(handovers);
          const std::string to = text(random.pick(pupils));
          if (who.shown(handover, "pupil") != to) who.set(handover, {{"pupil", to}});
          break;
      }
      if (step % 5 == 4) who.verify();
      if (random.chance(1, 10)) who.reopen();
    }
    who.verify();
  }
}

}  // namespace songsong::testing
