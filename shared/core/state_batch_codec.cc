#include "shared/core/state_batch_codec.h"

#include <stdexcept>

#include "shared/core/columns.h"
#include "shared/core/columns_piece.h"

namespace songsong {

namespace {

using namespace columns;

// The one change that made a state, without its name.
struct OnlyChange {
  std::int64_t captured_ms = 0;
  std::vector<Write> writes;
};

// Whether the register is what a single change, the one that opened the record, wrote; adds that write.
bool add_write(const Register& field, Name id, OnlyChange& only) {
  if (field.heads.size() != 1 || !field.ahead.empty()) return false;
  const Head& head = field.heads[0];
  if (head.name != id || head.removal_saw) return false;
  if (!only.writes.empty() && head.captured_ms != only.captured_ms) return false;
  only.captured_ms = head.captured_ms;
  if (field.member.is_none()) {
    only.writes.push_back({field.field, Shape::kRegister, head.personal, head.value});
    return true;
  }
  if (head.value != Value(std::int64_t{0}) && head.value != Value(std::int64_t{1})) return false;
  const Shape shape = *head.value.integer() == 1 ? Shape::kAdd : Shape::kRemove;
  only.writes.push_back({field.field, shape, head.personal, field.member});
  return true;
}

// Registers first, then sums; a decoder tells them apart by shape.
std::optional<OnlyChange> only_change(const State& state) {
  if (!state.opened || state.applied.size() != 1 || state.applied[0] != state.id) return std::nullopt;
  if (!state.removal_ahead.empty() || state.registers.empty()) return std::nullopt;
  if (state.registers.size() + state.sums.size() > kMaxWritesPerChange) return std::nullopt;
  OnlyChange only;
  for (const Register& field : state.registers) {
    if (!add_write(field, state.id, only)) return std::nullopt;
  }
  for (const Sum& sum : state.sums) {
    if (sum.last.size() != 1 || sum.last[0] != Contribution{state.id, false}) return std::nullopt;
    only.writes.push_back({sum.field, Shape::kIncrement, false, Value(sum.total)});
  }
  return only;
}

void restore_only_change(State& state, OnlyChange only) {
  state.opened = true;
  state.applied = {state.id};
  state.registers.reserve(only.writes.size());
  for (Write& write : only.writes) {
    if (write.shape == Shape::kIncrement) {
      const std::int64_t total = write.value.integer() != nullptr ? *write.value.integer() : 0;
      state.sums.push_back({write.field, total, {{state.id, false}}});
      continue;
    }
    Register field;
    field.field = write.field;
    Head head{state.id, only.captured_ms, write.personal, false, Value()};
    if (write.shape == Shape::kRegister) {
      head.value = std::move(write.value);
    } else {
      field.member = std::move(write.value);
      head.value = Value(std::int64_t{write.shape == Shape::kAdd});
    }
    field.heads.push_back(std::move(head));
    state.registers.push_back(std::move(field));
  }
}

// The changes that a state names: those that it has applied first, then those that only heads name. The time of one is
// told when a head first bears it.
struct Stamp {
  Name name;
  std::optional<std::int64_t> captured_ms;
};
using Stamps = std::vector<Stamp>;

std::size_t find_stamp(const Stamps& stamps, const Head& head) {
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    if (stamps[i].name == head.name && stamps[i].captured_ms.value_or(head.captured_ms) == head.captured_ms) return i;
  }
  return stamps.size();
}

template <class C>
void code_stamp(C& c, Model& model, Stamps& stamps, std::size_t& last, typename C::template Ref<Head> head) {
  RowColumns& columns = model.columns();
  std::size_t index = C::kDecoding ? 0 : find_stamp(stamps, head);
  const bool same = last < stamps.size() && c.bit(columns.same_stamp, index == last);
  if (same) {
    index = last;
  } else {
    const std::int64_t found = columns.stamps.code(c, static_cast<std::int64_t>(index));
    const bool known = found >= 0 && static_cast<std::uint64_t>(found) <= stamps.size();
    if (!c.require(known, "piece_name_unknown") || !c.charge(sizeof(Stamp))) return;
    index = static_cast<std::size_t>(found);
  }
  if (index == stamps.size()) stamps.push_back({columns.applied.code(c, head.name, model.row().nearby), std::nullopt});
  Stamp& stamp = stamps[index];
  if (!stamp.captured_ms) stamp.captured_ms = model.code_clock(c, head.captured_ms);
  last = index;
  if constexpr (C::kDecoding) {
    head.name = stamp.name;
    head.captured_ms = *stamp.captured_ms;
  }
}

template <class C>
class StateCoder {
 public:
  StateCoder(C& c, Model& model) : c_(c), model_(model), columns_(model.columns()) {}

