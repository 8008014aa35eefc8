#include "tests/peers/conflict.h"

namespace songsong::bench {

std::string note_of_a(const std::vector<Need>& needs, std::size_t record) {
  return (record < kEditedApart ? "A1 " : "A2 ") + needs.at(record).student_code;
}

std::string note_of_b(const std::vector<Need>& needs, std::size_t record) {
  return "B2 " + needs.at(record).student_code;
}

std::string phone_of_b(const std::vector<Need>& needs, std::size_t record) {
  std::string digits = "09";
  for (const char c : needs.at(record).student_code) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

nlohmann::ordered_json judge_edits(const std::vector<Need>& needs, const std::function<Edited(const Need&)>& on_a,
                                   const std::function<Edited(const Need&)>& on_b) {
  std::size_t both_kept = 0, only_a = 0, only_b = 0, neither = 0;
  std::size_t shows_a = 0, shows_b = 0, shows_other = 0, diverged = 0;
  for (std::size_t i = 0; i < kEditedApart + kEditedAlike; ++i) {
    const Edited held = on_a(needs.at(i));
    diverged += held != on_b(needs.at(i)) ? 1 : 0;
    const bool a_stands = held.note == note_of_a(needs, i);
    if (i < kEditedApart) {
      const bool b_stands = held.phone == phone_of_b(needs, i);
      ++(a_stands ? (b_stands ? both_kept : only_a) : (b_stands ? only_b : neither));
    } else {
      ++(a_stands ? shows_a : held.note == note_of_b(needs, i) ? shows_b : shows_other);
    }
  }
  return {{"diff_field", {{"both_kept", both_kept}, {"only_A", only_a}, {"only_B", only_b}, {"neither", neither}}},
          {"same_field", {{"A", shows_a}, {"B", shows_b}, {"other", shows_other}}},
          {"diverged", diverged}};
}

}  // namespace songsong::bench
