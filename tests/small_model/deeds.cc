#include "tests/small_model/deeds.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "shared/core/value_text.h"

namespace songsong::small_model {
namespace {

using Filled = std::vector<std::pair<const char*, std::string>>;

constexpr ReplicaId kOffice = 9;
constexpr std::int64_t kNoon = 1'631'404'800'000;

std::vector<Write> writes_of(const char* kind, const Filled& filled) {
  const KindPolicy& policy = *programme().kind_named(kind);
  std::vector<Write> writes;
  for (const auto& [name, text] : filled) {
    const FieldPolicy* const field = Policies::field_named(policy, name);
    const Outcome<Value> value = parse_value(*field, text);
    if (!value) throw Violation(std::string("the model's own ") + kind + "." + name + " is no value");
    // Personal values are kept apart for erasure only, which this model has not.
    writes.push_back(Write{.field = field->number(), .shape = Shape::kRegister, .personal = false, .value = *value});
  }
  std::sort(writes.begin(), writes.end(), [](const Write& one, const Write& other) { return one.field < other.field; });
  return writes;
}

// The office's line: what is there before the three replicas do anything.
struct World {
  std::vector<Sealed> line;
  std::size_t first_part = 0;  // changes of the line that arrive together; the rest arrives together too
  RecordId school, first, second, device, spare, need, handover;

  World() {
    Line office(kOffice);
    const auto open = [&](const char* kind, const Filled& filled) {
      Change change;
      change.name = change.record = office.next();
      change.kind = programme().kind_named(kind)->number();
      change.captured_ms = kNoon - 3'600'000;
      change.unit = "province";
      change.writes = writes_of(kind, filled);
      line.push_back(office.seal(std::move(change)));
      return line.back().change.record;
    };
    const auto unit = [&](const char* code, const char* level, const char* parent) {
      Filled filled{{"code", code}, {"name", code}, {"level", level}};
      if (*parent != '\0') filled.emplace_back("parent", parent);
      return open("unit", filled);
    };
    unit("province", "province", "");
    unit("commune-1", "commune", "province");
    unit("commune-2", "commune", "province");
    school = unit("school-1", "school", "commune-1");
    unit("school-2", "school", "commune-2");
    const auto pupil = [&](const char* at) {
      return open("pupil", {{"full_name", "Lò Thị An"},
                            {"school", at},
                            {"school_level", "primary"},
                            {"household", "poor"},
                            {"student_code", "HS-1"}});
    };
    first = pupil("school-1");
    second = pupil("school-2");
    device = open("device", {{"device_type", "tablet"}, {"school", "school-1"}});
    spare = open("device", {{"device_type", "laptop"}, {"school", "school-2"}});
    first_part = line.size();
    need = open("need", {{"pupil", to_text(first)}, {"lacks", "device"}});
    handover = open("handover", {{"pupil", to_text(first)}, {"device", to_text(device)}, {"date", "2021-12-01"}});
  }
};

const World& world() {
  static const World one;
  return one;
}

// What a deed does: to a record of the office's, or a new one of a kind.
struct Act {
  RecordId record;
  const char* kind = nullptr;
  std::vector<Write> writes;
};

Act act_of(Deed deed) {
  const World& here = world();
  const auto opens = [](const char* kind, const Filled& filled) { return Act{{}, kind, writes_of(kind, filled)}; };
  const auto sets = [](RecordId record, const char* kind, const Filled& filled) {
    return Act{record, kind, writes_of(kind, filled)};
  };
  const auto hands = [&](RecordId pupil, RecordId device) {
    return opens("handover", {{"pupil", to_text(pupil)}, {"device", to_text(device)}, {"date", "2021-12-02"}});
  };
  const auto decides = [&](const char* decision) {
    return opens("samehood", {{"one", to_text(here.first)}, {"other", to_text(here.second)}, {"decision", decision}});
  };
  switch (deed) {
    case Deed::kDeclareNeed:
      return opens("need", {{"pupil", to_text(here.first)}, {"lacks", "signal"}});
    case Deed::kHandOver:
      return hands(here.first, here.spare);
    case Deed::kHandOn:
      return hands(here.second, here.device);
    case Deed::kTakeBack:
      return opens("return", {{"handover", to_text(here.handover)}, {"date", "2021-12-05"}});
    case Deed::kDecideSame:
      return decides("same");
    case Deed::kDecideOther:
      return decides("different");
    case Deed::kRemove:
      return Act{here.first, "pupil", {Write{kRemovedField, Shape::kRegister, false, Value(std::int64_t{1})}}};
    case Deed::kEdit:
      return sets(here.first, "pupil", {{"household", "near_poor"}});
    case Deed::kMove:
      return sets(here.first, "pupil", {{"school", "school-2"}});
    case Deed::kVerify:
      return sets(here.need, "need", {{"state", "verified"}});
    case Deed::kMoveSchool:
      return sets(here.school, "unit", {{"parent", "commune-2"}});
    case Deed::kCorrectNeed:
      return sets(here.need, "need", {{"pupil", to_text(here.second)}});
    case Deed::kCorrectDevice:
      return sets(here.device, "device", {{"device_type", "desktop"}});
  }
  throw Violation("no such deed");
}

const Act& act(Deed deed) {
  static const std::vector<Act> all = [] {
    std::vector<Act> acts;
    for (int i = 0; i <= static_cast<int>(Deed::kCorrectDevice); ++i) acts.push_back(act_of(static_cast<Deed>(i)));
    return acts;
  }();
  return all[static_cast<std::size_t>(deed)];
}

}  // namespace

const std::array<std::vector<const Sealed*>, 2>& office_line() {
  static const std::array<std::vector<const Sealed*>, 2> parts = [] {
    std::array<std::vector<const Sealed*>, 2> split;
    for (const Sealed& each : world().line) split[split[0].size() < world().first_part ? 0 : 1].push_back(&each);
    return split;
  }();
  return parts;
}

Skeleton seen_of_records(const Skeleton& skeleton, const std::vector<Deed>& deeds) {
  const std::vector<std::size_t> numbers = sequences(skeleton);
  Skeleton seen = skeleton;
  for (std::size_t i = 0; i < skeleton.size(); ++i) {
    const RecordId record = act(deeds[i]).record;
    for (std::size_t replica = 0; replica < kReplicas; ++replica) {
      if (replica == skeleton[i].replica) continue;
      seen[i].seen[replica] = 0;
      for (std::size_t j = 0; j < i && record.valid(); ++j) {
        if (skeleton[j].replica == replica && act(deeds[j]).record == record && numbers[j] <= skeleton[i].seen[replica])
          seen[i].seen[replica] = numbers[j];
      }
    }
  }
  return seen;
}

Lines canonical_lines(const Skeleton& seen, const std::vector<Deed>& deeds) {
  std::array<std::size_t, kReplicas> renaming{0, 1, 2};
  std::optional<Lines> least;
  do {
    Lines lines;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      std::array<std::size_t, kReplicas> renamed{};
      for (std::size_t replica = 0; replica < kReplicas; ++replica)
        renamed[renaming[replica]] = replica == seen[i].replica ? 0 : seen[i].seen[replica];
      lines[renaming[seen[i].replica]].emplace_back(deeds[i], renamed);
    }
    if (!least || lines < *least) least = std::move(lines);
  } while (std::next_permutation(renaming.begin(), renaming.end()));
  return *least;
}

