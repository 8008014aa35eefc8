// The laws of merge.h, each tested as it is stated there, on generated histories and against the reference model.
#include <catch2/catch_test_macros.hpp>

#include "shared/core/merge.h"
#include "shared/core/reference.h"
#include "shared/core/state_codec.h"
#include "tests/support/history.h"

namespace songsong::testing {
namespace {

std::map<RecordId, std::string> bytes_of(const MergedStore& store) {
  std::map<RecordId, std::string> bytes;
  for (const auto& [id, state] : store.states()) bytes[id] = encode_state(state);
  return bytes;
}

std::map<RecordId, std::string> reference_bytes(const std::vector<Admitted>& history) {
  const ReferenceModel model(history);
  std::map<RecordId, std::string> bytes;
  for (const RecordId id : model.records()) bytes[id] = encode_state(model.state(id));
  return bytes;
}

std::map<RecordId, std::string> merged_bytes(const std::vector<Admitted>& order) {
  MergedStore store;
  for (const Admitted& each : order) store.admit(each);
  return bytes_of(store);
}

struct Family {
  const char* name;
  HistoryShape shape;
  std::uint64_t seeds;
};

std::vector<Family> families() {
  HistoryShape plain;
  HistoryShape busy{.replicas = 5, .changes = 40, .records = 4, .removals_percent = 15};
  HistoryShape copied{.replicas = 2, .changes = 25, .records = 2, .copies_percent = 15, .reopen_percent = 40};
  HistoryShape refused{.replicas = 4, .changes = 20, .records = 2, .copies_percent = 5, .empty_percent = 20};
  HistoryShape strange{.replicas = 3, .changes = 15, .records = 2, .copies_percent = 5, .unknown_saw_percent = 20};
  return {{"plain", plain, 600},
          {"busy", busy, 120},
          {"copied phones", copied, 300},
          {"refused changes", refused, 300},
          {"unknown saw", strange, 300}};
}

}  // namespace

TEST_CASE("merge law of order: any gap-free order of arrival gives the bytes of the definition") {
  for (const Family& family : families()) {
    for (std::uint64_t seed = 1; seed <= family.seeds; ++seed) {
      INFO(family.name << ", seed " << seed);
      const std::vector<Admitted> history = make_history(seed, family.shape);
      const auto expected = reference_bytes(history);
      REQUIRE(merged_bytes(history) == expected);
      Random random(seed);
      for (int order = 0; order < 4; ++order) REQUIRE(merged_bytes(shuffled(history, random)) == expected);
    }
  }
}

TEST_CASE("merge law of order: every moment on the way is the definition of what has arrived so far") {
  for (const Family& family : families()) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      INFO(family.name << ", seed " << seed);
      Random random(seed);
      const std::vector<Admitted> order = shuffled(make_history(seed, family.shape), random);
      MergedStore store;
      std::vector<Admitted> arrived;
      for (const Admitted& each : order) {
        store.admit(each);
        arrived.push_back(each);
        REQUIRE(bytes_of(store) == reference_bytes(arrived));
      }
    }
  }
}

TEST_CASE("merge law of repetition: a change applied twice changes nothing") {
  for (const Family& family : families()) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      INFO(family.name << ", seed " << seed);
      const std::vector<Admitted> history = make_history(seed, family.shape);
      Random random(seed);
      MergedStore store;
      for (std::size_t i = 0; i < history.size(); ++i) {
        store.admit(history[i]);
        store.admit(history[random.below(i + 1)]);
      }
      REQUIRE(bytes_of(store) == merged_bytes(history));
    }
  }
}

