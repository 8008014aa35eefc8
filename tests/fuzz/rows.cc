#include "tests/fuzz/rows.h"

#include "shared/core/byte_reader.h"
#include "shared/core/change_row.h"
#include "shared/core/columns_piece.h"
#include "shared/core/digest.h"
#include "shared/core/personal_values.h"
#include "shared/core/receipt.h"
#include "shared/core/state_codec.h"
#include "shared/replica/settings.h"
#include "shared/replica/store_rows.h"
#include "shared/sync/feed.h"
#include "shared/sync/members.h"
#include "tests/fuzz/target.h"

namespace songsong::fuzz {
namespace {

// What is decoded and encoded again is the same bytes: one thing has one form.
template <class Decode, class Encode>
void hold_one_form(std::string_view bytes, const Decode& decode, const Encode& encode) {
  const auto decoded = decode(bytes);
  if (!decoded) return hold_fault(decoded.fault());
  hold(encode(*decoded) == bytes, "one thing has one form in bytes");
}

// The same of what had another form before: that is read, and written in the newest.
template <class Decode, class Encode>
void hold_newest_form(std::string_view bytes, const Decode& decode, const Encode& encode) {
  const auto decoded = decode(bytes);
  if (!decoded) return hold_fault(decoded.fault());
  const std::string again = encode(*decoded);
  hold(again == bytes || again.front() != bytes.front(), "one thing has one form in bytes");
  hold(encode(must(decode(again))) == again, "what is encoded decodes to the same");
}

// The same, where a value may be said to lie elsewhere, which then reads as erased.
template <class Decode, class Encode>
void hold_meaning(std::string_view bytes, const Decode& decode, const Encode& encode) {
  const auto decoded = decode(bytes);
  if (!decoded) return hold_fault(decoded.fault());
  const std::string again = encode(*decoded);
  hold(must(decode(again)) == *decoded, "what is encoded decodes to the same");
  hold(again.size() > bytes.size() || again == bytes, "one thing has one form in bytes");
}

void personal_row(std::string_view bytes) {
  const Outcome<PersonalValuesOf> values = PersonalValuesOf::decode(bytes);
  if (!values) return hold_fault(values.fault());
  const std::string again = values->encode();
  hold(must(PersonalValuesOf::decode(again)).encode() == again, "what is encoded decodes to the same");
}

constexpr const char* kUnit = "school-1";
constexpr const char* kCase = "conflict.0k3f9.12.7c2q";

}  // namespace

std::vector<Change> changes_of(const std::vector<std::string>& rows) {
  std::vector<Change> changes;
  for (const std::string& row : rows) {
    Outcome<Change> change = decode_change(row);
    if (change && columns::find_flaw(*change) == nullptr && changes.size() < kMostRows)
      changes.push_back(std::move(*change));
  }
  return changes;
}

std::vector<State> states_of(const std::vector<std::string>& rows) {
  std::vector<State> states;
  for (const std::string& row : rows) {
    Outcome<State> state = decode_state(row);
    if (state && columns::find_flaw(*state) == nullptr && states.size() < kMostRows)
      states.push_back(std::move(*state));
  }
  return states;
}

std::vector<std::string> split_rows(std::string_view bytes) {
  std::vector<std::string> rows;
  ByteReader reader(bytes);
  while (!reader.at_end() && rows.size() < kMostRows) {
    std::string row(reader.bytes());
    if (!reader.ok()) break;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string join_rows(const std::vector<std::string>& rows) {
  ByteWriter writer;
  for (const std::string& row : rows) writer.bytes(row);
  return writer.take();
}

void rows(std::string_view bytes) {
  switch (take_byte(bytes) % 12) {
    case 0:
      return hold_meaning(
          bytes, [](auto b) { return decode_change(b); }, [](const Change& c) { return encode_change(c); });
    case 1:
      return hold_meaning(
          bytes, [](auto b) { return decode_state(b); }, [](const State& s) { return encode_state(s); });
    case 2:
      return personal_row(bytes);
    case 3:
      return hold_one_form(bytes, decode_receipt, [](const Receipt& receipt) { return encode(receipt); });
    case 4:
      return hold_one_form(bytes, decode_cursor, [](const FeedCursor& cursor) { return encode(cursor); });
    case 5:
      return hold_newest_form(bytes, decode_member, encode_member);
    case 6:
      return hold_one_form(bytes, decode_units, encode_units);
    case 7:
      return hold_newest_form(bytes, decode_identity, encode_identity);
    case 8:
      return bytes.empty() ? void() : hold_one_form(bytes, decode_clock, encode_clock);  // no setting: no contact yet
    case 9:
      return hold_one_form(
          bytes, [](auto b) { return decode_cells(b, kUnit); },
          [](const Cells& cells) { return encode_cells(cells, kUnit); });
    case 10:
      return hold_one_form(bytes, decode_claims, encode_claims);
    default:
      return hold_one_form(
          bytes, [](auto b) { return decode_case(b, kCase); }, encode_case);
  }
}

}  // namespace songsong::fuzz
