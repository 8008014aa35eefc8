#include "tests/small_model/copies.h"

#include "schemas/programme_table.h"
#include "shared/core/canonical.h"
#include "shared/core/state_codec.h"
#include "shared/replica/replica.h"
#include "tests/small_model/violation.h"

namespace songsong::small_model {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kAll = 10'000;
constexpr std::int64_t kReceivedMs = 1'700'000'000'000;

template <class T>
T must(Outcome<T> outcome, const char* where) {
  if (!outcome)
    throw Violation(std::string(where) + ": " + outcome.fault().code + " at " + outcome.fault().where + ": " +
                    outcome.fault().what);
  return std::move(outcome).value();
}

KeyPair keys_of(ReplicaId replica) {
  SigningSeed seed;
  for (std::uint8_t& byte : seed.fill()) byte = static_cast<std::uint8_t>(replica);
  return KeyPair(seed);
}

State state_of(StoreReader& reader, const RecordRow& row) {
  const RecordId wanted[] = {row.id};
  const PersonalValuesOf values = must(PersonalValuesOf::decode(reader.personal(wanted).front()), "personal values");
  return must(decode_state(row.state, values.lookup()), "a stored state");
}

}  // namespace

Line::Line(ReplicaId replica) : replica_(replica), tip_(root_hash(replica, key_of(replica))) {}

PublicKey Line::key_of(ReplicaId replica) {
  static thread_local std::map<ReplicaId, PublicKey> known;
  const auto found = known.find(replica);
  return found != known.end() ? found->second : known.emplace(replica, keys_of(replica).public_key()).first->second;
}

Tag Line::tag_of(ReplicaId replica) { return 5 + replica; }

Name Line::name_of(ReplicaId replica, std::size_t number) {
  return Name(replica, static_cast<Sequence>(number), tag_of(replica));
}

Name Line::next() const { return name_of(replica_, last_ + 1); }

Sealed Line::seal(Change change) {
  tip_ = next_hash(tip_, canonical_bytes(change, {}));
  return Sealed{.change = std::move(change), .parent_tag = last_++ == 0 ? 0 : tag_of(replica_), .hash = tip_};
}

std::string difference(const Counted& one, const Counted& other) {
  if (one.records != other.records) return "records";
  if (one.accounts != other.accounts) return "accounts";
  if (one.class_names != other.class_names) return "classes";
  if (one.cases != other.cases) return "cases";
  if (one.totals != other.totals) return "totals";
  return {};
}

const Policies& programme() {
  static const Policies policies = must(Policies::parse(programme_policy_table()), "the policy table");
  return policies;
}

Copy::Copy(Authority authority, ReplicaId self)
    : authority_(authority), store_(must(SqliteStore::open(":memory:"), "a store")) {
  if (authority == Authority::kHoldsAllLogs) return;
  Identity identity{
      .replica = self, .seed = {}, .grants = granted(schema::ADMINISTRATOR, {"province"}), .grants_told = {}};
  for (std::uint8_t& byte : identity.seed.fill()) byte = static_cast<std::uint8_t>(self);
  must(Replica::create(*store_, identity), "a phone's store");
}

void Copy::write(const std::function<void(Admission&)>& work) {
  static const Dependencies dependencies(programme());
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    Admission admission(BooksContext{.policies = programme(), .dependencies = dependencies, .trees = trees_},
                        authority_, reader);
    work(admission);
    return admission.settle(kReceivedMs);
  };
  must(store_->write(kShard, {&writing, 1}), "a commit");
}

void Copy::admit(std::span<const Sealed* const> changes) {
  write([&](Admission& admission) {
    for (const Sealed* const each : changes) {
      admission.admit(Incoming{.change = each->change,
                               .parent_tag = each->parent_tag,
                               .key_tag = 0,
                               .hash = each->hash,
                               .verdict = Verdict::kApplied,
                               .reason = {}});
    }
  });
  if (authority_ == Authority::kHoldsOwnLog) own_.insert(own_.end(), changes.begin(), changes.end());
}

void Copy::hear(std::span<const State> states) {
  write([&](Admission& admission) {
    for (const State& state : states) {
      std::vector<OwnChange> own;
      for (const Sealed* const each : own_) {
        if (each->change.record == state.id) own.push_back(OwnChange{.change = each->change});
      }
      admission.rebase(state, own);
    }
  });
}

std::string Copy::verify() {
  const ReplicaKeys keys = [](StoreReader&, ReplicaId replica) { return std::optional(Line::key_of(replica)); };
  const Outcome<AuditSummary> audited = audit(*store_, kShard, programme(), authority_, keys);
  return audited ? std::string() : audited.fault().where + ": " + audited.fault().what;
}

Counted Copy::counted() {
  Counted all;
  must(store_->read(kShard,
                    [&](StoreReader& reader) {
                      std::vector<RecordId> ids;
                      for (RecordRow& row : reader.scan(0, RecordId(), kAll)) {
                        ids.push_back(row.id);
                        row.version = row.last_logged = row.base_epoch = row.base_version = 0;
                        row.base.reset();
                        all.records.push_back(std::move(row));
                      }
                      all.class_names = reader.class_names(ids);
                      all.accounts = reader.all_accounts(RecordId(), kAll);
                      all.cases = reader.open_cases("", kAll);
                      all.totals = reader.all_totals("", kAll);
                    }),
       "reading");
  return all;
}

std::vector<State> Copy::states() {
  std::vector<State> all;
  must(store_->read(kShard,
                    [&](StoreReader& reader) {
                      for (const RecordRow& row : reader.scan(0, RecordId(), kAll))
                        all.push_back(state_of(reader, row));
                    }),
       "reading");
  return all;
}

}  // namespace songsong::small_model
