#include "client/case_commands.h"

#include <unistd.h>

#include <algorithm>

#include "client/letting_go.h"
#include "client/outbox.h"
#include "client/pin.h"
#include "client/show_command.h"
#include "client/sync_commands.h"

namespace songsong::client {
namespace {

RecordId quarantine_of(const CaseRow& row) {
  return *parse_name(row.raised.id.substr(std::string("quarantine.").size()));
}

const char* advice(const Settings& settings, const CaseRow& row) {
  switch (row.raised.of) {
    case CaseClass::kConflict:
      return settings.say("chọn giá trị đúng: --choose trường=giá_trị", "choose what is right: --choose field=value");
    case CaseClass::kClaim:
      return settings.say("bỏ hồ sơ ghi nhầm: --void HỒ_SƠ", "void the one made by mistake: --void RECORD");
    case CaseClass::kDuplicate:
      return settings.say("cùng một em: --same, hai em khác nhau: --different",
                          "the same child: --same, two children: --different");
    case CaseClass::kQuarantine:
      return settings.say("cho nhận: --choose decision=released, không: --choose decision=refused",
                          "let it in: --choose decision=released, or not: --choose decision=refused");
    case CaseClass::kMissingProof:
      return settings.say("ghi minh chứng (verification), hoặc sửa lại trạng thái",
                          "add the evidence (verification), or change the state back");
  }
  return "";
}

std::string offer_advice(const Settings& settings, const CaseRow& row) {
  return settings.say("nhận: songsong receive ", "to receive it: songsong receive ") + row.raised.id +
         settings.say(" (không nhận: thêm --refuse)", " (not to: --refuse besides)");
}

// What the other unit says it is; the record itself is not held here.
std::string offered(const CaseRow& row, Workspace& workspace) {
  const Outcome<std::optional<RecordView>> view = workspace.replica().view(quarantine_of(row));
  const KindPolicy* const kind = workspace.policies().quarantine();
  const FieldPolicy* const about = kind != nullptr ? Policies::field_named(*kind, "about") : nullptr;
  if (!view || !view->has_value() || about == nullptr) return {};
  const Shown shown = show((*view)->state, kind);
  const Value* const value = shown.find(about->number());
  return value != nullptr && value->text() != nullptr ? *value->text() : to_text(row.raised.records.front());
}

const char* class_label(const Settings& settings, const CaseRow& row) {
  if (is_offer(row)) return settings.say("Nơi khác chuyển đến", "Another unit hands over");
  switch (row.raised.of) {
    case CaseClass::kConflict:
      return settings.say("Xung đột", "Conflict");
    case CaseClass::kClaim:
      return settings.say("Giao hoặc ghi hai lần", "Claimed twice");
    case CaseClass::kDuplicate:
      return settings.say("Có thể trùng", "Likely duplicate");
    case CaseClass::kQuarantine:
      return settings.say("Bị giữ lại", "Set aside");
    case CaseClass::kMissingProof:
      return settings.say("Thiếu minh chứng", "Proof missing");
  }
  return "";
}

const KindPolicy* kind_of_case(const CaseRow& row, Workspace& workspace) {
  if (row.raised.records.empty()) return nullptr;
  const Outcome<std::optional<RecordView>> view = workspace.replica().view(row.raised.records.front());
  return view && view->has_value() ? workspace.policies().kind((*view)->state.kind) : nullptr;
}

Outcome<CaseRow> open_case(const std::string& id, Workspace& workspace) {
  std::optional<CaseRow> row;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    const std::string wanted[] = {id};
    row = reader.cases(wanted).front();
  });
  if (!read) return read.fault();
  if (!row) return Fault{.code = "case_not_open", .where = id, .what = "No such case is open."};
  return std::move(*row);
}

Fault wrong(const CaseRow& row, const char* what) {
  return Fault{.code = "wrong_settlement", .where = row.raised.id, .what = what};
}

// --choose: what the record of the case is to hold from now on.
Outcome<Act> choose(const CaseRow& row, const std::string& choice, Workspace& workspace) {
  if (row.raised.of != CaseClass::kConflict && row.raised.of != CaseClass::kQuarantine)
    return wrong(row, "This case is not settled by choosing; allowed: --same, --different, --void");
  const RecordId record = row.raised.of == CaseClass::kQuarantine ? quarantine_of(row) : row.raised.records.front();
  const Outcome<std::optional<RecordView>> view = workspace.replica().view(record);
  if (!view) return view.fault();
  const KindPolicy* const kind = view->has_value() ? workspace.policies().kind((*view)->state.kind) : nullptr;
  if (kind == nullptr)
    return Fault{.code = "unknown_record", .where = to_text(record), .what = "There is no such record."};
  Act act;
  act.record = record;
  if (choice == "removed=true" || choice == "removed=false") {
    act.removes = choice == "removed=true";
    act.restores = !act.removes;
    return act;
  }
  Outcome<std::vector<Input>> inputs = parse_inputs(*kind, {choice});
  if (!inputs) return inputs.fault();
  act.inputs = std::move(*inputs);
  return act;
}

