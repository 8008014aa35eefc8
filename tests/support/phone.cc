#include "tests/support/phone.h"

#include <filesystem>

#include "schemas/programme_table.h"
#include "shared/core/merge.h"
#include "shared/core/shown.h"
#include "shared/core/signature.h"
#include "shared/core/value_text.h"
#include "tests/support/must.h"

namespace songsong::testing {
namespace {}  // namespace

const Policies& programme() {
  static const Policies policies = must(Policies::parse(programme_policy_table()));
  return policies;
}

std::int64_t measure_in(const Cells& cells, const std::string& name, std::uint32_t dimension, std::int64_t value) {
  const policy::MeasurePolicy* const measure = programme().measure_named(name);
  REQUIRE(measure != nullptr);
  std::int64_t count = 0;
  const auto add = [&](std::uint32_t number, std::int64_t sign) {
    for (const Cell& cell : cells) {
      if (cell.measure == number && cell.dimension == dimension && cell.value == value) count += sign * cell.count;
    }
  };
  add(measure->number(), 1);
  for (const std::uint32_t number : measure->plus()) add(number, 1);
  for (const std::uint32_t number : measure->minus()) add(number, -1);
  return count;
}

Phone::Phone(ReplicaId id, schema::Role role, std::vector<std::string> units)
    : store_(must(SqliteStore::open(":memory:", {}))), random_(id) {
  make_its_own(id, role, std::move(units));
  reopen();
}

Phone::Phone(const std::string& path, ReplicaId id, std::uint64_t luck) : random_(luck) {
  const bool is_new = !std::filesystem::exists(path);
  store_ = must(SqliteStore::open(path, {}));
  if (is_new) make_its_own(id, schema::TEACHER, {"school-1"});
  reopen();
}

void Phone::make_its_own(ReplicaId id, schema::Role role, std::vector<std::string> units) {
  Identity identity{.replica = id, .seed = {}, .grants = granted(role, units), .grants_told = {}};
  for (std::uint8_t& byte : identity.seed.fill()) byte = static_cast<std::uint8_t>(random_.next());
  must(Replica::create(*store_, identity));
}

void Phone::reopen() {
  replica_.reset();
  replica_ = must(Replica::open(
      *store_, programme(),
      Environment{
          .clock =
              [this] { return ClockReading{.wall_ms = wall_ms_ += 1000, .monotonic_ms = wall_ms_, .boot_session = 1}; },
          .entropy =
              [this](std::span<std::uint8_t> bytes) {
                for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
              },
          .actor = {}}));
}

Act Phone::act_of(KindNumber number, RecordId record, const Filled& filled) const {
  const KindPolicy* const kind = programme().kind(number);
  REQUIRE(kind != nullptr);
  Act act;
  act.record = record;
  act.kind = number;
  for (const auto& [named, text] : filled) {
    const bool adds = named.back() == '+', removes = named.back() == '-';
    const std::string name = adds || removes ? named.substr(0, named.size() - 1) : named;
    const FieldPolicy* const field = Policies::field_named(*kind, name);
    INFO(kind->name() << "." << name);
    REQUIRE(field != nullptr);
    const Shape shape = adds ? Shape::kAdd : removes ? Shape::kRemove : Shape::kRegister;
    act.inputs.push_back(Input{.field = field->number(), .shape = shape, .value = must(parse_value(*field, text))});
  }
  return act;
}

RecordId Phone::add(const std::string& kind, const Filled& filled) {
  const KindPolicy* const policy = programme().kind_named(kind);
  REQUIRE(policy != nullptr);
  return must(replica_->save(act_of(policy->number(), RecordId(), filled)));
}

void Phone::set(RecordId record, const Filled& filled) {
  must(replica_->save(act_of(view(record).state.kind, record, filled)));
}

void Phone::set_if_new(RecordId record, const Filled& filled) {
  const Outcome<RecordId> saved = replica_->save(act_of(view(record).state.kind, record, filled));
  if (!saved) CHECK(saved.fault().code == "nothing_to_save");
}

void Phone::set_seen(RecordId record, const VersionVector& seen, const Filled& filled) {
  Act act = act_of(view(record).state.kind, record, filled);
  act.seen = seen;
  must(replica_->save(act));
}

void Phone::remove(RecordId record) {
  Act act;
  act.record = record;
  act.removes = true;
  must(replica_->save(act));
}

std::string Phone::refused(const std::string& kind, const Filled& filled) {
  const Outcome<RecordId> saved = replica_->save(act_of(programme().kind_named(kind)->number(), RecordId(), filled));
  return saved ? std::string() : saved.fault().code;
}

RecordView Phone::view(RecordId record) {
  std::optional<RecordView> found = must(replica_->view(record));
  REQUIRE(found.has_value());
  return std::move(*found);
}

std::string Phone::shown(RecordId record, const std::string& name) {
  const RecordView held = view(record);
  const KindPolicy* const kind = programme().kind(held.state.kind);
  const FieldPolicy* const field = Policies::field_named(*kind, name);
  const Shown record_shown = show(held.state, kind);
  const Value* const value = record_shown.find(field->number());
  return value != nullptr ? print_value(field, *value) : std::string();
}

std::int64_t Phone::total(const std::string& unit, const std::string& measure) {
  const std::optional<TotalsRow> row = must(replica_->totals(unit));
  return row ? measure_in(row->subtree, measure, 0, 0) : 0;
}

std::int64_t Phone::total(const std::string& unit, const std::string& measure, const std::string& dimension,
                          const std::string& value) {
  const std::optional<TotalsRow> row = must(replica_->totals(unit));
  if (!row) return 0;
  for (const policy::DimensionPolicy& each : programme().table().dimension()) {
    if (each.name() != dimension) continue;
    for (const KindPolicy& kind : programme().table().kind()) {
      const FieldPolicy* const field = Policies::field_named(kind, dimension);
      if (field == nullptr) continue;
      return measure_in(row->subtree, measure, each.number(), *must(parse_value(*field, value)).integer());
    }
  }
  FAIL("no dimension " << dimension);
  return 0;
}

std::vector<std::string> Phone::case_ids() {
  std::vector<std::string> ids;
  for (const CaseRow& row : must(replica_->cases())) ids.push_back(row.raised.id);
  return ids;
}

AuditSummary Phone::verify() {
  const PublicKey own = KeyPair(replica_->identity().seed).public_key();
  const ReplicaKeys keys = [&](StoreReader&, ReplicaId id) {
    return id == replica_->identity().replica ? std::optional(own) : std::nullopt;
  };
  return must(audit(*store_, 0, programme(), Authority::kHoldsOwnLog, keys));
}

std::vector<LogRow> Phone::log() {
  std::vector<LogRow> rows;
  must(store_->read(0, [&](StoreReader& reader) { rows = reader.log(0, 1'000'000); }));
  return rows;
}

}  // namespace songsong::testing
