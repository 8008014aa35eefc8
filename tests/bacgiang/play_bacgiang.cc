// play_bacgiang: plays the people of a world (lists.h) with the program `songsong`, as they would: it types commands
// and reads what is printed. `settle` asks the truth one thing, whether two are one child, and takes the rest from its
// district's papers; `compare` judges.
//
//   play_bacgiang field   --data DIR --replica NN --dir FOLDER             imports, corrects, hands over; no network
//   play_bacgiang second  --data DIR --replica NN|DISTRICT --dir FOLDER    second thoughts, after the first sync
//   play_bacgiang settle  --data DIR --replica DISTRICT --dir FOLDER       settles what `cases` shows, until none is
//   left play_bacgiang compare --data DIR --figures FILE --total FILE [--before FILE]    0 only if all is as published
//   play_bacgiang survey  --data DIR --dir FOLDER --before FILE            asks every office's totals, for the next
//   play_bacgiang explain --data DIR --dir FOLDER --before FILE            0 only if all is as before the reform
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/bacgiang/play_reform.h"
#include "tests/bacgiang/program.h"

namespace songsong::bacgiang {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kSetAside = 6;
constexpr int kMostRounds = 12;

Json read_json(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot be read: " + path);
  return Json::parse(file);
}

struct Options {
  std::string program = "songsong", data, folder, replica, figures, total, before;
};

class Person {
 public:
  explicit Person(const Options& options) : options_(options) {}

  // What was printed. Ends the play when the program refuses what it should take.
  std::string type(std::vector<std::string> words, bool may_set_aside = false) {
    words.insert(words.begin(), options_.program);
    words.insert(words.end(), {"--dir", options_.folder});
    const Ended ended = run_program(words);
    if (ended.exit != 0 && !(may_set_aside && ended.exit == kSetAside)) {
      std::string all;
      for (const std::string& word : words) all += word + " ";
      throw std::runtime_error("exit " + std::to_string(ended.exit) + " of: " + all);
    }
    return ended.out;
  }

  std::vector<Json> list(std::vector<std::string> words) {
    words.emplace_back("--json");
    std::istringstream lines(type(std::move(words)));
    std::vector<Json> all;
    for (std::string line; std::getline(lines, line);) all.push_back(Json::parse(line));
    return all;
  }

  static std::string key_of(const std::string& school, const std::string& phone, const std::string& birth_date) {
    return school + "/" + phone + "/" + birth_date;
  }
  static std::string key_of(const Json& pupil) { return key_of(pupil["school"], pupil["phone"], pupil["birth_date"]); }
  static std::string key_of_record(const Json& record) {
    const Json& fields = record["fields"];
    const auto text = [&](const char* name) {
      return fields.contains(name) ? fields[name].get<std::string>() : std::string();
    };
    return key_of(text("school"), text("phone"), text("birth_date"));
  }

  const std::map<std::string, std::string>& pupils() {
    if (pupils_.empty()) {
      for (const Json& record : list({"list", "pupil"})) pupils_[key_of_record(record)] = record["id"];
    }
    return pupils_;
  }

  std::string pupil(const Json& key) {
    const auto found = pupils().find(key_of(key));
    if (found == pupils_.end()) throw std::runtime_error("there is no such pupil: " + key_of(key));
    return found->second;
  }

