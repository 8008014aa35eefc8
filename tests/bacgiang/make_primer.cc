// make_primer --out FILE: the primer that the programs compress with, schemas/released/primer-1.bin. Phones with
// simulated clocks record a made-up world: some teachers one child after the other, some a whole list at once; they
// correct, and hand devices over. Their logs, cut as they would be sent, are what the primer learns from.
//
// A released primer is never made again: this tool is for the next number, and to say how the first came to be.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "schemas/programme_table.h"
#include "shared/core/change_codec.h"
#include "shared/core/crypto.h"
#include "shared/core/value_text.h"
#include "shared/replica/sqlite_store.h"
#include "shared/sync/piece.h"
#include "tests/bacgiang/world.h"
#include "tests/support/random.h"

namespace songsong::bacgiang {
namespace {

using Filled = std::vector<std::pair<std::string, std::string>>;

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.fault().code + " at " + outcome.fault().where);
  return std::move(outcome).value();
}

const Policies& programme() {
  static const Policies policies = must(Policies::parse(programme_policy_table()));
  return policies;
}

// A replica in memory, with a clock that its owner sets.
class Phone {
 public:
  Phone(ReplicaId id, const std::string& unit, Random& random) : store_(must(SqliteStore::open(":memory:", {}))) {
    const auto entropy = [&random](std::span<std::uint8_t> bytes) {
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    };
    Identity identity{.replica = id, .seed = {}, .grants = granted(schema::TEACHER, {unit}), .grants_told = {}};
    entropy(identity.seed.fill());
    must(Replica::create(*store_, identity));
    const auto clock = [this] { return ClockReading{.wall_ms = now_ms, .monotonic_ms = now_ms, .boot_session = 1}; };
    replica_ = must(Replica::open(*store_, programme(), Environment{.clock = clock, .entropy = entropy, .actor = {}}));
  }

  RecordId add(const std::string& kind, const Filled& filled) {
    return must(replica_->save(act_of(*programme().kind_named(kind), RecordId(), filled)));
  }
  // Writes nothing where the record says so already.
  void set(const std::string& kind, RecordId record, const Filled& filled) {
    const Outcome<RecordId> saved = replica_->save(act_of(*programme().kind_named(kind), record, filled));
    if (!saved && saved.fault().code != "nothing_to_save") must(saved);
  }
  Store& store() { return *store_; }

  std::int64_t now_ms = 0;

 private:
  static Act act_of(const KindPolicy& kind, RecordId record, const Filled& filled) {
    Act act;
    act.kind = kind.number();
    act.record = record;
    for (const auto& [name, text] : filled) {
      const FieldPolicy& field = *Policies::field_named(kind, name);
      act.inputs.push_back(
          Input{.field = field.number(), .shape = Shape::kRegister, .value = must(parse_value(field, text))});
    }
    return act;
  }

  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Replica> replica_;
};

constexpr std::uint64_t kSeed = 77'2021;  // of a world that nothing is measured on
constexpr std::int64_t kMorning = 1'631'404'800'000;
constexpr std::size_t kTeachers = 12, kImporters = 2;
constexpr std::size_t kChildrenOfTeacher = 24, kChildrenOfImporter = 220;

class PrimerMaker {
 public:
  PrimerMaker() : world_(make_world(kSeed)), random_(kSeed) {}

  std::vector<std::string> make() {
    for (std::size_t i = 0; i < kTeachers + kImporters; ++i) {
      const bool imports = i >= kTeachers;
      school_ = (i * 23 + 5) % world_.schools.size();
      Phone phone(static_cast<ReplicaId>(1 + random_.below(4000)), world_.schools[school_].commune, random_);
      phone.now_ms = kMorning + random_.between(0, 90) * 86'400'000 + random_.between(0, 30'000'000);
      record(phone, imports);
      cut(phone, imports);
    }
    return std::move(pieces_);
  }

 private:
  void pause(Phone& phone, bool imports) {
    phone.now_ms += imports ? random_.between(0, 3) : random_.between(4'000, 180'000);
  }

  static std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

