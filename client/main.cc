// songsong: the field client on a command line (docs/INTERFACES.md).
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "client/attachment_commands.h"
#include "client/case_commands.h"
#include "client/completion.h"
#include "client/device.h"
#include "client/drafts.h"
#include "client/help.h"
#include "client/import_command.h"
#include "client/letting_go.h"
#include "client/personal_commands.h"
#include "client/pin.h"
#include "client/record_commands.h"
#include "client/school_year.h"
#include "client/show_command.h"
#include "client/spaces.h"
#include "client/status_commands.h"
#include "client/sync_commands.h"
#include "client/totals_command.h"
#include "schemas/programme_table.h"
#include "shared/core/crypto.h"
#include "shared/core/quiet.h"

namespace songsong::client {
namespace {

void complain(const Settings& settings, const Fault& fault) {
  const Message message = message_for(fault, settings.language);
  if (settings.json) {
    const Json error{{"code", fault.code == "refused" && !fault.where.empty() ? fault.where : fault.code},
                     {"message", message.what},
                     {"where", fault.code == "refused" ? "server" : fault.where},
                     {"do", message.act}};
    remark(error.dump(-1, ' ', false, Json::error_handler_t::replace));
    return;
  }
  std::string line = emphasised(STDERR_FILENO, Emphasis::kWrong, message.what);
  if (!fault.where.empty() && fault.code != "refused") line += "  (" + fault.where + ")";
  remark(line);
  if (fault.code == "network" && !fault.what.empty()) remark("  " + fault.what);
  if (!message.act.empty()) remark("  → " + message.act);
}

// Everything that can be written on the command line. Kept together, because CLI11 binds to it.
struct Arguments {
  std::string space, ticket, kind, record, text, unit, on, path, profile, shell, reason;
  std::vector<std::string> assignments, where, words;
  bool history = false, local = false, server = false, same_server = false, watch = false, dry_run = false,
       dependents = false, drop = false;
  int every = 30, draft = 0, minutes = 60;
  SyncOptions sync;
  NewYear year;
  Settlement settlement;
};

class Program {
 public:
  explicit Program(Settings& settings)
      : settings_(settings),
        app_(settings.say("SongSong: ghi ngoài đường mạng, đồng bộ khi có sóng",
                          "SongSong: record offline, synchronise when there is a signal"),
             "songsong") {
    speak(app_, settings.language);
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.footer(std::string(footer(settings.language)) + "\n");
    app_.add_option("--dir", settings.folder, settings.say("Thư mục dữ liệu", "The replica's folder"));
    app_.add_option("--space", arguments_.space,
                    settings.say("Ngăn riêng của một người trên máy dùng chung",
                                 "The space of one of those who share this device"));
    app_.add_flag("--json", settings.json, settings.say("In JSON", "Print JSON"));
    app_.set_help_flag("-h,--help", settings.say("In phần này", "Print this"));
    app_.set_version_flag("--version", std::string("songsong 0.1.0"),
                          settings.say("In phiên bản", "Print the version"));
    declare_records();
    declare_office();
    declare_sync();
    declare_pin();
    declare_shell();
  }

  Exit run(int argc, char** argv) {
    // "field=-5" and "-5" alone are values here, so only what stands before the command's own words is an option.
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) {
        app_.exit(error);
        return kDone;
      }
      return Fault{.code = "usage", .where = error.what(), .what = error.what()};
    }
    if (!arguments_.space.empty()) {
      const Outcome<std::string> folder = space_folder(settings_.folder, arguments_.space);
      if (!folder) return folder.fault();
      settings_.folder = *folder;
    }
    return run_();
  }

 private:
  CLI::App* command(const char* name, const char* vi, const char* en, std::function<Exit()> run) {
    CLI::App* const sub = app_.add_subcommand(name, settings_.say(vi, en));
    sub->group(settings_.say("Lệnh", "Commands"));
    sub->set_help_flag("-h,--help", settings_.say("In phần này", "Print this"));
    const char* const example = example_of(name);
    sub->footer(example != nullptr ? std::string(settings_.say("Ví dụ:\n  ", "Example:\n  ")) + example + "\n" : "");
    sub->callback([this, run = std::move(run)] { run_ = run; });
    return sub;
  }

