#include "tests/fuzz/town.h"

#include <algorithm>
#include <map>

#include "shared/replica/settings.h"
#include "shared/sync/contact.h"
#include "shared/sync/initiator.h"
#include "shared/sync/join.h"
#include "shared/sync/members.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/tables.h"

namespace songsong::fuzz {
namespace {

using simulation::Filled;

constexpr Shard kShard = 0;
constexpr std::size_t kAll = 1'000'000;
constexpr std::int64_t kYearMs = 365LL * 24 * 3600 * 1000;
constexpr const char* kServerFile = "server/songsong.db";
constexpr int kMostRounds = 50;

const Policies& policies() { return simulation::newer_policies(); }

std::function<void(std::span<std::uint8_t>)> entropy_of(Random& luck) {
  return [&luck](std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(luck.next());
  };
}

std::unique_ptr<SqliteStore> open_file(const simulation::Disk& disk, const std::string& path) {
  return must(SqliteStore::open(path, {.vfs = disk.vfs(), .exclusive = true}));
}

std::unique_ptr<PhoneAtWork> start_phone(std::unique_ptr<SqliteStore> file, std::uint64_t luck) {
  auto phone = std::make_unique<PhoneAtWork>();
  phone->file = std::move(file);
  phone->store = std::make_unique<WatchedStore>(*phone->file);
  phone->luck = std::make_unique<Random>(luck);
  PhoneAtWork* const self = phone.get();
  phone->replica = must(Replica::open(
      *phone->store, policies(),
      Environment{.clock = [self] { return self->clock(); }, .entropy = entropy_of(*phone->luck), .actor = {}}));
  return phone;
}

}  // namespace

ClockReading PhoneAtWork::clock() {
  ++ticks;
  return ClockReading{.wall_ms = kTownTime + ticks, .monotonic_ms = ticks, .boot_session = 7};
}

// Plays what the town lived through before inputs come: it has every kind of record, conflicts, claims, duplicates,
// quarantines, removals, a move of a unit, a copied phone, one that was given a new ticket, one that was revoked.
class Builder {
 public:
  explicit Builder(Town& town) : town_(town) {}

  void build() {
    town_.open_server(true);
    for (const auto& [code, parent] : std::vector<std::pair<std::string, std::string>>{{"ministry", ""},
                                                                                       {"province", "ministry"},
                                                                                       {"district-1", "province"},
                                                                                       {"district-2", "province"},
                                                                                       {"school-1", "district-1"},
                                                                                       {"school-2", "district-1"},
                                                                                       {"school-3", "district-2"}})
      add_unit(code, parent);
    join("an", {"school-1"}, schema::TEACHER);
    join("binh", {"school-1"}, schema::TEACHER);
    join("reviewer", {"district-1"}, schema::REVIEWER);
    join("allocator", {"province"}, schema::ALLOCATOR);
    join("admin", {"ministry"}, schema::ADMINISTRATOR);
    join("office", {"ministry"}, schema::HEAD_OFFICE);
    join("auditor", {"province"}, schema::AUDITOR);
    join("far", {"school-3"}, schema::TEACHER);
    join("gone", {"school-2"}, schema::TEACHER);
    live();
    sit();
    keep_phones();
    take_server();
  }

 private:
  void add_unit(const std::string& code, const std::string& parent) {
    Filled filled{{"code", code}, {"name", "Unit " + code}, {"level", "level"}};
    if (!parent.empty()) filled.emplace_back("parent", parent);
    const Act act = simulation::act_of(policies(), "unit", RecordId(), filled);
    units_[code] = must(town_.host_->save({&act, 1})).front();
  }

  void join(const std::string& device, const std::vector<std::string>& units, schema::Role role) {
    const Ticket ticket = must(town_.host_->issue_ticket(units, role, "http://server.test", kYearMs));
    std::unique_ptr<SqliteStore> file = open_file(town_.disk_, device + "/replica.db");
    must(songsong::join(*file, ticket, entropy_of(town_.luck_)));
    tickets_[device] = ticket;
    phones_[device] = start_phone(std::move(file), town_.luck_.next());
  }

  Replica& on(const std::string& device) { return *phones_.at(device)->replica; }

  // What a program refuses is not done.
  RecordId act(const std::string& device, const std::string& kind, RecordId record, const Filled& filled) {
    const Outcome<RecordId> saved = on(device).save(simulation::act_of(policies(), kind, record, filled));
    return saved ? *saved : RecordId();
  }
  RecordId add(const std::string& device, const std::string& kind, const Filled& filled) {
    return act(device, kind, RecordId(), filled);
  }
  void remove(const std::string& device, RecordId record) {
    Act act;
    act.record = record;
    act.removes = true;
    must(on(device).save(act));
  }

  void sync(const std::string& device) {
    PhoneAtWork& phone = *phones_.at(device);
    const std::unique_ptr<Initiator> initiator =
        must(Initiator::begin(*phone.replica, {.primer = &simulation::primer(), .check = true}));
    for (int i = 0; i < kMostRounds; ++i) {
      const std::optional<Outgoing> asked = must(initiator->next(phone.clock()));
      if (!asked) return;
      if (!initiator->receive(town_.host_->answer(asked->body).frame, phone.clock())) return;
    }
  }