  void code(Name before, typename C::template Ref<State> state) {
    const Name id = columns_.ids.code(c_, state.id, before);
    set(state.id, id);
    model_.begin_row(id);
    std::optional<OnlyChange> only;
    if constexpr (!C::kDecoding) only = only_change(state);
    const bool plain = c_.bit(columns_.plain, only.has_value());
    kind_ = model_.code_kind(c_, state.kind);
    columns_.units.code(c_, model_.row(), kMaxUnitCodeBytes, state.opened_in);
    if (!plain) return code_full(state);
    if constexpr (C::kDecoding) only.emplace();
    set(only->captured_ms, model_.code_clock(c_, only->captured_ms));
    model_.code_writes(c_, kind_, only->writes);
    if constexpr (C::kDecoding) {
      if (c_.charge(only->writes.size() * sizeof(Register))) restore_only_change(state, *std::move(only));
    }
  }

 private:
  template <class T>
  using Ref = typename C::template Ref<T>;

  template <class T>
  static void set([[maybe_unused]] T& slot, [[maybe_unused]] const std::remove_const_t<T>& found) {
    if constexpr (C::kDecoding) slot = found;
  }

  void code_full(Ref<State> state) {
    set(state.opened, c_.bit(columns_.opened, state.opened));
    code_list(columns_.applied, state.applied);
    code_list(columns_.ahead, state.removal_ahead);
    stamps_.clear();
    for (const Name name : state.applied) stamps_.push_back({name, std::nullopt});
    last_stamp_ = stamps_.size();
    ColumnIndex from = kind_;
    for (std::size_t i = 0; c_.ok(); ++i) {
      std::optional<ColumnKey> next;
      if constexpr (!C::kDecoding) next = key_of(state, i);
      const ColumnIndex column = model_.follow(c_, kind_, from, next);
      if (column == kEnd) return;
      code_field(column, i, state);
      from = column;
    }
  }

  void code_list(Names& column, Ref<VersionVector> names) {
    code_names(c_, column, columns_.list_sizes, model_.row().nearby, kMaxNamesPerState, names);
  }

  // The column of the i-th of the registers and then the sums; none beyond.
  std::optional<ColumnKey> key_of(const State& state, std::size_t i) const {
    if (i >= state.registers.size() + state.sums.size()) return std::nullopt;
    if (i >= state.registers.size()) {
      return ColumnKey{kind_, state.sums[i - state.registers.size()].field, Shape::kIncrement, false,
                       ValueType::kInteger};
    }
    const Register& field = state.registers[i];
    const bool personal = !field.heads.empty() && field.heads[0].personal;
    if (!field.member.is_none()) return ColumnKey{kind_, field.field, Shape::kAdd, personal, field.member.type()};
    const ValueType type = field.heads.empty() ? ValueType::kNone : field.heads[0].value.type();
    return ColumnKey{kind_, field.field, Shape::kRegister, personal, type};
  }

  void code_field(ColumnIndex column, std::size_t i, Ref<State> state) {
    const ColumnKey key = model_.key(column);
    if constexpr (C::kDecoding) {
      const bool sum = key.shape == Shape::kIncrement;
      if (!c_.require(!sum || key.type == ValueType::kInteger, "piece_increment_broken")) return;
      if (!c_.charge(sum ? sizeof(Sum) : sizeof(Register))) return;
      if (sum) {
        code_sum(column, state.sums.emplace_back(Sum{key.number, 0, {}}));
      } else {
        code_register(column, state.registers.emplace_back(Register{key.number, Value(), {}, {}}));
      }
    } else if (i < state.registers.size()) {
      code_register(column, state.registers[i]);
    } else {
      code_sum(column, state.sums[i - state.registers.size()]);
    }
  }

