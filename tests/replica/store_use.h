// Store use: short words for what tests do with a store. Faults fail the test; call these from the test's own thread.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "shared/replica/store.h"
#include "tests/replica/store_kinds.h"

namespace songsong {

inline Outcome<StoreSequence> try_to_write(Store& store, const Store::Writing& writing) {
  return store.write(0, std::span(&writing, 1));
}

// An empty store of each kind in turn.
struct OpenStore {
  StoreKind kind = GENERATE(from_range(store_kinds()));
  std::unique_ptr<StorePlace> place = kind.make();
  std::unique_ptr<Store> store = place->open();
};

// As a call without checks, for other threads and processes.
inline Outcome<StoreSequence> try_to_put(Store& store, const StoreBatch& batch) {
  return try_to_write(store, [&](StoreReader&) -> Outcome<StoreBatch> { return batch; });
}

inline StoreSequence put(Store& store, const StoreBatch& batch) {
  const auto written = try_to_put(store, batch);
  INFO((written.ok() ? "" : written.fault().code + ": " + written.fault().what));
  REQUIRE(written.ok());
  return *written;
}

// What `ask` answers, within one read.
template <class Ask>
auto read(Store& store, Ask ask) {
  decltype(ask(std::declval<StoreReader&>())) answer{};
  const auto done = store.read(0, [&](StoreReader& reader) { answer = ask(reader); });
  INFO((done.ok() ? "" : done.fault().code + ": " + done.fault().what));
  REQUIRE(done.ok());
  return answer;
}

// A batch call asked for one thing.
template <class Answer, class Asked>
Answer one(Store& store, std::vector<Answer> (StoreReader::*batch)(std::span<const Asked>), const Asked& asked) {
  auto answers = read(store, [&](StoreReader& reader) { return (reader.*batch)(std::span(&asked, 1)); });
  REQUIRE(answers.size() == 1);
  return answers.front();
}

}  // namespace songsong
