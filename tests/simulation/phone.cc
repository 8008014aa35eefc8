#include "tests/simulation/phone.h"

#include "tests/simulation/violation.h"

namespace songsong::simulation {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kPage = 1000;

}  // namespace

Phone::Phone(Disk& disk, std::string device, std::uint64_t luck, const std::int64_t& now_ms,
             std::shared_ptr<const SealedFiles> sealed)
    : disk_(disk),
      device_(std::move(device)),
      now_ms_(now_ms),
      random_(luck),
      sealed_(std::move(sealed)),
      was_made_(!disk.image(device_).empty()) {
  clocks.booted_ms = now_ms;
}

Phone::~Phone() { stop(); }

void Phone::start(const Policies& with) {
  stop();
  policies = &with;
  Outcome<std::unique_ptr<SqliteStore>> store = open_store();
  if (!store) {
    if (is_disk_fault(store.fault())) return;
    throw Violation("a store can always be opened", device_ + ": " + text_of(store.fault()));
  }
  store_ = std::move(*store);
  Outcome<std::unique_ptr<Replica>> replica =
      Replica::open(*store_, with,
                    Environment{.clock = [this] { return clock(); },
                                .entropy =
                                    [this](std::span<std::uint8_t> bytes) {
                                      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
                                    },
                                .actor = {}});
  if (replica) {
    replica_ = std::move(*replica);
    return;
  }
  store_.reset();
  if (!is_disk_fault(replica.fault()) && replica.fault().code != "no_replica")
    throw Violation("a store can always be opened", device_ + ": " + text_of(replica.fault()));
}

// A sealed file whose making was broken off is made again, as a folder's is, under another name.
Outcome<std::unique_ptr<SqliteStore>> Phone::open_store() {
  const SqliteOptions options{.vfs = disk_.vfs(), .exclusive = true, .sealed = sealed_};
  Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(device_ + "/replica.db", options);
  if (sealed_ && !was_made_ && !store && store.fault().code == "storage_damaged") {
    disk_.put(device_, Disk::Image());
    store = SqliteStore::open(device_ + "/replica.db", options);
  }
  was_made_ = was_made_ || store.ok();
  return store;
}

void Phone::stop() {
  give_up();
  replica_.reset();
  store_.reset();
}

void Phone::join(const Ticket& ticket) {
  stop();
  Outcome<std::unique_ptr<SqliteStore>> store = open_store();
  if (!store) return;
  const Outcome<Joined> joined = songsong::join(**store, ticket, [this](std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
  });
  if (!joined && !is_disk_fault(joined.fault()))
    throw Violation("a ticket of the own server is taken", device_ + ": " + text_of(joined.fault()));
}

ClockReading Phone::clock() const {
  const std::int64_t passed = now_ms_ - clocks.booted_ms;
  const std::int64_t drift = passed * clocks.drift_per_million / 1'000'000;
  return ClockReading{.wall_ms = now_ms_ + clocks.error_ms + drift,
                      .monotonic_ms = passed + drift,
                      .boot_session = clocks.boot_session};
}

void Phone::look_at_log(std::size_t most) {
  std::vector<SavedChange> held;
  const Outcome<Done> read = store_->read(kShard, [&](StoreReader& reader) {
    for (StoreSequence after = 0;;) {
      const std::vector<LogRow> page = reader.log(after, kPage);
      for (const LogRow& row : page)
        held.push_back(SavedChange{.at = row.sequence, .name = row.name, .hash = row.hash});
      if (page.size() < kPage) break;
      after = page.back().sequence;
    }
  });
  if (!read) {
    if (is_disk_fault(read.fault())) return;
    throw Violation("a store can always be read", device_ + ": " + text_of(read.fault()));
  }
  if (held.size() < saved_.size())
    throw Violation("what a phone saved stays", device_ + " lost " + std::to_string(saved_.size() - held.size()));
  for (std::size_t i = 0; i < saved_.size(); ++i) {
    if (held[i].name != saved_[i].name || held[i].hash != saved_[i].hash)
      throw Violation("what a phone saved stays", device_ + ": " + to_text(saved_[i].name) + " is another change now");
  }
  if (held.size() > saved_.size() + most)
    throw Violation("one act is one change", device_ + " saved " + std::to_string(held.size() - saved_.size()));
  saved_ = std::move(held);
}

}  // namespace songsong::simulation