  void record(Phone& phone, bool imports) {
    const std::size_t children = imports ? kChildrenOfImporter : kChildrenOfTeacher;
    std::vector<RecordId> pupils, devices;
    for (std::size_t at = random_.below(world_.children.size()); pupils.size() < children; ++at) {
      const Child& child = world_.children[at % world_.children.size()];
      pupils.push_back(add_pupil(phone, child, imports));
      if (imports) continue;
      if (random_.chance(1, 5)) correct(phone, pupils[random_.below(pupils.size())]);
      if (random_.chance(1, 4)) {
        const Device& device = world_.devices[random_.below(world_.devices.size())];
        pause(phone, imports);
        devices.push_back(phone.add("device", {{"device_type", device.type},
                                               {"serial", device.serial + two(static_cast<int>(devices.size()))},
                                               {"school", world_.schools[school_].code}}));
        pause(phone, imports);
        phone.add("handover", {{"pupil", to_text(pupils.back())},
                               {"device", to_text(devices.back())},
                               {"date", "2021-1" + std::to_string(random_.below(3)) + "-" +
                                            two(static_cast<int>(random_.between(1, 28)))},
                               {"provisional", "true"}});
      }
    }
  }

  RecordId add_pupil(Phone& phone, const Child& child, bool imports) {
    Filled filled{{"full_name", child.name},
                  {"school", world_.schools[school_].code},
                  {"school_level", name_of(world_.schools[school_].level)},
                  {"grade", std::to_string(child.grade)},
                  {"birth_date", std::to_string(child.year) + "-" + two(child.month) + "-" + two(child.day)},
                  {"gender", child.girl ? "female" : "male"},
                  {"household", name_of(child.household)}};
    // What a list has a column for, and a teacher often leaves out.
    const auto add = [&](const char* field, const std::string& text) {
      if (!text.empty() && (imports || random_.chance(1, 2))) filled.emplace_back(field, text);
    };
    add("citizen_id", child.citizen_id);
    add("student_code", child.student_code);
    add("phone", child.phone);
    add("guardian", child.guardian);
    pause(phone, imports);
    const RecordId pupil = phone.add("pupil", filled);
    pause(phone, imports);
    phone.add("need", {{"pupil", to_text(pupil)}, {"lacks", child.lacks}});
    return pupil;
  }

  void correct(Phone& phone, RecordId pupil) {
    pause(phone, false);
    switch (random_.below(3)) {
      case 0:
        return phone.set("pupil", pupil, {{"household", random_.pick(std::vector<std::string>{"poor", "near_poor"})}});
      case 1:
        return phone.set("pupil", pupil, {{"grade", std::to_string(random_.between(1, 5))}});
      default:
        return phone.set("pupil", pupil, {{"phone", "09" + std::to_string(random_.between(10'000'000, 99'999'999))}});
    }
  }

  // A few changes at a time, as a phone with a signal sends them; of an import, all at once.
  void cut(Phone& phone, bool imports) {
    std::vector<Change> changes;
    must(phone.store().read(0, [&](StoreReader& reader) { changes = read_changes(reader, reader.log(0, 100'000)); }));
    for (std::size_t at = 0; at < changes.size();) {
      const std::size_t wanted = imports ? changes.size() : random_.chance(1, 4) ? 20 : 1 + random_.below(3);
      const std::size_t size = std::min(wanted, changes.size() - at);
      pieces_.push_back(encode_changes(std::span(changes).subspan(at, size)));
      at += size;
    }
  }

  const World world_;
  Random random_;
  std::size_t school_ = 0;
  std::vector<std::string> pieces_;
};

int make(const std::string& out, std::uint32_t number) {
  const std::vector<std::string> pieces = PrimerMaker().make();
  const std::string bytes = encode_primer(number, pieces);
  const Outcome<Primer> primer = Primer::parse(bytes);
  std::ofstream file(out, std::ios::binary);
  if (!primer || !(file << bytes)) return 1;
  std::printf("primer %u: %zu pieces, %zu bytes\n", primer->number(), pieces.size(), bytes.size());
  return 0;
}

}  // namespace
}  // namespace songsong::bacgiang

int main(int argc, char** argv) {
  std::string out;
  std::uint32_t number = 1;
  CLI::App app("Makes a primer from a made-up world");
  app.add_option("--out", out)->required();
  app.add_option("--number", number);
  CLI11_PARSE(app, argc, argv);
  songsong::init_crypto();
  return songsong::bacgiang::make(out, number);
}
