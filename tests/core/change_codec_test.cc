#include "shared/core/change_codec.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/core/byte_reader.h"
#include "tests/support/bench_need.h"
#include "tests/support/random.h"
#include "tests/support/wild.h"

using namespace songsong;

namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<std::uint8_t>(byte) >> 4];
    text += kDigits[static_cast<std::uint8_t>(byte) & 15];
  }
  return text;
}

// What a decoder of bytes that may be bad owes: changes that can be encoded again, or a fault that says where.
void check_answer(std::string_view piece, const Primer* primer = nullptr) {
  DecodeLimits limits;
  limits.bytes = 4u << 20;
  const Outcome<std::vector<Change>> decoded = decode_changes(piece, limits, primer);
  if (decoded) {
    CHECK_NOTHROW(encode_changes(*decoded, primer));
  } else {
    CHECK(decoded.fault().code.starts_with("piece_"));
    CHECK(decoded.fault().where.starts_with("byte "));
  }
}

std::string fault_of(std::string_view piece, const DecodeLimits& limits = {}, const Primer* primer = nullptr) {
  const Outcome<std::vector<Change>> decoded = decode_changes(piece, limits, primer);
  return decoded ? "" : decoded.fault().code;
}

// Lan records a pupil; an hour later she corrects the household, having seen what the district wrote in between.
std::vector<Change> lans_afternoon() {
  Change pupil;
  pupil.name = pupil.record = Name(7, 41, 0xABCDE);
  pupil.kind = 10;
  pupil.captured_ms = 1790000000000;
  pupil.unit = "S001";
  pupil.revision = 1;
  pupil.writes = {{1, Shape::kRegister, true, Value(Text{"Giàng A Lan"})},
                  {2, Shape::kRegister, false, Value(Text{"S001"})},
                  {4, Shape::kRegister, false, Value(std::int64_t{1})}};
  Change correction = pupil;
  correction.name = Name(7, 42, 0xABCDE);
  correction.saw = {Name(9, 5, 0x12345)};
  correction.captured_ms += 3600000;
  correction.writes = {{4, Shape::kRegister, false, Value(std::int64_t{2})}};
  return {pupil, correction};
}

Primer training_primer() {
  const std::vector<std::string> pieces = bench::training_pieces();
  return *Primer::from_pieces(1, pieces);
}

// Mean bytes of a change in pieces of `size`.
double mean_bytes(std::span<const Change> changes, std::size_t size, const Primer& primer) {
  std::size_t total = 0;
  std::size_t count = 0;
  for (; count + size <= std::min<std::size_t>(changes.size(), 4000); count += size) {
    total += encode_changes(changes.subspan(count, size), &primer).size();
  }
  return static_cast<double>(total) / static_cast<double>(count);
}

}  // namespace

TEST_CASE("Lan's afternoon has the bytes of FORMAT.md") {
  const std::vector<Change> changes = lans_afternoon();
  const std::string piece = encode_changes(changes);
  CHECK(
      hex(piece) ==
      "1002000007f37ba69aaadfbbb9e1f8b080c6fdfe4045db5c8f3e8dcff4d956dade9fec2cfec2796fb1785678982e246f9b08a9a340b5804d"
      "95512bdab52cc0");
  CHECK(*decode_changes(piece, {}) == changes);
}

TEST_CASE("no changes are a piece too") {
  const std::string piece = encode_changes({});
  CHECK(hex(piece) == "1000");
  CHECK(decode_changes(piece, {})->empty());
}

TEST_CASE("whatever a change may hold comes back") {
  const Primer primer = training_primer();
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const std::vector<Change> changes = wild::changes(random, static_cast<std::size_t>(1 + random.below(60)));
    for (const Primer* with : {static_cast<const Primer*>(nullptr), &primer}) {
      const std::string piece = encode_changes(changes, with);
      const Outcome<std::vector<Change>> decoded = decode_changes(piece, {}, with);
      REQUIRE(decoded);
      REQUIRE(*decoded == changes);
      REQUIRE(encode_changes(*decoded, with) == piece);
    }
  }
}

