// Personal values of one record, each under the change and the register that it was written to: the one place where
// they can be erased. The row stands beside the record's state and log, which refer to it by name.
//
//   row := count (name:fixed64  field:varint  value)*      ascending by (name, field); value as in row_coding.h
//
// A value type; decoding never throws.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "shared/core/change.h"
#include "shared/core/outcome.h"
#include "shared/core/row_coding.h"
#include "shared/core/state.h"

namespace songsong {

class PersonalValuesOf {
 public:
  static Outcome<PersonalValuesOf> decode(std::string_view row);
  std::string encode() const;

  bool empty() const { return values_.empty(); }
  const Value* find(Name change, FieldNumber field) const;
  const std::map<std::pair<Name, FieldNumber>, Value>& all() const { return values_; }
  // Erased values are not taken in: they are what a missing one is read as.
  void put(Name change, FieldNumber field, const Value& value);
  void put_all(const Change& change);
  // What the state says was erased goes.
  void put_all(const State& state);
  void erase(Name change, FieldNumber field) { destroyed_ = values_.erase({change, field}) > 0 || destroyed_; }
  // Whether erase(), or a state, took a value away.
  bool destroyed() const { return destroyed_; }
  // Those of other changes go.
  void keep_only(const std::function<bool(Name)>& keeps);

  // Borrows this object.
  PersonalLookup lookup() const;

 private:
  std::map<std::pair<Name, FieldNumber>, Value> values_;
  bool destroyed_ = false;
};

}  // namespace songsong
