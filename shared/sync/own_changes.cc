#include "shared/sync/own_changes.h"

#include <algorithm>

#include "shared/core/change_row.h"
#include "shared/replica/own_lines.h"

namespace songsong {
namespace {

const OwnChange* find(std::span<const OwnChange> own_changes, Name name) {
  const auto found = std::find_if(own_changes.begin(), own_changes.end(),
                                  [&](const OwnChange& own) { return own.change.name == name; });
  return found == own_changes.end() ? nullptr : &*found;
}

bool is_gone(const Value& value) { return value.type() == ValueType::kErased; }

}  // namespace

std::vector<OwnChange> OwnChanges::of(RecordId record) {
  std::vector<OwnChange> changes;
  const RecordId wanted[] = {record};
  cache_.load(wanted);
  const RecordRow* const row = cache_.stored(record);
  if (row == nullptr || row->last_logged == 0) return changes;
  for (const LogRow& entry : log_of_record(reader_, *row)) {
    Outcome<Change> change = decode_change(entry.change, cache_.personal(record).lookup());
    if (!change) throw StorageDamage{change.fault()};
    const bool refused = entry.verdict == Verdict::kQuarantined || refused_.contains(entry.name);
    changes.push_back(
        OwnChange{.change = std::move(*change), .verdict = refused ? Verdict::kQuarantined : Verdict::kApplied});
  }
  return changes;
}

std::set<Name> erased_in(const State& state, std::span<const OwnChange> own_changes) {
  std::set<Name> names;
  for (const Register& each : state.registers) {
    for (const Head& head : each.heads) {
      const OwnChange* const own = head.personal && is_gone(head.value) ? find(own_changes, head.name) : nullptr;
      if (own == nullptr) continue;
      const std::vector<Write>& writes = own->change.writes;
      const bool held = std::any_of(writes.begin(), writes.end(), [&](const Write& write) {
        return write.field == each.field && write.personal && !is_gone(write.value) && !write.value.is_none();
      });
      if (held) names.insert(head.name);
    }
  }
  return names;
}

void blank_own(State& state, std::span<const OwnChange> own_changes) {
  for (Register& each : state.registers) {
    for (Head& head : each.heads) {
      const OwnChange* const own = head.personal ? find(own_changes, head.name) : nullptr;
      if (own == nullptr) continue;
      for (const Write& write : own->change.writes) {
        if (write.field == each.field && write.personal && is_gone(write.value)) head.value = Value(Erased{});
      }
    }
  }
}

bool contradicts(const State& state, std::span<const OwnChange> own_changes) {
  for (const Register& each : state.registers) {
    for (const Head& head : each.heads) {
      const OwnChange* const own = find(own_changes, head.name);
      if (own == nullptr) continue;
      if (head.captured_ms != own->change.captured_ms) return true;
      const std::vector<Write>& writes = own->change.writes;
      const bool said = std::any_of(writes.begin(), writes.end(), [&](const Write& write) {
        if (write.field != each.field || write.personal != head.personal) return false;
        const bool member = write.shape != Shape::kRegister;
        return member ? write.value == each.member : write.value == head.value;
      });
      if (!said) return true;
    }
  }
  return false;
}

}  // namespace songsong
