// songsong-server: the sync server (docs/INTERFACES.md).
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "server/serve.h"
#include "shared/core/crypto.h"
#include "shared/core/messages.h"
#include "shared/core/quiet.h"

namespace songsong::server {
namespace {

constexpr int kTicketDays = 365;
constexpr int kBackups = 14;
constexpr int kLooks = 1000;
constexpr const char* kRoles = "teacher, reviewer, allocator, head_office, administrator, auditor";

struct Arguments {
  std::string folder, units_path, on, from, path, listen = "127.0.0.1:8480", role, url, replica, record, reason,
                                                  account, into;
  bool try_only = false, besides = false, erases = false, off = false;
  OnPaper on_paper;
  std::vector<std::string> units;
  int days = kTicketDays;
  int keep = kBackups;
  int last = kLooks;
  bool json = false;
};

class Program {
 public:
  explicit Program(Language language)
      : language_(language), app_(say("Máy chủ đồng bộ SongSong", "The SongSong sync server"), "songsong-server") {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.add_flag("--json", arguments_.json, say("In JSON", "Print JSON"));
    app_.set_help_flag("-h,--help", say("In phần này", "Print this"));
    app_.set_version_flag("--version", std::string("songsong-server 0.1.0"), say("In phiên bản", "Print the version"));
    app_.footer(
        say("Ví dụ:\n  songsong-server init --dir may-chu --units don-vi.csv\n  songsong-server ticket --dir may-chu "
            "--unit TH-01 --role teacher\n  songsong-server serve --dir may-chu --listen 0.0.0.0:8480",
            "Examples:\n  songsong-server init --dir server --units units.csv\n  songsong-server ticket --dir server "
            "--unit TH-01 --role teacher\n  songsong-server serve --dir server --listen 0.0.0.0:8480"));
    declare();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error);
      return complain(Fault{.code = "usage", .where = error.what(), .what = error.what()});
    }
    if (serves_) {
      const Outcome<int> exit = serve(arguments_.folder, arguments_.listen);
      return exit ? *exit : complain(exit.fault());
    }
    const Outcome<Printed> printed = run_();
    if (!printed) return complain(printed.fault());
    const std::string& text = arguments_.json                   ? printed->json
                              : language_ == Language::kEnglish ? printed->en
                                                                : printed->vi;
    if (!text.empty()) std::printf("%s\n", text.c_str());
    return std::fflush(stdout) == 0 ? printed->exit : 5;
  }

 private:
  const char* say(const char* vi, const char* en) const { return songsong::say(language_, vi, en); }

  // Of the program, or of one of its commands.
  CLI::App* command(const char* name, const char* vi, const char* en, std::function<Outcome<Printed>()> run,
                    CLI::App* of = nullptr) {
    CLI::App* const sub = (of != nullptr ? of : &app_)->add_subcommand(name, say(vi, en));
    sub->add_option("--dir", arguments_.folder, say("Thư mục của máy chủ", "The server's folder"))->required();
    sub->callback([this, run = std::move(run)] { run_ = run; });
    return sub;
  }