  void declare_records() {
    CLI::App* sub = command("add", "Ghi hồ sơ mới", "Record something new",
                            [this] { return add_record(settings_, arguments_.kind, arguments_.assignments); });
    sub->add_option("KIND", arguments_.kind, "pupil, need, device, handover, …")->required();
    sub->add_option("FIELDS", arguments_.assignments, "field=value …");
    sub = command("set", "Sửa hồ sơ", "Change a record",
                  [this] { return set_record(settings_, arguments_.record, arguments_.assignments); });
    sub->add_option("RECORD", arguments_.record, settings_.say("mã hồ sơ", "a record's id"))->required();
    sub->add_option("FIELDS", arguments_.assignments, "field=value, field+=value, field-=value …");
    sub = command("draft", "Bản nháp: xem, sửa rồi ghi, hoặc bỏ", "Drafts: list, mend and save, or drop",
                  [this]() -> Exit {
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
    sub->add_option(
           "--stays", arguments_.year.staying,
           settings_.say("mã hồ sơ em ở lại lớp; viết nhiều lần được", "who repeats the grade; may be repeated"))
        ->expected(1)
        ->take_all();
    sub->add_option(
        "--since", arguments_.year.since,
        settings_.say("ngày bắt đầu năm học (mặc định 1/7)", "when the year began (the last first of July)"));
    sub->add_flag("--dry-run", arguments_.year.dry_run, settings_.say("Chỉ xem", "Only tell"));
    sub = command("copy", "In mọi dữ liệu đang lưu về một em, để đưa phụ huynh",
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

  void declare_office() {
    CLI::App* sub = command("total", "Xem số liệu của một đơn vị", "The totals of a unit", [this] {
      return print_total(settings_, arguments_.unit, arguments_.on, arguments_.local);
    });
    sub->add_option("UNIT", arguments_.unit, settings_.say("mã đơn vị", "a unit's code"))->required();
    sub->add_option("--on", arguments_.on,
                    settings_.say("Theo cây đơn vị của một ngày, ví dụ 2025-06-30",
                                  "In the tree of units of a day, such as 2025-06-30"));
    sub->add_flag("--local", arguments_.local,
                  settings_.say("Đếm những gì máy này có", "Count what this device holds"));
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

  Exit settle() {
    const Settlement& settlement = arguments_.settlement;
    const int ways = (settlement.choose.empty() ? 0 : 1) + (settlement.void_record.empty() ? 0 : 1) +
                     (settlement.same ? 1 : 0) + (settlement.different ? 1 : 0);
    if (ways != 1)
      return Fault{
          .code = "usage", .where = "settle", .what = "One of --choose, --same, --different, --void is needed."};
    return settle_case(settings_, settlement);
  }

  void declare_sync() {
    CLI::App* sub = command("init", "Thiết lập thư mục bằng vé", "Set up a folder with a ticket",
                            [this] { return set_up(settings_, arguments_.ticket, arguments_.same_server); });
    sub->add_option("--ticket", arguments_.ticket, settings_.say("Vé do đơn vị cấp", "The ticket"))->required();
    sub->add_flag(
        "--same-server", arguments_.same_server,
        settings_.say("Vẫn là máy chủ cũ, nay có khoá mới", "It is the server of before, which has a new key"));
    sub = command("sync", "Đồng bộ với máy chủ", "Synchronise with the server", [this] {
      return arguments_.watch ? watch(settings_, arguments_.every, arguments_.sync)
                              : synchronise(settings_, arguments_.sync);
    });
    sub->add_flag("--watch", arguments_.watch, settings_.say("Đồng bộ mãi cho tới khi dừng", "Go on until stopped"));
    sub->add_option("--every", arguments_.every, settings_.say("Số giây giữa hai lần", "Seconds in between"))
        ->check(CLI::Range(1, 86'400).description(""))
        ->type_name("N");
    sub->add_flag("--check", arguments_.sync.check,
                  settings_.say("So lại toàn bộ với máy chủ", "Compare everything with the server"));
    sub->add_option("--patience", arguments_.sync.patience_seconds,
                    settings_.say("Số giây chờ khi mạng im lặng, trước khi thử lại",
                                  "Seconds of silence before a try is given up"))
        ->check(CLI::Range(1, 600).description(""))
        ->type_name("N");
    sub = command("bundle", "Ghi việc chưa gửi ra tệp", "Write unsent work to a file",
                  [this] { return write_bundle(settings_, arguments_.path); });
    sub->add_option("FILE", arguments_.path, settings_.say("tệp", "a file"))->required();
    sub = command("accept", "Nhận giấy nhận hoặc gói từ tệp", "Take receipts or a bundle from a file",
                  [this] { return accept_from(settings_, arguments_.path); });
    sub->add_option("FILE", arguments_.path, settings_.say("tệp", "a file"))->required();
  }

  void declare_pin() {
    command("pin", "Niêm phong dữ liệu trên máy bằng PIN, hoặc đổi PIN",
            "Seal what lies on this device under a PIN, or change the PIN", [this] { return set_pin(settings_); });
    CLI::App* const sub =
        command("unlock", "Mở dữ liệu đã niêm phong trong một lúc", "Open a sealed folder for a while",
                [this] { return unlock(settings_, arguments_.minutes); });
    sub->add_option("--minutes", arguments_.minutes,
                    settings_.say("trong bao nhiêu phút (mặc định 60)", "for how long"))
        ->check(CLI::Range(1, kMostUnlockedMinutes).description(""))
        ->type_name("");
    command("lock", "Khoá lại ngay", "Lock it again", [this] { return lock(settings_); });
    command("spaces", "Các ngăn trên máy này, và việc chưa gửi của từng ngăn",
            "The spaces on this device, and what each has still to send", [this] { return list_spaces(settings_); });
  }

  void declare_shell() {
    CLI::App* sub = command("completion", "Phím TAB: source <(songsong completion bash)",
                            "The TAB key: source <(songsong completion bash)", [this]() -> Exit {
                              const char* const script = completion_script(arguments_.shell);
                              if (script == nullptr)
                                return Fault{.code = "usage", .where = arguments_.shell, .what = "bash or zsh."};
                              std::fputs(script, stdout);
                              return kDone;
                            });
    sub->add_option("SHELL", arguments_.shell, "bash, zsh")->required();
    // What the script asks. It stands in no help.
    sub = command("complete", "", "", [this]() -> Exit {
      const Outcome<Policies> policies = Policies::parse(programme_policy_table());
      if (!policies) return policies.fault();
      for (const std::string& word : candidates(app_, *policies, arguments_.words)) print_line(word);
      return kDone;
    });
    sub->group("");
    sub->add_option("WORDS", arguments_.words);
  }

  Settings& settings_;
  Arguments arguments_;
  CLI::App app_;
  std::function<Exit()> run_;
};

int run(int argc, char** argv) {
  init_crypto();
  signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is told as a full disk is
  Settings settings;
  settings.folder = default_folder();
  settings.language = choose_language([](const char* name) { return std::getenv(name); });
  Program program(settings);
  const Exit exit = program.run(argc, argv);
  if (exit) {
    if (std::fflush(stdout) == 0) return *exit;
    complain(settings, Fault{.code = "file_unwritable", .where = "stdout", .what = "The output cannot be written."});
    return 5;
  }
  complain(settings, exit.fault());
  return exit_code_for(exit.fault());
}

}  // namespace
}  // namespace songsong::client

int main(int argc, char** argv) {
  songsong::keep_protobuf_quiet();
  try {
    return songsong::client::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "songsong: %s\n", error.what());
    return 5;
  }
}
