#include "server/qr_code.h"

#include <qrencode.h>

#include <memory>

namespace songsong::server {
namespace {

constexpr int kQuiet = 4;  // modules of nothing around the code; the standard asks for four

class Modules {
 public:
  static Outcome<Modules> of(std::string_view text) {
    const std::string bytes(text);
    Code code(QRcode_encodeString8bit(bytes.c_str(), 0, QR_ECLEVEL_M), &QRcode_free);
    if (code == nullptr) return Fault{.code = "too_long", .where = "QR code", .what = "No QR code holds so much."};
    return Modules(std::move(code));
  }

  // With the quiet zone.
  int width() const { return code_->width + 2 * kQuiet; }
  bool dark(int x, int y) const {
    x -= kQuiet;
    y -= kQuiet;
    if (x < 0 || y < 0 || x >= code_->width || y >= code_->width) return false;
    return (code_->data[y * code_->width + x] & 1) != 0;
  }

 private:
  using Code = std::unique_ptr<QRcode, decltype(&QRcode_free)>;
  explicit Modules(Code code) : code_(std::move(code)) {}

  Code code_;
};

}  // namespace

Outcome<std::string> qr_svg(std::string_view text) {
  const Outcome<Modules> modules = Modules::of(text);
  if (!modules) return modules.fault();
  const std::string width = std::to_string(modules->width());
  std::string path;
  for (int y = 0; y < modules->width(); ++y) {
    for (int x = 0; x < modules->width(); ++x) {
      if (modules->dark(x, y)) path += "M" + std::to_string(x) + " " + std::to_string(y) + "h1v1h-1z";
    }
  }
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + " " + width +
         "\" shape-rendering=\"crispEdges\" role=\"img\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path "
         "d=\"" +
         path + "\" fill=\"#000\"/></svg>";
}

Outcome<std::string> qr_lines(std::string_view text) {
  const Outcome<Modules> modules = Modules::of(text);
  if (!modules) return modules.fault();
  constexpr const char* kHalves[] = {" ", "▄", "▀", "█"};  // upper, lower dark: 2, 1
  std::string lines;
  for (int y = 0; y < modules->width(); y += 2) {
    lines += "\x1b[30;107m";
    for (int x = 0; x < modules->width(); ++x)
      lines += kHalves[(modules->dark(x, y) ? 2 : 0) + (modules->dark(x, y + 1) ? 1 : 0)];
    lines += "\x1b[0m\n";
  }
  return lines;
}

}  // namespace songsong::server
