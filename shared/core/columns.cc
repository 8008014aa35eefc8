#include "shared/core/columns.h"

#include <stdexcept>

namespace songsong::columns {

namespace {

constexpr unsigned kTypeBits = 3;

std::uint32_t attributes_of(const ColumnKey& key) {
  return (static_cast<std::uint32_t>(key.shape) << (kTypeBits + 1)) | (std::uint32_t{key.personal} << kTypeBits) |
         static_cast<std::uint32_t>(key.type);
}

void set_attributes(ColumnKey& key, std::uint32_t coded) {
  key.shape = static_cast<Shape>(coded >> (kTypeBits + 1));
  key.personal = (coded >> kTypeBits & 1) != 0;
  key.type = static_cast<ValueType>(coded & ((1u << kTypeBits) - 1));
}

}  // namespace

Column::Column(ColumnKey its_key, std::uint32_t its_salt) : key(its_key), salt(its_salt) {
  if (key.type == ValueType::kInteger) values.emplace<Numbers>();
  if (key.type == ValueType::kText) values.emplace<Texts>(salt);
  if (key.type == ValueType::kBytes) values.emplace<Blobs>();
  if (key.type == ValueType::kReference) values.emplace<Names>();
}

void Column::settle() {
  first.settle();
  following.settle();
  std::visit(
      [](auto& column) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(column)>, std::monostate>) column.settle();
      },
      values);
}

void RowColumns::settle() {
  for (Bit* bit : {&same_tag, &opens, &released, &plain, &opened, &same_stamp, &removal_saw}) bit->settle();
  for (Magnitudes* firsts : {&sequences, &clocks}) firsts->settle();
  for (Numbers* numbers :
       {&steps, &saw_sizes, &corrections, &uncertainties, &revisions, &list_sizes, &head_counts, &stamps}) {
    numbers->settle();
  }
  for (Names* names : {&records, &saw, &origins, &ids, &applied, &ahead}) names->settle();
  for (Texts* texts : {&actors, &units}) texts->settle();
}

Model::Model() : speller_(std::make_unique<Speller>()) {
  own_.push_back(std::make_unique<Column>(ColumnKey{}, 0));
  row_.speller = speller_.get();
}

Model::Model(const Model* base) {
  if (base == nullptr) {
    *this = Model();
    return;
  }
  base_ = base;
  own_.resize(base->own_.size());
  ends_ = base->ends_;
  is_member_ = base->is_member_;
  number_steps_ = base->number_steps_;
  attributes_ = base->attributes_;
  rows_ = base->rows_;
  speller_ = std::make_unique<Speller>(*base->speller_);
  row_.speller = speller_.get();
}

void Model::settle() {
  for (auto& column : own_) column->settle();
  ends_.settle();
  is_member_.settle();
  number_steps_.settle();
  attributes_.settle();
  rows_.settle();
  speller_->settle();
  begin_piece();
}

Column& Model::at(ColumnIndex index) {
  auto& column = own_[index];
  if (!column) column = std::make_unique<Column>(*base_->own_[index]);
  return *column;
}

std::optional<ColumnIndex> Model::find(const Seen<std::int64_t>& likely, const ColumnKey& key) const {
  constexpr std::size_t kGlance = 4;
  for (std::size_t i = 0; i < std::min(likely.values().size(), kGlance); ++i) {
    const auto index = static_cast<ColumnIndex>(likely.values()[i]);
    if (index != kEnd && known(index).key == key) return index;
  }
  for (const Model* model = this; model != nullptr; model = model->base_) {
    const auto found = model->indices_.find(key);
    if (found != model->indices_.end()) return found->second;
  }
  return std::nullopt;
}

ColumnIndex Model::add(const ColumnKey& key) {
  const auto index = static_cast<ColumnIndex>(own_.size());
  Column& scope = at(key.scope);
  // The salt depends on numbers of kinds and fields only, so that a piece finds its columns in a primer.
  const std::uint32_t salt = (scope.salt + key.number + 3) * 0x9E3779B1u;
  scope.members.push_back(index);
  own_.push_back(std::make_unique<Column>(key, salt));
  indices_.emplace(key, index);
  return index;
}

