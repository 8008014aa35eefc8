// A town in a test: one server and its phones in one process, every byte carried by hand through the real conversation.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/replica/sqlite_store.h"
#include "shared/sync/bundle.h"
#include "shared/sync/host.h"
#include "shared/sync/initiator.h"
#include "shared/sync/join.h"
#include "tests/support/must.h"
#include "tests/support/phone.h"
#include "tests/support/random.h"

namespace songsong::testing {

inline constexpr std::int64_t kTownTime = 1'631'404'800'000;  // 12 September 2021, when the programme began

const Primer& town_primer();

class Server {
 public:
  // Units: ministry > province > district-1 > school-1, school-2; district-2 > school-3.
  explicit Server(std::uint64_t luck = 1, const std::string& path = ":memory:");

  Host& host() { return *host_; }
  Store& store() { return *store_; }
  std::int64_t now_ms = kTownTime;
  std::function<void()> after_commit;  // what happens meanwhile, once

  Ticket ticket(const std::vector<std::string>& units, schema::Role role = schema::TEACHER);
  RecordId add_unit(const std::string& code, const std::string& parent);
  void set_parent(const std::string& code, const std::string& parent);
  // From today on; how they stood is kept. The clock says which day it is.
  void reform(const std::vector<std::string>& codes, const std::string& parent);
  void close_unit(const std::string& code);
  // The personal values of the record, and of what tells of it, are to go.
  RecordId erase(RecordId record);
  std::string today() const;
  // What the unit counts in the tree as it stood on a day, and stands now.
  std::int64_t total_on(const std::string& day, const std::string& unit, const std::string& measure);
  std::int64_t total(const std::string& unit, const std::string& measure);
  std::map<RecordId, std::string> states();  // canonical bytes of every record
  std::vector<std::string> case_ids();
  AuditSummary verify();
  // A copy of the whole store, and a server that is put back from it.
  void back_up(const std::string& path);
  void put_back(const std::string& backup_path);
  // Another key; the former one is good for who knows it, or forgotten.
  void rotate(bool keeps_former);
  // In the place of a server that is lost.
  void stand_in_for(const PublicKey& lost);

  Random& random() { return random_; }
  HostDoors doors();

 private:
  void open();

  Random random_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Host> host_;
  std::map<std::string, RecordId> units_;
};

// What happens to messages on the way; each call may alter, or return false to lose it.
struct Link {
  std::function<bool(std::string& question)> up;
  std::function<bool(std::string& answer)> down;
};

// A phone that joined with a ticket.
class Field {
 public:
  Field(Server& server, const std::vector<std::string>& units, schema::Role role = schema::TEACHER,
        const std::string& path = ":memory:");
  // The same phone's store file again: a program started anew, or a copy.
  Field(Server& server, const std::string& path, std::uint64_t luck);

  RecordId add(const std::string& kind, const Filled& filled) { return must(save(kind, RecordId(), filled)); }
  Outcome<RecordId> save(const std::string& kind, RecordId record, const Filled& filled);
  void set(RecordId record, const Filled& filled);
  // A pupil, to a school that it need not know.
  void let_go(RecordId pupil, const std::string& school);
  void remove(RecordId record);
  RecordId pupil(const std::string& name, const std::string& school);
  std::string shown(RecordId record, const std::string& field);
  bool live(RecordId record);
  std::size_t count(const std::string& kind);
  std::vector<std::string> case_ids();
  std::int64_t total(const std::string& unit, const std::string& measure);
  AuditSummary verify();
  std::map<RecordId, std::string> states();

  // One whole conversation; the fault that ends it, if any.
  Outcome<SyncTally> try_sync(Server& server, const Link& link = {},
                              InitiatorOptions options = {.primer = &town_primer(), .check = false});
  SyncTally sync(Server& server) { return must(try_sync(server)); }
  void join_again(const Ticket& ticket) { must(try_join(ticket)); }
  // What join() says of it.
  Outcome<Joined> try_join(const Ticket& ticket, bool same_server = false);

  Replica& replica() { return *replica_; }
  Store& store() { return *store_; }
  ClockReading clock();
  std::int64_t clock_error_ms = 0;

 private:
  void open();

  Server& server_;
  Random random_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Replica> replica_;
  std::int64_t ticks_ = 0;
};

}  // namespace songsong::testing
