// Outcome: what a function returns when failing is an expected result, such as decoding bytes from outside.
//
// Errors that cannot happen in a correct program are thrown (std::logic_error); errors that may happen are returned,
// and cannot be dropped by accident. A Fault says what is wrong, where, and (where a person can act) what to do.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace songsong {

// Stable names of faults: programs act on the code, people read `what`.
struct Fault {
  std::string code;   // lower snake case, such as "piece_truncated"; never changes once released
  std::string where;  // the field, column, byte offset or file that it concerns; never a personal value
  std::string what;   // one English sentence for logs; screens translate by `code`

  bool operator==(const Fault&) const = default;
};

template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : value_(std::move(value)) {}
  Outcome(Fault fault) : value_(std::move(fault)) {}

  bool ok() const { return value_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& {
    assert(ok());
    return std::get<0>(value_);
  }
  T& value() & {
    assert(ok());
    return std::get<0>(value_);
  }
  T&& value() && {
    assert(ok());
    return std::get<0>(std::move(value_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const Fault& fault() const {
    assert(!ok());
    return std::get<1>(value_);
  }

 private:
  std::variant<T, Fault> value_;
};

// The outcome of an act that yields nothing but may fail.
struct Done {
  bool operator==(const Done&) const = default;
};

}  // namespace songsong
