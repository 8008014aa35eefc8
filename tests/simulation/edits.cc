// What people write to records that are there.
#include <algorithm>
#include <array>

#include "tests/simulation/checks.h"
#include "tests/simulation/words.h"
#include "tests/simulation/world.h"

namespace songsong::simulation {
namespace {

// What an edit writes, by kind.
std::vector<Filled> edits_of(const std::string& kind, std::uint32_t value, const std::string& word) {
  const std::string digit = std::to_string(value % 5 + 1);
  if (kind == "pupil")
    return {{{"grade", digit}},
            {{"note", word}},
            {{"phone", "09" + std::to_string(10000000 + value)}},
            {{"household", pick({"poor", "near_poor", "other_hardship"}, value)}},
            {{"birth_date", some_day(value)}},
            {{"student_code", some_code(value)}},
            {{"full_name", some_name(value)}},
            {{"area", pick({"mountain", "coast", "other", ""}, value)}},
            {{"grade", digit}, {"area", pick({"mountain", "coast"}, value)}}};
  if (kind == "need")
    return {{{"lacks", pick({"device", "signal", "both"}, value)}},
            {{"wanted", pick({"tablet", "laptop", ""}, value)}},
            {{"note", word}}};
  if (kind == "device")
    return {{{"serial", "SN-" + std::to_string(value % 5)}},
            {{"condition", pick({"working", "damaged", "lost"}, value)}},
            {{"note", word}}};
  if (kind == "handover") return {{{"date", "2021-10-0" + digit}}, {{"note", word}}, {{"witness", word}}};
  if (kind == "notebook")
    return {{{"visitor+", pick({"An", "Bình", "Cúc"}, value)}},
            {{"visitor-", pick({"An", "Bình", "Cúc"}, value)}},
            {{"visits", std::to_string(static_cast<int>(value % 7) - 2)}},
            {{"stage", pick({"begun", "halfway", "done"}, value)}},
            {{"place", word}, {"on", "2021-10-0" + digit}}};
  if (kind == "bench_need") return {{{"student_code", some_code(value)}}, {{"full_name", some_name(value)}}};
  return {};
}

}  // namespace

void World::edit(Phone& phone, RecordId record, std::uint32_t which, const OpenForm* form) {
  const Outcome<std::optional<RecordView>> view = phone.replica().view(record);
  if (!view || !view->has_value()) return;
  const KindPolicy* const kind = phone.policies->kind((*view)->state.kind);
  if (kind == nullptr) return;
  const std::vector<Filled> edits = edits_of(kind->name(), which / 10, fresh("chữ"));
  if (edits.empty()) return;
  SeenHeads seen;
  if (form != nullptr) seen = seen_on(phone, *form, (*view)->state);
  save(phone, kind->name(), record, edits[which % edits.size()], form != nullptr ? &form->seen : nullptr);
  if (!phone.on()) return;
  const Outcome<std::optional<RecordView>> edited = phone.replica().view(record);
  if (edited && edited->has_value()) check_edit((*view)->state, (*edited)->state, form != nullptr ? &seen : nullptr);
}

// Whom a need, a handover or a return is of, said anew: what counts it has to let go of the one and take the other.
void World::repoint(Phone& phone, const Step& step) {
  struct Reference {
    const char *kind, *field, *target;
  };
  constexpr std::array<Reference, 4> kReferences{{{"need", "pupil", "pupil"},
                                                  {"handover", "pupil", "pupil"},
                                                  {"handover", "device", "device"},
                                                  {"return", "handover", "handover"}}};
  const Reference& reference = kReferences[step.c % kReferences.size()];
  const auto record = held(phone, reference.kind, step.b);
  const auto target = held(phone, reference.target, step.c / 4);
  if (record && target) save(phone, reference.kind, *record, {{reference.field, to_text(*target)}});
}

void World::reclass(Phone& phone, const Step& step) {
  struct Class {
    const char *kind, *field;
    std::vector<std::string> values;
  };
  const std::array<Class, 3> classes{{{"pupil", "school_level", {"primary", "lower_secondary"}},
                                      {"device", "device_type", {"tablet", "laptop"}},
                                      {"need", "lacks", {"device", "signal", "both"}}}};
  const Class& chosen = classes[step.c % classes.size()];
  const auto record = held(phone, chosen.kind, step.b);
  if (record) save(phone, chosen.kind, *record, {{chosen.field, pick(chosen.values, step.c / 3)}});
}

// Of the edits that write a field with values which the form did not show, one; of all where there is none.
void World::save_stale(Phone& phone, const OpenForm& form, std::uint32_t which) {
  const Outcome<std::optional<RecordView>> view = phone.replica().view(form.record);
  if (!view || !view->has_value()) return;
  const KindPolicy* const kind = phone.policies->kind((*view)->state.kind);
  if (kind == nullptr) return;
  const std::vector<Filled> edits = edits_of(kind->name(), which / 10, "");
  std::vector<std::uint32_t> stale;
  for (std::uint32_t i = 0; i < edits.size(); ++i) {
    const FieldPolicy* const field = Policies::field_named(*kind, edits[i].front().first);
    for (const Register& each : (*view)->state.registers) {
      const bool written = std::any_of(each.heads.begin(), each.heads.end(),
                                       [&](const Head& head) { return !form.heads.contains(head.name); });
      if (field != nullptr && each.field == field->number() && written) stale.push_back(i);
    }
  }
  if (stale.empty()) return edit(phone, form.record, which, &form);
  count_fault("a form was saved over what came after it was opened");
  const auto count = static_cast<std::uint32_t>(edits.size());
  edit(phone, form.record, which / count * count + stale[which % stale.size()], &form);
}

// While a form is open, somebody else's edit of the record arrives.
void World::overtake(std::size_t number, const Step& step) {
  Phone& phone = *phones_[number];
  const std::size_t another = step.c % phones_.size();
  Phone& other = *phones_[another];
  const auto record = held(phone, "", step.b);
  if (!record || another == number || other.gone || !other.on() || disk_.is_dead(other.device())) return;
  const Outcome<std::optional<RecordView>> view = phone.replica().view(*record);
  if (!view || !view->has_value()) return;
  const OpenForm form = form_on((*view)->state);
  edit(other, *record, step.c);
  for (const std::size_t each : {another, number}) {
    phones_[each]->give_up();
    if (phones_[each]->on()) (void)converse(each, false);
  }
  if (phone.on()) save_stale(phone, form, step.c / 7);
}

}  // namespace songsong::simulation
