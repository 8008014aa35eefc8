// Measures how fast a SQLite store admits new records, beside bare SQLite inserts of the same rows.
//
//   measure_store FOLDER [RECORDS]      makes its files in FOLDER and leaves them there; 200,000 records by default
//
// Prints one line a run: records and rows for each second of CPU (user and system) and of wall time, bytes a record.
// Made-up rows are made before the clock starts. Read ratios within one run.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/replica/sqlite_store.h"
#include "shared/replica/store_rows.h"
#include "tests/bench/bare_store.h"
#include "tests/replica/store_example.h"

using namespace songsong;
using namespace songsong::example;

namespace {

constexpr std::size_t kBatch = 1'000;
constexpr std::size_t kRowsPerRecord = 9;
constexpr Sequence kPerPhone = 10'000;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<StoreBatch> made_up(std::size_t records, StoreSequence last) {
  Random random(1);
  std::vector<StoreBatch> batches;
  for (std::size_t at = 0; at < records; at += kBatch) {
    const auto phone = static_cast<ReplicaId>(1 + at / kPerPhone);
    const auto first = static_cast<Sequence>(1 + at % kPerPhone);
    batches.push_back(new_needs(phone, first, kBatch, "S" + std::to_string(10'000 + phone), last + at, random));
  }
  return batches;
}

template <class Work>
void measure(const std::string& name, const std::string& path, std::size_t records, Work work) {
  const double cpu = cpu_seconds();
  const double wall = wall_seconds();
  work();
  const double cpu_used = cpu_seconds() - cpu;
  const double wall_used = wall_seconds() - wall;
  const auto count = static_cast<double>(records);
  std::printf("%-44s %8.0f records/cpu-s %9.0f rows/cpu-s %8.0f records/s %6.0f bytes/record\n", name.c_str(),
              count / cpu_used, count * kRowsPerRecord / cpu_used, count / wall_used,
              static_cast<double>(std::filesystem::file_size(path)) / count);
}

void through_the_store(const std::string& name, const std::string& path, std::vector<StoreBatch> batches,
                       const SqliteOptions& options) {
  auto opened = SqliteStore::open(path, options);
  if (!opened.ok()) throw std::runtime_error(opened.fault().what);
  measure(name, path, batches.size() * kBatch, [&] {
    for (StoreBatch& batch : batches) {
      const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> { return std::move(batch); };
      if (!(*opened)->write(0, std::span(&writing, 1)).ok()) throw std::runtime_error("not written");
    }
    if (!(*opened)->checkpoint().ok()) throw std::runtime_error("not checkpointed");
  });
}

void by_bare_inserts(const std::string& path, const std::vector<StoreBatch>& batches) {
  bench::BareStore bare(path);
  measure("bare inserts, one table each, no index", path, batches.size() * kBatch, [&] {
    for (const StoreBatch& batch : batches) bare.insert(batch);
    bare.checkpoint();
  });
}

void measure_search(const std::string& path) {
  auto opened = SqliteStore::open(path);
  if (!opened.ok()) throw std::runtime_error(opened.fault().what);
  const std::vector<std::string> words = {"khanh", "lan", "77"};
  std::size_t found = 0;
  const double cpu = cpu_seconds();
  const auto done = (*opened)->read(0, [&](StoreReader& reader) { found = reader.search(words, {}, SIZE_MAX).size(); });
  if (!done.ok()) throw std::runtime_error(done.fault().what);
  std::printf("search of three words in all rows: %.1f ms, %zu found\n", 1e3 * (cpu_seconds() - cpu), found);
}

int run(const std::string& folder, std::size_t records) {
  const auto fresh = [&](const std::string& name) {
    const std::string path = folder + "/" + name;
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
    return path;
  };
  const std::vector<StoreBatch> batches = made_up(records, 0);
  SqliteOptions server;
  server.checkpoint_pages = kServerCheckpointPages;
  server.cache_kib = 64 * 1024;
  by_bare_inserts(fresh("bare.db"), batches);
  through_the_store("the store, as a server has it", fresh("server.db"), batches, server);
  through_the_store("the store, as a phone has it", fresh("phone.db"), batches, {});
  const std::vector<StoreBatch> few = made_up(20'000, 0);
  through_the_store("20,000 records on a phone", fresh("few.db"), few, {});
  measure_search(folder + "/few.db");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "measure_store FOLDER [RECORDS]\n");
    return 2;
  }
  const std::size_t records = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 200'000;
  try {
    return run(argv[1], std::max(records / kPerPhone, std::size_t{1}) * kPerPhone);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "measure_store: %s\n", error.what());
    return 1;
  }
}
