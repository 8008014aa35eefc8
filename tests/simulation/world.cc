#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

#include "shared/sync/bundle.h"
#include "shared/sync/contact.h"
#include "tests/simulation/checks.h"
#include "tests/simulation/violation.h"

namespace songsong::simulation {
namespace {

constexpr std::int64_t kBegin = 1'631'404'800'000;  // 12 September 2021, when the programme began
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kYearMs = 365 * kDayMs;
constexpr std::size_t kMostPhonesEver = 8;
constexpr std::size_t kMostRounds = 20;

// Who is in the village: the units and the role of its first phones.
struct Place {
  std::vector<std::string> units;
  schema::Role role;
};
const std::vector<Place>& village() {
  static const std::vector<Place> places{{{"school-1"}, schema::TEACHER},
                                         {{"school-1"}, schema::TEACHER},
                                         {{"district-1"}, schema::REVIEWER},
                                         {{"school-2", "school-3"}, schema::TEACHER},
                                         {{"ministry"}, schema::HEAD_OFFICE}};
  return places;
}

}  // namespace

void Counts::add(const Counts& other) {
  steps += other.steps;
  changes += other.changes;
  answers += other.answers;
  for (const auto& [what, count] : other.faults) faults[what] += count;
}

World::World(const Plan& plan) : plan_(plan), random_(plan.seed), now_ms_(kBegin), disk_(random_.next()) {
  offices_.push_back(std::make_unique<Office>(disk_, "server-0", random_.next(), now_ms_));
  office().create();
  office().start(older_policies());
  office().add_unit("ministry", "");
  office().add_unit("province", "ministry");
  for (const char* district : {"district-1", "district-2"}) office().add_unit(district, "province");
  for (const char* school : {"school-1", "school-2"}) office().add_unit(school, "district-1");
  office().add_unit("school-3", "district-2");
  office().look_at_log(true);
  const auto sealed = std::make_shared<const SealedFiles>(
      SealKey({1}),
      [random = std::make_shared<Random>(plan.seed)](std::span<std::uint8_t> bytes) {
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random->next());
      },
      disk_.vfs());
  for (std::uint32_t i = 0; i < plan.phones; ++i) {
    phones_.push_back(std::make_unique<Phone>(disk_, "phone-" + std::to_string(i), random_.next(), now_ms_,
                                              i < plan.sealed ? sealed : nullptr));
    whose_.push_back(i % village().size());
    give_ticket(*phones_.back(), i);
  }
}

void World::give_ticket(Phone& phone, std::size_t number) {
  const Place& place = village()[whose_[number]];
  const Outcome<Ticket> ticket =
      office().host().issue_ticket(place.units, place.role, "http://server.test", 10 * kYearMs);
  if (disk_.is_dead(office().device())) return after_office(office());
  if (!ticket) return;
  phone.join(*ticket);
  if (disk_.is_dead(phone.device())) return revive(phone);
  phone.start(phone.policies != nullptr ? *phone.policies : older_policies());
}

void World::run() {
  for (const Step& each : plan_.steps) {
    ++counts_.steps;
    now_ms_ += 1 + each.a % 50;
    step(each);
  }
  heal();
}

const Counts& World::counts() {
  for (const auto& phone : phones_) counts_.changes += phone->saved().size();
  for (const auto& [what, count] : disk_.faults()) counts_.faults[what] += count;
  return counts_;
}

void World::step(const Step& step) {
  if (step_of_messages(step) || step_of_offices(step)) return;
  const std::size_t number = step.a % phones_.size();
  Phone& phone = *phones_[number];
  if (phone.gone) return;
  if (step_of_devices(step, number)) return;
  if (!phone.on()) phone.start(*phone.policies);  // somebody tries again
  if (disk_.is_dead(phone.device())) return revive(phone);
  if (!phone.on()) return;
  if (step.verb == Verb::kAsk) return ask(number);
  if (step.verb == Verb::kSync || step.verb == Verb::kSyncBeside) {
    const bool beside = step.verb == Verb::kSyncBeside && phone.waits;
    if (beside) count_fault("another program conversed while one waited");
    if (!beside) phone.give_up();
    (void)converse(number, false);
    return;
  }
  if (step.verb == Verb::kOvertake) return overtake(number, step);
  if (step.verb == Verb::kBundle) {
    const Outcome<Bundle> bundle = make_bundle(phone.replica(), phone.clock());
    if (bundle) parcels_.push_back(Parcel{.owner = number, .receipts = false, .bytes = bundle->bytes});
    return;
  }
  step_of_people(step, phone);
}

