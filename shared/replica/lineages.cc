#include "shared/replica/lineages.h"

#include <algorithm>
#include <tuple>

namespace songsong {

const RunRow* run_holding(const std::vector<RunRow>& runs, Name name) {
  const auto holds = [name](const RunRow& row) {
    return row.run.tag == name.tag() && row.run.first <= name.sequence() && name.sequence() <= row.run.last;
  };
  const auto found = std::find_if(runs.begin(), runs.end(), holds);
  return found == runs.end() ? nullptr : &*found;
}

void Lineages::load(std::span<const ReplicaId> replicas) {
  std::vector<ReplicaId> missing;
  for (const ReplicaId replica : replicas) {
    if (loaded_.insert(replica).second) missing.push_back(replica);
  }
  if (missing.empty()) return;
  const std::vector<std::vector<RunRow>> rows = reader_.runs(missing);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (rows[i].empty() && authority_ == Authority::kHoldsOwnLog) continue;
    runs_[missing[i]] = rows[i];
    describe(missing[i]);
  }
}

// What a server sent of a copied phone begins where the copies part; before that the phone is one line.
void Lineages::describe(ReplicaId replica) {
  std::vector<Run> runs;
  for (const RunRow& row : runs_[replica]) runs.push_back(row.run);
  const Sequence trunk = runs.empty() ? 0 : std::min_element(runs.begin(), runs.end())->first - 1;
  lineage_.describe(replica, trunk, std::move(runs));
}

// Whether two runs say different things of one change. Runs of one line never do, for a run ends where the tag changes.
bool contradict(const Run& one, const Run& other) {
  if (one.tag != other.tag || one.last < other.first || other.last < one.first) return false;
  return one.first != other.first || one.parent_tag != other.parent_tag;
}

// A run may be known here up to another change than there: the longer one says both. One that contradicts what is
// known comes from a server that errs, or a tag that was drawn twice; what the log holds stays true.
bool Lineages::learn(ReplicaId replica, const std::vector<RunRow>& runs) {
  const ReplicaId wanted[] = {replica};
  load(wanted);
  std::vector<RunRow>& known = runs_[replica];
  bool more = false;
  for (const RunRow& row : runs) {
    const auto against = [&](const RunRow& one) { return contradict(one.run, row.run); };
    if (std::any_of(known.begin(), known.end(), against)) continue;
    const auto same = [&](const RunRow& one) { return one.run.first == row.run.first && one.run.tag == row.run.tag; };
    const auto found = std::find_if(known.begin(), known.end(), same);
    if (found == known.end()) {
      known.push_back(row);
    } else if (found->run.last < row.run.last) {
      found->run.last = row.run.last;
    } else {
      continue;
    }
    changed_.emplace(replica, std::pair(row.run.first, row.run.tag));
    more = true;
  }
  if (!more) return false;
  std::sort(known.begin(), known.end(), [](const RunRow& one, const RunRow& other) { return one.run < other.run; });
  describe(replica);
  return true;
}

void Lineages::load_for(const Change& change) {
  std::vector<ReplicaId> replicas{change.name.replica()};
  for (const Name name : change.saw) replicas.push_back(name.replica());
  load(replicas);
}

void Lineages::load_for(const State& state) {
  std::vector<ReplicaId> replicas;
  const auto add = [&](const VersionVector& names) {
    for (const Name name : names) replicas.push_back(name.replica());
  };
  add(state.applied);
  add(state.removal_ahead);
  for (const Register& each : state.registers) add(each.ahead);
  load(replicas);
}

void Lineages::extend(Name name, Tag parent_tag, Tag key_tag) {
  std::vector<RunRow>& runs = runs_[name.replica()];
  if (!lineage_.described(name.replica())) lineage_.describe(name.replica(), 0, {});
  lineage_.extend(name, parent_tag);
  const auto goes_on = [&](const RunRow& row) {
    return row.run.tag == name.tag() && row.run.last + 1 == name.sequence() && parent_tag == name.tag();
  };
  const auto run = std::find_if(runs.begin(), runs.end(), goes_on);
  if (run != runs.end()) {
    run->run.last = name.sequence();
    changed_.emplace(name.replica(), std::pair(run->run.first, run->run.tag));
    return;
  }
  const RunRow row{
      .replica = name.replica(),
      .run = Run{.first = name.sequence(), .last = name.sequence(), .tag = name.tag(), .parent_tag = parent_tag},
      .key_tag = key_tag};
  const auto place = std::lower_bound(runs.begin(), runs.end(), row,
                                      [](const RunRow& one, const RunRow& other) { return one.run < other.run; });
  runs.insert(place, row);
  changed_.emplace(name.replica(), std::pair(row.run.first, row.run.tag));
}

const RunRow* Lineages::run_of(Name name) const {
  const auto found = runs_.find(name.replica());
  return found == runs_.end() ? nullptr : run_holding(found->second, name);
}

std::vector<RunRow> Lineages::changed_runs() const {
  std::vector<RunRow> rows;
  for (const auto& [replica, runs] : runs_) {
    for (const RunRow& row : runs) {
      if (changed_.contains({replica, {row.run.first, row.run.tag}})) rows.push_back(row);
    }
  }
  return rows;
}

}  // namespace songsong