  void declare() {
    Arguments& given = arguments_;
    command("init", "Lập máy chủ mới", "Make a new server", [&] { return init_server(given.folder, given.units_path); })
        ->add_option("--units", given.units_path, "code,name,level,parent,area")
        ->required();
    CLI::App* sub = command("units", "Thêm, đổi tên, chuyển, đóng đơn vị", "Add, rename, move, close units",
                            [&] { return change_units(given.folder, given.units_path, given.on); });
    sub->add_option("FILE", given.units_path)->required();
    sub->add_option("--on", given.on,
                    say("Ngày bắt đầu như vậy, ví dụ 2025-07-01; trước đó được lưu lại",
                        "The first day on which they stand so, such as 2025-07-01; how they stood is kept"));
    sub = command("distribute", "Chia hồ sơ của một đơn vị theo quy tắc", "Move a unit's records by rules",
                  [&] { return distribute_records(given.folder, given.from, given.path, given.try_only); });
    sub->add_option("UNIT", given.from, say("Đơn vị tách hoặc giải thể", "The unit that is split or closed"))
        ->required();
    sub->add_option("FILE", given.path, "kind,where,to")->required();
    sub->add_flag("--dry-run", given.try_only, say("Chỉ xem sẽ chuyển gì", "Only tell what would move"));
    sub = command("serve", "Chạy máy chủ", "Run the server", [] { return Printed{}; });
    sub->add_option("--listen", given.listen, "HOST:PORT")->capture_default_str();
    sub->callback([this] { serves_ = true; });
    sub = command("ticket", "Cấp vé cho một máy", "Issue a ticket for one device", [&]() -> Outcome<Printed> {
      if (!given.account.empty())
        return issue_ticket_for(given.folder, given.account, given.url, given.days, given.on_paper);
      if (given.units.empty() || given.role.empty())
        return Fault{.code = "usage", .where = "ticket --unit … --role … | ticket --account …", .what = ""};
      return issue_ticket(given.folder, given.units, given.role, given.url, given.days, given.on_paper);
    });
    CLI::Option* const account = sub->add_option(
        "--account", given.account,
        say("Máy của tài khoản này, có quyền của tài khoản", "A device of this account, with its rights"));
    sub->add_option("--unit", given.units, say("Mã đơn vị", "A unit's code"))
        ->expected(1)
        ->take_all()
        ->excludes(account);
    sub->add_option("--role", given.role, kRoles)->excludes(account);
    declare_paper(sub);
    sub = command("replace", "Thay máy bị mất hay hỏng: thu hồi nó, cấp vé cho máy mới",
                  "Replace a lost or broken device: revoke it, and issue a ticket for another",
                  [&] { return replace_replica(given.folder, given.replica, given.url, given.days, given.on_paper); });
    sub->add_option("REPLICA", given.replica, say("số của máy bị mất", "the lost device's number"))->required();
    declare_paper(sub);
    command("revoke", "Thu hồi quyền của một máy", "Revoke a device",
            [&] { return revoke_replica(given.folder, given.replica); })
        ->add_option("REPLICA", given.replica)
        ->required();
    sub = command("appoint", "Đổi quyền, đổi nơi làm việc của một máy", "Give a device another role or place",
                  [&] { return appoint_replica(given.folder, given.replica, given.units, given.role, given.besides); });
    sub->add_option("REPLICA", given.replica)->required();
    declare_grant(sub);
    sub->add_flag("--besides", given.besides, say("Giữ cả quyền đang có", "Keep what it has besides"));
    declare_accounts();
    command("accept", "Nhận gói từ tệp", "Take a bundle from a file",
            [&] { return accept_bundle(given.folder, given.path); })
        ->add_option("FILE", given.path)
        ->required();
    sub = command("backup", "Sao lưu", "Back up", [&]() -> Outcome<Printed> {
      if (!given.into.empty()) return back_up_into(given.folder, given.into, given.keep, given.try_only);
      if (given.path.empty())
        return Fault{.code = "usage", .where = "backup FILE | backup --into FOLDER --keep N", .what = ""};
      return back_up(given.folder, given.path);
    });
    CLI::Option* const file = sub->add_option("FILE", given.path);
    sub->add_option("--into", given.into,
                    say("Ghi vào thư mục này, tên theo giờ", "Into this folder, named by the hour"))
        ->excludes(file);
    sub->add_option("--keep", given.keep, say("Giữ bao nhiêu bản mới nhất", "How many of the newest are kept"))
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    sub->add_flag("--check", given.try_only,
                  say("Khôi phục thử ngay, rồi mới bỏ bản cũ", "Rehearse restoring it before the oldest go"));
    sub = command("restore", "Khôi phục từ bản sao lưu", "Restore a backup", [&] {
      return given.try_only ? rehearse_restore(given.folder, given.path) : restore(given.folder, given.path);
    });
    sub->add_option("FILE", given.path)->required();
    sub->add_flag("--check", given.try_only,
                  say("Chỉ thử: khôi phục vào chỗ riêng rồi kiểm tra", "Only rehearse it, in a place of its own"));
    sub = command("erase", "Xoá dữ liệu cá nhân của một người, không lấy lại được",
                  "Erase somebody's personal data, for good",
                  [&] { return erase_person(given.folder, given.record, given.reason); });
    sub->add_option("RECORD", given.record, say("Mã hồ sơ học sinh", "The pupil's record id"))->required();
    sub->add_option("--reason", given.reason, "consent_withdrawn, ordered, retention_ended")->required();
    sub = command("retention", "Dữ liệu của ai không còn được đồng ý lưu", "Whose data no consent keeps any more",
                  [&] { return keep_retention(given.folder, given.on, given.erases); });
    sub->add_option("--on", given.on, say("Tính đến ngày, ví dụ 2026-05-31", "As of a day, such as 2026-05-31"));
    sub->add_flag("--erase", given.erases, say("Xoá luôn, không lấy lại được", "Erase it, for good"));
    sub = command("rotate-key", "Đổi khoá của máy chủ, và sao lưu ngay",
                  "Give the server another key, and back it up at once",
                  [&] { return rotate_key(given.folder, given.path, given.off); });
    sub->add_option("BACKUP", given.path,
                    say("Bản sao lưu được ghi vào tệp này", "The backup is written into this file"))
        ->required();
    sub->add_flag("--forget", given.off,
                  say("Không nhận khoá cũ nữa (khi nó đã lộ): mọi máy cần vé mới",
                      "Accept the former one no more (somebody else has it): each device needs a new ticket"));
    command("stand-in", "Thay cho một máy chủ đã mất cùng mọi bản sao lưu",
            "Stand in for a server that is lost with all its backups",
            [&] { return stand_in_for(given.folder, given.account); })
        ->add_option("KEY", given.account,
                     say("Khoá của nó: server_key trong songsong status --json",
                         "Its key: server_key of songsong status --json"))
        ->required();
    sub = command("move", "Báo cho các máy địa chỉ mới của máy chủ", "Tell devices of the server's new address",
                  [&] { return move_server(given.folder, given.url, given.off); });
    sub->add_option("--url", given.url, "https://…")->required();
    sub->add_flag("--unchecked", given.off,
                  say("Không thử xem máy chủ có trả lời ở đó không", "Without looking whether it answers there"));
    command("authority", "Chứng thực của máy chủ, để trình duyệt tin",
            "The server's own authority, for browsers to trust",
            [&] { return show_authority(given.folder, given.path); })
        ->add_option("FILE", given.path, say("Ghi vào tệp này", "Write it into this file"));
    command("verify", "Kiểm tra lại toàn bộ", "Recount everything", [&] { return verify_server(given.folder); });
    command("devices", "Các máy đã cấp vé", "The devices known", [&] { return list_devices(given.folder); });
  }

