// Lineages: of the replicas that one commit meets, what is known of their lines, read from the store's runs.
//
// On a store that holds whole logs (a server), every replica is described, so that a name which the store does not hold
// covers nothing. A phone holds only its own log: it describes itself and the replicas that the server said were
// copied, and takes the others' names as the server sent them.
#pragma once

#include <map>
#include <set>
#include <span>
#include <vector>

#include "shared/core/lineage.h"
#include "shared/replica/store.h"

namespace songsong {

enum class Authority {
  kHoldsAllLogs,
  kHoldsOwnLog,
};

// The run that holds the change; null when none does.
const RunRow* run_holding(const std::vector<RunRow>& runs, Name name);

class Lineages {
 public:
  Lineages(Authority authority, StoreReader& reader) : authority_(authority), reader_(reader) {}

  void load(std::span<const ReplicaId> replicas);
  // Every replica that the state or the change names.
  void load_for(const State& state);
  void load_for(const Change& change);

  // What a server says of a replica that was copied: all its runs since the copies parted. Joined with what is known;
  // whether that made it more.
  bool learn(ReplicaId replica, const std::vector<RunRow>& runs);

  // One more change on its line; `key_tag` as in RunRow. Its replica must be loaded. Collects the rows to write.
  void extend(Name name, Tag parent_tag, Tag key_tag);
  // The run that holds the change; null when unknown.
  const RunRow* run_of(Name name) const;
  // What is known of a replica that is loaded, ascending by (first, tag).
  const std::vector<RunRow>& runs_of(ReplicaId replica) const { return runs_.at(replica); }
  // Rows changed since the beginning, ascending by (replica, first, tag).
  std::vector<RunRow> changed_runs() const;

  const Lineage& lineage() const { return lineage_; }

 private:
  void describe(ReplicaId replica);

  Authority authority_;
  StoreReader& reader_;
  Lineage lineage_;
  std::set<ReplicaId> loaded_;
  std::map<ReplicaId, std::vector<RunRow>> runs_;  // ascending by (first, tag)
  std::set<std::pair<ReplicaId, std::pair<Sequence, Tag>>> changed_;
};

}  // namespace songsong
