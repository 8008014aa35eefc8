#include "shared/replica/audit_log.h"

#include <algorithm>

#include "shared/core/canonical.h"
#include "shared/core/change_row.h"
#include "shared/replica/own_lines.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 1000;

std::string at(const LogRow& row) { return "log " + std::to_string(row.sequence) + " (" + to_text(row.name) + ")"; }

}  // namespace

void differ(std::string where, std::string what) {
  throw Difference{Fault{.code = "difference", .where = std::move(where), .what = std::move(what)}};
}

void AuditLog::check() {
  for (;;) {
    const std::vector<LogRow> page = reader_.log(last_, kPage);
    if (page.empty()) break;
    for (const LogRow& row : page) check_row(row);
  }
  if (last_ != reader_.last_sequence()) differ("log", "The last store sequence is not that of the last entry.");
  check_runs();
  check_tips();
}

void AuditLog::check_row(const LogRow& row) {
  if (row.sequence != last_ + 1) differ(at(row), "An entry is missing before it.");
  last_ = row.sequence;
  const RecordId wanted[] = {row.record};
  const Outcome<PersonalValuesOf> values = PersonalValuesOf::decode(reader_.personal(wanted).front());
  if (!values) differ("personal values of " + to_text(row.record), values.fault().what);
  const Outcome<Change> change = decode_change(row.change, values->lookup());
  if (!change) differ(at(row), change.fault().what);
  if (change->name != row.name || change->record != row.record)
    differ(at(row), "The entry's bytes name another change or record.");
  const auto last = last_logged_.find(row.record);
  if (row.previous != (last == last_logged_.end() ? 0 : last->second))
    differ(at(row), "The link to the record's entry before it is wrong.");
  last_logged_[row.record] = row.sequence;
  const Name parent =
      row.name.sequence() == 1 ? Name() : Name(row.name.replica(), row.name.sequence() - 1, row.parent_tag);
  check_hash(row, *change, parent);
  changes_.push_back(Admitted{.change = *change, .parent = parent, .empty = row.verdict != Verdict::kApplied});
}

void AuditLog::check_hash(const LogRow& row, const Change& change, Name parent) {
  meet(row.name.replica());
  const auto before = parent.valid() ? hashes_.find(parent) : hashes_.end();
  if (parent.valid() && before == hashes_.end()) differ(at(row), "The change before it on its line is not in the log.");
  const BlockName block = key_of(run_of(row.name), row.name);
  const bool erased = keyring_.erased(row.name) != nullptr;
  if (erased && (!keyring_.is_destroyed(block) || keyring_.change_key(row.name) != nullptr))
    differ(at(row), "The key of a change that was erased is still held.");
  const Outcome<std::vector<Commitment>> bound = commitments(change, keyring_.lookup(block));
  if (!bound) differ(at(row), "A personal value or its key is missing: " + bound.fault().what);
  const ChainHash& start = parent.valid() ? before->second : roots_.at(row.name.replica());
  if (next_hash(start, canonical_bytes(change, *bound)) != row.hash)
    differ(at(row), "The chain hash does not fit the change.");
  if (!hashes_.emplace(row.name, row.hash).second) differ(at(row), "The change is in the log twice.");
  if (parent.valid()) child_.emplace(parent, row.name);
}

void AuditLog::meet(ReplicaId replica) {
  if (roots_.contains(replica)) return;
  const std::optional<PublicKey> key = keys_(reader_, replica);
  if (!key) differ("replica " + std::to_string(replica), "The log has changes of a replica whose key is not known.");
  roots_.emplace(replica, root_hash(replica, *key));
  const ReplicaId wanted[] = {replica};
  runs_[replica] = reader_.runs(wanted).front();
  load_keys(reader_, replica, keyring_);
}

const RunRow& AuditLog::run_of(Name name) {
  const RunRow* const row = run_holding(runs_.at(name.replica()), name);
  if (row == nullptr) differ("run of " + to_text(name), "No run holds the change.");
  return *row;
}

void AuditLog::check_runs() {
  std::map<Name, Name> parents;
  for (const Admitted& each : changes_) parents[each.change.name] = each.parent;
  std::size_t held = 0;
  for (const auto& [replica, runs] : runs_) {
    // A copied phone knows of its other lives, whose changes its own log does not hold.
    const bool lives_elsewhere =
        authority_ == Authority::kHoldsOwnLog && !reader_.setting(other_lives_setting(replica)).empty();
    for (const RunRow& row : runs) {
      for (Sequence sequence = row.run.first; sequence <= row.run.last; ++sequence) {
        const Name name(replica, sequence, row.run.tag);
        const Tag tag_before = sequence == row.run.first ? row.run.parent_tag : row.run.tag;
        const Name expected = sequence == 1 ? Name() : Name(replica, sequence - 1, tag_before);
        const auto found = parents.find(name);
        if (found == parents.end() && lives_elsewhere) continue;
        if (found == parents.end() || found->second != expected)
          differ("run of " + to_text(name), "The log does not bear out the run.");
        ++held;
      }
    }
  }
  if (held != changes_.size()) differ("runs", "They do not hold every change of the log once.");
}

void AuditLog::check_tips() {
  for (const auto& [replica, root] : roots_) {
    const ReplicaId wanted[] = {replica};
    std::size_t expected = 0;
    for (const Admitted& each : changes_) {
      if (each.change.name.replica() == replica && !child_.contains(each.change.name)) ++expected;
    }
    const std::vector<TipRow> tips = reader_.tips(wanted).front();
    if (tips.size() != expected)
      differ("tips of replica " + std::to_string(replica), "There are more or fewer than the log has branches.");
    for (const TipRow& tip : tips) {
      const auto hash = hashes_.find(tip.name);
      const bool last = hash != hashes_.end() && hash->second == tip.hash && !child_.contains(tip.name);
      if (!last) differ("tip " + to_text(tip.name), "It is not the last change of a branch, or its hash differs.");
    }
  }
}

}  // namespace songsong
