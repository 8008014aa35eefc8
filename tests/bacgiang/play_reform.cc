#include "tests/bacgiang/play_reform.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "shared/core/csv.h"
#include "tests/bacgiang/program.h"
#include "tests/bacgiang/reform.h"

namespace songsong::bacgiang {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kTries = 40;  // over the bad link
constexpr int kNoNetwork = 3;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot be read: " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Without the heading.
std::vector<CsvRow> read_units(const std::string& path) {
  Outcome<std::vector<CsvRow>> rows = parse_csv(read_file(path));
  if (!rows) throw std::runtime_error(path + ": " + rows.fault().what);
  rows->erase(rows->begin());
  return std::move(*rows);
}

// What a unit counts: everything of a total but when it was asked, and on which tree.
Json total(const Asker& asker, const std::string& unit, const std::string& on = {}) {
  std::vector<std::string> words{asker.program, "total", unit, "--dir", asker.folder, "--json"};
  if (!on.empty()) words.insert(words.end(), {"--on", on});
  Ended ended;
  for (int tries = 0; tries < kTries; ++tries) {
    ended = run_program(words);
    if (ended.exit != kNoNetwork) break;
  }
  if (ended.exit != 0) throw std::runtime_error("no total of " + unit);
  const Json told = Json::parse(ended.out);
  if (told.contains("on") == on.empty()) throw std::runtime_error("the total of " + unit + " is of another tree");
  return Json{{"measures", told["measures"]}, {"by", told["by"]}};
}

using Counts = std::map<std::string, std::int64_t>;  // by "measure" and "dimension/value/measure"

Counts counts_of(const Json& total) {
  Counts counts;
  for (const auto& [name, count] : total["measures"].items()) counts[name] = count;
  for (const auto& [dimension, values] : total["by"].items()) {
    for (const auto& [value, measures] : values.items()) {
      for (const auto& [name, count] : measures.items())
        counts[std::string(dimension).append("/").append(value).append("/").append(name)] = count;
    }
  }
  std::erase_if(counts, [](const auto& each) { return each.second == 0; });
  return counts;
}

Counts sum_of(const std::vector<Counts>& all) {
  Counts sum;
  for (const Counts& each : all) {
    for (const auto& [name, count] : each) sum[name] += count;
  }
  std::erase_if(sum, [](const auto& each) { return each.second == 0; });
  return sum;
}

class Explained {
 public:
  void line(const std::string& what, std::size_t right, std::size_t all) {
    std::printf("  %-78s %4zu of %4zu   %s\n", what.c_str(), right, all, right == all ? "=" : "DIFFERS");
    holds_ = holds_ && right == all;
  }
  bool holds() const { return holds_; }

 private:
  bool holds_ = true;
};

}  // namespace

int survey(const Asker& asker, const std::string& units_csv, const std::string& out) {
  Json found = Json::object();
  for (const CsvRow& unit : read_units(units_csv)) {
    if (unit[2] != "school") found[unit[0]] = total(asker, unit[0]);
  }
  std::ofstream file(out);
  file << found.dump();
  if (!file.flush()) throw std::runtime_error("cannot be written: " + out);
  return 0;
}

int explain(const Asker& asker, const std::string& survey_json, const std::string& reformed_csv) {
  const Json before = Json::parse(read_file(survey_json));
  Explained explained;
  std::size_t as_before = 0;
  for (const auto& [unit, told] : before.items())
    as_before += counts_of(total(asker, unit, kLastOldDay)) == counts_of(told) ? 1 : 0;
  explained.line(std::string("tree of ") + kLastOldDay + ": every unit has what it had before", as_before,
                 before.size());

  std::map<std::string, std::vector<Counts>> parts;  // of each new commune
  std::size_t ended = 0, empty = 0;
  for (const CsvRow& unit : read_units(reformed_csv)) {
    const std::string &code = unit[0], &level = unit[2], &parent = unit[3], &closed = unit[5];
    if (level == "commune" && closed.empty()) parts[code];
    if (level == "commune" && !closed.empty()) parts[parent].push_back(counts_of(before.at(code)));
    if (level != "district") continue;
    ++ended;
    empty += counts_of(total(asker, code)).empty() ? 1 : 0;
  }
  std::size_t right = 0;
  for (const auto& [code, taken_in] : parts) right += counts_of(total(asker, code)) == sum_of(taken_in) ? 1 : 0;
  explained.line("now: a new commune has what the communes that went into it had", right, parts.size());
  explained.line("now: a district that ended counts nothing", empty, ended);
  const Counts all = counts_of(before.at("BG"));
  explained.line("now: the new province has what the old one had", counts_of(total(asker, "BN")) == all ? 1 : 0, 1);
  return explained.holds() && !all.empty() ? 0 : 1;
}

}  // namespace songsong::bacgiang
