#include "client/show_command.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "client/device.h"
#include "client/http.h"
#include "client/pin.h"
#include "shared/core/civil_time.h"
#include "shared/core/merge.h"
#include "shared/core/value_text.h"
#include "shared/replica/own_lines.h"
#include "shared/sync/inquiry.h"
#include "shared/sync/wire.h"

namespace songsong::client {
namespace {

std::string field_text(const KindPolicy* kind, FieldNumber number, Language language) {
  if (number == kRemovedField) return say(language, "Đã xoá", "Removed");
  const FieldPolicy* const field = kind != nullptr ? Policies::field(*kind, number) : nullptr;
  return field != nullptr ? label_of(field->label(), field->name(), language) : std::to_string(number);
}

std::string value_text(const FieldPolicy* field, const Value& value, Language language) {
  if (value.is_none()) return "–";
  if (value.type() == ValueType::kErased) return say(language, "(đã xoá theo yêu cầu)", "(erased)");
  const policy::EnumEntry* const entry =
      field != nullptr && value.integer() != nullptr ? Policies::value(*field, *value.integer()) : nullptr;
  return entry != nullptr ? label_of(entry->label(), entry->name(), language) : print_value(field, value);
}

// One line of a change: what it wrote where.
std::string write_text(const Write& write, const KindPolicy* kind, Language language) {
  const auto field_of = [&](FieldNumber number) { return kind != nullptr ? Policies::field(*kind, number) : nullptr; };
  if (write.field == kRemovedField) {
    const bool removed = write.value.integer() != nullptr && *write.value.integer() == 1;
    return removed ? say(language, "Xoá hồ sơ", "Removed") : say(language, "Khôi phục hồ sơ", "Restored");
  }
  if (const Group* const group = write.value.group()) {
    std::string all;
    for (const auto& [number, value] : *group) {
      all += (all.empty() ? "" : ", ") + field_text(kind, number, language) + ": " +
             value_text(field_of(number), value, language);
    }
    return all;
  }
  const char* const sign = write.shape == Shape::kRegister ? "" : write.shape == Shape::kRemove ? "−" : "+";
  return field_text(kind, write.field, language) + ": " + sign +
         value_text(field_of(write.field), write.value, language);
}

}  // namespace

void print_fields(const Settings& settings, const RecordView& view, Workspace& workspace) {
  print_line(one_line(view, workspace, settings.language));
  const KindPolicy* const kind = workspace.policies().kind(view.state.kind);
  const Shown shown = show(view.state, kind);
  if (view.state.opened && !view.live) print_line(settings.say("  ĐÃ XOÁ", "  REMOVED"));
  if (!view.state.opened) print_line(settings.say("  Chưa nhận được nội dung.", "  Its content has not arrived."));
  for (const ShownField& each : shown.fields) {
    if (each.value->is_none()) continue;
    const FieldPolicy* const field = kind != nullptr ? Policies::field(*kind, each.field) : nullptr;
    print_line("  " + field_text(kind, each.field, settings.language) + ": " +
               value_text(field, *each.value, settings.language));
  }
  print_conflicts(settings, view, workspace);
}

namespace {

// What was saved here and the server does not hold yet stands after what it told.
Outcome<std::vector<HistoryEntry>> joined(std::vector<HistoryEntry> told, const std::vector<HistoryEntry>& own,
                                          Workspace& workspace) {
  OwnLines lines;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) { lines = OwnLines::read(reader); });
  if (!read) return read.fault();
  std::set<Name> names;
  for (const HistoryEntry& entry : told) names.insert(entry.change.name);
  for (const HistoryEntry& entry : own) {
    if (lines.may_wait(entry.change.name) && !names.contains(entry.change.name)) told.push_back(entry);
  }
  return told;
}

Outcome<ToldHistory> ask_server(const RecordView& view, Workspace& workspace) {
  const Outcome<Inquiry> inquiry =
      Inquiry::begin(workspace.replica(), view.state.id, &workspace.primer(), read_clock());
  if (!inquiry) return inquiry.fault();
  HttpClient http(inquiry->question().authority, kImpatient);
  const Outcome<HttpAnswer> answer = http.post(inquiry->question().url, wire::kContentType, inquiry->question().body);
  if (!answer) return answer.fault();
  return inquiry->receive(answer->body, &workspace.primer());
}

}  // namespace

