#include "client/help.h"

#include <string_view>
#include <utility>

namespace songsong::client {

// Kinds of values are left out: CLI11 counts bytes, not letters, where it aligns columns.
void speak(CLI::App& app, Language language) {
  app.get_formatter()->label("TEXT", "");
  if (language != Language::kVietnamese) return;
  constexpr std::pair<const char*, const char*> kWords[] = {{"Usage", "Cách dùng"},
                                                            {"OPTIONS", "TÙY CHỌN"},
                                                            {"SUBCOMMAND", "LỆNH"},
                                                            {"REQUIRED", ""},
                                                            {"Positionals", "Viết theo thứ tự"}};
  for (const auto& [label, text] : kWords) app.get_formatter()->label(label, text);
  app.option_defaults()->group("Tùy chọn");
}

const char* footer(Language language) {
  return say(
      language,
      "Ví dụ:\n"
      "  songsong init --dir truong --ticket song1-…\n"
      "  songsong add pupil full_name='Vi Thị Hoa' school=TH-01 school_level=primary household=poor --dir truong\n"
      "  songsong add need pupil=HỒ_SƠ lacks=device --dir truong\n"
      "  songsong import school_list danh-sach.xlsx --dir truong\n"
      "  songsong search 'vi hoa' --dir truong\n"
      "  songsong sync --dir truong\n"
      "Mã thoát: 0 xong · 1 dữ liệu bị từ chối · 2 sai lệnh · 3 mạng · 4 máy chủ từ chối · 5 bộ nhớ · 6 xong, có phần "
      "bị để lại",
      "Examples:\n"
      "  songsong init --dir school --ticket song1-…\n"
      "  songsong add pupil full_name='Vi Thị Hoa' school=TH-01 school_level=primary household=poor --dir school\n"
      "  songsong add need pupil=RECORD lacks=device --dir school\n"
      "  songsong import school_list list.xlsx --dir school\n"
      "  songsong search 'vi hoa' --dir school\n"
      "  songsong sync --dir school\n"
      "Exit codes: 0 done · 1 input refused · 2 usage · 3 network · 4 refused by the server · 5 storage · 6 done, with "
      "rows or "
      "changes set aside");
}

const char* example_of(const std::string& command) {
  constexpr std::pair<std::string_view, const char*> kExamples[] = {
      {"add",
       "songsong add need pupil=0zqc9.1.4k2d lacks=device wanted=tablet\n  songsong add photo handover=0zqc9.7.4k2d "
       "picture=@trao-may.jpg"},
      {"set", "songsong set 0zqc9.1.4k2d phone=0912345678 grade=4"},
      {"draft", "songsong draft\n  songsong draft 3 household=poor\n  songsong draft 3 --drop"},
      {"remove", "songsong remove 0zqc9.1.4k2d --with-dependents"},
      {"promote", "songsong promote --dry-run\n  songsong promote --leavers-to 5=THCS-01 --stays 0zqc9.1.4k2d"},
      {"copy", "songsong copy 0zqc9.1.4k2d > ban-sao.txt"},
      {"erase", "songsong erase 0zqc9.1.4k2d --reason consent_withdrawn"},
      {"show", "songsong show 0zqc9.1.4k2d --history"},
      {"let-go", "songsong let-go 0zqc9.1.4k2d --to TH-02"},
      {"receive", "songsong receive\n  songsong receive quarantine.0zqc9.9.4k2d"},
      {"fetch", "songsong fetch 0zqc9.8.4k2d trao-may.jpg"},
      {"list", "songsong list pupil --where household=poor --where grade=4"},
      {"search", "songsong search 'vi hoa'"},
      {"import",
       "songsong import school_list danh-sach.xlsx --dry-run\n  songsong import device thiet-bi.csv --unit TH-01"},
      {"total", "songsong total BG05\n  songsong total BG05 --local --json"},
      {"cases", "songsong cases --server"},
      {"settle",
       "songsong settle CASE --same --reason 'hai trường cùng ghi'\n"
       "  songsong settle CASE --choose household=poor\n  songsong settle CASE --void 0zqc9.1.4k2d"},
      {"init", "songsong init --dir truong --ticket song1-…"},
      {"sync", "songsong sync\n  songsong sync --watch --every 60\n  songsong sync --check"},
      {"pin", "songsong pin"},
      {"unlock", "songsong unlock --minutes 240"},
      {"spaces", "songsong --space lan init --ticket song1-…\n  songsong --space lan pin\n  songsong spaces"},
      {"bundle", "songsong bundle /media/usb/truong.bundle"},
      {"accept", "songsong accept /media/usb/truong.bundle.receipt"},
      {"completion", "source <(songsong completion bash)"},
  };
  for (const auto& [name, example] : kExamples) {
    if (name == command) return example;
  }
  return nullptr;
}

}  // namespace songsong::client
