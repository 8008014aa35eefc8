#include "server/ticket_sheet.h"

#include <Poco/Net/Net.h>

#include "server/qr_code.h"
#include "shared/core/civil_time.h"

namespace songsong::server {
namespace {

using Poco::Net::htmlize;

constexpr std::size_t kLettersInLine = 60;

constexpr const char* kStyle = R"css(
@page { size: A5; margin: 10mm; }
body { font: 12.5px/1.35 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; color: #14232b; max-width: 128mm; margin: 10mm auto; }
@media print { body { margin: 0; } }
h1 { font-size: 20px; margin: 0; color: #0b6b74; }
.en { color: #55676f; font-size: 11px; }
svg { width: 60mm; display: block; margin: 0 auto; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 2mm 0; }
dt { color: #55676f; } dd { margin: 0; font-weight: 600; }
ol { padding-left: 5mm; margin: 2mm 0; } li { margin: .5mm 0; }
code { display: block; font: 11px/1.4 "DejaVu Sans Mono", monospace; word-break: break-all; border: 1px solid #d5dee2; border-radius: 6px; padding: 2mm 3mm; }
.once { border: 2px solid #9a4a00; border-radius: 6px; padding: 1.5mm 3mm; margin: 2mm 0; }
)css";

struct RoleWords {
  const char *vi, *en;
};

RoleWords words_of(schema::Role role) {
  switch (role) {
    case schema::TEACHER:
      return {"giáo viên", "teacher"};
    case schema::REVIEWER:
      return {"cán bộ duyệt", "reviewer"};
    case schema::ALLOCATOR:
      return {"cán bộ phân bổ", "allocator"};
    case schema::HEAD_OFFICE:
      return {"cấp trên, chỉ xem số liệu", "head office, totals only"};
    case schema::ADMINISTRATOR:
      return {"quản trị", "administrator"};
    case schema::AUDITOR:
      return {"kiểm tra, chỉ xem", "auditor, reads only"};
    default:
      return {"chưa rõ", "not known"};
  }
}

std::string in_lines(const std::string& text) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); at += kLettersInLine)
    lines += (at == 0 ? "" : "\n") + text.substr(at, kLettersInLine);
  return lines;
}

// Day, month, year, as paper in Vietnam has it.
std::string day_of(std::int64_t instant_ms) {
  const CivilDate date = civil_from_days(day_in_vietnam(instant_ms));
  return std::to_string(date.day) + "/" + std::to_string(date.month) + "/" + std::to_string(date.year);
}

std::string entry(const std::string& vi, const std::string& en, const std::string& text) {
  return "<dt>" + vi + " <span class=\"en\">" + en + "</span></dt><dd>" + htmlize(text) + "</dd>";
}

}  // namespace

std::string ticket_sheet(const Ticket& ticket, const std::map<std::string, std::string>& unit_names) {
  const std::string text = to_text(ticket);
  // A ticket of dozens of units is longer than any code: its letters stand there nonetheless.
  const Outcome<std::string> drawn = qr_svg(text);
  const std::string code = drawn ? *drawn
                                 : "<p class=\"once\">Vé dài quá một mã QR, hãy chép chữ ở dưới. "
                                   "<span class=\"en\">Too long for a QR code: copy the letters.</span></p>";
  std::string units;
  for (const std::string& unit : ticket.units) {
    const auto name = unit_names.find(unit);
    units += (units.empty() ? "" : ", ") + (name == unit_names.end() ? unit : name->second + " (" + unit + ")");
  }
  const RoleWords role = words_of(ticket.role);
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Vé SongSong</title><style>";
  page += kStyle;
  page +=
      "</style></head><body><h1>Vé vào SongSong</h1><div class=\"en\">A ticket to SongSong</div>" + code + "<dl>" +
      entry("Đơn vị", "unit", units) + entry("Vai trò", "role", std::string(role.vi) + " (" + role.en + ")") +
      entry("Máy chủ", "server", ticket.url) +
      entry("Đồng bộ lần đầu trước hết ngày", "first sync by the end of", day_of(ticket.expires_ms)) +
      "</dl><p class=\"once\">Vé này chỉ dùng được cho <b>một máy</b>. Đừng chụp gửi cho người khác. Mất vé hay mất "
      "máy: báo ngay cho người cấp vé.<br><span class=\"en\">For one device only. Do not pass on a photograph of it. "
      "If "
      "the ticket or the device is lost, tell whoever issued it at once.</span></p>"
      "<ol><li>Mở SongSong, chọn “Vào bằng vé”, đưa máy ảnh vào ô vuông ở trên. <span class=\"en\">Open SongSong and "
      "scan "
      "the square.</span></li><li>Không quét được thì gõ hoặc chép những chữ dưới đây; khoảng trắng và xuống dòng "
      "không sao. <span class=\"en\">Or copy the letters below; spaces and line breaks do no harm.</span></li>"
      "<li>Chưa cần có mạng: ghi được ngay, gửi khi có sóng. <span class=\"en\">No network is needed to "
      "begin.</span></li></ol><code>" +
      htmlize(in_lines(text)) + "</code></body></html>\n";
  return page;
}

}  // namespace songsong::server
