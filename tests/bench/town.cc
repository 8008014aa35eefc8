#include "tests/bench/town.h"

#include <algorithm>
#include <set>

#include "client/conversation.h"
#include "client/device.h"
#include "shared/sync/join.h"
#include "shared/system/entropy.h"
#include "tests/bench/figure.h"
#include "tests/schemas/bench_table.h"

namespace songsong::bench {
namespace {

constexpr std::size_t kActsAtOnce = 1000;
constexpr std::int64_t kYearMs = 365LL * 24 * 3600 * 1000;
constexpr FieldNumber kGrade = 5;

Act unit_act(const std::string& code, const std::string& parent) {
  const KindPolicy& unit = *bench_policies().kind_named("unit");
  Act act;
  act.kind = unit.number();
  const auto fill = [&](const char* field, const std::string& text) {
    act.inputs.push_back(Input{
        .field = Policies::field_named(unit, field)->number(), .shape = Shape::kRegister, .value = Value(Text{text})});
  };
  fill("code", code);
  fill("name", "Unit " + code);
  fill("level", "level");
  if (!parent.empty()) fill("parent", parent);
  return act;
}

}  // namespace

const Policies& bench_policies() {
  static const Policies policies = must(Policies::parse(bench_policy_table()));
  return policies;
}

const Primer& bench_primer() {
  static const Primer primer = must(Primer::from_pieces(1, training_pieces()));
  return primer;
}

Town::Town(const std::vector<Need>& needs) : folder_path_(folder_.file("server")) {
  must(server::Office::create(folder_path_));
  const std::string primer = encode_primer(1, training_pieces());
  office_ = must(server::Office::open(
      folder_path_,
      [this](StoreSequence) {
        if (watched_ != nullptr) watched_->committed();
      },
      server::OfficeTables{.policies = bench_policy_table(), .primer = primer}));
  std::vector<Act> units{unit_act("province", "")};
  std::set<std::string> known;
  for (const Need& need : needs) {
    if (known.insert(need.district_id).second) units.push_back(unit_act(need.district_id, "province"));
    if (known.insert(need.school_id).second) units.push_back(unit_act(need.school_id, need.district_id));
  }
  must(office_->host().save(units));
  service_ = must(server::HttpService::start(*office_, limits_, "127.0.0.1:0"));
  address_ = service_->address();
}

Town::~Town() { service_->stop(); }

std::string Town::ticket(const std::vector<std::string>& units) {
  return to_text(must(office_->host().issue_ticket(units, schema::TEACHER, address_, kYearMs)));
}

std::string Town::store_path() const { return server::store_path(folder_path_); }

std::string Town::new_path() { return folder_.file("replica-" + std::to_string(++made_) + ".db"); }

Device::Device(Town& town, const std::vector<std::string>& units) : path_(town.new_path()) {
  store_ = must(SqliteStore::open(path_));
  must(join(*store_, must(parse_ticket(town.ticket(units))), draw_entropy));
  open();
}

Device::Device(const std::string& path) : path_(path), store_(must(SqliteStore::open(path))) { open(); }

void Device::open() {
  replica_ = must(Replica::open(*store_, bench_policies(),
                                Environment{.clock = client::read_clock, .entropy = draw_entropy, .actor = {}}));
}

std::vector<RecordId> Device::record(std::span<const Need> needs) {
  std::vector<Act> acts;
  for (const Change& change : make_changes(needs, Author{})) acts.push_back(need_act(change));
  std::vector<RecordId> records;
  for (std::size_t at = 0; at < acts.size(); at += kActsAtOnce) {
    const std::vector<RecordId> saved =
        must(replica_->save(std::span(acts).subspan(at, std::min(kActsAtOnce, acts.size() - at))));
    records.insert(records.end(), saved.begin(), saved.end());
  }
  return records;
}

void Device::set_grade(RecordId record, std::int64_t grade) {
  Act act;
  act.record = record;
  act.inputs.push_back(Input{.field = kGrade, .shape = Shape::kRegister, .value = Value(grade)});
  must(replica_->save(act));
}

SyncTally Device::sync() {
  return must(client::converse(*replica_, client::ConversationOptions{.primer = &bench_primer()}));
}

}  // namespace songsong::bench
