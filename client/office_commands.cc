#include "client/office_commands.h"

#include <algorithm>

#include "client/device.h"
#include "client/http.h"
#include "client/sync_commands.h"
#include "shared/core/civil_time.h"
#include "shared/core/report.h"
#include "shared/replica/audit.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/settings.h"
#include "shared/sync/contact.h"
#include "shared/sync/receipts.h"

namespace songsong::client {
namespace {

constexpr Shard kShard = 0;
// A question that was lost is asked again so often.
constexpr int kTries = 3;

template <class Reading>
Outcome<Done> read_store(Workspace& workspace, const Reading& reading) {
  Outcome<Done> result = Done{};
  const Outcome<Done> read = workspace.store().read(kShard, [&](StoreReader& reader) {
    try {
      reading(reader);
    } catch (const StorageDamage& damage) {
      result = damage.fault;
    }
  });
  if (!read) return read.fault();
  return result;
}

Outcome<std::int64_t> now_of(Workspace& workspace) {
  std::int64_t now = 0;
  const Outcome<Done> read = read_store(workspace, [&](StoreReader& reader) {
    const Outcome<ClockState> clock = decode_clock(reader.setting(kClockSetting));
    if (!clock) throw StorageDamage{clock.fault()};
    now = corrected(*clock, read_clock()).captured_ms;
  });
  if (!read) return read.fault();
  return now;
}

void print_report(const Settings& settings, const std::string& json) {
  if (settings.json) return print_line(json);
  const Json report = Json::parse(json, nullptr, false);
  print_line(report["unit"].get<std::string>() + "  " + report["as_of"].get<std::string>());
  for (const auto& [measure, count] : report["measures"].items()) print_line("  " + measure + ": " + count.dump());
  for (const auto& [dimension, values] : report["by"].items()) {
    print_line("  " + dimension);
    for (const auto& [value, measures] : values.items()) {
      std::string line = "    " + value + ":";
      for (const auto& [measure, count] : measures.items()) line += "  " + measure + " " + count.dump();
      print_line(line);
    }
  }
}

Outcome<std::string> local_total(const std::string& unit, Workspace& workspace) {
  bool known = false;
  Cells cells;
  const Outcome<Done> read = read_store(workspace, [&](StoreReader& reader) {
    const std::string wanted[] = {unit};
    const std::optional<TotalsRow> row = reader.totals(wanted).front();
    if (row) cells = row->subtree;
    const UnitTree tree(reader.units());
    const std::vector<std::string>& scope = workspace.replica().identity().units;
    known = row || tree.find(unit) != nullptr || unit == kUnspecifiedUnit ||
            std::find(scope.begin(), scope.end(), unit) != scope.end();
  });
  if (!read) return read.fault();
  if (!known) {
    std::string allowed;
    for (const std::string& each : workspace.replica().identity().units)
      allowed += (allowed.empty() ? "" : ", ") + each;
    return Fault{.code = "unknown_unit", .where = unit, .what = "There is no such unit here; allowed: " + allowed};
  }
  const Outcome<std::int64_t> now = now_of(workspace);
  if (!now) return now.fault();
  return to_json(make_report(unit, cells, workspace.policies()), *now);
}

Outcome<std::string> server_total(const std::string& unit, Workspace& workspace) {
  const Outcome<std::string> url = workspace.server_url();
  if (!url) return url.fault();
  HttpClient http;
  Outcome<HttpAnswer> answer = http.get(*url + "/v1/totals?unit=" + http.escape(unit));
  for (int tries = 1; !answer && tries < kTries; ++tries)
    answer = http.get(*url + "/v1/totals?unit=" + http.escape(unit));
  if (!answer) return answer.fault();
  const Json json = Json::parse(answer->body, nullptr, false);
  if (answer->status == 404 && json.is_object())
    return Fault{.code = "refused", .where = "unknown_unit", .what = "The server knows no such unit."};
  if (answer->status == 503) return Fault{.code = "busy", .where = *url, .what = "The server is busy."};
  const bool ours = answer->status == 200 && json.is_object() && json.contains("unit") && json["unit"] == unit &&
                    json.contains("measures") && json["measures"].is_object() && json.contains("by") &&
                    json.contains("as_of") && json["as_of"].is_string();
  if (!ours) return Fault{.code = "not_our_server", .where = *url, .what = "The answer is none of a SongSong server."};
  return answer->body;
}

const char* advice(const Settings& settings, CaseClass of) {
  switch (of) {
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

const char* class_label(const Settings& settings, CaseClass of) {
  switch (of) {
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
  const Outcome<Done> read = read_store(workspace, [&](StoreReader& reader) {
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
  const RecordId record = row.raised.of == CaseClass::kQuarantine
                              ? *parse_name(row.raised.id.substr(std::string("quarantine.").size()))
                              : row.raised.records.front();
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

Exit print_total(const Settings& settings, const std::string& unit, bool local) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  const Outcome<std::string> json = local ? local_total(unit, **workspace) : server_total(unit, **workspace);
  if (!json) return json.fault();
  print_report(settings, *json);
  return kDone;
}

Exit print_cases(const Settings& settings, bool server) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  // The same records raise the same cases everywhere: what the server knows of this scope is here after a sync.
  if (server) {
    const Outcome<SyncTally> synchronised = converse(settings, **workspace);
    if (!synchronised) return synchronised.fault();
  }
  const Outcome<std::vector<CaseRow>> cases = (*workspace)->replica().cases();
  if (!cases) return cases.fault();
  for (const CaseRow& row : *cases) {
    if (settings.json) {
      print_json(case_json(row, kind_of_case(row, **workspace)));
      continue;
    }
    print_line(std::string(class_label(settings, row.raised.of)) + "  " + row.raised.id + "  [" + row.raised.unit +
               "]");
    for (const RecordId record : row.raised.records) {
      const Outcome<std::optional<RecordView>> view = (*workspace)->replica().view(record);
      if (view && view->has_value()) print_line("    " + one_line(**view, **workspace, settings.language));
    }
    print_line(std::string("    → ") + advice(settings, row.raised.of));
  }
  if (!settings.json && cases->empty())
    remark(settings.say("Không có việc nào đang chờ.", "Nothing waits for a decision."));
  return kDone;
}

Exit settle_case(const Settings& settings, const Settlement& settlement) {
  const Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder);
  if (!workspace) return workspace.fault();
  const Outcome<CaseRow> row = open_case(settlement.case_id, **workspace);
  if (!row) return row.fault();
  const Outcome<Act> act = !settlement.choose.empty()        ? choose(*row, settlement.choose, **workspace)
                           : !settlement.void_record.empty() ? void_record(*row, settlement.void_record)
                                                             : decide(*row, settlement, **workspace);
  if (!act) return act.fault();
  const Outcome<RecordId> saved = (*workspace)->replica().save(*act);
  if (!saved) return saved.fault();
  if (settings.json) {
    print_json(Json{{"case", settlement.case_id}, {"record", to_text(*saved)}});
  } else {
    print_line(to_text(*saved));
  }
  return kDone;
}

Exit print_status(const Settings& settings) {
  const Outcome<std::unique_ptr<Workspace>> opened = Workspace::open(settings.folder);
  if (!opened) return opened.fault();
  Workspace& workspace = **opened;
  Json pending = Json::array(), sent_back = Json::array();
  std::optional<Contact> contact;
  ClockState clock;
  std::uint64_t waiting = 0;
  bool copied = false;
  const Outcome<Done> read = read_store(workspace, [&](StoreReader& reader) {
    const OwnLines own = OwnLines::read(reader);
    waiting = own.pending();
    contact = Contact::read(reader);
    const Outcome<ClockState> decoded = decode_clock(reader.setting(kClockSetting));
    if (!decoded) throw StorageDamage{decoded.fault()};
    clock = *decoded;
    copied = !reader.setting(other_lives_setting(own.present().identity.replica)).empty();
    std::map<RecordId, std::uint64_t> by_record;
    for (StoreSequence after = 0;;) {
      const std::vector<LogRow> page = reader.log(after, 1000);
      if (page.empty()) break;
      after = page.back().sequence;
      for (const LogRow& entry : page) {
        if (own.may_wait(entry.name)) ++by_record[entry.record];
        if (entry.verdict == Verdict::kQuarantined) {
          sent_back.push_back(
              Json{{"change", to_text(entry.name)}, {"record", to_text(entry.record)}, {"reason", entry.reason}});
        }
      }
    }
    for (const auto& [record, changes] : by_record)
      pending.push_back(Json{{"id", to_text(record)}, {"changes", changes}});
  });
  if (!read) return read.fault();
  const Outcome<std::vector<CaseRow>> cases = workspace.replica().cases();
  if (!cases) return cases.fault();
  const Identity& identity = workspace.replica().identity();
  const Json status{{"replica", identity.replica},
                    {"role", Workspace::role_name(identity.role)},
                    {"units", identity.units},
                    {"server", contact ? Json(contact->ticket.url) : Json()},
                    {"enrolled", contact && contact->enrolled},
                    {"epoch", contact ? contact->epoch : 0},
                    {"pending", waiting},
                    {"pending_records", pending},
                    {"last_contact", clock.contacted ? Json(print_instant(clock.server_ms)) : Json()},
                    {"clock_offset_ms", clock.contacted ? Json(clock.offset_ms) : Json()},
                    {"cases", cases->size()},
                    {"sent_back", sent_back},
                    {"copied", copied}};
  if (settings.json) {
    print_json(status);
    return kDone;
  }
  const auto line = [](const char* label, const std::string& value) { print_line(std::string(label) + value); };
  std::string units;
  for (const std::string& unit : identity.units) units += (units.empty() ? "" : ", ") + unit;
  line(settings.say("Máy:               ", "Replica:           "),
       std::to_string(identity.replica) + "  " + Workspace::role_name(identity.role) + "  [" + units + "]");
  line(settings.say("Máy chủ:           ", "Server:            "), contact ? contact->ticket.url : "-");
  line(settings.say("Chưa gửi:          ", "Not sent:          "), std::to_string(waiting));
  line(settings.say("Liên lạc lần cuối: ", "Last contact:      "),
       clock.contacted ? print_instant(clock.server_ms) : settings.say("chưa lần nào", "never"));
  if (clock.contacted && std::abs(clock.offset_ms) > 60'000)
    line(settings.say("Đồng hồ lệch:      ", "Clock is off by:   "), std::to_string(clock.offset_ms / 1000) + " s");
  line(settings.say("Việc chờ xử lý:    ", "Open cases:        "), std::to_string(cases->size()));
  if (!sent_back.empty()) {
    line(settings.say("Bị trả lại:        ", "Sent back:         "), std::to_string(sent_back.size()));
    for (const Json& each : sent_back) {
      const Fault fault{
          .code = each["reason"].get<std::string>(), .where = {}, .what = each["reason"].get<std::string>()};
      print_line("    " + each["record"].get<std::string>() + "  " + message_for(fault, settings.language).what);
    }
  }
  if (copied)
    print_line(settings.say("Dữ liệu của máy này đã được sao sang máy khác hoặc khôi phục từ bản sao; nên xin vé mới.",
                            "This device's data was copied, or put back from a backup; ask for a new ticket."));
  return kDone;
}

Exit verify_store(const Settings& settings) {
  const Outcome<std::unique_ptr<Workspace>> opened = Workspace::open(settings.folder);
  if (!opened) return opened.fault();
  Workspace& workspace = **opened;
  const Outcome<Done> receipts = check_receipts(workspace.store());
  if (!receipts) return receipts.fault();
  const ReplicaKeys keys = [](StoreReader& reader, ReplicaId replica) -> std::optional<PublicKey> {
    const OwnLine* line = nullptr;
    const OwnLines own = OwnLines::read(reader);
    line = own.find(replica);
    return line == nullptr ? std::nullopt : std::optional(KeyPair(line->identity.seed).public_key());
  };
  const Outcome<AuditSummary> summary =
      audit(workspace.store(), kShard, workspace.policies(), Authority::kHoldsOwnLog, keys);
  if (!summary) return summary.fault();
  if (settings.json) {
    print_json(Json{{"ok", true},
                    {"changes", summary->changes},
                    {"records", summary->records},
                    {"accounts", summary->accounts},
                    {"cases", summary->cases}});
  } else {
    print_line(std::string(settings.say("Đúng: ", "Right: ")) + std::to_string(summary->changes) +
               settings.say(" thay đổi, ", " changes, ") + std::to_string(summary->records) +
               settings.say(" hồ sơ, ", " records, ") + std::to_string(summary->cases) +
               settings.say(" việc đang chờ", " open cases"));
  }
  return kDone;
}

}  // namespace songsong::client
