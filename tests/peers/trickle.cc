#include "tests/peers/trickle.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <mutex>
#include <thread>

#include "tests/peers/elapsed.h"

namespace songsong::bench {
namespace {

// Of sorted values; 0 of none.
double percentile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  const double place = std::ceil(static_cast<double>(sorted.size()) * part);
  return sorted[std::clamp<std::size_t>(static_cast<std::size_t>(place), 1, sorted.size()) - 1];
}

}  // namespace

std::map<std::string, std::vector<const Need*>> trickle_schools(const std::vector<Need>& needs) {
  std::map<std::string, std::vector<const Need*>> schools;
  for (const Need& need : needs) schools[need.school_id].push_back(&need);
  std::erase_if(schools, [](const auto& school) { return school.second.size() < kTrickleChanges; });
  while (schools.size() > kTrickleClients) schools.erase(std::prev(schools.end()));
  for (auto& [school, records] : schools) records.resize(kTrickleChanges);
  return schools;
}

std::string trickle_note(std::size_t client, std::size_t change) {
  return "lần 2 – cập nhật " + std::to_string(client) + "/" + std::to_string(change);
}

nlohmann::ordered_json run_trickle(std::size_t clients, const std::function<bool(std::size_t)>& push) {
  std::atomic<std::size_t> next{0}, failed{0};
  std::mutex mutex;
  std::vector<double> latencies;  // guarded by mutex
  const auto push_one = [&](std::size_t client) {
    const Clock::time_point asked = Clock::now();
    bool pushed = false;
    try {
      pushed = push(client);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "client %zu: %s\n", client, error.what());
    }
    const double took = milliseconds_since(asked);
    const std::lock_guard<std::mutex> lock(mutex);
    pushed ? latencies.push_back(took) : void(++failed);
  };
  const Clock::time_point began = Clock::now();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kTrickleThreads; ++i) {
    threads.emplace_back([&] {
      for (std::size_t client = next++; client < clients; client = next++) push_one(client);
    });
  }
  for (std::thread& each : threads) each.join();
  const double seconds = milliseconds_since(began) / 1000;
  std::sort(latencies.begin(), latencies.end());
  return {{"p50", percentile(latencies, .5)},
          {"p99", percentile(latencies, .99)},
          {"rps", static_cast<double>(latencies.size() * kTrickleChanges) / seconds},
          {"fail", failed.load()}};
}

}  // namespace songsong::bench