  // How a ticket is handed out.
  void declare_paper(CLI::App* sub) {
    sub->add_option("--sheet", arguments_.on_paper.sheet_path,
                    say("Ghi tờ vé để in (HTML, có mã QR)", "Write a page to print (HTML, with a QR code)"));
    sub->add_flag("--qr", arguments_.on_paper.on_terminal,
                  say("In mã QR ra màn hình", "Print the QR code on the terminal"));
    sub->add_option("--url", arguments_.url,
                    say("Địa chỉ mà máy đó gọi tới (nếu không có: máy chủ ở ngay máy này)",
                        "The address that devices reach; without it, the server on this machine"));
    sub->add_option("--days", arguments_.days, say("Số ngày vé còn hạn", "Days until it expires"))
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
  }

  void declare_grant(CLI::App* sub) {
    sub->add_option("--unit", arguments_.units, say("Mã đơn vị", "A unit's code"))->required()->expected(1)->take_all();
    sub->add_option("--role", arguments_.role, kRoles)->required();
  }

  CLI::App* account_command(const char* name, const char* vi, const char* en, std::function<Outcome<Printed>()> run) {
    CLI::App* const sub = command(name, vi, en, std::move(run), accounts_);
    sub->add_option("NAME", arguments_.account, say("Tên đăng nhập", "The name to sign in with"))->required();
    return sub;
  }

