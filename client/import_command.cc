#include "client/import_command.h"

#include <filesystem>
#include <system_error>

#include "client/import/importer.h"
#include "client/import/sheet.h"
#include "client/outbox.h"
#include "client/pin.h"
#include "shared/system/entropy.h"

namespace songsong::client {
namespace {

constexpr std::size_t kShownFaults = 10;

Json report_json(const ImportReport& report, const std::string& errors, Language language) {
  Json faults = Json::array();
  for (const RowFault& each : report.faults) {
    const Message message = message_for(each.fault, language);
    faults.push_back(
        Json{{"row", each.row}, {"column", each.column}, {"code", each.fault.code}, {"reason", message.what}});
  }
  return Json{{"rows", report.rows},         {"imported", report.imported},
              {"known", report.known},       {"wrong", report.wrong_rows},
              {"records", report.records},   {"errors", errors.empty() ? Json() : Json(errors)},
              {"faults", std::move(faults)}, {"unknown_headings", report.unknown_headings}};
}

void print_report(const Settings& settings, const ImportReport& report, const std::string& errors, bool dry_run) {
  const auto number = [](std::size_t value) { return std::to_string(value); };
  if (dry_run) {
    print_line(number(report.rows - report.wrong_rows - report.known) +
               settings.say(" dòng đúng, chưa ghi; ", " right rows, not saved; ") + number(report.known) +
               settings.say(" đã có; ", " known; ") + number(report.wrong_rows) + settings.say(" sai", " wrong"));
  } else {
    print_line(settings.say("Đã nhập ", "Imported ") + number(report.imported) + settings.say(" dòng (", " rows (") +
               number(report.records) + settings.say(" hồ sơ); ", " records); ") + number(report.known) +
               settings.say(" đã có từ trước; ", " known before; ") + number(report.wrong_rows) +
               settings.say(" sai", " wrong"));
  }
  std::size_t shown = 0;
  for (const RowFault& each : report.faults) {
    if (shown++ == kShownFaults) {
      remark(settings.say("  … còn nữa, xem tệp lỗi", "  … and more, see the file of errors"));
      break;
    }
    const Message message = message_for(each.fault, settings.language);
    remark("  " + std::string(settings.say("dòng ", "row ")) + number(each.row) + ", " + each.column + ": " +
           message.what);
  }
  if (!report.unknown_headings.empty()) {
    std::string all;
    for (const std::string& heading : report.unknown_headings) all += (all.empty() ? "" : ", ") + heading;
    remark(settings.say("Cột không dùng tới: ", "Columns not used: ") + all);
  }
  if (!errors.empty()) remark(settings.say("Các dòng sai nằm trong: ", "The wrong rows are in: ") + errors);
}

}  // namespace

Exit import_list(const Settings& settings, const std::string& profile, const std::string& path, const std::string& unit,
                 bool dry_run) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<std::string> bytes = read_file(path, kMaxListBytes);
  if (!bytes) return bytes.fault();
  ImportOptions options;
  options.profile = profile;
  options.unit = unit;
  options.dry_run = dry_run;
  options.entropy = draw_entropy;
  options.progress = [&](std::size_t done, std::size_t total) {
    progress(settings,
             settings.say("Đang nhập… ", "Importing… ") + std::to_string(done) + " / " + std::to_string(total));
  };
  const Outcome<ImportReport> report = songsong::import_list((*workspace)->replica(), path, *bytes, options);
  end_progress(settings);
  keep_outbox(settings, **workspace);
  if (!report) {
    Fault fault = report.fault();
    if (fault.where == "file" || fault.where.starts_with("row "))
      fault.where = path + (fault.where == "file" ? "" : ", " + fault.where);
    return fault;
  }
  std::string errors;
  if (!report->faults.empty()) {
    errors = path + ".errors.csv";
    const Outcome<Done> written = write_file(errors, errors_csv(*report, settings.language));
    if (!written) return written.fault();
  } else {
    // What an earlier import of the same list had wrong is mended.
    std::error_code ignored;
    std::filesystem::remove(path + ".errors.csv", ignored);
  }
  if (settings.json) {
    print_json(report_json(*report, errors, settings.language));
  } else {
    print_report(settings, *report, errors, dry_run);
  }
  return report->faults.empty() ? kDone : kSetAside;
}

}  // namespace songsong::client
