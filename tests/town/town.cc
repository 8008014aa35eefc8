#include "tests/town/town.h"

#include <utility>

#include "schemas/programme_primer.h"

#include "shared/core/civil_time.h"
#include "shared/core/value_text.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/totals_book.h"
#include "shared/replica/unit_trees.h"

namespace songsong::testing {
namespace {

constexpr Shard kShard = 0;
constexpr std::int64_t kYearMs = 365LL * 24 * 3600 * 1000;

void fill(Random& random, std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
}

Input input_of(const KindPolicy& kind, const std::string& named, const std::string& text) {
  const bool adds = named.back() == '+', removes = named.back() == '-';
  const std::string name = adds || removes ? named.substr(0, named.size() - 1) : named;
  const FieldPolicy* const field = Policies::field_named(kind, name);
  INFO(kind.name() << "." << name);
  REQUIRE(field != nullptr);
  const Shape shape = adds ? Shape::kAdd : removes ? Shape::kRemove : Shape::kRegister;
  const Value value = text.empty() ? Value() : must(parse_value(*field, text));
  return Input{.field = field->number(), .shape = shape, .value = value};
}

Act act_of(const std::string& kind_name, RecordId record, const Filled& filled) {
  const KindPolicy* const kind = programme().kind_named(kind_name);
  REQUIRE(kind != nullptr);
  Act act;
  act.record = record;
  act.kind = kind->number();
  for (const auto& [name, text] : filled) act.inputs.push_back(input_of(*kind, name, text));
  return act;
}

std::map<RecordId, std::string> states_of(Store& store) {
  std::map<RecordId, std::string> bytes;
  must(store.read(kShard, [&](StoreReader& reader) {
    for (const RecordRow& row : reader.scan(0, RecordId(), 1'000'000)) bytes[row.id] = row.state;
  }));
  return bytes;
}

std::vector<std::string> cases_of(Store& store) {
  std::vector<std::string> ids;
  must(store.read(kShard, [&](StoreReader& reader) {
    for (const CaseRow& row : reader.open_cases("", 1'000'000)) ids.push_back(row.raised.id);
  }));
  return ids;
}

std::int64_t total_of(Store& store, const std::string& unit, const std::string& measure) {
  std::int64_t count = 0;
  must(store.read(kShard, [&](StoreReader& reader) {
    const std::string wanted[] = {unit};
    const std::optional<TotalsRow> row = reader.totals(wanted).front();
    if (row) count = measure_in(row->subtree, measure, 0, 0);
  }));
  return count;
}

}  // namespace

const Primer& town_primer() {
  static const Primer primer = must(Primer::parse(programme_primer_bytes()));
  return primer;
}

Server::Server(std::uint64_t luck, const std::string& path) : random_(luck), store_(must(SqliteStore::open(path, {}))) {
  must(Host::create(*store_, doors()));
  open();
  add_unit("ministry", "");
  add_unit("province", "ministry");
  for (const char* district : {"district-1", "district-2"}) add_unit(district, "province");
  add_unit("school-1", "district-1");
  add_unit("school-2", "district-1");
  add_unit("school-3", "district-2");
}

HostDoors Server::doors() {
  return HostDoors{.now_ms = [this] { return now_ms; },
                   .entropy = [this](std::span<std::uint8_t> bytes) { fill(random_, bytes); },
                   .commit =
                       [this](const Store::Writing& writing) {
                         const Outcome<StoreSequence> written = store_->write(kShard, {&writing, 1});
                         if (after_commit) std::exchange(after_commit, {})();
                         return written;
                       }};
}

void Server::open() {
  host_.reset();
  host_ = must(Host::open(*store_, programme(), doors(), &town_primer()));
}

void Server::back_up(const std::string& path) { must(store_->back_up(path)); }

void Server::put_back(const std::string& backup_path) {
  host_.reset();
  store_.reset();
  store_ = must(SqliteStore::open(backup_path, {}));
  must(Host::begin_epoch(*store_, doors(), 0));
  open();
}

void Server::rotate(bool keeps_former) {
  host_.reset();
  must(Host::rotate_key(*store_, doors(), keeps_former));
  open();
}

void Server::stand_in_for(const PublicKey& lost) {
  host_.reset();
  must(Host::stand_in_for(*store_, doors(), lost));
  open();
}

Ticket Server::ticket(const std::vector<std::string>& units, schema::Role role) {
  return must(host_->issue_ticket(units, role, "http://server.test", kYearMs));
}

RecordId Server::erase(RecordId record) {
  const Act act = act_of("erasure", RecordId(), {{"record", to_text(record)}, {"reason", "consent_withdrawn"}});
  return must(host_->save({&act, 1})).front();
}

RecordId Server::add_unit(const std::string& code, const std::string& parent) {
  Filled filled{{"code", code}, {"name", "Unit " + code}, {"level", "level"}};
  if (!parent.empty()) filled.emplace_back("parent", parent);
  const Act act = act_of("unit", RecordId(), filled);
  return units_[code] = must(host_->save({&act, 1})).front();
}

void Server::set_parent(const std::string& code, const std::string& parent) {
  const Act act = act_of("unit", units_.at(code), {{"parent", parent}});
  must(host_->save({&act, 1}));
}

std::string Server::today() const { return print_date(day_in_vietnam(now_ms)); }

void Server::reform(const std::vector<std::string>& codes, const std::string& parent) {
  UnitTree tree;
  must(store_->read(kShard, [&](StoreReader& reader) { tree = UnitTree(reader.units()); }));
  std::vector<Act> acts;
  for (const std::string& code : codes) {
    const Unit& unit = *tree.find(code);
    Filled stood{{"unit", code}, {"until", today()}, {"name", unit.name}, {"level", unit.level}};
    if (!unit.parent.empty()) stood.emplace_back("parent", unit.parent);
    acts.push_back(act_of("unit_period", RecordId(), stood));
    acts.back().unit = code;
    acts.push_back(act_of("unit", units_.at(code), {{"parent", parent}}));
  }
  must(host_->save(acts));
}

void Server::close_unit(const std::string& code) {
  const Act act = act_of("unit", units_.at(code), {{"closed", today()}});
  must(host_->save({&act, 1}));
}

std::int64_t Server::total_on(const std::string& day, const std::string& unit, const std::string& measure) {
  std::int64_t count = 0;
  must(store_->read(kShard, [&](StoreReader& reader) {
    const UnitTrees trees(host_->unit_trees(), reader, programme());
    count = measure_in(total_in(*trees.on(must(parse_date(day))), unit, reader), measure, 0, 0);
  }));
  return count;
}

std::int64_t Server::total(const std::string& unit, const std::string& measure) {
  return total_of(*store_, unit, measure);
}
std::map<RecordId, std::string> Server::states() { return states_of(*store_); }
std::vector<std::string> Server::case_ids() { return cases_of(*store_); }
AuditSummary Server::verify() { return must(host_->verify()); }

Field::Field(Server& server, const std::vector<std::string>& units, schema::Role role, const std::string& path)
    : server_(server), random_(server.random().next()), store_(must(SqliteStore::open(path, {}))) {
  join_again(server.ticket(units, role));
}

Field::Field(Server& server, const std::string& path, std::uint64_t luck)
    : server_(server), random_(luck), store_(must(SqliteStore::open(path, {}))) {
  open();
}

Outcome<Joined> Field::try_join(const Ticket& ticket, bool same_server) {
  const Ticket read = must(parse_ticket(to_text(ticket)));
  const Outcome<Joined> joined = join(
      *store_, read, [this](std::span<std::uint8_t> bytes) { fill(random_, bytes); }, same_server);
  if (joined) open();
  return joined;
}

ClockReading Field::clock() {
  ++ticks_;
  const std::int64_t passed = server_.now_ms - kTownTime + ticks_;
  return ClockReading{.wall_ms = kTownTime + passed + clock_error_ms, .monotonic_ms = passed, .boot_session = 7};
}

void Field::open() {
  replica_.reset();
  replica_ = must(Replica::open(*store_, programme(),
                                Environment{.clock = [this] { return clock(); },
                                            .entropy = [this](std::span<std::uint8_t> bytes) { fill(random_, bytes); },
                                            .actor = {}}));
}

Outcome<RecordId> Field::save(const std::string& kind, RecordId record, const Filled& filled) {
  return replica_->save(act_of(kind, record, filled));
}

void Field::set(RecordId record, const Filled& filled) {
  const std::optional<RecordView> view = must(replica_->view(record));
  REQUIRE(view.has_value());
  must(save(programme().kind(view->state.kind)->name(), record, filled));
}

void Field::let_go(RecordId pupil, const std::string& school) {
  Act act = act_of("pupil", pupil, {{"school", school}});
  act.lets_go = true;
  must(replica_->save(act));
}

void Field::remove(RecordId record) {
  Act act;
  act.record = record;
  act.removes = true;
  must(replica_->save(act));
}

RecordId Field::pupil(const std::string& name, const std::string& school) {
  return add("pupil", {{"full_name", name}, {"school", school}, {"school_level", "primary"}, {"household", "poor"}});
}

std::string Field::shown(RecordId record, const std::string& name) {
  const std::optional<RecordView> view = must(replica_->view(record));
  if (!view) return "(absent)";
  const KindPolicy* const kind = programme().kind(view->state.kind);
  if (kind == nullptr) return "(absent)";
  const FieldPolicy* const field = Policies::field_named(*kind, name);
  REQUIRE(field != nullptr);
  const Shown shown = show(view->state, kind);
  const Value* const value = shown.find(field->number());
  return value != nullptr ? print_value(field, *value) : std::string();
}

bool Field::live(RecordId record) {
  const std::optional<RecordView> view = must(replica_->view(record));
  return view && view->live;
}

std::size_t Field::count(const std::string& kind) {
  std::size_t count = 0;
  must(replica_->list(programme().kind_named(kind)->number(), [&](const RecordView&) { return ++count > 0; }));
  return count;
}

std::vector<std::string> Field::case_ids() { return cases_of(*store_); }
std::int64_t Field::total(const std::string& unit, const std::string& measure) {
  return total_of(*store_, unit, measure);
}
std::map<RecordId, std::string> Field::states() { return states_of(*store_); }

AuditSummary Field::verify() {
  const ReplicaKeys keys = [](StoreReader& reader, ReplicaId replica) -> std::optional<PublicKey> {
    const OwnLines own = OwnLines::read(reader);
    const OwnLine* const line = own.find(replica);
    return line == nullptr ? std::nullopt : std::optional(KeyPair(line->identity.seed).public_key());
  };
  return must(audit(*store_, kShard, programme(), Authority::kHoldsOwnLog, keys));
}

Outcome<SyncTally> Field::try_sync(Server& server, const Link& link, InitiatorOptions options) {
  const std::unique_ptr<Initiator> initiator = must(Initiator::begin(*replica_, options));
  for (int i = 0; i < 10'000; ++i) {
    Outcome<std::optional<Outgoing>> outgoing = initiator->next(clock());
    if (!outgoing) return outgoing.fault();
    if (!outgoing->has_value()) return initiator->tally();
    std::string question = std::move((*outgoing)->body);
    if (link.up && !link.up(question)) {
      initiator->failed();
      return Fault{.code = "cut", .where = "up", .what = "The question was lost."};
    }
    std::string answer = server.host().answer(question).frame;
    if (link.down && !link.down(answer)) {
      initiator->failed();
      return Fault{.code = "cut", .where = "down", .what = "The answer was lost."};
    }
    const Outcome<Done> received = initiator->receive(answer, clock());
    if (!received) return received.fault();
  }
  return Fault{.code = "endless", .where = "conversation", .what = "It does not end."};
}

}  // namespace songsong::testing
