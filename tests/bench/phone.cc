// A phone with 20,000 records: its file, its opening, its search.
#include <filesystem>

#include "tests/bench/bare.h"
#include "tests/bench/figure.h"
#include "tests/bench/town.h"

namespace songsong::bench {
namespace {

constexpr std::size_t kRecords = 20'000;
constexpr int kRepeats = 5;  // the median is told
constexpr std::size_t kFound = 50;

template <class Measure>
double median(const Measure& measure) {
  std::vector<double> all;
  for (int i = 0; i < kRepeats; ++i) all.push_back(measure());
  std::sort(all.begin(), all.end());
  return all[kRepeats / 2];
}

double megabytes(const std::string& path) { return static_cast<double>(std::filesystem::file_size(path)) / 1e6; }

}  // namespace

void measure_phone(Figures& figures) {
  const std::vector<Need> needs = make_needs(Lists::kMeasured, kRecords, kMeasuredSeed);
  Town town(needs);
  const std::string bare_path = town.new_path();
  {
    BareTable bare(bare_path);
    std::vector<std::string> rows;
    for (const Change& change : make_changes(needs, Author{.unit = "D04"})) rows.push_back(plain_form(change));
    bare.insert(rows);
    bare.checkpoint();
  }
  std::string path;
  RecordId one;
  {
    Device phone(town, {"province"});
    one = phone.record(needs).front();
    phone.sync();
    must(phone.store().checkpoint());
    path = phone.path();
  }
  figures.push_back(Figure{.what = "a phone with 20,000 records, all its own",
                           .measured = megabytes(path),
                           .unit = "MB",
                           .budget = 60,
                           .binding = true,
                           .limit = megabytes(bare_path),
                           .limit_is = "bare rows, one table"});
  const double open_ms = median([&] {
    const double began = wall_seconds();
    Device phone(path);
    must(phone.replica().view(one));
    return 1e3 * (wall_seconds() - began);
  });
  figures.push_back(Figure{.what = "it opens and shows a record",
                           .measured = open_ms,
                           .unit = "ms",
                           .budget = 2000,
                           .limit = median([&] { return bare_open_ms(path); }),
                           .limit_is = "SQLite opens it"});
  Device phone(path);
  const double search_ms = median([&] {
    const double began = wall_seconds();
    must(phone.replica().search("khanh lan 7", kFound));
    return 1e3 * (wall_seconds() - began);
  });
  figures.push_back(Figure{.what = "it finds three words without tone marks",
                           .measured = search_ms,
                           .unit = "ms",
                           .budget = 50,
                           .limit = median([&] {
                             return bare_scan_ms(path, "SELECT record FROM search WHERE instr(body, ?) > 0", "khanh");
                           }),
                           .limit_is = "SQLite's instr, one word"});
}

}  // namespace songsong::bench
