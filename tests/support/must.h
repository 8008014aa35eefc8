// must: the value of an outcome that has to be one; a fault fails the test and says which.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <utility>

#include "shared/core/outcome.h"

namespace songsong::testing {

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome.ok()) FAIL(outcome.fault().code << " at " << outcome.fault().where << ": " << outcome.fault().what);
  return std::move(outcome).value();
}

}  // namespace songsong::testing