 private:
  const Options& options_;
  std::map<std::string, std::string> pupils_;
};

int field(const Options& options) {
  Person person(options);
  const Json work = read_json(options.data + "/work/" + options.replica + ".json");
  std::size_t wrong = 0;
  for (const Json& list : work["lists"]) {
    const Json report =
        Json::parse(person.type({"import", "school_list", options.data + "/" + list["file"].get<std::string>(),
                                 "--unit", list["school"], "--json"},
                                true));
    wrong += report["wrong"].get<std::size_t>();
  }
  person.type({"import", "device", options.data + "/" + work["devices"].get<std::string>()});
  for (const Json& correction : work["corrections"])
    person.type({"set", person.pupil(correction["pupil"]), "household=" + correction["household"].get<std::string>()});
  std::map<std::string, std::string> devices;
  for (const Json& record : person.list({"list", "device"})) devices[record["fields"]["serial"]] = record["id"];
  std::size_t handovers = 0;
  for (const Json& each : work["handovers"]) {
    std::string id =
        person.type({"add", "handover", "pupil=" + person.pupil(each["pupil"]), "device=" + devices.at(each["serial"]),
                     "date=" + each["date"].get<std::string>(), "provisional=true"});
    id.erase(id.find_last_not_of('\n') + 1);
    if (each["returned"]) person.type({"add", "return", "handover=" + id, "date=2021-11-29"});
    ++handovers;
  }
  std::printf("replica %s: %zu lists, %zu pupils, %zu wrong rows, %zu devices, %zu handovers\n",
              options.replica.c_str(), work["lists"].size(), person.pupils().size(), wrong, devices.size(), handovers);
  return 0;
}

int second(const Options& options) {
  Person person(options);
  const Json work = read_json(options.data + "/work/" + options.replica + ".json");
  for (const Json& thought : work["second_thoughts"])
    person.type({"set", person.pupil(thought["pupil"]), "household=" + thought["household"].get<std::string>()});
  return 0;
}

// What a reviewer knows: by asking the school whether two are one child, which stands in the truth file, and by the
// district's own papers.
class Knowledge {
 public:
  Knowledge(const std::string& data, const std::string& district) {
    const Json truth = read_json(data + "/truth.json");
    for (const Json& record : truth["records"]) child_[Person::key_of(record)] = record["child"];
    const Json papers = read_json(data + "/work/" + district + ".json");
    for (const Json& entry : papers["register"]) household_[Person::key_of(entry["pupil"])] = entry["household"];
    for (const Json& each : papers["void_handovers"])
      void_.emplace(each["serial"].get<std::string>(), each["date"].get<std::string>());
    for (const Json& each : papers["wrong_devices"])
      wrong_.emplace(each["serial"].get<std::string>(), each["school"].get<std::string>());
  }

  std::size_t child(const Json& pupil) const { return child_.at(Person::key_of_record(pupil)); }
  std::string household(const Json& pupil) const { return household_.at(Person::key_of_record(pupil)); }
  bool is_mistake(const std::string& serial, const std::string& date) const {
    return void_.contains(std::pair(serial, date));
  }
  bool is_wrong(const Json& device) const {
    return wrong_.contains(
        std::pair(device["fields"]["serial"].get<std::string>(), device["fields"]["school"].get<std::string>()));
  }

 private:
  std::map<std::string, std::size_t> child_;
  std::map<std::string, std::string> household_;
  std::set<std::pair<std::string, std::string>> void_, wrong_;
};

int settle(const Options& options) {
  Person person(options);
  const Knowledge knowledge(options.data, options.replica);
  std::map<std::string, std::size_t> settled;
  std::map<std::string, Json> records;  // looked at already
  const auto show = [&](const std::string& id) -> const Json& {
    const auto found = records.find(id);
    if (found != records.end()) return found->second;
    return records.emplace(id, Json::parse(person.type({"show", id, "--json"}))).first->second;
  };
  for (int round = 0; round < kMostRounds; ++round) {
    const std::vector<Json> cases = person.list({"cases"});
    std::size_t done = 0;
    for (const Json& each : cases) {
      const std::string id = each["id"], of = each["class"];
      if (of == "duplicate") {
        const bool same = knowledge.child(show(each["records"][0])) == knowledge.child(show(each["records"][1]));
        person.type({"settle", id, same ? "--same" : "--different", "--reason", "trường xác nhận"});
      } else if (of == "conflict") {
        person.type({"settle", id, "--choose", "household=" + knowledge.household(show(each["records"][0])), "--reason",
                     "xem hồ sơ"});
      } else if (of == "claim") {
        std::string wrong;
        for (const Json& record : each["records"]) {
          const Json& held = show(record);
          if (held["kind"] == "device" && knowledge.is_wrong(held)) wrong = record;
          if (held["kind"] != "handover") continue;
          const Json& device = show(held["fields"]["device"]);
          if (knowledge.is_mistake(device["fields"]["serial"], held["fields"]["date"])) wrong = record;
        }
        if (wrong.empty()) continue;
        person.type({"settle", id, "--void", wrong, "--reason", "ghi nhầm"});
      } else {
        continue;
      }
      ++settled[of];
      ++done;
    }
    if (done == 0) break;
  }
  std::printf("settled:");
  for (const auto& [of, count] : settled) std::printf(" %zu %s", count, of.c_str());
  const std::size_t left = person.list({"cases"}).size();
  std::printf("; %zu left\n", left);
  return left == 0 ? 0 : 1;
}

class Comparison {
 public:
  void line(const std::string& what, std::int64_t published, std::int64_t before, std::int64_t now, bool over = false) {
    const bool equal = over ? now > published : now == published;
    std::printf("  %-38s %s%9lld %12lld %12lld   %s\n", what.c_str(), over ? ">" : " ",
                static_cast<long long>(published), static_cast<long long>(before), static_cast<long long>(now),
                equal ? "=" : "DIFFERS");
    all_equal_ = all_equal_ && equal;
  }
  bool all_equal() const { return all_equal_; }