Outcome<Log> log_of(const Settings& settings, const RecordView& view, Workspace& workspace) {
  Outcome<std::vector<HistoryEntry>> own = workspace.replica().history(view.state.id);
  if (!own) return own.fault();
  for (HistoryEntry& entry : *own) entry.received_ms = 0;  // here it is when it was saved; only a server receives
  Outcome<ToldHistory> told = ask_server(view, workspace);
  if (told) {
    Outcome<std::vector<HistoryEntry>> all = joined(std::move(told->entries), *own, workspace);
    if (!all) return all.fault();
    return Log{.entries = std::move(*all), .from_server = true, .older = told->older};
  }
  if (told.fault().code.starts_with("storage_")) return told.fault();
  if (!settings.json) {
    remark(settings.say("Chỉ có những lần ghi trên máy này: ", "Only what was saved on this device: ") +
           message_for(told.fault(), settings.language).what);
  }
  return Log{.entries = std::move(*own), .from_server = false, .older = false};
}

void print_log(const Settings& settings, const Log& log, const Policies& policies) {
  if (log.older) print_line(settings.say("  … còn những lần ghi cũ hơn", "  … there are older ones"));
  for (const HistoryEntry& entry : log.entries) {
    const KindPolicy* const kind = policies.kind(entry.change.kind);
    std::string line = "  " + print_instant(entry.change.captured_ms) + settings.say("  máy ", "  replica ") +
                       std::to_string(entry.change.name.replica());
    if (entry.verdict == Verdict::kQuarantined)
      line += emphasised(STDOUT_FILENO, Emphasis::kWrong, settings.say("  BỊ GIỮ LẠI: ", "  SET ASIDE: ")) +
              message_for(Fault{.code = entry.reason, .where = {}, .what = entry.reason}, settings.language).what;
    print_line(line);
    for (const Write& write : entry.change.writes) print_line("      " + write_text(write, kind, settings.language));
  }
}

Json log_json(const Log& log, const Policies& policies) {
  Json entries = Json::array();
  for (const HistoryEntry& entry : log.entries) entries.push_back(history_json(entry, policies));
  return entries;
}

Exit show_record(const Settings& settings, const std::string& id, bool history) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<RecordView> view = record_by_id(id, **workspace);
  if (!view) return view.fault();
  const Policies& policies = (*workspace)->policies();
  Log log;
  if (history) {
    Outcome<Log> read = log_of(settings, *view, **workspace);
    if (!read) return read.fault();
    log = std::move(*read);
  }
  if (!settings.json) {
    print_fields(settings, *view, **workspace);
    print_log(settings, log, policies);
    return kDone;
  }
  Json json = record_json(*view, policies);
  if (history) {
    json["history"] = log_json(log, policies);
    json["history_from"] = log.from_server ? "server" : "device";
    json["history_whole"] = log.from_server && !log.older;
    json["heads"] = heads_json(view->state, policies.kind(view->state.kind));
  }
  print_json(json);
  return kDone;
}

void print_conflicts(const Settings& settings, const RecordView& view, Workspace& workspace) {
  const KindPolicy* const kind = workspace.policies().kind(view.state.kind);
  const Shown shown = show(view.state, kind);
  for (const ShownConflict& conflict : shown.conflicts) {
    const Register* const found = find_register(view.state, conflict.field);
    if (found == nullptr) continue;
    print_line(
        emphasised(STDOUT_FILENO, Emphasis::kAsk,
                   settings.say("  Xung đột, mỗi người ghi một khác:", "  Conflict, people wrote different things:")));
    for (const Head& head : found->heads) {
      const Write write{.field = conflict.field, .shape = Shape::kRegister, .personal = false, .value = head.value};
      print_line("    - " + write_text(write, kind, settings.language) + "  (" + print_instant(head.captured_ms) +
                 settings.say(", máy ", ", replica ") + std::to_string(head.name.replica()) + ")");
    }
  }
}

}  // namespace songsong::client
