// What the command line has for records and for what is to be decided of them.
#include "client/attachment_commands.h"
#include "client/drafts.h"
#include "client/import_command.h"
#include "client/letting_go.h"
#include "client/personal_commands.h"
#include "client/program.h"
#include "client/record_commands.h"
#include "client/show_command.h"
#include "client/status_commands.h"
#include "client/totals_command.h"

namespace songsong::client {

void Program::declare_records() {
  CLI::App* sub = command("add", "Ghi hồ sơ mới", "Record something new",
                          [this] { return add_record(settings_, arguments_.kind, arguments_.assignments); });
  sub->add_option("KIND", arguments_.kind, "pupil, need, device, handover, …")->required();
  sub->add_option("FIELDS", arguments_.assignments, "field=value …");
  sub = command("set", "Sửa hồ sơ", "Change a record",
                [this] { return set_record(settings_, arguments_.record, arguments_.assignments); });
  sub->add_option("RECORD", arguments_.record, settings_.say("mã hồ sơ", "a record's id"))->required();
  sub->add_option("FIELDS", arguments_.assignments, "field=value, field+=value, field-=value …");
  sub =
      command("draft", "Bản nháp: xem, sửa rồi ghi, hoặc bỏ", "Drafts: list, mend and save, or drop", [this]() -> Exit {
        if (arguments_.draft == 0) return list_drafts(settings_);
        return arguments_.drop ? drop_draft(settings_, arguments_.draft)
                               : go_on_with_draft(settings_, arguments_.draft, arguments_.assignments);
      });
  sub->add_option("NUMBER", arguments_.draft, settings_.say("số của bản nháp", "of the draft"))
      ->check(CLI::Range(1, kMostDrafts).description(""))
      ->type_name("");
  sub->add_option("FIELDS", arguments_.assignments, "field=value …");
  sub->add_flag("--drop", arguments_.drop, settings_.say("Bỏ bản nháp", "Drop it"));
  sub = command("remove", "Xoá hồ sơ (vẫn còn trong nhật ký)", "Remove a record (the log keeps it)",
                [this] { return remove_record(settings_, arguments_.record, arguments_.dependents); });
  sub->add_option("RECORD", arguments_.record, settings_.say("mã hồ sơ", "a record's id"))->required();
  sub->add_flag("--with-dependents", arguments_.dependents,
                settings_.say("Xoá cả hồ sơ gắn với nó", "And what belongs to it"));
  sub = command("promote", "Đầu năm học: cho học sinh lên lớp, mỗi em một lần",
                "A new school year: pupils go up a grade, each once",
                [this] { return begin_school_year(settings_, arguments_.year); });
  sub->add_option("--unit", arguments_.year.unit, settings_.say("mã trường", "the school's code"));
  sub->add_option("--leavers-to", arguments_.year.leavers_to,
                  settings_.say("5=TRƯỜNG, 9=TRƯỜNG: nơi các em lớp cuối cấp chuyển tới",
                                "5=CODE, 9=CODE: the next school of those in a last grade"))
      ->expected(1)
      ->take_all();
  sub->add_option("--stays", arguments_.year.staying,
                  settings_.say("mã hồ sơ em ở lại lớp; viết nhiều lần được", "who repeats the grade; may be repeated"))
      ->expected(1)
      ->take_all();
  sub->add_option("--since", arguments_.year.since,
                  settings_.say("ngày bắt đầu năm học (mặc định 1/7)", "when the year began (the last first of July)"));
  sub->add_flag("--dry-run", arguments_.year.dry_run, settings_.say("Chỉ xem", "Only tell"));
}

void Program::declare_lists() {
  CLI::App* sub = command("copy", "In mọi dữ liệu đang lưu về một em, để đưa phụ huynh",
                          "Print all that is held of a child, for a parent",
                          [this] { return copy_person(settings_, arguments_.record); });
  sub->add_option("RECORD", arguments_.record, settings_.say("mã hồ sơ", "a record's id"))->required();
  sub = command("erase", "Xoá dữ liệu cá nhân của một em ở mọi nơi", "Erase a child's personal data everywhere",
                [this] { return erase_person(settings_, arguments_.record, arguments_.reason); });
  sub->add_option("RECORD", arguments_.record, settings_.say("mã hồ sơ", "a record's id"))->required();
  sub->add_option("--reason", arguments_.reason, "consent_withdrawn, ordered, retention_ended")->required();
  sub = command("show", "Xem một hồ sơ", "Show a record",
                [this] { return show_record(settings_, arguments_.record, arguments_.history); });
  sub->add_option("RECORD", arguments_.record, settings_.say("mã hồ sơ", "a record's id"))->required();
  sub->add_flag("--history", arguments_.history, settings_.say("Kèm các lần ghi", "With its changes"));
  sub = command("fetch", "Lấy ảnh hoặc chữ ký của một hồ sơ về tệp", "Fetch a record's photo into a file",
                [this] { return fetch_file(settings_, arguments_.record, arguments_.path); });
  sub->add_option("RECORD", arguments_.record, settings_.say("mã hồ sơ", "a record's id"))->required();
  sub->add_option("FILE", arguments_.path, settings_.say("tệp", "a file"))->required();
  sub = command("list", "Liệt kê hồ sơ", "List records",
                [this] { return list_records(settings_, arguments_.kind, arguments_.where); });
  sub->add_option("KIND", arguments_.kind, "pupil, need, device, handover, …")->required();
  sub->add_option("--where", arguments_.where, "field=value")->expected(1)->take_all();
  sub = command("search", "Tìm, không cần dấu", "Search without tone marks",
                [this] { return search_records(settings_, arguments_.text); });
  sub->add_option("TEXT", arguments_.text, settings_.say("vài chữ, không cần dấu", "a few words"))->required();
  sub = command("import", "Nhập danh sách CSV hoặc XLSX", "Import a CSV or XLSX list", [this] {
    return import_list(settings_, arguments_.profile, arguments_.path, arguments_.unit, arguments_.dry_run);
  });
  sub->add_option("PROFILE", arguments_.profile,
                  settings_.say("loại hồ sơ, hoặc school_list", "a kind, or school_list"))
      ->required();
  sub->add_option("FILE", arguments_.path, settings_.say("tệp", "a file"))->required();
  sub->add_option("--unit", arguments_.unit,
                  settings_.say("Đơn vị, nếu danh sách không ghi", "The unit, where the list names none"));
  sub->add_flag("--dry-run", arguments_.dry_run, settings_.say("Chỉ kiểm tra", "Only check"));
}

void Program::declare_office() {
  CLI::App* sub = command("total", "Xem số liệu của một đơn vị", "The totals of a unit",
                          [this] { return print_total(settings_, arguments_.unit, arguments_.on, arguments_.local); });
  sub->add_option("UNIT", arguments_.unit, settings_.say("mã đơn vị", "a unit's code"))->required();
  sub->add_option("--on", arguments_.on,
                  settings_.say("Theo cây đơn vị của một ngày, ví dụ 2025-06-30",
                                "In the tree of units of a day, such as 2025-06-30"));
  sub->add_flag("--local", arguments_.local, settings_.say("Đếm những gì máy này có", "Count what this device holds"));
  sub = command("cases", "Việc chờ quyết định", "What waits for a decision",
                [this] { return print_cases(settings_, arguments_.server); });
  sub->add_flag("--server", arguments_.server, settings_.say("Hỏi máy chủ trước", "Ask the server first"));
  sub = command("let-go", "Cho một em (hoặc thiết bị) chuyển sang đơn vị khác; nơi đó phải nhận",
                "Let a pupil (or a device) go to another unit, which has to receive it",
                [this] { return let_go(settings_, arguments_.record, arguments_.unit); });
  sub->add_option("RECORD", arguments_.record, settings_.say("mã hồ sơ", "a record's id"))->required();
  sub->add_option("--to", arguments_.unit, settings_.say("mã đơn vị nhận", "the other unit's code"))->required();
  sub = command("receive", "Nhận em (hoặc thiết bị) mà nơi khác cho chuyển đến", "Receive what another unit let go",
                [this] { return receive_record(settings_, arguments_.settlement.case_id, arguments_.drop); });
  sub->add_option("CASE", arguments_.settlement.case_id,
                  settings_.say("mã việc; không ghi: xem đang có gì", "its id; without: list what is offered"));
  sub->add_flag("--refuse", arguments_.drop, settings_.say("Không nhận", "Do not receive it"));
  sub = command("settle", "Quyết định một việc", "Decide a case", [this]() -> Exit { return settle(); });
  Settlement& settlement = arguments_.settlement;
  sub->add_option("CASE", settlement.case_id,
                  settings_.say("mã việc, xem: songsong cases", "its id, see: songsong cases"))
      ->required();
  sub->add_option("--choose", settlement.choose, "field=value");
  sub->add_flag("--same", settlement.same, settings_.say("Cùng một em", "The same"));
  sub->add_flag("--different", settlement.different, settings_.say("Hai em khác nhau", "Different"));
  sub->add_option("--void", settlement.void_record, settings_.say("Bỏ hồ sơ này", "Remove this record"));
  sub->add_option("--reason", settlement.reason, settings_.say("Lý do", "Why"));
  command("status", "Tình hình của máy này", "How this device stands", [this] { return print_status(settings_); });
  command("verify", "Kiểm tra lại toàn bộ dữ liệu", "Recount everything", [this] { return verify_store(settings_); });
}

Exit Program::settle() {
  const Settlement& settlement = arguments_.settlement;
  const int ways = (settlement.choose.empty() ? 0 : 1) + (settlement.void_record.empty() ? 0 : 1) +
                   (settlement.same ? 1 : 0) + (settlement.different ? 1 : 0);
  if (ways != 1)
    return Fault{.code = "usage", .where = "settle", .what = "One of --choose, --same, --different, --void is needed."};
  return settle_case(settings_, settlement);
}

}  // namespace songsong::client