TEST_CASE("the bounds of a change are reached and kept") {
  Change change = lans_afternoon()[0];
  change.writes.clear();
  for (FieldNumber field = 0; field < kMaxWritesPerChange; ++field) {
    change.writes.push_back({field, Shape::kRegister, false, Value(std::int64_t{field})});
  }
  for (Sequence sequence = 1; sequence <= kMaxSawPerChange; ++sequence) change.saw.push_back(Name(9, sequence, 3));
  change.writes[1].value = Value(Text{std::string(kMaxValueBytes, 'a')});
  change.writes[2].value = Value(Bytes{std::string(kMaxValueBytes, '\0')});
  change.actor = std::string(kMaxActorBytes, 'b');
  change.unit = std::string(kMaxUnitCodeBytes, '7');
  const std::vector<Change> changes = {change};
  REQUIRE(*decode_changes(encode_changes(changes), {}) == changes);

  const auto refused = [&](auto spoil) {
    std::vector<Change> spoiled = changes;
    spoil(spoiled[0]);
    CHECK_THROWS_AS(encode_changes(spoiled), std::logic_error);
  };
  refused([](Change& c) { c.writes.push_back({999, Shape::kRegister, false, Value()}); });
  refused([](Change& c) { c.saw.push_back(Name(10, 1, 1)); });
  refused([](Change& c) { c.writes[1].value = Value(Text{std::string(kMaxValueBytes + 1, 'a')}); });
  refused([](Change& c) { c.writes[2].value = Value(Bytes{std::string(kMaxValueBytes + 1, 'a')}); });
  refused([](Change& c) { c.actor += 'b'; });
  refused([](Change& c) { c.unit += '7'; });
  refused([](Change& c) { std::swap(c.writes[4], c.writes[5]); });
  refused([](Change& c) { std::swap(c.saw[4], c.saw[5]); });
  refused([](Change& c) { c.writes[3].field = 2; });
  refused([](Change& c) { c.writes[3] = {3, Shape::kIncrement, false, Value(Text{"3"})}; });
  refused([](Change& c) { c.writes[3].value = Value(Group{{1, Value(Group{})}}); });
  refused([](Change& c) { c.writes[3].value = Value(Group{{2, Value()}, {1, Value()}}); });
  refused([](Change& c) { c.record = Name(); });
  refused([](Change& c) { c.saw[0] = Name(); });
  refused([](Change& c) { c.saw[0] = Name(9, 0, 3); });
}

TEST_CASE("only consecutive changes of one replica are a piece, and sequences end") {
  std::vector<Change> changes = lans_afternoon();
  std::swap(changes[0], changes[1]);
  CHECK_THROWS_AS(encode_changes(changes), std::logic_error);
  changes = lans_afternoon();
  changes[1].name = Name(8, 42, 0xABCDE);
  CHECK_THROWS_AS(encode_changes(changes), std::logic_error);

  // A piece that ends at the last sequence, and then says that there is one row more.
  changes = lans_afternoon();
  for (Sequence i = 0; i < 2; ++i) changes[i].name = Name(7, kMaxSequence - 1 + i, 1);
  changes[0].record = changes[1].record = changes[0].name;
  std::string piece = encode_changes(changes);
  REQUIRE(*decode_changes(piece, {}) == changes);
  REQUIRE(piece[1] == 2);
  piece[1] = 3;
  CHECK(fault_of(piece) == "piece_sequence_too_large");
}

TEST_CASE("texts of up to 224 bytes are remembered on every platform, longer ones on none") {
  const auto bytes_of_two = [](std::size_t size) {
    std::vector<Change> changes = lans_afternoon();
    Random random(size);
    std::string text;
    while (text.size() < size) text += static_cast<char>(random.between('a', 'z'));
    for (Change& change : changes) change.writes = {{1, Shape::kRegister, false, Value(Text{text})}};
    return encode_changes(changes).size();
  };
  CHECK(bytes_of_two(225) > bytes_of_two(224) + 20);
}

TEST_CASE("every beginning of a piece and every bit turned has an answer") {
  const Primer primer = training_primer();
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const Primer* with = seed % 2 == 0 ? &primer : nullptr;
    const std::string piece = encode_changes(wild::changes(random, 6), with);
    for (std::size_t size = 0; size < piece.size(); size += 1 + piece.size() / 300) {
      check_answer(std::string_view(piece).substr(0, size), with);
    }
    for (int i = 0; i < 300; ++i) {
      std::string turned = piece;
      for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
        turned[static_cast<std::size_t>(random.below(turned.size()))] ^= static_cast<char>(1u << random.below(8));
      }
      check_answer(turned, with);
    }
    for (int i = 0; i < 100; ++i) check_answer("\x10" + wild::bytes(random, 300), with);
  }
}

