// World: carries out the steps of a plan: phones, an office or two, what is on the way between them, and the people. At
// the end everything heals: faults cease, all talk until there is nothing more to say. What may never be is looked for
// all along (checks.h) and thrown as a Violation.
//
// Everything here follows from the plan: one thread, no clock, no chance of its own. Nothing is asserted of what people
// may do; an act that the program refuses is an act that was not done.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/disk.h"
#include "tests/simulation/office.h"
#include "tests/simulation/phone.h"
#include "tests/simulation/plan.h"

namespace songsong::simulation {

// A question or an answer on its way.
struct Message {
  std::size_t phone = 0;
  std::uint64_t talk = 0;
  std::string bytes;
  // Of a question that arrived before: the office that answered, and what it promised then.
  std::size_t office = 0;
  std::string promised;
};

// A file that somebody carries.
struct Parcel {
  std::size_t owner = 0;
  bool receipts = false;
  std::string bytes;
};

struct Counts {
  std::uint64_t steps = 0;
  std::uint64_t changes = 0;  // saved on phones
  std::uint64_t answers = 0;  // of servers
  std::map<std::string, std::uint64_t> faults;

  void add(const Counts& other);
};

class World {
 public:
  explicit World(const Plan& plan);

  void run();  // all steps, then heal() and the last checks
  const Counts& counts();

 private:
  void step(const Step& step);
  bool step_of_people(const Step& step, Phone& phone);
  bool step_of_messages(const Step& step);
  bool step_of_devices(const Step& step, std::size_t number);
  bool step_of_offices(const Step& step);
  void heal();

  // people.cc
  void save(Phone& phone, const std::string& kind, RecordId record, const Filled& filled,
            const VersionVector* seen = nullptr);
  void act(Phone& phone, const Act& act);
  void settle(Phone& phone, const Step& step);
  std::optional<RecordId> held(Phone& phone, const std::string& kind, std::uint32_t which, bool live = true);
  std::string fresh(const std::string& word) { return word + " " + std::to_string(++words_); }

  // edits.cc
  void edit(Phone& phone, RecordId record, std::uint32_t which, const OpenForm* form = nullptr);
  void save_stale(Phone& phone, const OpenForm& form, std::uint32_t which);
  void overtake(std::size_t number, const Step& step);
  void repoint(Phone& phone, const Step& step);
  void reclass(Phone& phone, const Step& step);

  // messages.cc
  InitiatorOptions options(bool check) const;
  void ask(std::size_t number);
  void arrive(std::size_t index, const Step& step, bool damaged);
  void hear(const Message& answer, std::uint32_t c);
  // Over a good link to the end; true if anything was sent or received.
  bool converse(std::size_t number, bool check);
  std::optional<std::string> answer_of(std::size_t office, Message& question);
  void carry(const Step& step);
  void give_back_receipts(std::size_t number);

  void after_phone(Phone& phone, std::size_t most_saved);
  void revive(Phone& phone);
  void after_office(Office& office);
  void give_ticket(Phone& phone, std::size_t number);
  bool is_revoked(Phone& phone) const { return revoked_.contains(phone.replica().identity().replica); }
  Office& office() { return *offices_.back(); }
  void count_fault(const std::string& what) { ++counts_.faults[what]; }

  const Plan& plan_;
  Random random_;
  std::int64_t now_ms_;
  Disk disk_;
  std::vector<std::unique_ptr<Office>> offices_;  // the last one is the server; the one before may still be running
  bool old_office_runs_ = false;
  std::vector<Disk::Image> backups_;
  std::vector<std::unique_ptr<Phone>> phones_;
  std::vector<std::size_t> whose_;  // phone → the place in the village that it was made for
  std::set<ReplicaId> revoked_;
  std::vector<Message> questions_, answers_;
  std::vector<Parcel> parcels_;
  std::uint64_t talks_ = 0;
  std::uint64_t words_ = 0;
  Counts counts_;
};

}  // namespace songsong::simulation
