// A ticket on paper: a camera reads the code, and a name with marks of HTML in it stays a name.
#include "server/ticket_sheet.h"

#include <zbar.h>

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <regex>

#include "server/qr_code.h"
#include "shared/core/crypto.h"
#include "tests/support/must.h"

namespace songsong::server {
namespace {

using testing::must;

struct Grid {
  std::size_t width = 0;
  std::vector<bool> dark;  // row by row

  bool operator==(const Grid&) const = default;
};

Grid grid_of_svg(const std::string& svg) {
  std::smatch found;
  REQUIRE(std::regex_search(svg, found, std::regex("viewBox=\"0 0 (\\d+) (\\d+)\"")));
  REQUIRE(found[1] == found[2]);
  Grid grid{.width = std::stoul(found[1]), .dark = {}};
  grid.dark.resize(grid.width * grid.width);
  const std::regex module("M(\\d+) (\\d+)h1v1h-1z");
  for (std::sregex_iterator each(svg.begin(), svg.end(), module), end; each != end; ++each)
    grid.dark.at(std::stoul((*each)[2]) * grid.width + std::stoul((*each)[1])) = true;
  return grid;
}

// What a camera makes of it.
std::string scanned(const Grid& grid) {
  constexpr std::size_t kPixels = 4;  // a module's side
  const std::size_t side = grid.width * kPixels;
  std::vector<unsigned char> grey(side * side, 255);
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      if (grid.dark[y / kPixels * grid.width + x / kPixels]) grey[y * side + x] = 0;
    }
  }
  zbar::ImageScanner scanner;
  scanner.set_config(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
  zbar::Image image(static_cast<unsigned>(side), static_cast<unsigned>(side), "Y800", grey.data(), grey.size());
  REQUIRE(scanner.scan(image) == 1);
  return image.symbol_begin()->get_data();
}

Ticket ticket_of(const std::vector<std::string>& units) {
  init_crypto();
  Ticket ticket;
  ticket.replica = 4711;
  ticket.units = units;
  ticket.url = "https://songsong.example:8480";
  ticket.issued_ms = 1'751'328'000'000;
  ticket.expires_ms = ticket.issued_ms + 30LL * 24 * 3'600'000;
  SigningSeed seed;
  sign(ticket, KeyPair(seed));
  return ticket;
}

}  // namespace

TEST_CASE("a camera reads the ticket from the sheet, and from the terminal's half blocks") {
  const std::vector<std::string> many(20, "BG01-T01");
  for (const Ticket& ticket : {ticket_of({"T1"}), ticket_of(many)}) {
    const std::string text = to_text(ticket);
    const Grid grid = grid_of_svg(ticket_sheet(ticket, {}));
    CHECK(scanned(grid) == text);

    Grid lines;
    std::vector<std::vector<int>> rows;
    std::string printed = must(qr_lines(text));
    for (const auto& [block, sign] :
         {std::pair("█", "3"), std::pair("▀", "2"), std::pair("▄", "1"), std::pair(" ", "0")})
      printed = std::regex_replace(printed, std::regex(block), sign);
    printed = std::regex_replace(printed, std::regex("\x1b\\[[0-9;]*m"), "");
    for (std::size_t at = 0; at < printed.size();) {
      const std::size_t end = printed.find('\n', at);
      const std::string line = printed.substr(at, end - at);
      lines.width = line.size();
      for (const int half : {2, 1}) {
        for (const char c : line) lines.dark.push_back(((c - '0') & half) != 0);
      }
      at = end + 1;
    }
    lines.dark.resize(lines.width * lines.width);  // the last line may have half a row too many
    CHECK(lines == grid);
  }
}

TEST_CASE("the sheet says whom the ticket is for and until when, and its letters are the ticket's") {
  const Ticket ticket = ticket_of({"T1", "T2"});
  const std::string sheet = ticket_sheet(ticket, {{"T1", "Trường <b>Đồng Sơn</b> & bạn"}});
  CHECK(sheet.find("Trường &lt;b&gt;Đồng Sơn&lt;/b&gt; &amp; bạn (T1), T2") != std::string::npos);
  CHECK(sheet.find("giáo viên (teacher)") != std::string::npos);
  CHECK(sheet.find("31/7/2025") != std::string::npos);
  std::smatch letters;
  REQUIRE(std::regex_search(sheet, letters, std::regex("<code>([^<]*)</code>")));
  CHECK(must(parse_ticket(letters[1].str())) == ticket);
}

TEST_CASE("what fits in no code is said, and the sheet has its letters") {
  const Outcome<std::string> code = qr_svg(std::string(4000, 'x'));
  REQUIRE_FALSE(code.ok());
  CHECK(code.fault().code == "too_long");
  const std::vector<std::string> many(kMaxTicketUnits, std::string(40, 'u'));
  const std::string sheet = ticket_sheet(ticket_of(many), {});
  CHECK(sheet.find("<svg") == std::string::npos);
  CHECK(sheet.find("<code>song1-") != std::string::npos);
}

}  // namespace songsong::server