  RecordId pupil(const std::string& device, const std::string& name, const std::string& school) {
    return add(device, "pupil",
               {{"full_name", name},
                {"school", school},
                {"school_level", "primary"},
                {"household", "poor"},
                {"birth_date", "2013-05-02"},
                {"note", "nhà xa"}});
  }

  void live() {
    const RecordId hoa = pupil("an", "Vi Thị Hoa", "school-1");
    const RecordId minh = pupil("an", "Lò Văn Minh", "school-1");
    const RecordId ly = pupil("an", "Đinh Thị Lý", "school-1");
    const RecordId need = add("an", "need", {{"pupil", to_text(hoa)}, {"lacks", "device"}});
    const RecordId device =
        add("an", "device", {{"device_type", "tablet"}, {"school", "school-1"}, {"serial", "SN-1"}});
    const RecordId handover =
        add("an", "handover", {{"pupil", to_text(hoa)}, {"device", to_text(device)}, {"date", "2021-10-05"}});
    const RecordId notebook = add("an", "notebook", {{"pupil", to_text(hoa)}, {"visitor+", "An"}, {"visits", "2"}});
    sync("an");
    for (const char* const device_name : {"binh", "reviewer", "allocator", "admin", "office", "auditor"})
      sync(device_name);
    // The same fields by two, and the same child twice.
    act("an", "pupil", hoa, {{"household", "near_poor"}, {"grade", "4"}});
    act("binh", "pupil", hoa, {{"household", "other_hardship"}, {"area", "mountain"}});
    act("binh", "notebook", notebook, {{"visitor+", "Bình"}, {"visits", "3"}, {"stage", "halfway"}, {"place", "bản"}});
    act("an", "notebook", notebook, {{"visitor-", "An"}, {"stage", "begun"}, {"visits", "-1"}});
    pupil("binh", "Vi Thị Hoa", "school-1");
    const RecordId other =
        add("binh", "device", {{"device_type", "laptop"}, {"school", "school-1"}, {"serial", "sn 1"}});
    add("binh", "handover", {{"pupil", to_text(hoa)}, {"device", to_text(other)}, {"date", "2021-10-06"}});
    add("an", "return", {{"handover", to_text(handover)}, {"date", "2021-10-20"}});
    act("reviewer", "need", need, {{"state", "verified"}});
    remove("an", ly);
    act("binh", "pupil", ly, {{"note", "vẫn học"}});
    pupil("gone", "Giàng A Páo", "school-2");
    pupil("far", "Lý A Sủng", "school-3");
    for (int round = 0; round < 2; ++round) {
      for (const char* const each : {"an", "binh", "reviewer", "far", "gone", "admin"}) sync(each);
    }
    // A teacher is revoked and goes on: what that phone saves is set aside.
    must(town_.host_->revoke(tickets_.at("gone").replica));
    pupil("gone", "Sùng Thị Mỷ", "school-2");
    sync("gone");
    // A phone is copied, and both go on.
    town_.disk_.put("copy", closed("far"));
    phones_["copy"] = start_phone(open_file(town_.disk_, "copy/replica.db"), town_.luck_.next());
    reopen("far");
    pupil("far", "Một", "school-3");
    pupil("copy", "Hai", "school-3");
    sync("far");
    sync("copy");
    // A pupil and a school move.
    act("reviewer", "pupil", minh, {{"school", "school-2"}});
    sync("reviewer");
    const Act moves = simulation::act_of(policies(), "unit", units_.at("school-2"), {{"parent", "district-2"}});
    must(town_.host_->save({&moves, 1}));
    for (const char* const each : {"an", "reviewer"}) sync(each);
    hoa_ = hoa;
  }

  // What a device holds once its program has ended.
  simulation::Disk::Image closed(const std::string& device) {
    phones_.erase(device);
    return town_.disk_.image(device);
  }
  void reopen(const std::string& device) {
    phones_[device] = start_phone(open_file(town_.disk_, device + "/replica.db"), town_.luck_.next());
  }

  void sit() {
    Seat newcomer;
    newcomer.ticket = must(town_.host_->issue_ticket({"school-1"}, schema::TEACHER, "http://server.test", kYearMs));
    newcomer.identity.replica = newcomer.ticket.replica;
    entropy_of(town_.luck_)(newcomer.identity.seed.fill());
    newcomer.enrolled = false;
    town_.seats_.push_back(newcomer);
    for (const char* const device :
         {"an", "reviewer", "allocator", "admin", "office", "auditor", "gone", "far", "binh"}) {
      Seat seat;
      seat.ticket = tickets_.at(device);
      seat.identity = on(device).identity();
      town_.seats_.push_back(seat);
    }
    must(town_.store_->read(kShard, [&](StoreReader& reader) {
      for (Seat& seat : town_.seats_) learn_line(reader, seat);
      for (const RecordRow& row : reader.scan(0, RecordId(), kAll)) town_.records_.push_back(row.id);
    }));
  }

