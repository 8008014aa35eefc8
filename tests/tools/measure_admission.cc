// measure_admission: how many changes a CPU-second admits, with merge, tallies, claims, match keys and search texts,
// beside bare inserts of as many bytes into SQLite's log table: what the machine can do at all. Not a test.
//
//   measure_admission [RECORDS] [BATCH]     default 17,049 in batches of 1,000
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "shared/core/change_row.h"
#include "shared/replica/admission.h"
#include "shared/replica/sqlite_store.h"
#include "tests/schemas/bench_table.h"
#include "tests/support/bench_need.h"
#include "tests/support/temporary_folder.h"

namespace songsong {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class T>
T must(Outcome<T> outcome) {
  if (outcome.ok()) return std::move(outcome).value();
  std::cerr << outcome.fault().code << " at " << outcome.fault().where << ": " << outcome.fault().what << '\n';
  std::exit(1);
}

// CPU-seconds to write the changes in batches, each batch as `write` makes it.
template <class MakeBatch>
double measured(const std::string& path, const std::vector<Change>& changes, std::size_t batch_size,
                const MakeBatch& make_batch) {
  auto store = must(SqliteStore::open(path, SqliteOptions{.vfs = {}, .checkpoint_pages = kServerCheckpointPages}));
  const double before = cpu_seconds();
  for (std::size_t begin = 0; begin < changes.size(); begin += batch_size) {
    const std::span<const Change> part(changes.data() + begin, std::min(batch_size, changes.size() - begin));
    const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> { return make_batch(reader, part); };
    must(store->write(0, {&writing, 1}));
  }
  return cpu_seconds() - before;
}

int run(std::size_t records, std::size_t batch_size) {
  const TemporaryFolder folder;
  const Policies policies = must(Policies::parse(bench_policy_table()));
  const Dependencies dependencies(policies);
  UnitTreeCache trees;
  const std::vector<Change> changes =
      bench::make_changes(bench::make_needs(bench::Lists::kMeasured, records, bench::kMeasuredSeed), bench::Author{});
  const auto parent_tag = [](const Change& change) { return change.name.sequence() == 1 ? Tag{0} : change.name.tag(); };

  const double bare =
      measured(folder.file("bare.db"), changes, batch_size, [&](StoreReader&, std::span<const Change> part) {
        StoreBatch batch;
        for (const Change& change : part) {
          batch.log.push_back(LogRow{.name = change.name,
                                     .parent_tag = parent_tag(change),
                                     .record = change.record,
                                     .reason = {},
                                     .hash = {},
                                     .change = encode_change(change)});
        }
        return batch;
      });
  const double whole =
      measured(folder.file("whole.db"), changes, batch_size, [&](StoreReader& reader, std::span<const Change> part) {
        Admission admission(BooksContext{policies, dependencies, trees}, Authority::kHoldsAllLogs, reader);
        admission.prepare(part);
        for (const Change& change : part) {
          admission.admit(Incoming{.change = change,
                                   .parent_tag = parent_tag(change),
                                   .key_tag = change.name.tag(),
                                   .hash = {},
                                   .verdict = Verdict::kApplied,
                                   .reason = {}});
        }
        return admission.settle(0);
      });
  std::cout << records << " records in batches of " << batch_size << ", changes per CPU-second:\n"
            << "  log rows alone        " << static_cast<long>(static_cast<double>(records) / bare) << '\n'
            << "  admission, all books  " << static_cast<long>(static_cast<double>(records) / whole) << '\n';
  return 0;
}

}  // namespace
}  // namespace songsong

int main(int argc, char** argv) {
  const std::size_t records = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : songsong::bench::kMeasuredRecords;
  const std::size_t batch = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1000;
  return songsong::run(std::max<std::size_t>(records, 1), std::max<std::size_t>(batch, 1));
}