  void declare_accounts() {
    Arguments& given = arguments_;
    accounts_ =
        app_.add_subcommand("account", say("Tài khoản của người đăng nhập", "The accounts of people who sign in"));
    accounts_->require_subcommand(1);
    declare_grant(account_command("add", "Lập tài khoản, in mật khẩu đầu tiên",
                                  "Make one, and print its first password",
                                  [&] { return add_account(given.folder, given.account, given.units, given.role); }));
    CLI::App* sub = account_command(
        "appoint", "Đổi quyền, cả của các máy của người này", "Other rights, of its devices too",
        [&] { return appoint_account(given.folder, given.account, given.units, given.role, given.besides); });
    declare_grant(sub);
    sub->add_flag("--besides", given.besides, say("Giữ cả quyền đang có", "Keep what it has besides"));
    account_command("password", "Mật khẩu mới", "A new password",
                    [&] { return renew_password(given.folder, given.account); });
    sub = account_command("second-factor", "Thêm mã sáu số từ điện thoại", "A code of six digits besides",
                          [&] { return second_factor(given.folder, given.account, given.off); });
    sub->add_flag("--off", given.off, say("Bỏ, chỉ cần mật khẩu", "No more; a password is enough"));
    account_command("close", "Đóng tài khoản, thu hồi các máy", "Close it, and revoke its devices",
                    [&] { return close_account(given.folder, given.account); });
    command(
        "list", "Các tài khoản", "All accounts", [&] { return list_accounts(given.folder); }, accounts_);
    sub = command("looks", "Ai đã xem dữ liệu cá nhân nào", "Who looked at whose personal data",
                  [&] { return list_looks(given.folder, given.account, given.record, given.last); });
    sub->add_option("--account", given.account, say("Chỉ của tài khoản này", "Of this account only"));
    sub->add_option("--record", given.record, say("Chỉ hồ sơ này", "Of this record only"));
    sub->add_option("--last", given.last, say("Bao nhiêu lần gần nhất", "How many of the newest"))
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
  }

  int complain(const Fault& fault) const {
    const Message message = message_for(fault, language_);
    if (arguments_.json) {
      const nlohmann::ordered_json error{
          {"code", fault.code}, {"message", message.what}, {"where", fault.where}, {"do", message.act}};
      std::fprintf(stderr, "%s\n",
                   error.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
    } else {
      std::fprintf(stderr, "%s%s%s%s\n", message.what.c_str(), fault.where.empty() ? "" : "  (", fault.where.c_str(),
                   fault.where.empty() ? "" : ")");
      if (!message.act.empty()) std::fprintf(stderr, "  → %s\n", message.act.c_str());
    }
    return exit_code_for(fault);
  }

  Language language_;
  Arguments arguments_;
  bool serves_ = false;
  CLI::App app_;
  CLI::App* accounts_ = nullptr;  // one of app_'s
  std::function<Outcome<Printed>()> run_;
};

}  // namespace
}  // namespace songsong::server

int main(int argc, char** argv) {
  using namespace songsong;
  keep_protobuf_quiet();
  try {
    init_crypto();
    return server::Program(choose_language([](const char* name) { return std::getenv(name); })).run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "songsong-server: %s\n", error.what());
    return 5;
  }
}