template <class C>
ColumnIndex Model::follow(C& c, ColumnIndex scope, ColumnIndex from, const std::optional<ColumnKey>& key) {
  Column& before = at(from);
  Seen<std::int64_t>& links = from == scope ? before.first : before.following;
  std::optional<ColumnIndex> found = kEnd;
  if constexpr (!C::kDecoding) {
    if (key) found = find(links, *key);
  }
  constexpr std::int64_t kNew = -1;
  std::int64_t index = found ? std::int64_t{*found} : kNew;
  links.code(c, index, [&] { index = code_new_link(c, scope, from, found, key); });
  return static_cast<ColumnIndex>(index);
}

template <class C>
ColumnIndex Model::code_new_link(C& c, ColumnIndex scope, ColumnIndex from, std::optional<ColumnIndex> found,
                                 const std::optional<ColumnKey>& key) {
  if (c.bit(ends_, found == kEnd)) return kEnd;
  const std::vector<ColumnIndex>& members = at(scope).members;
  if (!members.empty() && c.bit(is_member_, found.has_value())) {
    std::size_t place = 0;
    if constexpr (!C::kDecoding) {
      place = static_cast<std::size_t>(std::lower_bound(members.begin(), members.end(), *found) - members.begin());
    }
    const auto bits = static_cast<unsigned>(std::bit_width(members.size() - 1));
    place = static_cast<std::size_t>(c.raw(place, bits));
    return c.require(place < members.size(), "piece_column_unknown") ? members[place] : kEnd;
  }
  const std::uint32_t near = from == scope ? 0 : known(from).key.number;
  ColumnKey added = key.value_or(ColumnKey{});
  const std::uint64_t step = number_steps_.code(c, zigzag(std::int64_t{added.number} - near));
  const std::int64_t number = wrapping_add(near, unzigzag(step));
  added.scope = scope;
  added.number = static_cast<std::uint32_t>(number);
  set_attributes(added, attributes_.code(c, attributes_of(added)));
  const bool sound = number >= 0 && number <= 0xFFFFFFFF && added.type <= ValueType::kErased;
  if (!c.require(sound, "piece_column_broken") || !c.charge(sizeof(Column) + sizeof(Texts))) return kEnd;
  return add(added);
}

template <class C>
void Model::code_value(C& c, ColumnIndex index, typename C::template Ref<Value> value) {
  Column& column = at(index);
  const ValueType type = column.key.type;
  if (type == ValueType::kInteger) {
    const std::int64_t given = C::kDecoding ? 0 : *value.integer();
    const std::int64_t found = std::get<Numbers>(column.values).code(c, given, row_.clock);
    if constexpr (C::kDecoding) value = Value(found);
  } else if (type == ValueType::kReference) {
    const Name given = C::kDecoding ? Name() : *value.reference();
    const Name found = std::get<Names>(column.values).code(c, given, row_.nearby);
    if constexpr (C::kDecoding) value = Value(found);
  } else if (type == ValueType::kText || type == ValueType::kBytes) {
    const std::size_t most = kMaxValueBytes;
    if constexpr (C::kDecoding) {
      std::string found;
      Texts* const texts = std::get_if<Texts>(&column.values);
      texts != nullptr ? texts->code(c, row_, most, found) : std::get<Blobs>(column.values).code(c, most, found);
      value = texts != nullptr ? Value(Text{std::move(found)}) : Value(Bytes{std::move(found)});
    } else if (Texts* const texts = std::get_if<Texts>(&column.values)) {
      texts->code(c, row_, most, *value.text());
    } else {
      std::get<Blobs>(column.values).code(c, most, *value.bytes());
    }
  } else if (type == ValueType::kGroup) {
    if constexpr (C::kDecoding) {
      Group group;
      code_group(c, index, group);
      value = Value(std::move(group));
    } else {
      code_group(c, index, *value.group());
    }
  } else if constexpr (C::kDecoding) {
    value = type == ValueType::kErased ? Value(Erased{}) : Value();
  }
}