  static void learn_line(StoreReader& reader, Seat& seat) {
    const ReplicaId replica[] = {seat.identity.replica};
    const std::vector<RunRow> runs = reader.runs(replica).front();
    seat.line.push_back(
        Predecessor{.name = {}, .hash = root_hash(replica[0], seat.pair().public_key()), .run = std::nullopt});
    for (const LogRow& row : reader.log_of(replica[0], 0, kAll)) {
      const RunRow* const run = run_holding(runs, row.name);
      hold(run != nullptr, "a change lies in a run");
      seat.line.push_back(Predecessor{.name = row.name, .hash = row.hash, .run = *run});
    }
    seat.keys = reader.block_keys(replica[0]);
  }

  // As inputs find them: one with work of its own that waits, one without, a new one, one that was another before, a
  // copied one.
  void keep_phones() {
    act("an", "pupil", hoa_, {{"household", "poor"}, {"note", "sửa"}});
    add("an", "need", {{"pupil", to_text(hoa_)}, {"lacks", "signal"}});
    for (const char* const device : {"an", "binh", "allocator"}) town_.phones_.push_back(closed(device));
    const Ticket ticket = must(town_.host_->issue_ticket({"school-2"}, schema::TEACHER, "http://server.test", kYearMs));
    tickets_["new"] = ticket;
    {
      const std::unique_ptr<SqliteStore> file = open_file(town_.disk_, "new/replica.db");
      must(songsong::join(*file, ticket, entropy_of(town_.luck_)));
    }
    reopen("new");
    pupil("new", "Ba", "school-2");
    town_.phones_.push_back(closed("new"));
    const Ticket next = must(town_.host_->issue_ticket({"school-1"}, schema::TEACHER, "http://server.test", kYearMs));
    act("reviewer", "pupil", hoa_, {{"note", "chờ"}});
    (void)closed("reviewer");
    {
      const std::unique_ptr<SqliteStore> file = open_file(town_.disk_, "reviewer/replica.db");
      must(songsong::join(*file, next, entropy_of(town_.luck_)));
    }
    reopen("reviewer");
    act("reviewer", "pupil", hoa_, {{"grade", "5"}});
    town_.phones_.push_back(closed("reviewer"));
    town_.phones_.push_back(closed("copy"));
    phones_.clear();
  }

  void take_server() {
    must(town_.store_->read(
        kShard, [&](StoreReader& reader) { town_.server_ = must(decode_server(reader.setting(kServerSetting))); }));
    town_.close_server();
    town_.image_ = town_.disk_.image("server");
    town_.open_server(false);
  }

  Town& town_;
  std::map<std::string, std::unique_ptr<PhoneAtWork>> phones_;
  std::map<std::string, Ticket> tickets_;
  std::map<std::string, RecordId> units_;
  RecordId hoa_;
};

Town::Town() { Builder(*this).build(); }

Town& Town::get() {
  // Lives to the end of the process, as SQLite's file system does.
  static Town* const town = new Town();
  return *town;
}

void Town::open_server(bool is_new) {
  const HostDoors doors{.now_ms = [this] { return now_ms; },
                        .entropy = entropy_of(luck_),
                        .commit =
                            [this](const Store::Writing& writing) {
                              return store_->write(kShard, {&writing, 1});
                            }};
  file_ = open_file(disk_, kServerFile);
  store_ = std::make_unique<WatchedStore>(*file_);
  if (is_new) must(Host::create(*store_, doors));
  host_ = must(Host::open(*store_, policies(), doors, &simulation::primer()));
}

void Town::close_server() {
  host_.reset();
  store_.reset();
  file_.reset();
}

void Town::begin() {
  now_ms = kTownTime;
  luck_ = Random(2);
  if (!store_->written()) return;
  close_server();
  disk_.put("server", image_);
  open_server(false);
  hold(!store_->written(), "opening a server writes nothing");
}

std::unique_ptr<PhoneAtWork> Town::phone(std::size_t number) {
  disk_.put("phone", phones_[number % phones_.size()]);
  return start_phone(open_file(disk_, "phone/replica.db"), 3);
}

void Town::verify_server() {
  const Outcome<AuditSummary> audited = host_->verify();
  hold(audited.ok(), "a server's books are those of its log", audited ? "" : text_of(audited.fault()));
}

void Town::verify_phone(PhoneAtWork& phone) {
  const ReplicaKeys keys = [](StoreReader& reader, ReplicaId replica) -> std::optional<PublicKey> {
    const OwnLines own = OwnLines::read(reader);
    const OwnLine* const line = own.find(replica);
    return line == nullptr ? std::nullopt : std::optional(KeyPair(line->identity.seed).public_key());
  };
  const Outcome<AuditSummary> audited = audit(*phone.store, kShard, policies(), Authority::kHoldsOwnLog, keys);
  hold(audited.ok(), "a phone's books are those of what it holds", audited ? "" : text_of(audited.fault()));
}

}  // namespace songsong::fuzz
