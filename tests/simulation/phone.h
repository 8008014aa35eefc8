// A phone of a simulation: a device with a disk, clocks of its own, and the program on it, which may be killed, started
// again, copied or put back at any moment. One thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/replica/sqlite_sealed.h"
#include "shared/replica/sqlite_store.h"
#include "shared/sync/initiator.h"
#include "shared/sync/join.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/tables.h"

namespace songsong::simulation {

struct PhoneClock {
  std::int64_t error_ms = 0;  // of the wall clock
  std::int64_t drift_per_million = 0;
  std::int64_t booted_ms = 0;  // true time
  std::uint64_t boot_session = 1;
};

// An own change that is on the disk.
struct SavedChange {
  StoreSequence at = 0;
  Name name;
  ChainHash hash;
};

struct OpenForm {
  RecordId record;
  VersionVector seen;
  std::set<Name> heads;  // the values that were before the eyes
};

class Phone {
 public:
  // `sealed`: what its store's pages are sealed by; null for none.
  Phone(Disk& disk, std::string device, std::uint64_t luck, const std::int64_t& now_ms,
        std::shared_ptr<const SealedFiles> sealed);
  ~Phone();

  const std::string& device() const { return device_; }
  // Makes the new store the ticket's replica, or gives it the ticket's identity from now on.
  void join(const Ticket& ticket);
  // Starts the program. Faults of the disk leave it off.
  void start(const Policies& policies);
  void stop();  // closes the store, as a program that ends
  void give_up() {
    talking.reset();
    waits = false;
  }
  bool on() const { return replica_ != nullptr; }
  Replica& replica() { return *replica_; }
  Store& store() { return *store_; }
  ClockReading clock() const;

  // Looks at what was saved since the last look; a violation if what was there is not any more, or `most` is passed.
  void look_at_log(std::size_t most);
  const std::vector<SavedChange>& saved() const { return saved_; }
  void forget_saved() { saved_.clear(); }  // the disk was put back to an older state

  // The conversation that it has: one question at a time.
  std::unique_ptr<Initiator> talking;
  std::uint64_t talk = 0;  // names its last question
  bool waits = false;      // for an answer

  PhoneClock clocks;
  std::deque<OpenForm> forms;
  std::optional<Disk::Image> backup;
  bool dies_by_power = false;
  std::size_t unsure = 0;  // acts whose write failed: they may be on the disk, or be lost with the power yet
  bool gone = false;       // in the river
  const Policies* policies = nullptr;

  const std::shared_ptr<const SealedFiles>& sealed() const { return sealed_; }

 private:
  Outcome<std::unique_ptr<SqliteStore>> open_store();

  Disk& disk_;
  const std::string device_;
  const std::int64_t& now_ms_;
  Random random_;
  const std::shared_ptr<const SealedFiles> sealed_;
  bool was_made_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Replica> replica_;
  std::vector<SavedChange> saved_;
};

}  // namespace songsong::simulation
