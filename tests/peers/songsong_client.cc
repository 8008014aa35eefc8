// peer_songsong: SongSong's client of the comparison with other systems (README.md). Prepares, prints "READY {...}",
// waits for a line, works, prints "DONE {...}", waits for a line.
//
//   peer_songsong PHASE DIR SERVER_DIR URL COUNT LIMIT_MS    w1push, w1pull, w2, w3, w4
//   peer_songsong needs COUNT                                the records, one JSON object a line
//
// The tickets are issued in the server's folder, as its office does, before READY.
#include <chrono>
#include <cstdio>

#include "shared/core/crypto.h"
#include "shared/sync/ticket.h"
#include "tests/peers/bench_tables.h"
#include "tests/peers/conflict.h"
#include "tests/peers/elapsed.h"
#include "tests/peers/needs_json.h"
#include "tests/peers/phone.h"
#include "tests/peers/talk.h"
#include "tests/peers/trickle.h"

namespace songsong::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kTicketMs = 365LL * 24 * 3600 * 1000;
constexpr std::int64_t kPromptMs = 60'000;  // where the link is good

struct Options {
  std::string phase, folder, server_folder, url;
  std::size_t count = 0;
  std::int64_t limit_ms = 0;
};

class Comparison {
 public:
  explicit Comparison(Options options)
      : options_(std::move(options)),
        needs_(make_needs(Lists::kMeasured, options_.count, kMeasuredSeed)),
        primer_(must(Primer::from_pieces(1, training_pieces()))) {}

  void run() {
    if (options_.phase == "w1push" || options_.phase == "w4") return push();
    if (options_.phase == "w1pull") return pull();
    if (options_.phase == "w2") return trickle();
    if (options_.phase == "w3") return conflict();
    throw std::runtime_error("no such phase: " + options_.phase);
  }

 private:
  // A replica for each list of units.
  std::vector<std::unique_ptr<Phone>> phones(const std::vector<std::string>& units) {
    std::vector<std::string> tickets;
    {
      const BenchTables tables;
      const auto office = must(server::Office::open(options_.server_folder, {}, tables.borrowed()));
      for (const std::string& unit : units)
        tickets.push_back(to_text(must(office->host().issue_ticket({unit}, schema::TEACHER, options_.url, kTicketMs))));
    }
    std::vector<std::unique_ptr<Phone>> made;
    for (std::size_t i = 0; i < units.size(); ++i)
      made.push_back(std::make_unique<Phone>(options_.folder + "/phone-" + std::to_string(i) + ".db", tickets[i]));
    return made;
  }

  void push() {
    const auto phone = std::move(phones({"province"}).front());
    const Clock::time_point began = Clock::now();
    phone->record(needs_);
    tell_ready(Json{{"create_s", milliseconds_since(began) / 1000}});
    const Synced synced = phone->synchronise(primer_, options_.limit_ms);
    Json result{{"reconnects", synced.failures}, {"round_trips", synced.round_trips}};
    if (!synced.complete) result["incomplete"] = true;
    tell_done(result);
  }

  void pull() {
    const auto phone = std::move(phones({"province"}).front());
    tell_ready();
    const Synced synced = phone->synchronise(primer_, options_.limit_ms);
    Json result{{"count", phone->held().size()}};
    if (!synced.complete) result["incomplete"] = true;
    tell_done(result);
  }

  // Each client is a school's phone: it holds the school's records and edits ten of them.
  void trickle() {
    const auto schools = trickle_schools(needs_);
    std::vector<std::string> units;
    for (const auto& [unit, records] : schools) units.push_back(unit);
    const auto all = phones(units);
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i]->synchronise(primer_, kPromptMs);
      const auto held = all[i]->held();
      std::vector<Phone::Edit> edits;
      for (std::size_t k = 0; k < kTrickleChanges; ++k) {
        const Need& need = *schools.at(units[i])[k];
        edits.emplace_back(held.at(need.student_code).id,
                           std::vector<Input>{{kLacksDevice, Shape::kRegister, Value(std::int64_t{!need.lacks_device})},
                                              {kNote, Shape::kRegister, Value(Text{trickle_note(i, k)})}});
      }
      all[i]->edit(edits);
    }
    tell_ready();
    tell_done(
        run_trickle(all.size(), [&](std::size_t at) { return all[at]->synchronise(primer_, kPromptMs).complete; }));
  }

  void conflict() {
    const auto both = phones({"province", "province"});
    Phone &a = *both[0], &b = *both[1];
    for (const auto& each : both) each->synchronise(primer_, kPromptMs);
    const auto held = a.held();
    const Json pulled{{"n1", held.size()}, {"n2", b.held().size()}};
    const auto write = [](FieldNumber field, std::string text) {
      return std::vector<Input>{{field, Shape::kRegister, Value(Text{std::move(text)})}};
    };
    std::vector<Phone::Edit> edits_of_a, edits_of_b;
    for (std::size_t i = 0; i < kEditedApart + kEditedAlike; ++i) {
      const RecordId id = held.at(needs_.at(i).student_code).id;
      edits_of_a.emplace_back(id, write(kNote, note_of_a(needs_, i)));
      edits_of_b.emplace_back(
          id, i < kEditedApart ? write(kGuardianPhone, phone_of_b(needs_, i)) : write(kNote, note_of_b(needs_, i)));
    }
    a.edit(edits_of_a);
    b.edit(edits_of_b);
    tell_ready(pulled);
    bool complete = true;
    for (Phone* const each : {&a, &b, &a, &b}) complete = each->synchronise(primer_, kPromptMs).complete && complete;
    const Clock::time_point synchronised = Clock::now();
    const auto edited_on = [&](Phone& phone) {
      return [&](const Need& need) {
        const Phone::Held one = phone.held(held.at(need.student_code).id);
        return Edited{.note = one.note, .phone = one.phone};
      };
    };
    Json result = judge_edits(needs_, edited_on(a), edited_on(b));
    result["visible"] = a.conflicts();
    result["verify_ms"] = milliseconds_since(synchronised);
    if (!complete) result["incomplete"] = true;
    tell_done(result);
  }

  Options options_;
  std::vector<Need> needs_;
  Primer primer_;
};

int run(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 2 && words[0] == "needs") {
    for (const Need& need : make_needs(Lists::kMeasured, std::stoul(words[1]), kMeasuredSeed))
      std::printf("%s\n", to_json(need).c_str());
    return std::fflush(stdout) == 0 ? 0 : 1;
  }
  if (words.size() != 6) {
    std::fprintf(stderr, "peer_songsong PHASE DIR SERVER_DIR URL COUNT LIMIT_MS | peer_songsong needs COUNT\n");
    return 2;
  }
  Comparison(Options{.phase = words[0],
                     .folder = words[1],
                     .server_folder = words[2],
                     .url = words[3],
                     .count = std::stoul(words[4]),
                     .limit_ms = std::stol(words[5])})
      .run();
  return 0;
}

}  // namespace
}  // namespace songsong::bench

int main(int argc, char** argv) {
  try {
    songsong::init_crypto();
    return songsong::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cout << "DONE " << nlohmann::json{{"error", error.what()}}.dump() << std::endl;
    std::fprintf(stderr, "peer_songsong: %s\n", error.what());
    return 1;
  }
}
