// What people do with their phones.
#include <algorithm>
#include <array>

#include "shared/core/case.h"
#include "shared/core/records.h"
#include "tests/simulation/checks.h"
#include "tests/simulation/violation.h"
#include "tests/simulation/words.h"
#include "tests/simulation/world.h"

namespace songsong::simulation {
namespace {

constexpr std::array<const char*, 4> kSchools{"school-1", "school-2", "school-3", "district-1"};

}  // namespace

// Of the records of the kind that the phone holds, one; an empty kind means any that people edit.
std::optional<RecordId> World::held(Phone& phone, const std::string& kind, std::uint32_t which, bool live) {
  std::vector<RecordId> ids;
  const KindPolicy* const wanted = phone.policies->kind_named(kind);
  const Outcome<Done> read = phone.store().read(0, [&](StoreReader& reader) {
    for (const RecordRow& row : reader.scan(wanted != nullptr ? wanted->number() : 0, RecordId(), 10'000)) {
      const KindPolicy* const its = phone.policies->kind(row.kind);
      const bool edited = its != nullptr && !its->internal() && !its->has_unit_tree();
      if (row.live == live && edited) ids.push_back(row.id);
    }
  });
  if (!read || ids.empty()) return std::nullopt;
  return ids[which % ids.size()];
}

void World::act(Phone& phone, const Act& act) {
  const Outcome<RecordId> saved = phone.replica().save(act);
  if (!saved && (saved.fault().code == "storage_damaged" || saved.fault().code == "storage_newer"))
    throw Violation("a store is never damaged", phone.device() + ": " + text_of(saved.fault()));
  if (!saved && is_disk_fault(saved.fault())) ++phone.unsure;
  after_phone(phone, saved ? 1 : 0);
}

void World::save(Phone& phone, const std::string& kind, RecordId record, const Filled& filled,
                 const VersionVector* seen) {
  if (phone.policies->kind_named(kind) == nullptr) return;
  Act act = act_of(*phone.policies, kind, record, filled);
  if (seen != nullptr) act.seen = *seen;
  this->act(phone, act);
}

void World::settle(Phone& phone, const Step& step) {
  const Outcome<std::vector<CaseRow>> cases = phone.replica().cases();
  if (!cases || cases->empty()) return;
  const Case& chosen = (*cases)[step.b % cases->size()].raised;
  if (chosen.records.empty()) return;
  const RecordId one = chosen.records[step.c % chosen.records.size()];
  switch (chosen.of) {
    case CaseClass::kConflict:
      return edit(phone, one, step.c);
    case CaseClass::kDuplicate: {
      if (step.c % 5 == 4 || chosen.records.size() != 2) break;
      const KindPolicy& kind = *phone.policies->samehood();
      const policy::SamehoodRule& rule = kind.samehood();
      Act decision;
      decision.kind = kind.number();
      const auto fill = [&](FieldNumber field, Value value) {
        decision.inputs.push_back(Input{.field = field, .shape = Shape::kRegister, .value = std::move(value)});
      };
      fill(rule.one(), Value(chosen.records[0]));
      fill(rule.other(), Value(chosen.records[1]));
      fill(rule.decision(), Value(step.c % 3 == 0 ? rule.different() : rule.same()));
      return act(phone, decision);
    }
    case CaseClass::kQuarantine: {
      const Outcome<RecordId> record = parse_name(chosen.id.substr(std::string("quarantine.").size()));
      const KindPolicy& kind = *phone.policies->quarantine();
      if (!record) return;
      Act decision;
      decision.record = *record;
      decision.inputs = {
          Input{.field = kind.quarantine().decision(),
                .shape = Shape::kRegister,
                .value = Value(step.c % 2 == 0 ? kind.quarantine().released() : kind.quarantine().refused())}};
      return act(phone, decision);
    }
    case CaseClass::kClaim:
    case CaseClass::kMissingProof:
      break;
  }
  Act removal;
  removal.record = one;
  removal.removes = true;
  act(phone, removal);
}

bool World::step_of_people(const Step& step, Phone& phone) {
  const std::vector<std::string> units = units_of(phone.replica().identity().grants);
  const std::string school = units.front().starts_with("school") ? units.front() : kSchools[step.b % 2];
  switch (step.verb) {
    case Verb::kPupil:
      save(phone, "pupil", RecordId(),
           {{"full_name", some_name(step.b)},
            {"school", school},
            {"school_level", pick({"primary", "lower_secondary"}, step.c)},
            {"household", pick({"poor", "near_poor", "other_hardship"}, step.c / 2)},
            {"birth_date", some_day(step.c / 6)},
            {"student_code", step.c % 4 == 0 ? some_code(step.c / 4) : ""},
            {"note", fresh("em")}});
      return true;
    case Verb::kNeed:
      if (const auto pupil = held(phone, "pupil", step.b))
        save(phone, "need", RecordId(), {{"pupil", to_text(*pupil)}, {"lacks", pick({"device", "both"}, step.c)}});
      return true;
    case Verb::kDevice:
      save(phone, "device", RecordId(),
           {{"device_type", pick({"tablet", "laptop"}, step.c)},
            {"school", school},
            {"serial", step.b % 3 == 0 ? "" : "SN-" + std::to_string(step.b % 9)}});
      return true;
    case Verb::kHandover: {
      const auto device = held(phone, "device", step.b), pupil = held(phone, "pupil", step.c);
      if (device && pupil)
        save(phone, "handover", RecordId(),
             {{"pupil", to_text(*pupil)}, {"device", to_text(*device)}, {"date", "2021-10-05"}});
      return true;
    }
    case Verb::kReturn:
      if (const auto handover = held(phone, "handover", step.b))
        save(phone, "return", RecordId(), {{"handover", to_text(*handover)}, {"date", "2021-10-20"}});
      return true;
    case Verb::kNotebook:
      if (step.c % 4 == 0) {
        save(phone, "bench_need", RecordId(),
             {{"student_code", some_code(step.b)}, {"full_name", some_name(step.b)}, {"school_id", school}});
      } else if (const auto pupil = held(phone, "pupil", step.b)) {
        save(phone, "notebook", RecordId(), {{"pupil", to_text(*pupil)}, {"visitor+", "An"}});
      }
      return true;
    case Verb::kEdit:
      if (const auto record = held(phone, "", step.b)) edit(phone, *record, step.c);
      return true;
    case Verb::kMove:
      if (const auto pupil = held(phone, "pupil", step.b))
        save(phone, "pupil", *pupil, {{"school", kSchools[step.c % 3]}});
      return true;
    case Verb::kRemove:
    case Verb::kRestore:
      if (const auto record = held(phone, "", step.b, step.verb == Verb::kRemove)) {
        Act change;
        change.record = *record;
        change.removes = step.verb == Verb::kRemove;
        change.restores = !change.removes;
        act(phone, change);
      }
      return true;
    case Verb::kOpenForm:
      if (const auto record = held(phone, "", step.b)) {
        const Outcome<std::optional<RecordView>> view = phone.replica().view(*record);
        if (view && view->has_value()) phone.forms.push_back(form_on((*view)->state));
        if (phone.forms.size() > 3) phone.forms.pop_front();
      }
      return true;
    case Verb::kSaveForm:
    case Verb::kSaveStale:
      if (!phone.forms.empty()) {
        const OpenForm form = phone.forms.front();
        phone.forms.pop_front();
        if (step.verb == Verb::kSaveStale) {
          save_stale(phone, form, step.c);
        } else {
          edit(phone, form.record, step.c, &form);
        }
      }
      return true;
    case Verb::kRefer: {
      const auto notebook = held(phone, "notebook", step.b), need = held(phone, "need", step.c);
      if (notebook && need) save(phone, "notebook", *notebook, {{"need", to_text(*need)}});
      return true;
    }
    case Verb::kRepoint:
      repoint(phone, step);
      return true;
    case Verb::kReclass:
      reclass(phone, step);
      return true;
    case Verb::kVerify:
      if (const auto need = held(phone, "need", step.b))
        save(phone, "need", *need, {{"state", pick({"verified", "refused", "declared"}, step.c)}});
      return true;
    case Verb::kSettle:
      settle(phone, step);
      return true;
    default:
      return false;
  }
}

}  // namespace songsong::simulation
