#include "tests/support/office.h"

#include "shared/core/change_row.h"
#include "shared/core/signature.h"
#include "shared/core/state_codec.h"
#include "shared/replica/own_lines.h"
#include "tests/support/must.h"

namespace songsong::testing {
namespace {

constexpr std::size_t kAll = 1'000'000;

// A phone's own change as it leaves the phone: whole, with its key and its place on the line.
struct Sent {
  LogRow row;
  Change change;
  RunRow run;
};

std::vector<Sent> sent_by(Phone& phone) {
  std::vector<Sent> all;
  const ReplicaId self = phone.replica().identity().replica;
  must(phone.store().read(0, [&](StoreReader& reader) {
    const ReplicaId wanted[] = {self};
    const std::vector<RunRow> runs = reader.runs(wanted).front();
    for (LogRow& row : reader.log(0, kAll)) {
      const RecordId record[] = {row.record};
      const PersonalValuesOf values = must(PersonalValuesOf::decode(reader.personal(record).front()));
      Change change = must(decode_change(row.change, values.lookup()));
      const RunRow* const run = run_holding(runs, row.name);
      REQUIRE(run != nullptr);
      all.push_back(Sent{.row = std::move(row), .change = std::move(change), .run = *run});
    }
  }));
  return all;
}

}  // namespace

Office::Office() : store_(must(SqliteStore::open(":memory:", {}))), dependencies_(programme()) {}

void Office::take(Phone& phone, std::size_t most) {
  admit(phone, most, [](const Change&) { return false; });
}

void Office::take_quarantining(Phone& phone, const std::function<bool(const Change&)>& bad) { admit(phone, kAll, bad); }

void Office::admit(Phone& phone, std::size_t most, const std::function<bool(const Change&)>& bad) {
  const Identity& identity = phone.replica().identity();
  keys_[identity.replica] = KeyPair(identity.seed).public_key();
  std::vector<BlockKeyRow> keys;
  must(phone.store().read(0, [&](StoreReader& reader) { keys = reader.block_keys(identity.replica); }));
  const std::vector<Sent> sent = sent_by(phone);
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    Admission admission(BooksContext{programme(), dependencies_, trees_}, Authority::kHoldsAllLogs, reader);
    std::size_t admitted = 0;
    for (const Sent& each : sent) {
      const Name name[] = {each.row.name};
      const std::optional<LogRow> known = reader.changes(name).front();
      if (known && known->hash == each.row.hash) continue;
      if (admitted++ == most) break;
      const bool set_aside = bad(each.change);
      admission.admit(Incoming{.change = each.change,
                               .parent_tag = each.row.parent_tag,
                               .key_tag = each.run.key_tag,
                               .hash = each.row.hash,
                               .verdict = set_aside ? Verdict::kQuarantined : Verdict::kApplied,
                               .reason = set_aside ? "bad" : ""});
    }
    StoreBatch batch = admission.settle(1'700'000'000'000);
    batch.block_keys = keys;
    return batch;
  };
  must(store_->write(0, {&writing, 1}));
}

void Office::give(Phone& phone) {
  std::vector<State> states;
  std::map<ReplicaId, std::vector<RunRow>> forks;
  must(store_->read(0, [&](StoreReader& reader) {
    for (const RecordRow& row : reader.scan(0, RecordId(), kAll)) {
      const RecordId wanted[] = {row.id};
      const PersonalValuesOf values = must(PersonalValuesOf::decode(reader.personal(wanted).front()));
      states.push_back(must(decode_state(row.state, values.lookup())));
    }
    for (const auto& [replica, key] : keys_) {
      const ReplicaId wanted[] = {replica};
      if (reader.tips(wanted).front().size() > 1) forks[replica] = reader.runs(wanted).front();
    }
  }));
  const std::vector<Sent> own = sent_by(phone);
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    const BooksContext context = phone.replica().books();
    Admission admission(context, Authority::kHoldsOwnLog, reader);
    for (const auto& [replica, runs] : forks) admission.lineages().learn(replica, runs);
    for (const State& state : states) {
      std::vector<OwnChange> mine;
      for (const Sent& each : own) {
        if (each.change.record == state.id)
          mine.push_back(OwnChange{.change = each.change, .verdict = each.row.verdict});
      }
      admission.rebase(state, mine);
    }
    StoreBatch batch = admission.settle(1'700'000'000'000);
    for (const auto& [replica, runs] : forks) batch.settings[other_lives_setting(replica)] = "1";
    return batch;
  };
  must(phone.store().write(0, {&writing, 1}));
}

State Office::state(RecordId record) {
  State found;
  must(store_->read(0, [&](StoreReader& reader) {
    const RecordId wanted[] = {record};
    const std::optional<RecordRow> row = reader.records(wanted).front();
    REQUIRE(row.has_value());
    const PersonalValuesOf values = must(PersonalValuesOf::decode(reader.personal(wanted).front()));
    found = must(decode_state(row->state, values.lookup()));
  }));
  return found;
}

std::map<RecordId, std::string> Office::states() {
  std::map<RecordId, std::string> bytes;
  must(store_->read(0, [&](StoreReader& reader) {
    for (const RecordRow& row : reader.scan(0, RecordId(), kAll)) bytes[row.id] = row.state;
  }));
  return bytes;
}

std::int64_t Office::total(const std::string& unit, const std::string& measure) {
  std::int64_t count = 0;
  must(store_->read(0, [&](StoreReader& reader) {
    const std::string wanted[] = {unit};
    const std::optional<TotalsRow> row = reader.totals(wanted).front();
    if (row) count = measure_in(row->subtree, measure, 0, 0);
  }));
  return count;
}

std::vector<std::string> Office::case_ids() {
  std::vector<std::string> ids;
  must(store_->read(0, [&](StoreReader& reader) {
    for (const CaseRow& row : reader.open_cases("", kAll)) ids.push_back(row.raised.id);
  }));
  return ids;
}

AuditSummary Office::verify() {
  const ReplicaKeys keys = [this](StoreReader&, ReplicaId id) {
    const auto found = keys_.find(id);
    return found == keys_.end() ? std::nullopt : std::optional(found->second);
  };
  return must(audit(*store_, 0, programme(), Authority::kHoldsAllLogs, keys));
}

}  // namespace songsong::testing
