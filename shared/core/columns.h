// Model: what encoder and decoder of one piece both know so far of its columns. The heart of the columnar codec.
//
// Each field of each kind is a column with a memory of its own (columns_numbers.h, columns_texts.h): what it has held,
// how often, and how far one value lies from the next. Rows are coded one after the other, each value at the cost of
// its probability in its column, so that a constant costs nothing, a choice of seven costs its entropy, and no table of
// layouts, dictionaries or frames stands in the piece: both sides learn them. Which column follows which is learned in
// the same way; a kind or field that nobody declared is a column as any other.
//
// A model may start from another (a primer's), which then must outlive it and is only read: what a piece needs of it is
// copied when it is first used. One object, one thread. FORMAT.md has the grammar.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/columns_numbers.h"
#include "shared/core/columns_texts.h"

namespace songsong::columns {

using ColumnIndex = std::uint32_t;

inline constexpr ColumnIndex kRoot = 0;              // the scope of the kinds
inline constexpr ColumnIndex kEnd = 0;               // what follows the last column of a row; the root follows none
inline constexpr std::size_t kMaxGroupFields = 256;  // fields of one value of type group
inline constexpr std::int64_t kFirstClock =
    1735689600000;  // 2025-01-01T00:00Z; the first time of a piece counts from it

// `scope` is the kind's column for a field, the group's for a member of a group, the root for a kind.
struct ColumnKey {
  ColumnIndex scope = kRoot;
  std::uint32_t number = 0;
  Shape shape = Shape::kRegister;
  bool personal = false;
  ValueType type = ValueType::kNone;

  auto operator<=>(const ColumnKey&) const = default;
};

struct Column {
  explicit Column(ColumnKey its_key, std::uint32_t salt);
  void settle();

  ColumnKey key;
  std::uint32_t salt;                    // tells the column from others, for the speller
  Seen<std::int64_t> first{kLinks};      // of the columns whose scope this is
  Seen<std::int64_t> following{kLinks};  // in its own scope
  std::vector<ColumnIndex> members;      // the columns whose scope this is
  std::variant<std::monostate, Numbers, Texts, Blobs, Names> values;

  static constexpr SeenRule kLinks = {256, 64};
};

// The columns that every change or state has, whatever its kind.
struct RowColumns {
  void settle();

  Magnitudes sequences;  // the first of a piece
  Magnitudes clocks;     // the first of a piece
  Numbers steps;         // of the clock
  Bit same_tag;
  Bit opens;
  Names records;
  Numbers saw_sizes;
  Names saw;
  Numbers corrections;
  Numbers uncertainties;
  Texts actors{1};
  Texts units{2};
  Numbers revisions;
  Bit released;
  Names origins;
  // Of states only.
  Bit plain;
  Bit opened;
  Names ids;
  Names applied;
  Names ahead;
  Numbers list_sizes;
  Numbers head_counts;
  Bit same_stamp;
  Numbers stamps;
  Bit removal_saw;
};

class Model {
 public:
  Model();
  // Starts from what `base` has learned.
  explicit Model(const Model* base);

  // Codes which column follows `from` in `scope` (from == scope: which is first), kEnd where the row ends. The encoder
  // gives the key, or none at the end; both find the index.
  template <class C>
  ColumnIndex follow(C& c, ColumnIndex scope, ColumnIndex from, const std::optional<ColumnKey>& key);
  template <class C>
  void code_value(C& c, ColumnIndex column, typename C::template Ref<Value> value);
  // The kind, after the kind of the row before.
  template <class C>
  ColumnIndex code_kind(C& c, typename C::template Ref<KindNumber> kind);
  // The writes of a row of this kind.
  template <class C>
  void code_writes(C& c, ColumnIndex kind, typename C::template Ref<std::vector<Write>> writes);
  // The time of the row, after the row before.
  template <class C>
  std::int64_t code_clock(C& c, std::int64_t clock);

  const ColumnKey& key(ColumnIndex index) const { return known(index).key; }
  RowContext& row() { return row_; }
  RowColumns& columns() { return rows_; }
  // Another piece begins: nothing before it is near.
  void begin_piece() {
    last_kind_ = kRoot;
    last_clock_.reset();
  }
  // The row of this name begins.
  void begin_row(Name name) {
    row_.nearby = name;
    row_.digits.clear();
  }
  // Keeps what was learned but doubts it, for a primer: pieces will be like it, not part of it.
  void settle();

 private:
  Column& at(ColumnIndex index);
  const Column& known(ColumnIndex index) const { return own_[index] ? *own_[index] : *base_->own_[index]; }
  std::optional<ColumnIndex> find(const Seen<std::int64_t>& likely, const ColumnKey& key) const;
  ColumnIndex add(const ColumnKey& key);
  template <class C>
  ColumnIndex code_new_link(C& c, ColumnIndex scope, ColumnIndex from, std::optional<ColumnIndex> found,
                            const std::optional<ColumnKey>& key);
  template <class C>
  void code_group(C& c, ColumnIndex column, typename C::template Ref<Group> group);

  const Model* base_ = nullptr;
  std::vector<std::unique_ptr<Column>> own_;  // empty where the base's is still good
  std::map<ColumnKey, ColumnIndex> indices_;  // of the columns that the base lacks
  Bit ends_;
  Bit is_member_;
  Magnitudes number_steps_;
  BitTree<6> attributes_;
  RowColumns rows_;
  RowContext row_;
  std::unique_ptr<Speller> speller_;
  ColumnIndex last_kind_ = kRoot;
  std::optional<std::int64_t> last_clock_;
  std::size_t last_writes_ = 0;
};

}  // namespace songsong::columns
