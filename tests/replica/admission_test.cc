// Many phones and an office: what each admits, in any order and in any pieces, becomes the same everywhere.
#include "shared/replica/admission.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "shared/core/digest.h"
#include "shared/core/merge.h"
#include "shared/core/state_codec.h"
#include "tests/support/office.h"
#include "tests/support/temporary_folder.h"

namespace songsong::testing {
namespace {

Filled pupil_named(const std::string& name) {
  return {{"full_name", name}, {"school", "school-1"}, {"school_level", "primary"}, {"household", "poor"}};
}

// Lan has recorded a pupil, and Minh has it too.
struct TwoTeachers {
  TwoTeachers() : an(lan.add("pupil", pupil_named("Lò Thị An"))) {
    office.take(lan);
    office.give(minh);
  }

  Phone lan{1}, minh{2};
  Office office;
  RecordId an;
};

}  // namespace

TEST_CASE("Lan and Minh change different fields of one pupil: both are kept, and nothing is a case") {
  TwoTeachers here;
  auto& [lan, minh, office, an] = here;
  lan.set(an, {{"household", "near_poor"}});
  minh.set(an, {{"grade", "4"}});
  office.take(minh);
  office.take(lan);
  office.give(lan);
  office.give(minh);
  for (Phone* phone : {&lan, &minh}) {
    CHECK(phone->shown(an, "household") == "near_poor");
    CHECK(phone->shown(an, "grade") == "4");
    CHECK(phone->case_ids().empty());
    phone->verify();
  }
  office.verify();
}

TEST_CASE(
    "Lan and Minh change the same field: neither is lost, and every store raises the same case until someone chooses") {
  TwoTeachers here;
  auto& [lan, minh, office, an] = here;
  lan.set(an, {{"household", "near_poor"}});
  minh.set(an, {{"household", "other_hardship"}});
  office.take(minh);
  office.take(lan);
  office.give(lan);
  office.give(minh);
  const std::vector<std::string> expected{"conflict." + to_text(an)};
  CHECK(office.case_ids() == expected);
  CHECK(lan.case_ids() == expected);
  CHECK(minh.case_ids() == expected);
  CHECK(office.total("school-1", "cases_open") == 1);
  lan.set(an, {{"household", "poor"}});  // neither of the two, having seen both
  office.take(lan);
  office.give(minh);
  CHECK(office.case_ids().empty());
  CHECK(minh.case_ids().empty());
  CHECK(minh.shown(an, "household") == "poor");
  office.verify();
  minh.verify();
}

TEST_CASE("what the office sends never hides what Lan has not sent yet") {
  TwoTeachers here;
  auto& [lan, minh, office, an] = here;
  minh.set(an, {{"grade", "3"}});
  office.take(minh);
  lan.set(an, {{"household", "near_poor"}});
  office.give(lan);
  CHECK(lan.shown(an, "household") == "near_poor");
  CHECK(lan.shown(an, "grade") == "3");
  CHECK_FALSE(lan.view(an).sent);
  lan.verify();
  office.give(lan);  // the same again
  CHECK(lan.shown(an, "household") == "near_poor");
  office.take(lan);
  office.give(lan);
  CHECK(lan.shown(an, "household") == "near_poor");
  lan.verify();
}

TEST_CASE("a form that was open while the office's correction came in does not replace what its author had not seen") {
  TwoTeachers here;
  auto& [lan, minh, office, an] = here;
  const VersionVector opened = lan.view(an).state.applied;
  minh.set(an, {{"household", "near_poor"}});
  office.take(minh);
  office.give(lan);
  lan.set_seen(an, opened, {{"household", "other_hardship"}});
  CHECK(lan.case_ids() == std::vector<std::string>{"conflict." + to_text(an)});
  lan.verify();
}

TEST_CASE("a change that is set aside holds nobody up: it counts as applied and empty, and those after it go on") {
  Phone lan(1);
  Office office;
  const RecordId an = lan.add("pupil", pupil_named("Lò Thị An"));
  lan.set(an, {{"grade", "9"}});
  lan.set(an, {{"household", "near_poor"}});
  lan.add("need", {{"pupil", to_text(an)}, {"lacks", "device"}});
  office.take_quarantining(lan, [](const Change& change) { return change.name.sequence() == 2; });
  const State state = office.state(an);
  const FieldPolicy* const grade = Policies::field_named(*programme().kind_named("pupil"), "grade");
  CHECK(find_register(state, grade->number()) == nullptr);
  CHECK(office.total("school-1", "pupils_in_need") == 1);
  const AuditSummary summary = office.verify();
  CHECK(summary.changes == 4);
}

TEST_CASE("decisions that reach the office before the pupil they speak of are a case as soon as the pupil comes") {
  Phone lan(1), district(2, schema::REVIEWER);
  Office office;
  const RecordId chi = lan.add("pupil", pupil_named("Vàng Thị Chi"));
  const RecordId an = district.add("pupil", pupil_named("Lò Thị An")),
                 binh = district.add("pupil", pupil_named("Giàng A Bình"));
  const auto decide = [&](RecordId one, RecordId other, const char* decision) {
    district.add("samehood", {{"one", to_text(one)}, {"other", to_text(other)}, {"decision", decision}});
  };
  decide(an, binh, "same");
  decide(binh, chi, "same");
  decide(an, chi, "different");
  office.take(district);
  office.verify();
  office.take(lan);
  CHECK(office.case_ids().size() == 1);
  office.verify();
}

TEST_CASE("a handover that turns out to name a need moves out of the account it was counted in") {
  Phone lan(1), minh(2);
  Office office;
  const RecordId an = minh.add("pupil", pupil_named("Lò Thị An"));
  const RecordId need = minh.add("need", {{"pupil", to_text(an)}, {"lacks", "device"}});
  const RecordId tablet = lan.add("device", {{"device_type", "tablet"}, {"school", "school-1"}});
  lan.add("handover", {{"pupil", to_text(need)}, {"device", to_text(tablet)}, {"date", "2021-12-01"}});
  office.take(lan);
  CHECK(office.total("school-1", "devices_handed_over") == 1);
  office.verify();
  office.take(minh);
  CHECK(office.total("school-1", "devices_handed_over") == 1);
  office.verify();
}

TEST_CASE("a copied phone: both lives go on, the office takes every act once, and each life sees the other's") {
  const TemporaryFolder folder;
  const std::string first_file = folder.file("lan.db"), second_file = folder.file("copy.db");
  Office office;
  RecordId an;
  {
    Phone before(first_file, 1, 11);
    an = before.add("pupil", pupil_named("Lò Thị An"));
    before.add("need", {{"pupil", to_text(an)}, {"lacks", "device"}});
  }
  std::filesystem::copy_file(first_file, second_file);
  Phone lan(first_file, 1, 22), copy(second_file, 1, 33);
  const RecordId binh = lan.add("pupil", pupil_named("Giàng A Bình"));
  lan.set(an, {{"household", "near_poor"}});
  const RecordId chi = copy.add("pupil", pupil_named("Vàng Thị Chi"));
  copy.set(an, {{"household", "other_hardship"}});
  CHECK(binh.sequence() == chi.sequence());
  CHECK(binh != chi);

  office.take(copy);
  office.take(lan);
  office.take(copy);
  CHECK(office.verify().changes == 6);
  CHECK(office.case_ids() == std::vector<std::string>{"conflict." + to_text(an)});  // neither life had seen the other

  office.give(lan);
  office.give(copy);
  CHECK(lan.shown(chi, "full_name") == "Vàng Thị Chi");
  CHECK(copy.shown(binh, "full_name") == "Giàng A Bình");
  lan.verify();
  copy.verify();
  copy.set(an, {{"household", "near_poor"}});  // now it has seen both
  office.take(copy);
  CHECK(office.case_ids().empty());
  CHECK(office.verify().changes == 7);
  office.give(lan);
  CHECK(lan.shown(an, "household") == "near_poor");
  lan.verify();
}

TEST_CASE(
    "any phones, any pieces, any order: all stores end with the same bytes, the same digest and the same counts") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    std::vector<std::unique_ptr<Phone>> phones;
    for (ReplicaId id = 1; id <= 4; ++id) phones.push_back(std::make_unique<Phone>(id));
    Office office;
    std::vector<RecordId> pupils;
    for (int step = 0; step < 60; ++step) {
      Phone& phone = *phones[random.below(phones.size())];
      phone.set_clock(1'631'404'800'000 + random.between(-20, 20) * 31'557'600'000);
      const auto known = [&](RecordId id) {
        const Outcome<std::optional<RecordView>> view = phone.replica().view(id);
        return view && view->has_value() && (*view)->live;
      };
      const RecordId some = pupils.empty() ? RecordId() : random.pick(pupils);
      switch (random.below(6)) {
        case 0:
          pupils.push_back(phone.add("pupil", pupil_named("Lò Thị " + std::to_string(random.below(5)))));
          break;
        case 1:
          if (known(some)) phone.add("need", {{"pupil", to_text(some)}, {"lacks", "device"}});
          break;
        case 2:
          if (known(some)) phone.set_if_new(some, {{"grade", std::to_string(random.between(1, 12))}});
          break;
        case 3:
          if (known(some) && random.chance(1, 3)) phone.remove(some);
          break;
        case 4:
          office.take(phone, random.below(4) + 1);
          break;
        default:
          office.give(phone);
          break;
      }
      if (random.chance(1, 10)) phone.reopen();
      if (step % 20 == 19) {
        office.verify();
        phone.verify();
      }
    }
    for (const auto& phone : phones) office.take(*phone);
    for (const auto& phone : phones) office.give(*phone);
    office.verify();
    const std::map<RecordId, std::string> expected = office.states();
    for (const auto& phone : phones) {
      phone->verify();
      std::map<RecordId, std::string> held;
      REQUIRE(phone->store()
                  .read(0,
                        [&](StoreReader& reader) {
                          for (const RecordRow& row : reader.scan(0, RecordId(), 100'000)) held[row.id] = row.state;
                        })
                  .ok());
      REQUIRE(held == expected);
      REQUIRE(phone->case_ids() == office.case_ids());
      for (const char* measure : {"pupils_in_need", "needs_declared", "cases_open"}) {
        REQUIRE(phone->total("school-1", measure) == office.total("school-1", measure));
      }
    }
  }
}

}  // namespace songsong::testing
