// Texts: a column of texts. Blobs: a column of opaque bytes.
//
// A text has been seen as a whole, or is cut into runs of digits, words (whatever is neither digit nor space) and
// spaces. The pattern of a text (S001-000123: word, 3 digits, word, 6 digits) is itself a value that may have been
// seen; each place of the pattern is then a column of its own, of numbers or of words. Only fresh words are spelled.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/columns_numbers.h"
#include "shared/core/columns_seen.h"
#include "shared/core/columns_speller.h"

namespace songsong::columns {

// What columns of one row share.
struct RowContext {
  Speller* speller = nullptr;
  std::int64_t clock = 0;  // the row's time of capture
  Name nearby;             // the row's own name
  struct Digits {
    std::uint64_t value;
    unsigned width;
  };
  std::vector<Digits> digits;  // long runs of digits in the row's texts so far
};

class Texts {
 public:
  explicit Texts(std::uint32_t column = 0) : column_(column) {}

  template <class C>
  void code(C& c, RowContext& row, std::size_t most_bytes, typename C::template Ref<std::string> text);
  void settle();

 private:
  struct Place {
    Numbers heads;  // of long runs of digits
    Numbers digits;
    Seen<std::string> words;
    Bit repeats;               // whether the digits repeat those of an earlier text of the row
    std::size_t repeated = 0;  // which, from 1
  };
  static constexpr std::size_t kMaxPlaces = 12;

  template <class C>
  void code_fresh(C& c, RowContext& row, std::size_t most_bytes, typename C::template Ref<std::string> text);
  template <class C>
  void code_pattern(C& c, std::size_t most_bytes, std::string& pattern);
  template <class C>
  void code_digits(C& c, RowContext& row, Place& place, unsigned width, std::string& run);
  template <class C>
  void code_word(C& c, Speller& speller, std::size_t most_bytes, std::string& word);
  template <class C>
  Place* place(C& c, std::size_t index);

  std::uint32_t column_;
  Seen<std::string> whole_;
  Seen<std::string> patterns_;
  std::array<std::array<Bit, 3>, 4> kinds_;  // of a pattern's parts, by the part before
  BitTree<5> widths_;
  std::vector<Place> places_;
};

class Blobs {
 public:
  template <class C>
  void code(C& c, std::size_t most_bytes, typename C::template Ref<std::string> bytes);
  void settle() {
    whole_.settle();
    sizes_.settle();
  }

 private:
  Seen<std::string> whole_;
  Numbers sizes_;
};

}  // namespace songsong::columns
