#include "client/program.h"

#include "client/completion.h"
#include "client/help.h"
#include "client/pin.h"
#include "client/spaces.h"
#include "schemas/programme_table.h"

namespace songsong::client {

Program::Program(Settings& settings)
    : settings_(settings),
      app_(settings.say("SongSong: ghi ngoài đường mạng, đồng bộ khi có sóng",
                        "SongSong: record offline, synchronise when there is a signal"),
           "songsong") {
  speak(app_, settings.language);
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.footer(std::string(footer(settings.language)) + "\n");
  app_.add_option("--dir", settings.folder, settings.say("Thư mục dữ liệu", "The replica's folder"));
  app_.add_option(
      "--space", arguments_.space,
      settings.say("Ngăn riêng của một người trên máy dùng chung", "The space of one of those who share this device"));
  app_.add_flag("--json", settings.json, settings.say("In JSON", "Print JSON"));
  app_.set_help_flag("-h,--help", settings.say("In phần này", "Print this"));
  app_.set_version_flag("--version", std::string("songsong 0.1.0"), settings.say("In phiên bản", "Print the version"));
  declare_records();
  declare_lists();
  declare_office();
  declare_sync();
  declare_pin();
  declare_shell();
}

Exit Program::run(int argc, char** argv) {
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

CLI::App* Program::command(const char* name, const char* vi, const char* en, std::function<Exit()> run) {
  CLI::App* const sub = app_.add_subcommand(name, settings_.say(vi, en));
  sub->group(settings_.say("Lệnh", "Commands"));
  sub->set_help_flag("-h,--help", settings_.say("In phần này", "Print this"));
  const char* const example = example_of(name);
  sub->footer(example != nullptr ? std::string(settings_.say("Ví dụ:\n  ", "Example:\n  ")) + example + "\n" : "");
  sub->callback([this, run = std::move(run)] { run_ = run; });
  return sub;
}

void Program::declare_sync() {
  CLI::App* sub = command("init", "Thiết lập thư mục bằng vé", "Set up a folder with a ticket",
                          [this] { return set_up(settings_, arguments_.ticket, arguments_.same_server); });
  sub->add_option("--ticket", arguments_.ticket, settings_.say("Vé do đơn vị cấp", "The ticket"))->required();
  sub->add_flag("--same-server", arguments_.same_server,
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

void Program::declare_pin() {
  command("pin", "Niêm phong dữ liệu trên máy bằng PIN, hoặc đổi PIN",
          "Seal what lies on this device under a PIN, or change the PIN", [this] { return set_pin(settings_); });
  CLI::App* const sub = command("unlock", "Mở dữ liệu đã niêm phong trong một lúc", "Open a sealed folder for a while",
                                [this] { return unlock(settings_, arguments_.minutes); });
  sub->add_option("--minutes", arguments_.minutes, settings_.say("trong bao nhiêu phút (mặc định 60)", "for how long"))
      ->check(CLI::Range(1, kMostUnlockedMinutes).description(""))
      ->type_name("");
  command("lock", "Khoá lại ngay", "Lock it again", [this] { return lock(settings_); });
  command("spaces", "Các ngăn trên máy này, và việc chưa gửi của từng ngăn",
          "The spaces on this device, and what each has still to send", [this] { return list_spaces(settings_); });
}

void Program::declare_shell() {
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

}  // namespace songsong::client
