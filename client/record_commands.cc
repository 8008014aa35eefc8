#include "client/record_commands.h"

#include <algorithm>
#include <set>

#include "shared/core/value_text.h"

namespace songsong::client {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kMostFound = 1000;

// Live records whose unit is this record's, through a reference to it.
Outcome<std::vector<RecordView>> dependents_of(RecordId record, Workspace& workspace) {
  std::vector<RecordId> found{record};
  std::vector<RecordView> views;
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::vector<ReferenceTo> references;
    const Outcome<Done> read = workspace.store().read(kShard, [&](StoreReader& reader) {
      const RecordId wanted[] = {found[i]};
      references = reader.references_to(wanted).front();
    });
    if (!read) return read.fault();
    for (const ReferenceTo& each : references) {
      const KindPolicy* const kind = workspace.policies().kind(each.source_kind);
      const bool belongs = kind != nullptr && kind->unit_via() == each.field && !kind->has_samehood();
      if (!belongs || std::find(found.begin(), found.end(), each.source) != found.end()) continue;
      Outcome<std::optional<RecordView>> view = workspace.replica().view(each.source);
      if (!view) return view.fault();
      if (!view->has_value() || !(*view)->live) continue;
      found.push_back(each.source);
      views.push_back(std::move(**view));
    }
  }
  return views;
}

// A field=value that a record has to hold to be listed.
struct Condition {
  const FieldPolicy* field = nullptr;
  Value value;
};

bool holds(const Shown& shown, const Condition& condition) {
  bool any = false;
  for (const ShownField& each : shown.fields) {
    if (each.field != condition.field->number() || each.value->is_none()) continue;
    any = true;
    if (*each.value == condition.value) return true;
  }
  if (any) return false;
  const bool absent_means = condition.field->has_absent_means() && condition.value.integer() != nullptr &&
                            *condition.value.integer() == condition.field->absent_means();
  return condition.value.is_none() || absent_means;
}

void print_record(const Settings& settings, const RecordView& view, Workspace& workspace) {
  if (settings.json) {
    print_json(record_json(view, workspace.policies()));
  } else {
    print_line(one_line(view, workspace, settings.language));
  }
}

void print_fields(const Settings& settings, const RecordView& view, Workspace& workspace) {
  print_line(one_line(view, workspace, settings.language));
  const KindPolicy* const kind = workspace.policies().kind(view.state.kind);
  const Shown shown = show(view.state, kind);
  if (view.state.opened && !view.live) print_line(settings.say("  ĐÃ XOÁ", "  REMOVED"));
  if (!view.state.opened) print_line(settings.say("  Chưa nhận được nội dung.", "  Its content has not arrived."));
  for (const ShownField& each : shown.fields) {
    if (each.value->is_none()) continue;
    const FieldPolicy* const field = kind != nullptr ? Policies::field(*kind, each.field) : nullptr;
    const std::string name = field != nullptr ? field->name() : std::to_string(each.field);
    const std::string label = field != nullptr ? label_of(field->label(), name, settings.language) : name;
    const policy::EnumEntry* const entry = field != nullptr && each.value->integer() != nullptr
                                               ? Policies::value(*field, *each.value->integer())
                                               : nullptr;
    const std::string value =
        entry != nullptr ? label_of(entry->label(), entry->name(), settings.language) : print_value(field, *each.value);
    print_line("  " + label + ": " + value);
  }
  for (const ShownConflict& conflict : shown.conflicts) {
    const FieldPolicy* const field = kind != nullptr ? Policies::field(*kind, conflict.field) : nullptr;
    const std::string name = field != nullptr ? label_of(field->label(), field->name(), settings.language) : "";
    print_line(std::string(settings.say("  Xung đột: ", "  Conflict: ")) + name);
    const Json heads = record_json(view, workspace.policies())["conflicts"];
    for (const auto& [key, values] : heads.items()) {
      if (field == nullptr || key != field->name()) continue;
      for (const Json& head : values) {
        print_line("    - " + (head["value"].is_string() ? head["value"].get<std::string>() : head["value"].dump()) +
                   "  (" + head["captured"].get<std::string>() + ")");
      }
    }
  }
}

}  // namespace

Exit add_record(const Settings& settings, const std::string& kind_name, const std::vector<std::string>& assignments) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  const Outcome<const KindPolicy*> kind = kind_by_name(kind_name, (*workspace)->policies());
  if (!kind) return kind.fault();
  Outcome<std::vector<Input>> inputs = parse_inputs(**kind, assignments, **workspace);
  if (!inputs) return inputs.fault();
  Act act;
  act.kind = (*kind)->number();
  act.inputs = std::move(*inputs);
  const Outcome<RecordId> saved = (*workspace)->replica().save(act);
  if (!saved) return saved.fault();
  if (settings.json) {
    print_json(Json{{"id", to_text(*saved)}});
  } else {
    print_line(to_text(*saved));
  }
  return kDone;
}

