#include "shared/core/fold.h"

#include <utf8proc.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/random.h"

using namespace songsong;

namespace {

// Every letter that Vietnamese has beyond ASCII, beside what it folds to.
struct Letters {
  std::string_view folded;
  std::u32string_view composed;
};
constexpr Letters kVietnamese[] = {
    {"a", U"àáảãạăằắẳẵặâầấẩẫậÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ"},
    {"d", U"đĐ"},
    {"e", U"èéẻẽẹêềếểễệÈÉẺẼẸÊỀẾỂỄỆ"},
    {"i", U"ìíỉĩịÌÍỈĨỊ"},
    {"o", U"òóỏõọôồốổỗộơờớởỡợÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ"},
    {"u", U"ùúủũụưừứửữựÙÚỦŨỤƯỪỨỬỮỰ"},
    {"y", U"ỳýỷỹỵỲÝỶỸỴ"},
};

std::string utf8(char32_t code_point) {
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes);
  return std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const auto length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &result, static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
  REQUIRE(length >= 0);
  std::string copy(reinterpret_cast<const char*>(result), static_cast<std::size_t>(length));
  std::free(result);
  return copy;
}

std::string nfc(std::string_view text) { return mapped(text, UTF8PROC_COMPOSE); }
std::string nfd(std::string_view text) { return mapped(text, UTF8PROC_DECOMPOSE); }

// Folding as its header says it, by way of whole normalised texts.
std::string folded_by_the_book(std::string_view text) {
  std::string key;
  bool gap = false;
  for (const char32_t c : code_points(nfd(nfc(text)))) {
    const auto code_point = static_cast<utf8proc_int32_t>(c);
    const std::string_view category = utf8proc_category_string(code_point);
    const bool mark = category == "Mn" || category == "Me" || category == "Cf" ||
                      utf8proc_get_property(code_point)->combining_class != 0;
    if (mark) continue;
    if (category[0] != 'L' && category[0] != 'N' && category != "Mc") {
      gap = !key.empty();
      continue;
    }
    if (gap) key += ' ';
    gap = false;
    const bool like_d = c == U'đ' || c == U'Đ' || c == U'Ð' || c == U'ð' || c == U'Ɖ' || c == U'ɖ';
    key += like_d ? "d" : utf8(static_cast<char32_t>(utf8proc_tolower(code_point)));
  }
  return key;
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

bool is_code_point(char32_t c) { return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF); }

// Where Vietnamese texts dwell, and now and then anywhere.
char32_t any_code_point(Random& random) {
  switch (random.below(6)) {
    case 0:
      return static_cast<char32_t>(random.between(0x20, 0x7E));
    case 1:
      return random.pick(random.pick(kVietnamese).composed);
    case 2:
      return static_cast<char32_t>(random.between(0x300, 0x36F));
    case 3:
      return static_cast<char32_t>(random.between(0xA0, 0x24FF));
    case 4:
      return static_cast<char32_t>(random.between(0xAC00, 0xD7A3));
    default: {
      const auto c = static_cast<char32_t>(random.between(0xA0, 0x10FFFF));
      return is_code_point(c) ? c : U' ';
    }
  }
}

std::string any_text(Random& random) {
  std::string text;
  for (std::uint64_t left = random.below(12); left > 0; --left) text += utf8(any_code_point(random));
  return text;
}

}  // namespace

TEST_CASE("a search without marks finds a name with marks, and the reverse") {
  CHECK(fold("Nguyễn") == "nguyen");
  CHECK(fold("NGUYỄN") == fold("nguyen"));
  CHECK(fold("Đặng Thị Ngọc Ánh") == "dang thi ngoc anh");
  CHECK(fold("Ðặng") == "dang");
  CHECK(fold("  Y  Blô,\tÊban\n") == "y blo eban");
  CHECK(fold("Lò-Thị.Mỷ / 12B") == "lo thi my 12b");
  CHECK(fold("Nguy\u200Bễn\uFEFF") == "nguyen");
  CHECK(fold("A\u00A0Lăng") == "a lang");
  CHECK(fold("") == "");
  CHECK(fold(" -.- ") == "");
}

TEST_CASE("other scripts fold to themselves") {
  CHECK(fold("ΟΔΟΣ Ёлка 学生 ５") == "οδοσ елка 学生 ５");
  CHECK(fold("ខ្មែរ") == fold(nfd("ខ្មែរ")));
}

TEST_CASE("a key for codes has no spaces") {
  CHECK(fold_key(" ab-12 34/Đ ") == "ab1234d");
  CHECK(fold_key("Trần Thị B") == "tranthib");
  CHECK(fold_key("-") == "");
}

TEST_CASE("every Vietnamese letter folds to its base, composed or not") {
  int letters = 0;
  for (const auto& [folded, composed] : kVietnamese) {
    for (const char32_t letter : composed) {
      ++letters;
      const std::string text = utf8(letter);
      INFO(text);
      CHECK(fold(text) == folded);
      CHECK(fold(nfd(text)) == folded);
      CHECK(*to_nfc(text) == text);
      CHECK(*to_nfc(nfd(text)) == text);
    }
  }
  CHECK(letters == 134);
}

