#include "client/status_commands.h"

#include <unistd.h>

#include <cstdlib>
#include <map>

#include "client/attachment_commands.h"
#include "client/pin.h"
#include "shared/core/civil_time.h"
#include "shared/replica/audit.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/settings.h"
#include "shared/sync/contact.h"
#include "shared/sync/orphans.h"
#include "shared/sync/receipts.h"

namespace songsong::client {
namespace {

constexpr Shard kShard = 0;

}  // namespace

Exit print_status(const Settings& settings) {
  const Outcome<std::unique_ptr<Workspace>> opened = open_workspace(settings);
  if (!opened) return opened.fault();
  Workspace& workspace = **opened;
  Json pending = Json::array(), sent_back = Json::array();
  std::optional<Contact> contact;
  ClockState clock;
  std::uint64_t waiting = 0, only_here = 0;
  bool copied = false;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    const OwnLines own = OwnLines::read(reader);
    waiting = own.pending();
    contact = Contact::read(reader);
    if (contact) only_here = count_orphans(reader, *contact);
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
        // What was let go and is received by now is here no more.
        const RecordId about[] = {entry.record};
        const std::optional<RecordRow> row = reader.records(about).front();
        const bool received = entry.reason == "to_be_received" && (!row || row->kind == 0);
        if (entry.verdict == Verdict::kQuarantined && !received) {
          sent_back.push_back(
              Json{{"change", to_text(entry.name)}, {"record", to_text(entry.record)}, {"reason", entry.reason}});
        }
      }
    }
    for (const auto& [record, changes] : by_record)
      pending.push_back(Json{{"id", to_text(record)}, {"changes", changes}});
  });
  if (!read) return read.fault();
  const Outcome<AttachmentsWaiting> files = attachments_waiting(workspace);
  if (!files) return files.fault();
  const Outcome<std::vector<CaseRow>> cases = workspace.replica().cases();
  if (!cases) return cases.fault();
  const Identity& identity = workspace.replica().identity();
  const std::string role_text = role_names(identity.grants);
  const std::vector<std::string> held_units = units_of(identity.grants);
  const Json status{{"replica", identity.replica},
                    {"role", role_text},
                    {"units", held_units},
                    {"server", contact ? Json(contact->ticket.url) : Json()},
                    {"server_key", contact ? Json(to_text(contact->ticket.server)) : Json()},
                    {"enrolled", contact && contact->enrolled},
                    {"epoch", contact ? contact->epoch : 0},
                    {"pending", waiting},
                    {"pending_records", pending},
                    {"files_waiting", files->count},
                    {"files_waiting_bytes", files->bytes},
                    {"last_contact", clock.contacted ? Json(print_instant(clock.server_ms)) : Json()},
                    {"clock_offset_ms", clock.contacted ? Json(clock.offset_ms) : Json()},
                    {"cases", cases->size()},
                    {"sent_back", sent_back},
                    {"only_here", only_here},
                    {"copied", copied}};
  if (settings.json) {
    print_json(status);
    return kDone;
  }
  const auto line = [](const char* label, const std::string& value) { print_line(std::string(label) + value); };
  line(settings.say("Máy:               ", "Replica:           "),
       std::to_string(identity.replica) + "  " + grants_text(identity.grants));
  line(settings.say("Máy chủ:           ", "Server:            "), contact ? contact->ticket.url : "-");
  line(settings.say("Chưa gửi:          ", "Not sent:          "), std::to_string(waiting));
  if (files->count > 0) line(settings.say("Ảnh chưa gửi:      ", "Photos not sent:   "), count_text(*files));
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
  if (only_here > 0) {
    line(settings.say("Chỉ còn ở máy này: ", "Only here:         "), std::to_string(only_here));
    print_line(
        settings.say("    Máy chủ đã mất các hồ sơ này khi khôi phục từ bản sao lưu. Hãy giữ máy này và báo cho huyện.",
                     "    The server lost these records when it was put back from a backup. Keep this device, and "
                     "tell the district."));
  }
  if (copied)
    print_line(settings.say("Dữ liệu của máy này đã được sao sang máy khác hoặc khôi phục từ bản sao; nên xin vé mới.",
                            "This device's data was copied, or put back from a backup; ask for a new ticket."));
  return kDone;
}

Exit verify_store(const Settings& settings) {
  const Outcome<std::unique_ptr<Workspace>> opened = open_workspace(settings);
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
    print_line(emphasised(STDOUT_FILENO, Emphasis::kGood, settings.say("Đúng: ", "Right: ")) +
               std::to_string(summary->changes) + settings.say(" thay đổi, ", " changes, ") +
               std::to_string(summary->records) + settings.say(" hồ sơ, ", " records, ") +
               std::to_string(summary->cases) + settings.say(" việc đang chờ", " open cases"));
  }
  return kDone;
}

}  // namespace songsong::client