Exit set_record(const Settings& settings, const std::string& id, const std::vector<std::string>& assignments) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  const Outcome<RecordView> view = record_by_id(id, **workspace);
  if (!view) return view.fault();
  const KindPolicy* const kind = (*workspace)->policies().kind(view->state.kind);
  if (kind == nullptr)
    return Fault{.code = "unknown_kind", .where = id, .what = "The schema here does not know the record's kind."};
  if (assignments.empty()) return Fault{.code = "edit_needs_field", .where = id, .what = "There is nothing to write."};
  Outcome<std::vector<Input>> inputs = parse_inputs(*kind, assignments, **workspace);
  if (!inputs) return inputs.fault();
  Act act;
  act.record = view->state.id;
  act.inputs = std::move(*inputs);
  const Outcome<RecordId> saved = (*workspace)->replica().save(act);
  // What is there already needs no saving.
  if (!saved && saved.fault().code != "nothing_to_save") return saved.fault();
  if (settings.json) {
    print_json(Json{{"id", to_text(act.record)}, {"saved", saved.ok()}});
  } else if (!saved) {
    remark(message_for(saved.fault(), settings.language).what);
  }
  return kDone;
}

Exit remove_record(const Settings& settings, const std::string& id, bool with_dependents) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  const Outcome<RecordView> view = record_by_id(id, **workspace);
  if (!view) return view.fault();
  const Outcome<std::vector<RecordView>> dependents = dependents_of(view->state.id, **workspace);
  if (!dependents) return dependents.fault();
  std::vector<Act> acts;
  const auto removal = [](RecordId record) {
    Act act;
    act.record = record;
    act.removes = true;
    return act;
  };
  if (with_dependents) {
    for (const RecordView& each : *dependents) acts.push_back(removal(each.state.id));
  }
  if (view->live) acts.push_back(removal(view->state.id));
  if (!acts.empty()) {
    const Outcome<std::vector<RecordId>> saved = (*workspace)->replica().save(acts);
    if (!saved) return saved.fault();
  }
  if (settings.json) {
    Json removed = Json::array(), left = Json::array();
    for (const Act& act : acts) removed.push_back(to_text(act.record));
    for (const RecordView& each : *dependents) {
      if (!with_dependents) left.push_back(to_text(each.state.id));
    }
    print_json(Json{{"removed", removed}, {"dependents_left", left}});
  } else if (!with_dependents && !dependents->empty()) {
    remark(settings.say("Các hồ sơ gắn với hồ sơ này vẫn còn và vẫn được tính (xoá cả: --with-dependents):",
                        "Records that belong to it are still there, and count (remove them too: --with-dependents):"));
    for (const RecordView& each : *dependents) remark("  " + one_line(each, **workspace, settings.language));
  }
  return kDone;
}

Exit show_record(const Settings& settings, const std::string& id, bool history) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  const Outcome<RecordView> view = record_by_id(id, **workspace);
  if (!view) return view.fault();
  const Policies& policies = (*workspace)->policies();
  std::vector<HistoryEntry> entries;
  if (history) {
    Outcome<std::vector<HistoryEntry>> read = (*workspace)->replica().history(view->state.id);
    if (!read) return read.fault();
    entries = std::move(*read);
  }
  if (settings.json) {
    Json json = record_json(*view, policies);
    if (history) {
      json["history"] = Json::array();
      for (const HistoryEntry& entry : entries) json["history"].push_back(history_json(entry, policies));
      json["heads"] = heads_json(view->state, policies.kind(view->state.kind));
    }
    print_json(json);
    return kDone;
  }
  print_fields(settings, *view, **workspace);
  for (const HistoryEntry& entry : entries) {
    const Json json = history_json(entry, policies);
    std::string line = "  " + json["captured"].get<std::string>() + "  " + json["change"].get<std::string>();
    if (entry.verdict == Verdict::kQuarantined)
      line += std::string(settings.say("  bị giữ lại: ", "  set aside: ")) + entry.reason;
    print_line(line + "  " + json["fields"].dump());
  }
  return kDone;
}

Exit list_records(const Settings& settings, const std::string& kind_name, const std::vector<std::string>& where) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  const Policies& policies = (*workspace)->policies();
  const Outcome<const KindPolicy*> kind = kind_by_name(kind_name, policies);
  if (!kind) return kind.fault();
  const Outcome<std::vector<Input>> wanted = parse_inputs(**kind, where, **workspace);
  if (!wanted) return wanted.fault();
  std::vector<Condition> conditions;
  for (const Input& input : *wanted) {
    conditions.push_back(Condition{.field = Policies::field(**kind, input.field), .value = input.value});
  }
  const Outcome<Done> listed = (*workspace)->replica().list((*kind)->number(), [&](const RecordView& view) {
    const Shown shown = show(view.state, *kind);
    const bool all = std::all_of(conditions.begin(), conditions.end(),
                                 [&](const Condition& condition) { return holds(shown, condition); });
    if (all) print_record(settings, view, **workspace);
    return true;
  });
  if (!listed) return listed.fault();
  return kDone;
}

Exit search_records(const Settings& settings, const std::string& text) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  const Outcome<std::vector<RecordId>> found = (*workspace)->replica().search(text, kMostFound);
  if (!found) return found.fault();
  for (const RecordId record : *found) {
    const Outcome<std::optional<RecordView>> view = (*workspace)->replica().view(record);
    if (!view) return view.fault();
    if (view->has_value()) print_record(settings, **view, **workspace);
  }
  return kDone;
}

}  // namespace songsong::client
