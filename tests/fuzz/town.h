// A town for fuzzers: one server and its phones, made once from one seed by the real programs' own code. Each input
// finds them as they were made: what an input wrote is put back, which costs a copy of some pages in memory.
//
// Who uses it holds all keys, so that messages can be made authentic which nobody would send. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/replica/own_lines.h"
#include "shared/replica/sqlite_store.h"
#include "shared/sync/host.h"
#include "shared/sync/piece.h"
#include "tests/simulation/disk.h"
#include "tests/support/random.h"

namespace songsong::fuzz {

inline constexpr std::int64_t kTownTime = 1'640'000'000'000;  // 20 December 2021, when inputs arrive

// Passes everything on, and knows whether anything was written.
class WatchedStore : public Store {
 public:
  explicit WatchedStore(Store& store) : store_(store) {}
  Outcome<Done> read(Shard shard, const std::function<void(StoreReader&)>& reading) override {
    return store_.read(shard, reading);
  }
  Outcome<StoreSequence> write(Shard shard, std::span<const Writing> writings) override {
    written_ = true;
    return store_.write(shard, writings);
  }
  bool written() const { return written_; }

 private:
  Store& store_;
  bool written_ = false;
};

// A replica as which inputs speak to the server.
struct Seat {
  Identity identity;
  Ticket ticket;
  bool enrolled = true;
  std::vector<Predecessor> line;  // what the server holds of it: the root of its chain, then each change
  std::vector<BlockKeyRow> keys;

  KeyPair pair() const { return KeyPair(identity.seed); }
};

// A phone's program, begun anew.
struct PhoneAtWork {
  std::unique_ptr<SqliteStore> file;
  std::unique_ptr<WatchedStore> store;
  std::unique_ptr<Random> luck;
  std::unique_ptr<Replica> replica;
  std::int64_t ticks = 0;

  ClockReading clock();
};

class Town {
 public:
  // The one of this process.
  static Town& get();

  // As it was made.
  void begin();
  Host& host() { return *host_; }
  Store& store() { return *store_; }
  bool written() const { return store_->written(); }
  std::int64_t now_ms = kTownTime;

  const std::vector<Seat>& seats() const { return seats_; }
  const ServerIdentity& server() const { return server_; }
  // One of the records that the server holds, whatever the number.
  RecordId record(std::uint64_t number) const { return records_[number % records_.size()]; }
  std::size_t records() const { return records_.size(); }

  std::size_t phones() const { return phones_.size(); }
  // What a phone of this number holds; the same again each time.
  std::unique_ptr<PhoneAtWork> phone(std::size_t number);

  // Fails with the name of the first difference.
  void verify_server();
  static void verify_phone(PhoneAtWork& phone);

 private:
  friend class Builder;
  Town();
  void open_server(bool is_new);
  void close_server();

  simulation::Disk disk_{1};
  Random luck_{1};
  simulation::Disk::Image image_;  // of the server
  std::unique_ptr<SqliteStore> file_;
  std::unique_ptr<WatchedStore> store_;
  std::unique_ptr<Host> host_;
  ServerIdentity server_;
  std::vector<Seat> seats_;
  std::vector<RecordId> records_;
  std::vector<simulation::Disk::Image> phones_;
};

}  // namespace songsong::fuzz
