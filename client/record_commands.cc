#include "client/record_commands.h"

#include <algorithm>

#include "client/attachments.h"
#include "client/drafts.h"
#include "client/outbox.h"
#include "client/pin.h"
#include "shared/core/value_text.h"

namespace songsong::client {
namespace {

constexpr std::size_t kMostFound = 1000;

}  // namespace

Outcome<std::vector<RecordView>> dependents_of(RecordId record, Workspace& workspace) {
  std::vector<RecordId> found{record};
  std::vector<RecordView> views;
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::vector<ReferenceTo> references;
    const Outcome<Done> read = workspace.store().read(Shard{0}, [&](StoreReader& reader) {
      const RecordId wanted[] = {found[i]};
      references = reader.references_to(wanted).front();
    });
    if (!read) return read.fault();
    for (const ReferenceTo& each : references) {
      const KindPolicy* const kind = workspace.policies().kind(each.source_kind);
      const bool belongs =
          kind != nullptr && kind->unit_via() == each.field && !kind->has_samehood() && !kind->has_erasure();
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

namespace {

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

// The id of what was saved; "nothing_to_save" where all of it is there already.
Outcome<RecordId> save(const Draft& draft, Workspace& workspace) {
  const Outcome<const KindPolicy*> kind = kind_by_name(draft.kind, workspace.policies());
  if (!kind) return kind.fault();
  const Outcome<TakenFiles> files = take_files(**kind, draft.assignments);
  if (!files) return files.fault();
  Outcome<std::vector<Input>> inputs = parse_inputs(**kind, files->assignments);
  if (!inputs) return inputs.fault();
  Act act;
  if (draft.record.empty()) {
    act.kind = (*kind)->number();
  } else {
    const Outcome<RecordView> view = record_by_id(draft.record, workspace);
    if (!view) return view.fault();
    act.record = view->state.id;
  }
  act.inputs = std::move(*inputs);
  const Outcome<std::vector<RecordId>> saved = workspace.replica().save(std::span(&act, 1), files->marks);
  // A file that the record names already is given anew: the server may have lost it.
  const bool again = !saved && saved.fault().code == "nothing_to_save" && act.record.valid();
  if (!saved && !again) return saved.fault();
  const Outcome<Done> noted = note_record(workspace, *files, again ? act.record : saved->front());
  if (!noted) return noted.fault();
  return again ? Outcome<RecordId>(saved.fault()) : Outcome<RecordId>(saved->front());
}

// What a person typed and the rules refuse is kept; a program gets the error, and has its own copy.
void keep_draft(const Settings& settings, const Workspace& workspace, const Draft& draft, const Fault& why) {
  const bool input_refused = exit_code_for(why) == kRefused || exit_code_for(why) == kUsage;
  if (settings.json || draft.assignments.empty() || !input_refused) return;
  const Outcome<int> kept = Drafts(workspace).keep(draft);
  if (!kept) return remark(message_for(kept.fault(), settings.language).what);
  const std::string number = std::to_string(*kept);
  remark(settings.say("Chưa ghi. Đã giữ bản nháp ", "Not saved. Kept as draft ") + number +
         settings.say("; sửa bằng: songsong draft ", "; mend it with: songsong draft ") + number +
         settings.say(" trường=giá_trị", " field=value"));
}

Exit try_draft(const Settings& settings, Workspace& workspace, const Draft& draft) {
  const Outcome<RecordId> saved = save(draft, workspace);
  const bool there_already = !saved && saved.fault().code == "nothing_to_save" && !draft.record.empty();
  if (!saved && !there_already) {
    keep_draft(settings, workspace, draft, saved.fault());
    return saved.fault();
  }
  if (saved) keep_outbox(settings, workspace);
  if (draft.number != 0) {
    const Outcome<Done> dropped = Drafts(workspace).drop(draft.number);
    if (!dropped) return dropped.fault();
  }
  const bool changed = !draft.record.empty();
  const std::string id = changed ? draft.record : to_text(*saved);
  if (settings.json) {
    Json json{{"id", id}};
    if (changed) json["saved"] = saved.ok();
    print_json(json);
  } else if (!changed) {
    print_line(id);
  } else if (there_already) {
    remark(message_for(saved.fault(), settings.language).what);
  }
  return kDone;
}

}  // namespace

Exit add_record(const Settings& settings, const std::string& kind_name, const std::vector<std::string>& assignments) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<const KindPolicy*> kind = kind_by_name(kind_name, (*workspace)->policies());
  if (!kind) return kind.fault();
  return try_draft(settings, **workspace, Draft{.kind = kind_name, .record = {}, .assignments = assignments});
}

Exit set_record(const Settings& settings, const std::string& id, const std::vector<std::string>& assignments) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<RecordView> view = record_by_id(id, **workspace);
  if (!view) return view.fault();
  const KindPolicy* const kind = (*workspace)->policies().kind(view->state.kind);
  if (kind == nullptr)
    return Fault{.code = "unknown_kind", .where = id, .what = "The schema here does not know the record's kind."};
  if (assignments.empty()) return Fault{.code = "edit_needs_field", .where = id, .what = "There is nothing to write."};
  return try_draft(settings, **workspace,
                   Draft{.kind = kind->name(), .record = to_text(view->state.id), .assignments = assignments});
}

Exit go_on_with_draft(const Settings& settings, int number, const std::vector<std::string>& assignments) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  Outcome<Draft> draft = Drafts(**workspace).find(number);
  if (!draft) return draft.fault();
  draft->assignments = amended(std::move(draft->assignments), assignments);
  return try_draft(settings, **workspace, *draft);
}

Exit drop_draft(const Settings& settings, int number) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<Done> dropped = Drafts(**workspace).drop(number);
  if (!dropped) return dropped.fault();
  return kDone;
}

Exit list_drafts(const Settings& settings) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<std::vector<Draft>> drafts = Drafts(**workspace).all();
  if (!drafts) return drafts.fault();
  for (const Draft& draft : *drafts) {
    if (settings.json) {
      print_json(
          Json{{"draft", draft.number}, {"kind", draft.kind}, {"record", draft.record}, {"fields", draft.assignments}});
      continue;
    }
    const KindPolicy* const kind = (*workspace)->policies().kind_named(draft.kind);
    std::string line = std::to_string(draft.number) + "  " +
                       (kind != nullptr ? label_of(kind->label(), kind->name(), settings.language) : draft.kind);
    if (!draft.record.empty()) line += " " + draft.record;
    for (const std::string& each : draft.assignments) line += "  " + each;
    print_line(line);
  }
  if (drafts->empty() && !settings.json) remark(settings.say("Không có bản nháp nào.", "There are no drafts."));
  return kDone;
}

Exit remove_record(const Settings& settings, const std::string& id, bool with_dependents) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
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
    keep_outbox(settings, **workspace);
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

Exit list_records(const Settings& settings, const std::string& kind_name, const std::vector<std::string>& where) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Policies& policies = (*workspace)->policies();
  const Outcome<const KindPolicy*> kind = kind_by_name(kind_name, policies);
  if (!kind) return kind.fault();
  const Outcome<std::vector<Input>> wanted = parse_inputs(**kind, where);
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
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
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