template <class C>
void Model::code_group(C& c, ColumnIndex column, typename C::template Ref<Group> group) {
  ColumnIndex from = column;
  for (std::size_t i = 0;; ++i) {
    std::optional<ColumnKey> next;
    if constexpr (!C::kDecoding) {
      if (i < group.size()) next = ColumnKey{column, group[i].first, Shape::kRegister, false, group[i].second.type()};
    }
    const ColumnIndex index = follow(c, column, from, next);
    if (index == kEnd || !c.ok()) return;
    if constexpr (C::kDecoding) {
      const ColumnKey found = key(index);
      if (!c.require(found.type != ValueType::kGroup, "piece_group_nested")) return;
      if (!c.require(i < kMaxGroupFields, "piece_group_too_long") || !c.charge(sizeof(group[0]))) return;
      group.emplace_back(found.number, Value());
    }
    code_value(c, index, group[i].second);
    from = index;
  }
}

template <class C>
ColumnIndex Model::code_kind(C& c, typename C::template Ref<KindNumber> kind) {
  const ColumnIndex index = follow(c, kRoot, last_kind_, ColumnKey{.number = kind});
  if (!c.require(index != kEnd, "piece_kind_missing")) return kRoot;
  if constexpr (C::kDecoding) kind = key(index).number;
  last_kind_ = index;
  return index;
}

template <class C>
void Model::code_writes(C& c, ColumnIndex kind, typename C::template Ref<std::vector<Write>> writes) {
  ColumnIndex from = kind;
  // As many as the row before had are likely, so room is made for them at once.
  const std::size_t likely = last_writes_;
  if constexpr (C::kDecoding) {
    if (c.charge(likely * sizeof(Write))) writes.reserve(likely);
  }
  for (std::size_t i = 0;; ++i) {
    std::optional<ColumnKey> next;
    if constexpr (!C::kDecoding) {
      if (i < writes.size()) {
        const Write& write = writes[i];
        next = ColumnKey{kind, write.field, write.shape, write.personal, write.value.type()};
      }
    }
    const ColumnIndex index = follow(c, kind, from, next);
    last_writes_ = i;
    if (index == kEnd || !c.ok()) return;
    if constexpr (C::kDecoding) {
      if (!c.require(i < kMaxWritesPerChange, "piece_writes_too_many")) return;
      if (i >= likely && !c.charge(sizeof(Write))) return;
      const ColumnKey found = key(index);
      writes.push_back({found.number, found.shape, found.personal, Value()});
    }
    code_value(c, index, writes[i].value);
    from = index;
  }
}

template <class C>
std::int64_t Model::code_clock(C& c, std::int64_t clock) {
  if (last_clock_) {
    row_.clock = wrapping_add(*last_clock_, rows_.steps.code(c, wrapping_subtract(clock, *last_clock_)));
  } else {
    const std::uint64_t since = rows_.clocks.code(c, zigzag(wrapping_subtract(clock, kFirstClock)));
    row_.clock = wrapping_add(kFirstClock, unzigzag(since));
  }
  last_clock_ = row_.clock;
  return row_.clock;
}

#define SONGSONG_INSTANTIATE(C)                                                                      \
  template ColumnIndex Model::follow(C&, ColumnIndex, ColumnIndex, const std::optional<ColumnKey>&); \
  template void Model::code_value(C&, ColumnIndex, C::Ref<Value>);                                   \
  template ColumnIndex Model::code_kind(C&, C::Ref<KindNumber>);                                     \
  template void Model::code_writes(C&, ColumnIndex, C::Ref<std::vector<Write>>);                     \
  template std::int64_t Model::code_clock(C&, std::int64_t);
SONGSONG_INSTANTIATE(RangeEncoder)
SONGSONG_INSTANTIATE(RangeDecoder)
#undef SONGSONG_INSTANTIATE

}  // namespace songsong::columns
