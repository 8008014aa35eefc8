#include "tests/simulation/office.h"

#include "shared/core/civil_time.h"
#include "tests/simulation/violation.h"

namespace songsong::simulation {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kPage = 1000;

template <class T>
T must(Outcome<T> outcome, const std::string& where) {
  if (!outcome) throw Violation("a server can always be started", where + ": " + text_of(outcome.fault()));
  return std::move(outcome).value();
}

}  // namespace

Office::Office(Disk& disk, std::string device, std::uint64_t luck, const std::int64_t& now_ms)
    : disk_(disk), device_(std::move(device)), now_ms_(now_ms), random_(luck) {}

HostDoors Office::doors(bool queued) {
  return HostDoors{.now_ms = [this] { return now_ms_ + clock_error_ms; },
                   .entropy =
                       [this](std::span<std::uint8_t> bytes) {
                         for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
                       },
                   .commit =
                       [this, queued](const Store::Writing& writing) {
                         return queued ? queue_->commit(writing) : store_->write(kShard, {&writing, 1});
                       }};
}

void Office::create() {
  store_ = must(SqliteStore::open(device_ + "/songsong.db", {.vfs = disk_.vfs(), .exclusive = true}), device_);
  must(Host::create(*store_, doors(false)), device_);
}

void Office::restored(std::uint64_t at_least) {
  store_ = must(SqliteStore::open(device_ + "/songsong.db", {.vfs = disk_.vfs(), .exclusive = true}), device_);
  must(Host::begin_epoch(*store_, doors(false), at_least), device_);
}

void Office::start(const Policies& with) {
  stop();
  disk_.calm(device_);  // an administrator looks after it
  policies = &with;
  store_ = must(SqliteStore::open(device_ + "/songsong.db", {.vfs = disk_.vfs(), .exclusive = true}), device_);
  queue_ = std::make_unique<server::CommitQueue>(*store_, kShard, [](StoreSequence) {});
  host_ = must(Host::open(*store_, with, doors(true), &primer()), device_);
}

void Office::stop() {
  host_.reset();
  queue_.reset();
  store_.reset();
}

void Office::start_again() {
  const bool by_power = dies_by_power;
  stop();
  if (by_power)
    disk_.lose_power(device_);
  else
    disk_.end_process(device_);
  start(*policies);
  look_at_log(false);
  check_promises();
}

RecordId Office::add_unit(const std::string& code, const std::string& parent) {
  Filled filled{{"code", code}, {"name", "Unit " + code}, {"level", "level"}};
  if (!parent.empty()) filled.emplace_back("parent", parent);
  const Act act = act_of(*policies, "unit", RecordId(), filled);
  const Outcome<std::vector<RecordId>> saved = host_->save({&act, 1});
  if (!saved) return RecordId();
  codes_.push_back(code);
  return units_[code] = saved->front();
}

void Office::set_parent(const std::string& code, const std::string& parent) {
  const Act act = act_of(*policies, "unit", units_.at(code), {{"parent", parent}});
  (void)host_->save({&act, 1}).ok();
}

void Office::reform(const std::string& code, const std::string& parent) {
  const std::vector<Act> acts = acts_of_reform(code, parent);
  (void)host_->save(acts).ok();
}

void Office::close_unit(const std::string& code) {
  const UnitTree tree = units_now();
  std::vector<Act> acts;
  for (const auto& [child, unit] : tree.units()) {
    if (tree.parent(child) != code) continue;
    const std::vector<Act> moved = acts_of_reform(child, std::string(tree.parent(code)));
    acts.insert(acts.end(), moved.begin(), moved.end());
  }
  acts.push_back(act_of(*policies, "unit", units_.at(code), {{"closed", today()}}));
  (void)host_->save(acts).ok();
}