// After anything that may have written to the phone's disk.
void World::after_phone(Phone& phone, std::size_t most_saved) {
  if (disk_.is_dead(phone.device())) return revive(phone);
  if (!phone.on() || (phone.unsure > 0 && most_saved == 0)) return;
  phone.look_at_log(most_saved + std::exchange(phone.unsure, 0));
}

// The act during which it died may be on its disk, or not.
void World::revive(Phone& phone) {
  phone.stop();
  phone.forms.clear();
  if (phone.dies_by_power) {
    disk_.lose_power(phone.device());
    phone.clocks.booted_ms = now_ms_;
    ++phone.clocks.boot_session;
  } else {
    disk_.end_process(phone.device());
  }
  phone.start(phone.policies != nullptr ? *phone.policies : older_policies());
  if (phone.on()) phone.look_at_log(1 + std::exchange(phone.unsure, 0));
}

void World::after_office(Office& office) {
  if (disk_.is_dead(office.device())) office.start_again();
}

bool World::step_of_devices(const Step& step, std::size_t number) {
  Phone& phone = *phones_[number];
  switch (step.verb) {
    case Verb::kWait:
      now_ms_ += step.c % 5 == 0 ? step.b * kDayMs / 20 : step.b * 1000;
      return true;
    case Verb::kClock: {
      constexpr std::int64_t kErrors[] = {0, 60'000, -3'600'000, kDayMs, 5 * kYearMs, -kYearMs * 40, -60'000};
      phone.clocks.error_ms = kErrors[step.b % std::size(kErrors)];
      phone.clocks.drift_per_million = step.c % 3 == 0 ? static_cast<std::int64_t>(step.c) - 500 : 0;
      count_fault("a phone's clock jumped");
      return true;
    }
    case Verb::kReboot:
      phone.dies_by_power = true;
      revive(phone);
      return true;
    case Verb::kKill:
    case Verb::kPower:
      phone.dies_by_power = step.verb == Verb::kPower;
      if (step.c % 4 == 0) {
        revive(phone);
      } else {
        disk_.die_after(phone.device(), step.b % 40);
      }
      return true;
    case Verb::kFault:
      disk_.fail_after(phone.device(), step.b % 30);
      return true;
    case Verb::kFull:
      disk_.set_full(phone.device(), step.b % 2 == 0);
      return true;
    case Verb::kSnapshot:
      if (phone.on() && !disk_.is_dead(phone.device())) phone.backup = disk_.image(phone.device());
      return true;
    case Verb::kRollback:
      if (!phone.backup) return true;
      phone.stop();
      phone.forms.clear();
      phone.forget_saved();
      disk_.put(phone.device(), *phone.backup);
      count_fault("a phone was put back from its backup");
      phone.start(*phone.policies);
      if (phone.on()) phone.look_at_log(SIZE_MAX / 2);
      return true;
    case Verb::kCopy: {
      if (phones_.size() >= kMostPhonesEver || !phone.on()) return true;
      const std::string device = "phone-" + std::to_string(phones_.size());
      disk_.put(device, disk_.image(phone.device()));
      phones_.push_back(std::make_unique<Phone>(disk_, device, random_.next(), now_ms_, phone.sealed()));
      whose_.push_back(whose_[number]);
      phones_.back()->clocks = phone.clocks;
      phones_.back()->start(*phone.policies);
      if (phones_.back()->on()) phones_.back()->look_at_log(SIZE_MAX / 2);
      count_fault("a phone was copied");
      return true;
    }
    case Verb::kLost:
      if (phones_.size() < 2) return true;
      phone.stop();
      phone.gone = true;
      count_fault("a phone was lost");
      return true;
    case Verb::kTicket:
      give_ticket(phone, number);
      return true;
    case Verb::kAppoint:
      whose_[number] = step.b % village().size();
      give_ticket(phone, number);
      count_fault("a phone got the ticket of another place");
      return true;
    case Verb::kGrant: {
      if (!phone.on()) return true;
      const Place& place = village()[step.b % village().size()];
      const ReplicaId replica = phone.replica().identity().replica;
      (void)office().host().appoint(replica, granted(place.role, place.units), step.c % 2 == 1).ok();
      after_office(office());
      count_fault("an office gave somebody another place");
      return true;
    }
    case Verb::kRevoke:
      if (step.b % 3 != 0 || !phone.on()) return true;
      // A server that died meanwhile may have kept it, or not.
      revoked_.insert(phone.replica().identity().replica);
      (void)office().host().revoke(phone.replica().identity().replica).ok();
      after_office(office());
      return true;
    case Verb::kUpgrade: {
      if (!phone.on()) return true;
      std::string table;
      const Outcome<Done> read =
          phone.store().read(0, [&](StoreReader& reader) { table = reader.setting(kPolicyTableSetting); });
      if (read && !table.empty()) phone.start(newer_policies());
      return true;
    }
    default:
      return false;
  }
}