  void code_register(ColumnIndex column, Ref<Register> field) {
    const bool member = model_.key(column).shape != Shape::kRegister;
    if (member) model_.code_value(c_, column, field.member);
    const std::size_t heads = code_count(columns_.head_counts, field.heads.size());
    for (std::size_t i = 0; i < heads && c_.charge(sizeof(Head)); ++i) {
      if constexpr (C::kDecoding) field.heads.emplace_back();
      code_head(column, i == 0 && !member, field.heads[i]);
    }
    code_list(columns_.ahead, field.ahead);
  }

  // The first head of a register stands in the register's own column, others in columns within it.
  void code_head(ColumnIndex column, bool own, Ref<Head> head) {
    code_stamp(c_, model_, stamps_, last_stamp_, head);
    set(head.removal_saw, c_.bit(columns_.removal_saw, head.removal_saw));
    if (!own) {
      const ColumnKey key{column, 0, Shape::kRegister, head.personal, head.value.type()};
      column = model_.follow(c_, column, column, key);
      if (!c_.require(column != kEnd, "piece_column_broken")) return;
    }
    set(head.personal, model_.key(column).personal);
    model_.code_value(c_, column, head.value);
  }

  void code_sum(ColumnIndex column, Ref<Sum> sum) {
    Value total(sum.total);
    model_.code_value(c_, column, total);
    set(sum.total, *total.integer());
    const std::size_t size = code_count(columns_.head_counts, sum.last.size());
    for (std::size_t i = 0; i < size && c_.charge(sizeof(Contribution)); ++i) {
      if constexpr (C::kDecoding) sum.last.emplace_back();
      set(sum.last[i].name, columns_.applied.code(c_, sum.last[i].name, model_.row().nearby));
      set(sum.last[i].removal_saw, c_.bit(columns_.removal_saw, sum.last[i].removal_saw));
    }
  }

  std::size_t code_count(Numbers& column, std::size_t count) {
    const std::int64_t found = column.code(c_, static_cast<std::int64_t>(count));
    const bool fits = found >= 0 && static_cast<std::uint64_t>(found) <= kMaxNamesPerState;
    return c_.require(fits, "piece_names_too_many") ? static_cast<std::size_t>(found) : 0;
  }

  C& c_;
  Model& model_;
  RowColumns& columns_;
  ColumnIndex kind_ = kRoot;
  Stamps stamps_;
  std::size_t last_stamp_ = 0;
};

}  // namespace

std::string encode_states(std::span<const State> states, const Primer* primer) {
  Model model(primer != nullptr ? &primer->model() : nullptr);
  RangeEncoder encoder;
  StateCoder<RangeEncoder> coder(encoder, model);
  Name before;
  for (const State& state : states) {
    if (const char* flaw = find_flaw(state)) throw std::logic_error(std::string("encode_states: ") + flaw);
    coder.code(before, state);
    before = state.id;
  }
  return write_piece(PieceKind::kStates, primer, states.size(), states.empty() ? "" : encoder.finish());
}

Outcome<std::vector<State>> decode_states(std::string_view bytes, const DecodeLimits& limits, const Primer* primer) {
  const Outcome<PieceHeader> header = open_piece(bytes, PieceKind::kStates, limits, primer);
  if (!header) return header.fault();
  Model model(header->primer != 0 ? &primer->model() : nullptr);
  RangeDecoder decoder(header->body, limits.bytes);
  StateCoder<RangeDecoder> coder(decoder, model);
  std::vector<State> states;
  states.reserve(expected_rows(*header, limits, sizeof(State)));
  Name before;
  for (std::uint64_t i = 0; i < header->rows && decoder.charge(sizeof(State)); ++i) {
    State& state = states.emplace_back();
    coder.code(before, state);
    const char* const flaw = decoder.ok() ? find_flaw(state) : nullptr;
    if (!decoder.require(flaw == nullptr, flaw)) break;
    before = state.id;
  }
  decoder.finish();
  if (!decoder.ok()) return piece_fault(decoder.fault(), bytes.size() - header->body.size() + decoder.position());
  return states;
}

}  // namespace songsong