TEST_CASE("merge law of loss: a value is replaced only by a change whose author had seen it") {
  for (const Family& family : families()) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      INFO(family.name << ", seed " << seed);
      const std::vector<Admitted> history = make_history(seed, family.shape);
      MergedStore store;
      for (const Admitted& each : history) store.admit(each);
      for (const Admitted& each : history) {
        if (each.empty) continue;
        for (const Write& write : each.change.writes) {
          if (write.shape != Shape::kRegister) continue;
          const Register* target = find_register(store.states().at(each.change.record), write.field);
          REQUIRE(target != nullptr);
          const auto is_it = [&](const Head& head) { return head.name == each.change.name; };
          if (std::any_of(target->heads.begin(), target->heads.end(), is_it)) continue;
          // Not a head: some later writer must have had it in its own past or named a change that stands for it.
          const bool replaced = std::any_of(history.begin(), history.end(), [&](const Admitted& other) {
            const bool writes =
                std::any_of(other.change.writes.begin(), other.change.writes.end(),
                            [&](const Write& w) { return w.field == write.field && w.shape == Shape::kRegister; });
            return !other.empty && other.change.record == each.change.record && writes &&
                   other.change.name != each.change.name &&
                   (store.lineage().covers(other.change.name, each.change.name) ||
                    store.lineage().covered(other.change.saw, each.change.name));
          });
          REQUIRE(replaced);
        }
      }
    }
  }
}

TEST_CASE("merge law of clocks: time changes no head, only the times that heads carry") {
  for (const Family& family : families()) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      INFO(family.name << ", seed " << seed);
      std::vector<Admitted> history = make_history(seed, family.shape);
      const auto without_times = [](const std::vector<Admitted>& order) {
        MergedStore store;
        for (const Admitted& each : order) store.admit(each);
        std::map<RecordId, std::string> bytes;
        for (const auto& [id, merged] : store.states()) {
          State state = merged;
          for (Register& each : state.registers) {
            for (Head& head : each.heads) head.captured_ms = 0;
          }
          bytes[id] = encode_state(state);
        }
        return bytes;
      };
      const auto before = without_times(history);
      Random random(seed);
      for (Admitted& each : history)
        each.change.captured_ms = static_cast<std::int64_t>(random.next() >> 8) * (random.chance(1, 2) ? 1 : -1);
      REQUIRE(without_times(history) == before);
    }
  }
}

TEST_CASE("merge law of unknown names: an entry of saw counts for nothing until the change that it names comes") {
  const Name opening(1, 1, 5);
  const Name later(1, 3, 5);
  const Change open{.name = opening,
                    .record = opening,
                    .kind = 1,
                    .saw = {},
                    .actor = {},
                    .unit = "a",
                    .origin = {},
                    .writes = {Write{1, Shape::kRegister, false, Value(std::int64_t{10})}}};
  const Change other{.name = Name(2, 1, 9),
                     .record = opening,
                     .kind = 1,
                     .saw = {later},
                     .actor = {},
                     .unit = "b",
                     .origin = {},
                     .writes = {Write{1, Shape::kRegister, false, Value(std::int64_t{20})}}};
  const Change filler{.name = Name(1, 2, 5),
                      .record = Name(1, 2, 5),
                      .kind = 1,
                      .saw = {},
                      .actor = {},
                      .unit = "a",
                      .origin = {},
                      .writes = {}};
  const Change named{.name = later,
                     .record = opening,
                     .kind = 1,
                     .saw = {},
                     .actor = {},
                     .unit = "a",
                     .origin = {},
                     .writes = {Write{1, Shape::kRegister, false, Value(std::int64_t{30})}}};
  MergedStore store;
  store.admit(Admitted{open, Name(), false});
  store.admit(Admitted{other, Name(), false});
  CHECK(find_register(store.states().at(opening), 1)->heads.size() == 2);
  store.admit(Admitted{filler, opening, false});
  store.admit(Admitted{named, filler.name, false});
  const Register* settled = find_register(store.states().at(opening), 1);
  REQUIRE(settled->heads.size() == 1);
  CHECK(settled->heads[0].name == other.name);
  CHECK(settled->ahead.empty());
}

TEST_CASE("merge law of order: of several changes that open one record the least says its kind and unit") {
  const Name opening(1, 1, 5);
  Change one{.name = Name(2, 1, 9),
             .record = opening,
             .kind = 12,
             .saw = {},
             .actor = {},
             .unit = "b",
             .origin = opening,
             .writes = {}};
  Change other{.name = Name(3, 1, 9),
               .record = opening,
               .kind = 11,
               .saw = {},
               .actor = {},
               .unit = "c",
               .origin = opening,
               .writes = {}};
  const std::vector<Admitted> history{{one, Name(), false}, {other, Name(), false}};
  const auto expected = reference_bytes(history);
  CHECK(merged_bytes(history) == expected);
  CHECK(merged_bytes({history[1], history[0]}) == expected);
}

}  // namespace songsong::testing