bool World::step_of_offices(const Step& step) {
  Office& server = office();
  switch (step.verb) {
    case Verb::kServerKill:
    case Verb::kServerPower:
      server.dies_by_power = step.verb == Verb::kServerPower;
      if (step.c % 4 == 0) {
        server.start_again();
      } else {
        disk_.die_after(server.device(), step.b % 60);
      }
      return true;
    case Verb::kServerFault:
      disk_.fail_after(server.device(), step.b % 40);
      return true;
    case Verb::kServerFull:
      disk_.set_full(server.device(), step.b % 2 == 0);
      return true;
    case Verb::kServerBackup:
      backups_.push_back(disk_.image(server.device()));
      return true;
    case Verb::kServerRestore: {
      if (backups_.empty()) return true;
      const std::uint64_t epoch = server.host().epoch();
      const std::string device = "server-" + std::to_string(offices_.size());
      disk_.put(device, backups_[step.b % backups_.size()]);
      auto restored = std::make_unique<Office>(disk_, device, random_.next(), now_ms_);
      restored->clock_error_ms = server.clock_error_ms;
      restored->restored(epoch);
      restored->start(*server.policies);
      restored->know_units_of(server);
      restored->carry_out(server.erasures());
      restored->look_at_log(true);
      if (old_office_runs_) offices_[offices_.size() - 2]->stop();
      disk_.set_full(server.device(), false);
      old_office_runs_ = step.c % 2 == 0;
      if (!old_office_runs_) server.stop();
      offices_.push_back(std::move(restored));
      // Whoever was revoked after the backup is not any more, and the office revokes again what it must.
      for (const ReplicaId replica : revoked_) (void)office().host().revoke(replica).ok();
      count_fault("a server was put back from its backup");
      return true;
    }
    case Verb::kServerUpgrade:
      server.start(newer_policies());
      return true;
    case Verb::kServerClock: {
      constexpr std::int64_t kErrors[] = {0, 300'000, -300'000, kDayMs};
      server.clock_error_ms = kErrors[step.b % std::size(kErrors)];
      return true;
    }
    case Verb::kUnit:
      if (server.units().size() < 12)
        server.add_unit("class-" + std::to_string(++words_), step.b % 2 == 0 ? "school-1" : "school-2");
      after_office(server);
      return true;
    case Verb::kReparent: {
      const std::string& unit = server.units()[step.b % server.units().size()];
      server.set_parent(unit, server.units()[step.c % server.units().size()]);
      after_office(server);
      return true;
    }
    case Verb::kReform: {
      const std::string& unit = server.units()[step.b % server.units().size()];
      server.reform(unit, server.units()[step.c % server.units().size()]);
      after_office(server);
      return true;
    }
    case Verb::kErase:
      server.erase(step.b);
      after_office(server);
      count_fault("an office had somebody's particulars erased");
      return true;
    case Verb::kCloseUnit:
      server.close_unit(server.units()[step.b % server.units().size()]);
      after_office(server);
      return true;
    default:
      return false;
  }
}

// Nothing more goes wrong, and all who are left talk until there is nothing more to say.
void World::heal() {
  if (old_office_runs_) offices_[offices_.size() - 2]->stop();
  old_office_runs_ = false;
  questions_.clear();
  answers_.clear();
  office().start(*office().policies);
  office().look_at_log(false);
  for (const auto& phone : phones_) {
    if (phone->gone) continue;
    disk_.calm(phone->device());
    phone->start(phone->policies != nullptr ? *phone->policies : older_policies());
    if (phone->on()) phone->look_at_log(1 + std::exchange(phone->unsure, 0));
  }
  for (std::size_t round = 0;; ++round) {
    if (round == kMostRounds) throw Violation("a conversation ends", "there is always something more to say");
    bool moved = false;
    now_ms_ += 1000;
    for (std::size_t i = 0; i < phones_.size(); ++i) {
      if (!phones_[i]->gone && phones_[i]->on() && converse(i, false)) moved = true;
    }
    if (!moved) break;
  }
  check_office(office());
  for (std::size_t i = 0; i < phones_.size(); ++i) {
    Phone& phone = *phones_[i];
    if (phone.gone || !phone.on()) continue;
    check_phone(phone, office());
    if (is_revoked(phone)) {
      check_erased(phone, office());
      check_revoked(phone, office());
      continue;
    }
    const std::size_t orphans = check_same_records(phone, office());
    counts_.faults["a record that a restored server lost was still held by a phone"] += orphans;
    (void)converse(i, true);
    if (check_same_records(phone, office()) != orphans)
      throw Violation("digests agree", phone.device() + " lost the last copy of a record by a check");
  }
}

}  // namespace songsong::simulation
