#include "client/personal_commands.h"

#include <algorithm>

#include "client/device.h"
#include "client/drafts.h"
#include "client/outbox.h"
#include "client/pin.h"
#include "client/record_commands.h"
#include "client/show_command.h"
#include "shared/core/civil_time.h"
#include "shared/core/value_text.h"
#include "shared/json/record_json.h"
#include "shared/replica/class_finder.h"
#include "shared/replica/erasure_acts.h"
#include "shared/replica/erasures.h"

namespace songsong::client {
namespace {

Outcome<std::vector<RecordView>> held_of(RecordId record, Workspace& workspace) {
  std::vector<RecordId> people;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    RecordCache cache(workspace.policies(), reader);
    const RecordId wanted[] = {record};
    cache.load(wanted);
    people = ClassFinder(cache).members(record);
  });
  if (!read) return read.fault();
  std::vector<RecordView> held;
  for (const RecordId person : people) {
    Outcome<std::optional<RecordView>> view = workspace.replica().view(person);
    if (!view) return view.fault();
    if (!view->has_value()) continue;
    held.push_back(std::move(**view));
    Outcome<std::vector<RecordView>> belonging = dependents_of(person, workspace);
    if (!belonging) return belonging.fault();
    for (RecordView& each : *belonging) held.push_back(std::move(each));
  }
  return held;
}

// The records that a draft is about, as far as its text names any.
std::vector<RecordId> named_in(const Draft& draft) {
  std::vector<std::string> texts = {draft.record};
  for (const std::string& assignment : draft.assignments) {
    const std::size_t sign = assignment.find('=');
    if (sign != std::string::npos) texts.push_back(assignment.substr(sign + 1));
  }
  std::vector<RecordId> named;
  for (const std::string& text : texts) {
    if (const Outcome<Name> name = parse_name(text)) named.push_back(*name);
  }
  return named;
}

}  // namespace

Exit copy_person(const Settings& settings, const std::string& id) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<RecordView> view = record_by_id(id, **workspace);
  if (!view) return view.fault();
  const Outcome<std::vector<RecordView>> held = held_of(view->state.id, **workspace);
  if (!held) return held.fault();
  const Policies& policies = (*workspace)->policies();
  Json all = Json::array();
  if (!settings.json) {
    print_line(settings.say("Bản sao dữ liệu đang lưu, lập lúc ", "What is held, as of ") +
               print_instant(read_clock().wall_ms));
  }
  for (const RecordView& each : *held) {
    const Outcome<Log> log = log_of(settings, each, **workspace);
    if (!log) return log.fault();
    if (settings.json) {
      Json json = record_json(each, policies);
      json["history"] = log_json(*log, policies);
      json["history_whole"] = log->from_server && !log->older;
      all.push_back(std::move(json));
      continue;
    }
    print_line("");
    print_fields(settings, each, **workspace);
    print_line(settings.say("  Các lần ghi:", "  Its changes:"));
    print_log(settings, *log, policies);
  }
  if (settings.json) print_json(Json{{"held", std::move(all)}});
  return kDone;
}

Exit erase_person(const Settings& settings, const std::string& id, const std::string& reason) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Policies& policies = (*workspace)->policies();
  const Outcome<RecordView> view = record_by_id(id, **workspace);
  if (!view) return view.fault();
  const KindPolicy* const kind = policies.erasure();
  if (kind == nullptr) return Fault{.code = "unknown_kind", .where = "erasure", .what = "There are no erasures here."};
  const Outcome<Value> given = parse_value(*Policies::field(*kind, kind->erasure().reason()), reason);
  if (!given) return given.fault();
  Outcome<std::vector<Act>> acts = std::vector<Act>();
  const Outcome<Done> read = (*workspace)->read([&](StoreReader& reader) {
    acts = erasure_acts(reader, policies, view->state.id, *given->integer());
  });
  if (!read) return read.fault();
  if (!acts) return acts.fault();
  if (!acts->empty()) {
    const Outcome<std::vector<RecordId>> saved = (*workspace)->replica().save(*acts);
    if (!saved) return saved.fault();
    keep_outbox(settings, **workspace);
  }
  if (settings.json) {
    print_json(Json{{"erased", acts->size()}});
  } else if (acts->empty()) {
    remark(settings.say("Đã xoá từ trước: không ghi gì thêm.", "Erased before: nothing was written."));
  } else {
    print_line(
        std::to_string(acts->size()) +
        settings.say(
            " hồ sơ sẽ được xoá dữ liệu cá nhân ở máy chủ khi máy này đồng bộ, rồi ở mọi máy; không lấy lại được.",
            " records are erased at the server when this device next synchronises, then on every device, for good."));
  }
  return kDone;
}

Outcome<std::size_t> drop_erased_drafts(Workspace& workspace) {
  const Drafts drafts(workspace);
  const Outcome<std::vector<Draft>> all = drafts.all();
  if (!all) return all.fault();
  if (all->empty() || workspace.policies().erasure() == nullptr) return std::size_t{0};
  std::vector<int> about_erased;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    RecordCache cache(workspace.policies(), reader);
    Erasures erasures(workspace.policies(), cache);
    for (const Draft& draft : *all) {
      const std::vector<RecordId> named = named_in(draft);
      if (std::any_of(named.begin(), named.end(), [&](RecordId record) { return erasures.is_erased(record); }))
        about_erased.push_back(draft.number);
    }
  });
  if (!read) return read.fault();
  for (const int number : about_erased) {
    const Outcome<Done> dropped = drafts.drop(number);
    if (!dropped) return dropped.fault();
  }
  return about_erased.size();
}

}  // namespace songsong::client
