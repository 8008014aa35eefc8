#include "tests/faults/crowd.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <thread>

#include "client/command.h"
#include "client/conversation.h"
#include "client/device.h"
#include "schemas/programme_primer.h"
#include "schemas/programme_table.h"
#include "server/office.h"
#include "shared/replica/sqlite_store.h"
#include "shared/sync/join.h"
#include "shared/system/entropy.h"
#include "tests/support/must.h"
#include "tests/support/random.h"

namespace songsong::testing {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::uint32_t kCacheKib = 256;  // of pages, beside the store itself
constexpr std::int64_t kLeastPauseMs = 1000, kMostPauseMs = 3000;

const Policies& table() {
  static const Policies policies = must(Policies::parse(programme_policy_table()));
  return policies;
}

const Primer& primer() {
  static const Primer known = must(Primer::parse(programme_primer_bytes()));
  return known;
}

}  // namespace

struct Crowd::Phone {
  explicit Phone(const Ticket& ticket) : number(ticket.replica), random(ticket.replica) {
    SqliteOptions options;
    options.cache_kib = kCacheKib;
    store = must(SqliteStore::open(":memory:", options));
    must(join(*store, ticket, draw_entropy));
    replica = must(
        Replica::open(*store, table(), Environment{.clock = client::read_clock, .entropy = draw_entropy, .actor = {}}));
  }

  ReplicaId number;
  Random random;
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<Replica> replica;
};

Crowd::Crowd(const std::string& server_folder, const std::string& address, const std::vector<std::string>& units,
             const client::HttpPatience& patience)
    : patience_(patience) {
  const std::unique_ptr<server::Office> office = must(server::Office::open(server_folder));
  for (const std::string& unit : units) {
    phones_.push_back(
        std::make_unique<Phone>(must(office->host().issue_ticket({unit}, schema::TEACHER, address, kDayMs))));
  }
}

Crowd::~Crowd() = default;

void Crowd::record(std::size_t each) {
  const KindPolicy& pupil = *table().kind_named("pupil");
  for (const std::unique_ptr<Phone>& phone : phones_) {
    std::vector<Act> acts;
    for (std::size_t i = 0; i < each; ++i) {
      Act act;
      act.kind = pupil.number();
      const std::string name = "Em " + std::to_string(phone->number) + "." + std::to_string(recorded_ + i);
      act.inputs = must(client::parse_inputs(pupil, {"full_name=" + name, "household=poor", "school_level=primary",
                                                     "school=" + phone->replica->identity().grants.front().unit}));
      acts.push_back(std::move(act));
    }
    must(phone->replica->save(acts));
  }
  recorded_ += each;
}

CrowdTold Crowd::synchronise(Seconds most) {
  CrowdTold told;
  std::vector<Seconds> times;
  std::atomic<std::size_t> waits{0};
  std::mutex mutex;  // guards told.faults, told.changes and times
  std::latch all_here(static_cast<std::ptrdiff_t>(phones_.size()));
  Seconds began{0};
  const auto synchronise_one = [&](Phone& phone) {
    client::ConversationOptions options;
    options.primer = &primer();
    options.patience = patience_;
    options.told_to_wait = [&waits](std::chrono::milliseconds) { ++waits; };
    all_here.arrive_and_wait();
    while (now() - began < most) {
      const Outcome<SyncTally> tally = client::converse(*phone.replica, options);
      {
        const std::lock_guard lock(mutex);
        if (tally) {
          told.changes += tally->sent;
          if (tally->pending == 0) return times.push_back(now() - began);
        } else {
          ++told.faults[tally.fault().code];
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(phone.random.between(kLeastPauseMs, kMostPauseMs)));
    }
  };
  (void)primer();  // learned once, before the time counts
  began = now();
  {
    std::vector<std::jthread> threads;
    for (const std::unique_ptr<Phone>& phone : phones_)
      threads.emplace_back([&synchronise_one, &phone] { synchronise_one(*phone); });
  }
  std::sort(times.begin(), times.end());
  told.whole = times.size();
  told.waits = waits;
  if (!times.empty()) {
    told.took = times.back();
    told.median = times[times.size() / 2];
    told.nearly_all = times[(times.size() - 1) * 99 / 100];
  }
  return told;
}

}  // namespace songsong::testing