std::vector<Act> Office::acts_of_reform(const std::string& code, const std::string& parent) {
  const UnitTree tree = units_now();
  const Unit* const unit = tree.find(code);
  if (unit == nullptr) return {};
  Filled stood{{"unit", code}, {"until", today()}, {"name", unit->name}, {"level", unit->level}};
  if (!unit->parent.empty()) stood.emplace_back("parent", unit->parent);
  Act period = act_of(*policies, "unit_period", RecordId(), stood);
  period.unit = code;
  return {std::move(period), act_of(*policies, "unit", units_.at(code), {{"parent", parent}})};
}

void Office::erase(std::uint32_t one_of) {
  std::vector<RecordId> people;
  const Outcome<Done> read = store_->read(kShard, [&](StoreReader& reader) {
    for (const RecordRow& row : reader.scan(policies->kind_named("pupil")->number(), RecordId(), 10'000))
      people.push_back(row.id);
  });
  if (!read || people.empty()) return;
  constexpr std::int64_t kReason = 1;
  (void)host_->erase({{people[one_of % people.size()], kReason}}).ok();
  note_erasures();
}

// As the server's register does: what stands in the store, as soon as it can be read.
void Office::note_erasures() {
  const Outcome<std::map<RecordId, ErasureNote>> standing = host_->erasures();
  if (!standing) return;
  for (const auto& [record, note] : *standing) erasures_[record] = note;
}

void Office::carry_out(const std::map<RecordId, ErasureNote>& erasures) {
  must(host_->erase_again(erasures), device_);
  note_erasures();
}

UnitTree Office::units_now() {
  UnitTree tree;  // of none where the disk fails just now
  (void)store_->read(kShard, [&](StoreReader& reader) { tree = UnitTree(reader.units()); }).ok();
  return tree;
}

std::string Office::today() const { return print_date(day_in_vietnam(now_ms_ + clock_error_ms)); }

void Office::know_units_of(const Office& other) {
  units_ = other.units_;
  codes_ = other.codes_;
  // A unit that was added after the backup is not known here any more.
  std::erase_if(codes_, [&](const std::string& code) {
    bool there = false;
    const RecordId wanted[] = {units_.at(code)};
    must(store_->read(kShard, [&](StoreReader& reader) { there = reader.records(wanted).front().has_value(); }),
         device_);
    return !there;
  });
}

void Office::look_at_log(bool acknowledged) {
  std::size_t at = acknowledged ? log_.size() : 0;  // after a restart the whole of it is looked at
  std::vector<std::pair<Name, ChainHash>> now(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(at));
  must(store_->read(kShard,
                    [&](StoreReader& reader) {
                      for (StoreSequence after = at;;) {
                        const std::vector<LogRow> page = reader.log(after, kPage);
                        for (const LogRow& row : page) {
                          if (row.sequence != now.size() + 1)
                            throw Violation("no reader skips or doubles a store sequence",
                                            device_ + " has " + std::to_string(row.sequence) + " after " +
                                                std::to_string(now.size()));
                          now.emplace_back(row.name, row.hash);
                        }
                        if (page.size() < kPage) break;
                        after = page.back().sequence;
                      }
                    }),
       device_);
  if (now.size() < acknowledged_)
    throw Violation("what was acknowledged stays", device_ + " lost " + std::to_string(acknowledged_ - now.size()));
  for (std::size_t i = 0; i < acknowledged_; ++i) {
    if (now[i] != log_[i]) throw Violation("what was acknowledged stays", device_ + ": the log was altered");
  }
  log_ = std::move(now);
  if (acknowledged) acknowledged_ = log_.size();
}

void Office::check_promises() {
  must(store_->read(kShard,
                    [&](StoreReader& reader) {
                      std::vector<Name> names;
                      for (const Promise& each : promises_) names.push_back(each.held);
                      const std::vector<std::optional<LogRow>> rows = reader.changes(names);
                      for (std::size_t i = 0; i < rows.size(); ++i) {
                        if (!rows[i] || rows[i]->hash != promises_[i].hash)
                          throw Violation("a receipt never lies",
                                          device_ + " does not hold " + to_text(promises_[i].held));
                      }
                    }),
       device_);
}

}  // namespace songsong::simulation