 private:
  bool all_equal_ = true;
};

std::int64_t measure(const Json& total, const char* name) { return total["measures"].value(name, std::int64_t{0}); }

std::int64_t measure(const Json& total, const char* dimension, const std::string& value, const char* name) {
  if (!total["by"].contains(dimension) || !total["by"][dimension].contains(value)) return 0;
  return total["by"][dimension][value].value(name, std::int64_t{0});
}

int compare(const Options& options) {
  const Json figures = read_json(options.figures)["bac_giang"];
  const Json truth = read_json(options.data + "/truth.json");
  const Json now = read_json(options.total);
  const Json before = options.before.empty() ? now : read_json(options.before);
  Comparison table;
  std::printf("  %-38s %10s %12s %12s\n", "", "published", "unsettled", "settled");
  const auto need = [&](const char* dimension, const std::string& value, std::int64_t published, bool over = false) {
    table.line(value, published, measure(before, dimension, value, "pupils_in_need"),
               measure(now, dimension, value, "pupils_in_need"), over);
  };
  table.line("pupils in need", figures["pupils_without_device"], measure(before, "pupils_in_need"),
             measure(now, "pupils_in_need"));
  need("school_level", "primary", figures["by_level"]["primary"]);
  need("school_level", "lower_secondary", figures["by_level"]["lower_secondary"]);
  const auto upper = [](const Json& total) {
    return measure(total, "school_level", "upper_secondary", "pupils_in_need") +
           measure(total, "school_level", "continuing", "pupils_in_need");
  };
  table.line("upper_secondary and continuing", figures["by_level"]["upper_secondary_and_continuing"], upper(before),
             upper(now));
  // Published as words: "3800", "over 4700", "over 8400".
  const auto word = [](std::string text) {
    if (text.starts_with("over ")) text.erase(0, 5);
    return static_cast<std::int64_t>(std::stoll(text));
  };
  const Json& household = figures["by_household_published"];
  need("household", "near_poor", word(household["near_poor"]));
  need("household", "poor", word(household["poor"]), true);
  need("household", "other_hardship", word(household["other_hardship"]), true);
  for (const char* type : {"desktop", "laptop", "tablet", "smartphone"})
    table.line(std::string(type) + "s received", figures["received"][type],
               measure(before, "device_type", type, "devices_received"),
               measure(now, "device_type", type, "devices_received"));
  std::printf("  %-38s %10s %12s %12s\n", "", "truth", "unsettled", "settled");
  table.line("devices handed over", truth["handovers"]["all"], measure(before, "devices_handed_over"),
             measure(now, "devices_handed_over"));
  for (const char* type : {"desktop", "laptop", "tablet", "smartphone"})
    table.line(std::string(type) + "s handed over", truth["handovers"]["by_type"].value(type, std::int64_t{0}),
               measure(before, "device_type", type, "devices_handed_over"),
               measure(now, "device_type", type, "devices_handed_over"));
  table.line("support in excess", 0, measure(before, "support_excess"), measure(now, "support_excess"));
  table.line("open cases", 0, measure(before, "cases_open"), measure(now, "cases_open"));
  return table.all_equal() ? 0 : 1;
}

}  // namespace
}  // namespace songsong::bacgiang

int main(int argc, char** argv) {
  using namespace songsong::bacgiang;
  Options options;
  CLI::App app("Plays the people of a made-up Bắc Giang");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--program", options.program);
  app.add_option("--data", options.data)->required();
  app.add_option("--dir", options.folder);
  int (*play)(const Options&) = nullptr;
  const auto command = [&](const char* name, int (*run)(const Options&)) {
    CLI::App* const sub = app.add_subcommand(name);
    sub->callback([&play, run] { play = run; });
    return sub;
  };
  command("field", field)->add_option("--replica", options.replica)->required();
  command("second", second)->add_option("--replica", options.replica)->required();
  command("settle", settle)->add_option("--replica", options.replica)->required();
  CLI::App* const sub = command("compare", compare);
  sub->add_option("--figures", options.figures)->required();
  sub->add_option("--total", options.total)->required();
  sub->add_option("--before", options.before);
  command("survey",
          [](const Options& given) {
            return survey({.program = given.program, .folder = given.folder}, given.data + "/units.csv", given.before);
          })
      ->add_option("--before", options.before)
      ->required();
  command("explain",
          [](const Options& given) {
            return explain({.program = given.program, .folder = given.folder}, given.before,
                           given.data + "/units-2025.csv");
          })
      ->add_option("--before", options.before)
      ->required();
  CLI11_PARSE(app, argc, argv);
  try {
    return play(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "play_bacgiang: %s\n", error.what());
    return 1;
  }
}