TEST_CASE("bytes that end early or go on are refused") {
  const std::vector<Change> changes =
      bench::make_changes(bench::make_needs(bench::Lists::kTraining, 20, 3), {.unit = "D21"});
  const std::string piece = encode_changes(changes);
  CHECK(fault_of("") == "piece_truncated");
  CHECK(fault_of("\x7F\x01") == "piece_format_unknown");
  CHECK(fault_of(piece.substr(0, piece.size() - 16)) == "piece_truncated");
  CHECK(fault_of(piece + std::string(16, '\0')) == "piece_trailing_bytes");
}

TEST_CASE("a piece holds no more than its limits") {
  ByteWriter four_billion;
  four_billion.byte(0x10);
  four_billion.varint(4000000000u);
  four_billion.raw_bytes("what follows does not matter");
  const std::string declared = four_billion.take();
  CHECK(fault_of(declared) == "piece_too_large");
  DecodeLimits boundless;
  boundless.rows = SIZE_MAX;
  CHECK(fault_of(declared, boundless).starts_with("piece_"));

  // Equal changes cost next to nothing, so many of them are few bytes.
  std::vector<Change> equal;
  for (Sequence sequence = 1; sequence <= 60000; ++sequence) {
    Change change = lans_afternoon()[0];
    change.name = change.record = Name(7, sequence, 1);
    change.writes[0].value = Value(Text{std::string(200, 'a')});
    equal.push_back(std::move(change));
  }
  const std::string bomb = encode_changes(equal);
  CHECK(bomb.size() < 2000);
  CHECK(decode_changes(bomb, {}).value().size() == equal.size());
  DecodeLimits few;
  few.bytes = 1u << 20;
  CHECK(fault_of(bomb, few) == "piece_too_large");
  few = {};
  few.rows = 59999;
  CHECK(fault_of(bomb, few) == "piece_too_large");
}

TEST_CASE("a primed piece is read with its primer and no other") {
  const Primer primer = training_primer();
  const std::vector<std::string> others = {encode_changes(lans_afternoon())};
  const Primer other = *Primer::from_pieces(2, others);
  const std::vector<Change> changes = lans_afternoon();
  const std::string piece = encode_changes(changes, &primer);
  CHECK(*decode_changes(piece, {}, &primer) == changes);
  CHECK(fault_of(piece) == "piece_primer_unknown");
  CHECK(fault_of(piece, {}, &other) == "piece_primer_unknown");
  CHECK(*primer_of(piece) == 1);

  const std::string unprimed = encode_changes(changes);
  CHECK(*primer_of(unprimed) == 0);
  CHECK(*decode_changes(unprimed, {}, &primer) == changes);
  CHECK(piece.size() < unprimed.size());

  CHECK_FALSE(Primer::from_pieces(0, others));
  const std::vector<std::string> broken = {others[0].substr(0, 5)};
  CHECK_FALSE(Primer::from_pieces(3, broken));
  const std::vector<std::string> primed = {piece};
  CHECK_FALSE(Primer::from_pieces(3, primed));
}

TEST_CASE("the measured records are those of the common comparison, and training shares no word with them") {
  const std::vector<bench::Need> needs = bench::make_needs(bench::Lists::kMeasured, 3, bench::kMeasuredSeed);
  CHECK(needs[0].full_name == "Hồ A Long");
  CHECK(needs[1].student_code == "S209-000001");
  CHECK(needs[1].full_name == "Nguyễn Thanh Ngân");
  CHECK(needs[1].note == "Đã có máy tính bảng cũ, pin yếu");
  CHECK(needs[2].guardian_phone == "0984058528");
  CHECK(needs[2].recorded_at == 1788607347000);
  CHECK(needs[2].recorded_by == "U0350");

  const std::vector<std::string_view> measured = bench::words_of(bench::Lists::kMeasured);
  for (const std::string_view word : bench::words_of(bench::Lists::kTraining)) {
    INFO(word);
    CHECK(std::find(measured.begin(), measured.end(), word) == measured.end());
  }
}

// The budgets of DESIGN.md section 9. A frame of zstd round a piece, which has nothing left to squeeze, takes 9 bytes.
TEST_CASE("a new need keeps within its bytes") {
  constexpr double kFrame = 9;
  const Primer primer = training_primer();
  const std::vector<bench::Need> needs = bench::make_needs(bench::Lists::kMeasured, 4000, bench::kMeasuredSeed);
  const std::vector<Change> changes = bench::make_changes(needs, {.replica = 4711, .tag = 0x5A5A5, .unit = "D04"});
  CHECK(mean_bytes(changes, 1, primer) + kFrame <= 60);
  CHECK(mean_bytes(changes, 20, primer) + kFrame / 20 <= 30);
  CHECK(mean_bytes(changes, 200, primer) + kFrame / 200 <= 20);
}
