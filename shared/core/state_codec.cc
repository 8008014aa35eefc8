#include "shared/core/state_codec.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/row_coding.h"

namespace songsong {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kPersonal = 1;
constexpr std::uint8_t kRemovalSaw = 2;
constexpr std::uint8_t kElsewhere = 4;

// The changes that heads name, ascending. A change has one capture time, so each is written once.
struct Writer {
  Name name;
  std::int64_t captured_ms = 0;
};

std::vector<Writer> writers_of(const State& state) {
  std::vector<Writer> writers;
  for (const Register& each : state.registers) {
    for (const Head& head : each.heads) {
      if (!writers.empty() && writers.back().name == head.name) continue;
      writers.push_back(Writer{.name = head.name, .captured_ms = head.captured_ms});
    }
  }
  std::sort(writers.begin(), writers.end(),
            [](const Writer& one, const Writer& other) { return one.name < other.name; });
  const auto same = [](const Writer& one, const Writer& other) { return one.name == other.name; };
  writers.erase(std::unique(writers.begin(), writers.end(), same), writers.end());
  return writers;
}

std::vector<Writer> read_writers(ByteReader& reader) {
  std::vector<Writer> writers(read_count(reader, 9));
  for (std::size_t i = 0; i < writers.size() && reader.ok(); ++i) {
    writers[i] = Writer{.name = read_name(reader), .captured_ms = reader.zigzag()};
    if (i > 0 && writers[i - 1].name >= writers[i].name) reader.fail();
  }
  return writers;
}

void write_head(ByteWriter& writer, const Head& head, const std::vector<Writer>& writers, PersonalValues personal) {
  const bool elsewhere = head.personal && personal == PersonalValues::kLeftOut;
  const auto place = std::lower_bound(writers.begin(), writers.end(), head.name,
                                      [](const Writer& one, Name name) { return one.name < name; });
  writer.varint(static_cast<std::uint64_t>(place - writers.begin()));
  writer.byte(static_cast<std::uint8_t>((head.personal ? kPersonal : 0) | (head.removal_saw ? kRemovalSaw : 0) |
                                        (elsewhere ? kElsewhere : 0)));
  if (!elsewhere) write_value(writer, head.value);
}

// What decoding a register needs beside its bytes.
struct HeadContext {
  const std::vector<Writer>& writers;
  std::vector<bool>& used;
  const PersonalLookup& personal;
};

Head read_head(ByteReader& reader, FieldNumber field, const HeadContext& context) {
  Head head;
  const auto index = static_cast<std::size_t>(reader.varint());
  if (!reader.ok() || index >= context.writers.size()) return reader.fail(), head;
  context.used[index] = true;
  head.name = context.writers[index].name;
  head.captured_ms = context.writers[index].captured_ms;
  const std::uint8_t flags = reader.byte();
  if (flags > (kPersonal | kRemovalSaw | kElsewhere)) reader.fail();
  head.personal = (flags & kPersonal) != 0;
  head.removal_saw = (flags & kRemovalSaw) != 0;
  if ((flags & kElsewhere) == 0) {
    head.value = read_value(reader);
    return head;
  }
  if (!head.personal) reader.fail();
  const Value* const kept = context.personal && reader.ok() ? context.personal(head.name, field) : nullptr;
  head.value = kept != nullptr ? *kept : Value(Erased{});
  return head;
}

Register read_register(ByteReader& reader, const HeadContext& context) {
  Register each;
  each.field = read_field(reader);
  each.member = read_value(reader);
  const std::size_t heads = read_count(reader, 2);
  each.heads.reserve(heads);
  for (std::size_t i = 0; i < heads && reader.ok(); ++i) {
    each.heads.push_back(read_head(reader, each.field, context));
    if (i > 0 && each.heads[i - 1].name >= each.heads[i].name) reader.fail();
  }
  each.ahead = read_names(reader);
  return each;
}

Sum read_sum(ByteReader& reader) {
  Sum sum;
  sum.field = read_field(reader);
  sum.total = reader.zigzag();
  const std::size_t contributions = read_count(reader, 9);
  sum.last.reserve(contributions);
  for (std::size_t i = 0; i < contributions && reader.ok(); ++i) {
    const Name name = read_name(reader);
    sum.last.push_back(Contribution{.name = name, .removal_saw = read_flag(reader)});
    if (i > 0 && sum.last[i - 1].name >= sum.last[i].name) reader.fail();
  }
  return sum;
}

}  // namespace

std::string encode_state(const State& state, PersonalValues personal) {
  ByteWriter writer;
  writer.byte(kVersion);
  writer.fixed64(state.id.packed());
  writer.varint(state.kind);
  writer.byte(state.opened ? 1 : 0);
  writer.bytes(state.opened_in);
  write_names(writer, state.applied);
  write_names(writer, state.removal_ahead);
  const std::vector<Writer> writers = writers_of(state);
  writer.varint(writers.size());
  for (const Writer& each : writers) {
    writer.fixed64(each.name.packed());
    writer.zigzag(each.captured_ms);
  }
  writer.varint(state.registers.size());
  for (const Register& each : state.registers) {
    writer.varint(each.field);
    write_value(writer, each.member);
    writer.varint(each.heads.size());
    for (const Head& head : each.heads) write_head(writer, head, writers, personal);
    write_names(writer, each.ahead);
  }
  writer.varint(state.sums.size());
  for (const Sum& sum : state.sums) {
    writer.varint(sum.field);
    writer.zigzag(sum.total);
    writer.varint(sum.last.size());
    for (const Contribution& last : sum.last) {
      writer.fixed64(last.name.packed());
      writer.byte(last.removal_saw ? 1 : 0);
    }
  }
  return std::move(writer).take();
}

Outcome<State> decode_state(std::string_view bytes, const PersonalLookup& personal) {
  ByteReader reader(bytes);
  const auto fault = [&reader](const char* what) {
    return Fault{.code = "state_malformed", .where = "byte " + std::to_string(reader.offset()), .what = what};
  };
  if (reader.byte() != kVersion) return fault("The bytes are no state, or of a newer version.");
  State state;
  state.id = read_name(reader);
  state.kind = static_cast<KindNumber>(reader.varint_up_to(0xFFFFFFFFu));
  state.opened = read_flag(reader);
  const std::string_view opened_in = reader.bytes();
  if (opened_in.size() > kMaxUnitCodeBytes) reader.fail();
  state.opened_in = opened_in;
  state.applied = read_names(reader);
  state.removal_ahead = read_names(reader);
  const std::vector<Writer> writers = read_writers(reader);
  std::vector<bool> used(writers.size());
  const HeadContext context{.writers = writers, .used = used, .personal = personal};
  const std::size_t registers = read_count(reader, 4);
  for (std::size_t i = 0; i < registers && reader.ok(); ++i) {
    state.registers.push_back(read_register(reader, context));
    if (i == 0) continue;
    const Register& before = state.registers[i - 1];
    const Register& each = state.registers[i];
    if (std::tie(before.field, before.member) >= std::tie(each.field, each.member)) reader.fail();
  }
  const std::size_t sums = read_count(reader, 3);
  for (std::size_t i = 0; i < sums && reader.ok(); ++i) {
    state.sums.push_back(read_sum(reader));
    if (i > 0 && state.sums[i - 1].field >= state.sums[i].field) reader.fail();
  }
  if (std::find(used.begin(), used.end(), false) != used.end()) reader.fail();
  if (!reader.at_end()) return fault("The state is cut short, too long or not in canonical form.");
  return state;
}

}  // namespace songsong
