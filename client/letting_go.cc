#include "client/letting_go.h"

#include <algorithm>

#include "client/case_commands.h"
#include "client/outbox.h"
#include "client/pin.h"

namespace songsong::client {

bool is_offer(const CaseRow& row) {
  return row.raised.of == CaseClass::kQuarantine && row.raised.reason == "to_be_received";
}

Exit let_go(const Settings& settings, const std::string& record, const std::string& to) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<RecordView> view = record_by_id(record, **workspace);
  if (!view) return view.fault();
  const KindPolicy* const kind = (*workspace)->policies().kind(view->state.kind);
  const FieldPolicy* const unit = kind != nullptr ? Policies::field(*kind, kind->unit_field()) : nullptr;
  if (unit == nullptr)
    return Fault{.code = "goes_along", .where = record, .what = "It belongs to another record, and goes with that."};
  if (to == view->unit) return Fault{.code = "nothing_to_save", .where = record, .what = "It is there already."};
  Outcome<std::vector<Input>> inputs = parse_inputs(*kind, {unit->name() + "=" + to});
  if (!inputs) return inputs.fault();
  Act act;
  act.record = view->state.id;
  act.inputs = std::move(*inputs);
  act.lets_go = true;
  const Outcome<RecordId> saved = (*workspace)->replica().save(act);
  if (!saved) return saved.fault();
  keep_outbox(settings, **workspace);
  if (settings.json) {
    print_json(Json{{"id", to_text(view->state.id)}, {"to", to}});
  } else {
    print_line(one_line(*view, **workspace, settings.language));
    remark(settings.say("Đã ghi. Sau khi đồng bộ, nơi đó sẽ quyết định nhận; tới lúc ấy hồ sơ vẫn ở đây: ",
                        "Saved. After the next sync the other unit decides; until then it stays here: ") +
           to);
  }
  return kDone;
}

Exit receive_record(const Settings& settings, const std::string& case_id, bool refuses) {
  if (!case_id.empty()) {
    Settlement settlement;
    settlement.case_id = case_id;
    settlement.choose = refuses ? "decision=refused" : "decision=released";
    return settle_case(settings, settlement);
  }
  return print_cases(settings, false, true);
}

}  // namespace songsong::client
