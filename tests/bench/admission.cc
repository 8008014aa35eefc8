// How many changes a CPU-second admits, with merge, tallies, claims, match keys and search texts.
#include "tests/bench/admit.h"

#include <algorithm>

#include "shared/replica/sqlite_store.h"
#include "tests/bench/bare_store.h"
#include "tests/bench/figure.h"
#include "tests/schemas/bench_table.h"
#include "tests/support/bench_need.h"
#include "tests/support/temporary_folder.h"

namespace songsong::bench {
namespace {

constexpr std::size_t kBatch = 1000;

template <class Write>
double changes_per_cpu_second(const std::vector<Change>& changes, const Write& write) {
  const double began = cpu_seconds();
  for (std::size_t begin = 0; begin < changes.size(); begin += kBatch) {
    write(std::span(changes).subspan(begin, std::min(kBatch, changes.size() - begin)));
  }
  return static_cast<double>(changes.size()) / (cpu_seconds() - began);
}

// `batches`, where it is not null, gets a copy of what was written.
double admitted(const std::string& path, const std::vector<Change>& changes, std::vector<StoreBatch>* batches) {
  const Policies policies = must(Policies::parse(bench_policy_table()));
  const Dependencies dependencies(policies);
  UnitTreeCache trees;
  const auto store =
      must(SqliteStore::open(path, SqliteOptions{.vfs = {}, .checkpoint_pages = kServerCheckpointPages}));
  return changes_per_cpu_second(changes, [&](std::span<const Change> part) {
    const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
      StoreBatch batch = admit_all(BooksContext{policies, dependencies, trees}, reader, part);
      if (batches != nullptr) batches->push_back(batch);
      return batch;
    };
    must(store->write(0, {&writing, 1}));
  });
}

double inserted(const std::string& path, std::size_t changes, const std::vector<StoreBatch>& batches) {
  BareStore bare(path);
  const double began = cpu_seconds();
  for (const StoreBatch& batch : batches) bare.insert(batch);
  return static_cast<double>(changes) / (cpu_seconds() - began);
}

}  // namespace

std::vector<StoreBatch> batches_of(const std::string& path, const std::vector<Change>& changes) {
  std::vector<StoreBatch> batches;
  admitted(path, changes, &batches);
  return batches;
}

void measure_admission(Figures& figures) {
  const TemporaryFolder folder;
  const std::vector<Change> changes =
      make_changes(make_needs(Lists::kMeasured, kMeasuredRecords, kMeasuredSeed), Author{});
  figures.push_back(
      Figure{.what = "admission with merge, tallies, claims, 1,000 a batch",
             .measured = admitted(folder.file("whole.db"), changes, nullptr),
             .unit = "changes/CPU-s",
             .budget = 50'000,
             .at_least = true,
             .limit = inserted(folder.file("bare.db"), changes.size(), batches_of(folder.file("copied.db"), changes)),
             .limit_is = "bare inserts of its rows"});
}

}  // namespace songsong::bench