ReplicaId id_of(std::size_t replica) { return static_cast<ReplicaId>(replica + 1); }

std::vector<Sealed> sealed_history(const Skeleton& seen, const std::vector<Deed>& deeds) {
  std::vector<Line> lines;
  for (std::size_t replica = 0; replica < kReplicas; ++replica) lines.emplace_back(id_of(replica));
  std::map<Name, std::int64_t> captured;
  std::vector<Sealed> history;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Act& deed = act(deeds[i]);
    Line& line = lines[seen[i].replica];
    Change change;
    change.name = line.next();
    change.record = deed.record.valid() ? deed.record : change.name;
    change.kind = programme().kind_named(deed.kind)->number();
    change.captured_ms = kNoon;
    for (std::size_t replica = 0; replica < kReplicas; ++replica) {
      if (seen[i].seen[replica] == 0) continue;
      const Name name = Line::name_of(id_of(replica), seen[i].seen[replica]);
      change.captured_ms = std::max(change.captured_ms, captured.at(name) + 1000);
      if (replica != seen[i].replica) change.saw.push_back(name);
    }
    if (deed.record.valid()) change.saw.push_back(deed.record);
    change.unit = "school-1";
    change.writes = deed.writes;
    captured[change.name] = change.captured_ms;
    history.push_back(line.seal(std::move(change)));
  }
  return history;
}

}  // namespace songsong::small_model
