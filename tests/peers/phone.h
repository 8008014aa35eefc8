// Phone: a replica of the comparison, on a file: what the product's command line does to one, with bench_need.
//
// One thread. What cannot fail in a measurement throws std::runtime_error with the fault's code.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/core/change_codec.h"
#include "shared/replica/replica.h"
#include "shared/replica/sqlite_store.h"
#include "tests/support/bench_need.h"

namespace songsong::bench {

// The fields that the comparison edits and looks at, numbered as in bench_need.proto.
inline constexpr FieldNumber kStudentCode = 1;
inline constexpr FieldNumber kGuardianPhone = 9;
inline constexpr FieldNumber kLacksDevice = 10;
inline constexpr FieldNumber kNote = 15;

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome)
    throw std::runtime_error(outcome.fault().code + " at " + outcome.fault().where + ": " + outcome.fault().what);
  return std::move(outcome).value();
}

const Policies& policies();

struct Synced {
  bool complete = false;  // nothing waits for a receipt, nothing is still to come
  std::uint64_t failures = 0;
  std::uint64_t round_trips = 0;
};

class Phone {
 public:
  // Makes the file, as the ticket's replica.
  Phone(const std::string& path, const std::string& ticket);

  void record(std::span<const Need> needs);
  // Writes to one record: what a person changes in one act.
  using Edit = std::pair<RecordId, std::vector<Input>>;
  void edit(const std::vector<Edit>& edits);
  // A network that fails is tried again until the limit.
  Synced synchronise(const Primer& primer, std::int64_t limit_ms);

  struct Held {
    RecordId id;
    std::string note, phone;
  };
  std::map<std::string, Held> held();  // by student code
  Held held(RecordId record);
  std::size_t conflicts();  // that await a decision

 private:
  void save(const std::vector<Act>& acts);

  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Replica> replica_;
};

}  // namespace songsong::bench