TEST_CASE("the order in which marks were typed does not matter") {
  // ệ: the dot below before the circumflex is canonical, the other is what some keyboards send.
  for (const std::string_view typed : {"e\u0323\u0302", "e\u0302\u0323", "ê\u0323", "ẹ\u0302", "ệ"}) {
    CHECK(*to_nfc(typed) == "ệ");
    CHECK(fold(typed) == "e");
  }
}

TEST_CASE("folding by table is folding by the book, for every code point") {
  std::size_t different = 0;
  for (char32_t c = 0x20; c <= 0x10FFFF; c += c < 0x3400 || (c >= 0xF900 && c < 0x10000) ? 1 : 11) {
    if (!is_code_point(c)) continue;
    const std::string text = "Lan" + utf8(c) + "B " + utf8(c);
    const std::string expected = folded_by_the_book(text);
    if (fold(text) == expected && fold_key(text) == without_spaces(expected)) continue;
    if (++different == 1) UNSCOPED_INFO("first difference at U+" << std::hex << static_cast<std::uint32_t>(c));
  }
  CHECK(different == 0);
}

TEST_CASE("normalising and folding agree with utf8proc on any text") {
  Random random(1975);
  INFO("seed " << random.seed());
  for (int i = 0; i < 30'000; ++i) {
    const std::string text = any_text(random);
    INFO(text);
    const auto normal = to_nfc(text);
    REQUIRE(normal.ok());
    REQUIRE(*normal == nfc(text));
    REQUIRE(*to_nfc(*normal) == *normal);
    const std::string key = fold(text);
    REQUIRE(key == folded_by_the_book(text));
    REQUIRE(fold(*normal) == key);
    REQUIRE(fold(nfd(text)) == key);
    REQUIRE(fold(key) == key);
    REQUIRE(fold_key(text) == without_spaces(key));
  }
}

TEST_CASE("bytes that are no text part words and do no harm") {
  CHECK(fold("Lan\xFFMinh") == "lan minh");
  CHECK(fold("Lan\xC4") == "lan");
  CHECK(fold("\xED\xA0\x80x") == "x");
  Random random(99);
  INFO("seed " << random.seed());
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = any_text(random);
    for (char& c : bytes) {
      if (random.chance(1, 8)) c = static_cast<char>(random.below(256));
    }
    const std::string key = fold(bytes);
    REQUIRE(fold(key) == key);
    REQUIRE(to_nfc(key).ok());
  }
}

TEST_CASE("what may not be stored is refused") {
  const auto refused = [](std::string_view text) {
    const auto normal = to_nfc(text);
    return normal.ok() ? std::string("accepted") : normal.fault().code + " at " + normal.fault().where;
  };
  CHECK(refused("Lan\nvà\tMinh") == "accepted");
  CHECK(refused("Lan\xFF") == "text_not_utf8 at byte 3");
  CHECK(refused("\xC0\x80") == "text_not_utf8 at byte 0");
  CHECK(refused("đ\xED\xA0\x80") == "text_not_utf8 at byte 2");
  CHECK(refused("\xF4\x90\x80\x80") == "text_not_utf8 at byte 0");
  CHECK(refused("a\xE1\xBB") == "text_not_utf8 at byte 1");
  CHECK(refused(std::string("Lan\0Minh", 8)) == "text_control_character at byte 3");
  CHECK(refused("Lan\r\n") == "text_control_character at byte 3");
  CHECK(refused("\x7F") == "text_control_character at byte 0");
  CHECK(refused("\u0085") == "text_control_character at byte 0");
}

TEST_CASE("texts are bounded") {
  CHECK(to_nfc(std::string(kMaxTextBytes, 'a')).ok());
  CHECK(to_nfc(std::string(kMaxTextBytes + 1, 'a')).fault().code == "text_too_long");

  // U+0958 is three bytes and six in NFC.
  std::string growing;
  while (growing.size() + 3 <= kMaxTextBytes) growing += "\u0958";
  CHECK(to_nfc(growing).fault().code == "text_too_long");

  std::string marked = "a";
  for (std::size_t i = 0; i < kMaxCombiningRun; ++i) marked += i % 2 ? "\u0301" : "\u0323";
  CHECK(to_nfc(marked).ok());
  CHECK(to_nfc(marked + "\u0323").fault().code == "text_too_many_marks");
  CHECK(to_nfc(marked + "b\u0323").ok());
}

TEST_CASE("white space at the ends is dropped, of any script") {
  CHECK(trimmed(" \t\r\n Lan  Anh\u00A0\u3000\u2028") == "Lan  Anh");
  CHECK(trimmed("Lan") == "Lan");
  CHECK(trimmed(" \u2003 ").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed(" \xFF ") == "\xFF");
}

TEST_CASE("code points are counted and listed") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("Nguyễn") == 6);
  CHECK(code_points("aễ学😀") == U"aễ学😀");
  CHECK(code_points("a\xFF") == U"a\uFFFD");
}
