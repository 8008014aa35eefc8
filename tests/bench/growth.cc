// growth: what it costs to go on when a server already holds many records. At each size the same is measured: a phone
// of one school saves one need and synchronises (HTTP on loopback, durable at both ends), synchronises when there is
// nothing new, an office reads totals, a new phone fetches the school; and the bytes on the server's disk.
//
//   growth [MOST]      the sizes 10,000, 100,000, 1,000,000 and 3,000,000 up to MOST, 1,000,000 if not said
//
// The records in between are admitted as by the server, in batches of 1,000, without HTTP.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "server/totals.h"
#include "shared/core/crypto.h"
#include "tests/bench/admit.h"
#include "tests/bench/figure.h"
#include "tests/bench/town.h"

namespace songsong::bench {
namespace {

constexpr std::size_t kSizes[] = {10'000, 100'000, 1'000'000, 3'000'000};
constexpr std::size_t kBatch = 1000;
constexpr std::size_t kPerPhone = 10'000;
constexpr std::size_t kRepeats = 41;
constexpr ReplicaId kFirstPhone = 9'000'000;  // of none that the server minted
constexpr const char* kSchool = "S117";

struct Spread {
  double median = 0;
  double worst = 0;
};

// In milliseconds.
template <class Work>
Spread spread(const Work& work) {
  std::vector<double> all;
  for (std::size_t i = 0; i < kRepeats; ++i) {
    const double began = wall_seconds();
    work(i);
    all.push_back(1e3 * (wall_seconds() - began));
  }
  std::sort(all.begin(), all.end());
  return Spread{.median = all[kRepeats / 2], .worst = all.back()};
}

// No two pupils of the province have one code.
std::vector<Need> needs_of_phone(std::size_t phone) {
  std::vector<Need> needs = make_needs(Lists::kMeasured, kPerPhone, kMeasuredSeed + static_cast<std::uint32_t>(phone));
  for (Need& need : needs) need.student_code += "-" + std::to_string(phone);
  return needs;
}

class Growing {
 public:
  explicit Growing(Town& town) : town_(town), dependencies_(bench_policies()) {}

  // Seconds of CPU.
  double grow_to(std::size_t records) {
    double spent = 0;
    while (records_ < records) {
      const std::size_t phone = records_ / kPerPhone;
      const std::vector<Change> changes = make_changes(
          needs_of_phone(phone), Author{.replica = kFirstPhone + static_cast<ReplicaId>(phone), .unit = {}});
      const double began = cpu_seconds();
      for (std::size_t at = 0; at < changes.size(); at += kBatch) admit(std::span(changes).subspan(at, kBatch));
      spent += cpu_seconds() - began;
      records_ += changes.size();
    }
    return spent;
  }

 private:
  void admit(std::span<const Change> changes) {
    const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
      return admit_all(BooksContext{bench_policies(), dependencies_, trees_}, reader, changes);
    };
    must(town_.store().write(0, {&writing, 1}));
  }

  Town& town_;
  Dependencies dependencies_;
  UnitTreeCache trees_;
  std::size_t records_ = 0;
};

void measure(Town& town, std::size_t records, double admitted_per_second) {
  Device phone(town, {kSchool});
  const double began = wall_seconds();
  phone.sync();
  const double first = wall_seconds() - began;
  const std::vector<Need> own = make_needs(Lists::kMeasured, kRepeats, static_cast<std::uint32_t>(records));
  const Spread change = spread([&](std::size_t i) {
    std::vector<Need> one{own[i]};
    one.front().school_id = kSchool;
    one.front().student_code += "-" + std::to_string(records);
    phone.record(one);
    phone.sync();
  });
  const Spread pull = spread([&](std::size_t) { phone.sync(); });
  const Spread total = spread([&](std::size_t) {
    const auto now = must(server::totals_of(town.host(), "province", 0));
    if (!now) std::exit(1);
  });
  must(town.store().checkpoint());
  const auto bytes = static_cast<double>(std::filesystem::file_size(town.store_path()));
  std::printf("%10zu %9.0f  %7.1f %7.1f  %7.1f %7.1f  %7.2f %7.2f  %7.2f  %8.0f %7.0f\n", records, admitted_per_second,
              change.median, change.worst, pull.median, pull.worst, total.median, total.worst, first, bytes / 1e6,
              bytes / static_cast<double>(records));
  std::fflush(stdout);
}

int run(std::size_t most) {
  init_crypto();
  Town town(make_needs(Lists::kMeasured, kMeasuredRecords, kMeasuredSeed));
  Growing growing(town);
  std::printf("%10s %9s  %15s  %15s  %15s  %7s  %16s\n", "records", "admitted", "save and sync", "nothing new", "total",
              "school", "disk");
  std::printf("%10s %9s  %7s %7s  %7s %7s  %7s %7s  %7s  %8s %7s\n", "", "a CPU-s", "ms", "worst", "ms", "worst", "ms",
              "worst", "s", "MB", "B each");
  std::size_t before = 0;
  for (const std::size_t size : kSizes) {
    if (size > most) break;
    const double spent = growing.grow_to(size);
    measure(town, size, static_cast<double>(size - before) / spent);
    before = size;
  }
  return 0;
}

}  // namespace
}  // namespace songsong::bench

int main(int argc, char** argv) {
  if (std::freopen("/dev/null", "w", stderr) == nullptr) return 1;
  try {
    return songsong::bench::run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000);
  } catch (const std::exception& error) {
    std::printf("growth: %s\n", error.what());
    return 1;
  }
}
