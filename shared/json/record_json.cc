#include "shared/json/record_json.h"

#include "shared/core/civil_time.h"
#include "shared/core/merge.h"
#include "shared/core/value_text.h"

namespace songsong {
namespace {

std::string register_name(const KindPolicy* kind, FieldNumber number) {
  if (number == kRemovedField) return "removed";
  const FieldPolicy* const field = kind != nullptr ? Policies::field(*kind, number) : nullptr;
  if (field != nullptr) return field->name();
  if (kind != nullptr) {
    for (const FieldPolicy& each : kind->field()) {
      if (each.group() == number) return each.name();
    }
  }
  return std::to_string(number);
}

const FieldPolicy* field_of(const KindPolicy* kind, FieldNumber number) {
  return kind != nullptr ? Policies::field(*kind, number) : nullptr;
}

Json head_value(const KindPolicy* kind, FieldNumber number, const Value& value) {
  if (number == kRemovedField) return value.integer() != nullptr && *value.integer() == 1;
  if (const Group* const group = value.group()) {
    Json object = Json::object();
    for (const auto& [field, each] : *group)
      object[register_name(kind, field)] = value_json(field_of(kind, field), each);
    return object;
  }
  return value_json(field_of(kind, number), value);
}

Json conflict_json(const State& state, const KindPolicy* kind, FieldNumber number) {
  Json heads = Json::array();
  const Register* const found = find_register(state, number);
  if (found == nullptr) return heads;
  for (const Head& head : found->heads) {
    heads.push_back(Json{{"value", head_value(kind, number, head.value)},
                         {"replica", head.name.replica()},
                         {"captured", print_instant(head.captured_ms)},
                         {"received", nullptr}});
  }
  return heads;
}

}  // namespace

std::string kind_name(KindNumber number, const Policies& policies) {
  const KindPolicy* const kind = policies.kind(number);
  return kind != nullptr ? kind->name() : std::to_string(number);
}

Json value_json(const FieldPolicy* field, const Value& value) {
  if (value.is_none()) return nullptr;
  const std::int64_t* const integer = value.integer();
  if (integer != nullptr && field != nullptr) {
    switch (field->type()) {
      case policy::INTEGER:
      case policy::MONEY:
        return *integer;
      case policy::BOOLEAN:
        return *integer != 0;
      default:
        return print_value(field, value);
    }
  }
  return print_value(field, value);
}

Json record_json(const RecordView& view, const Policies& policies) {
  const KindPolicy* const kind = policies.kind(view.state.kind);
  const Shown shown = show(view.state, kind);
  Json fields = Json::object();
  for (const ShownField& each : shown.fields) {
    if (each.value->is_none()) continue;
    const FieldPolicy* const field = field_of(kind, each.field);
    const std::string name = register_name(kind, each.field);
    if (field != nullptr && field->merge() == schema::UNION) {
      fields[name].push_back(value_json(field, *each.value));
    } else {
      fields[name] = value_json(field, *each.value);
    }
  }
  Json conflicts = Json::object();
  for (const ShownConflict& conflict : shown.conflicts) {
    conflicts[register_name(kind, conflict.field)] = conflict_json(view.state, kind, conflict.field);
  }
  return Json{{"id", to_text(view.state.id)},
              {"kind", kind_name(view.state.kind, policies)},
              {"unit", view.unit},
              {"removed", view.state.opened && !view.live},
              {"sent", view.sent},
              {"fields", std::move(fields)},
              {"conflicts", std::move(conflicts)}};
}

Json history_json(const HistoryEntry& entry, const Policies& policies) {
  const KindPolicy* const kind = policies.kind(entry.change.kind);
  Json fields = Json::object();
  for (const Write& write : entry.change.writes) {
    const std::string name = register_name(kind, write.field);
    Json value = head_value(kind, write.field, write.value);
    if (write.shape == Shape::kRegister) {
      fields[name] = std::move(value);
    } else {
      const char* const sign = write.shape == Shape::kRemove ? "-=" : "+=";
      fields[name + sign].push_back(std::move(value));
    }
  }
  return Json{{"change", to_text(entry.change.name)},
              {"replica", entry.change.name.replica()},
              {"captured", print_instant(entry.change.captured_ms)},
              {"received", entry.received_ms > 0 ? Json(print_instant(entry.received_ms)) : Json(nullptr)},
              {"actor", entry.change.actor},
              {"unit", entry.change.unit},
              {"verdict", entry.verdict == Verdict::kQuarantined ? "quarantined" : "applied"},
              {"reason", entry.reason},
              {"fields", std::move(fields)}};
}

Json heads_json(const State& state, const KindPolicy* kind) {
  Json heads = Json::object();
  for (const Register& each : state.registers) {
    for (const Head& head : each.heads) {
      Json one{{"value", head_value(kind, each.field, each.member.is_none() ? head.value : each.member)},
               {"change", to_text(head.name)},
               {"captured", print_instant(head.captured_ms)}};
      if (!each.member.is_none()) one["present"] = head.value.integer() != nullptr && *head.value.integer() == 1;
      heads[register_name(kind, each.field)].push_back(std::move(one));
    }
  }
  return heads;
}

Json case_json(const CaseRow& row, const KindPolicy* kind) {
  Json records = Json::array(), fields = Json::array();
  for (const RecordId record : row.raised.records) records.push_back(to_text(record));
  for (const FieldNumber field : row.raised.fields) fields.push_back(register_name(kind, field));
  return Json{{"id", row.raised.id},
              {"class", to_text(row.raised.of)},
              {"unit", row.raised.unit},
              {"records", std::move(records)},
              {"fields", std::move(fields)},
              {"reason", row.raised.reason},
              {"raised", print_instant(row.raised_ms)}};
}

}  // namespace songsong