Outcome<Act> decide(const CaseRow& row, const Settlement& settlement, Workspace& workspace) {
  const KindPolicy* const kind = workspace.policies().samehood();
  if (row.raised.of != CaseClass::kDuplicate || kind == nullptr || row.raised.records.size() != 2)
    return wrong(row, "Only a duplicate is settled so; allowed: --choose, --void");
  const policy::SamehoodRule& rule = kind->samehood();
  Act act;
  act.kind = kind->number();
  const auto fill = [&act](FieldNumber field, Value value) {
    act.inputs.push_back(Input{.field = field, .shape = Shape::kRegister, .value = std::move(value)});
  };
  fill(rule.one(), Value(row.raised.records[0]));
  fill(rule.other(), Value(row.raised.records[1]));
  fill(rule.decision(), Value(settlement.same ? rule.same() : rule.different()));
  const FieldPolicy* const reason = Policies::field_named(*kind, "reason");
  if (reason != nullptr && !settlement.reason.empty()) fill(reason->number(), Value(Text(settlement.reason)));
  return act;
}

Outcome<Act> void_record(const CaseRow& row, const std::string& id) {
  const Outcome<RecordId> record = parse_name(id);
  const auto& records = row.raised.records;
  if (!record || std::find(records.begin(), records.end(), *record) == records.end()) {
    std::string allowed;
    for (const RecordId each : records) allowed += (allowed.empty() ? "" : ", ") + to_text(each);
    return Fault{
        .code = "wrong_settlement", .where = id, .what = "The record is none of the case's; allowed: " + allowed};
  }
  Act act;
  act.record = *record;
  act.removes = true;
  return act;
}

}  // namespace

Exit print_cases(const Settings& settings, bool server, bool only_offers) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  // The same records raise the same cases everywhere: what the server knows of this scope is here after a sync.
  if (server) {
    const Outcome<SyncTally> synchronised = converse(settings, **workspace);
    if (!synchronised) return synchronised.fault();
  }
  Outcome<std::vector<CaseRow>> cases = (*workspace)->replica().cases();
  if (!cases) return cases.fault();
  if (only_offers) std::erase_if(*cases, [](const CaseRow& row) { return !is_offer(row); });
  for (const CaseRow& row : *cases) {
    if (settings.json) {
      print_json(case_json(row, kind_of_case(row, **workspace)));
      continue;
    }
    print_line(emphasised(STDOUT_FILENO, Emphasis::kAsk, class_label(settings, row)) + "  " + row.raised.id + "  [" +
               row.raised.unit + "]");
    if (is_offer(row)) print_line("    " + offered(row, **workspace));
    for (const RecordId record : row.raised.records) {
      const Outcome<std::optional<RecordView>> view = (*workspace)->replica().view(record);
      if (!view || !view->has_value() || (*view)->state.kind == 0) continue;
      print_line("    " + one_line(**view, **workspace, settings.language));
      if (row.raised.of == CaseClass::kConflict) print_conflicts(settings, **view, **workspace);
    }
    print_line("    → " + (is_offer(row) ? offer_advice(settings, row) : std::string(advice(settings, row))));
  }
  if (!settings.json && cases->empty())
    remark(settings.say("Không có việc nào đang chờ.", "Nothing waits for a decision."));
  return kDone;
}

Exit settle_case(const Settings& settings, const Settlement& settlement) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<CaseRow> row = open_case(settlement.case_id, **workspace);
  if (!row) return row.fault();
  const Outcome<Act> act = !settlement.choose.empty()        ? choose(*row, settlement.choose, **workspace)
                           : !settlement.void_record.empty() ? void_record(*row, settlement.void_record)
                                                             : decide(*row, settlement, **workspace);
  if (!act) return act.fault();
  const Outcome<RecordId> saved = (*workspace)->replica().save(*act);
  if (!saved) return saved.fault();
  keep_outbox(settings, **workspace);
  if (settings.json) {
    print_json(Json{{"case", settlement.case_id}, {"record", to_text(*saved)}});
  } else {
    print_line(to_text(*saved));
  }
  return kDone;
}

}  // namespace songsong::client
