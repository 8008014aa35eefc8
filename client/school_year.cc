#include "client/school_year.h"

#include <algorithm>
#include <set>

#include "client/device.h"
#include "client/outbox.h"
#include "client/pin.h"
#include "shared/core/civil_time.h"

namespace songsong::client {
namespace {

constexpr std::size_t kActsInSave = 200;
constexpr std::size_t kShownNames = 20;
constexpr int kYearBegins = 7;  // from this month on a grade that is written is one of the new year

enum class Fate { kUp, kMoves, kAlready, kStays, kLeaves, kNoGrade, kRefused };

struct Pupil {
  RecordView view;
  Fate fate = Fate::kUp;
  std::int64_t grade = 0;  // that they are in
};

bool is_last(std::int64_t grade) { return grade == 5 || grade == 9 || grade == 12; }
const char* level_of(std::int64_t grade) {
  return grade <= 5 ? "primary" : grade <= 9 ? "lower_secondary" : "upper_secondary";
}

// When the grade that is shown, or one that contradicts it, was written last.
std::int64_t written_ms(const State& state, FieldNumber field) {
  std::int64_t last = 0;
  for (const Register& each : state.registers) {
    if (each.field != field) continue;
    for (const Head& head : each.heads) last = std::max(last, head.captured_ms);
  }
  return last;
}

Outcome<std::int64_t> beginning_ms(const std::string& since) {
  std::int64_t day = 0;
  if (since.empty()) {
    const CivilDate today = civil_from_days(day_in_vietnam(read_clock().wall_ms));
    const bool begun = today.month >= kYearBegins;
    day = days_from_civil(CivilDate{.year = today.year - (begun ? 0 : 1), .month = kYearBegins, .day = 1});
  } else {
    const Outcome<std::optional<std::int64_t>> asked = parse_date_if_any(since);
    if (!asked) return asked.fault();
    day = **asked;
  }
  return day * kMsPerDay - kVietnamMs;
}

Outcome<std::string> school_of(const NewYear& year, Workspace& workspace) {
  if (!year.unit.empty()) return year.unit;
  const std::vector<std::string> units = units_of(workspace.replica().identity().grants);
  if (units.size() == 1) return units.front();
  return Fault{.code = "usage", .where = "--unit", .what = "This device works at several places."};
}

// A teacher hands nobody to a school that is not theirs: whoever has both does, at the office above them.
Outcome<Done> check_next_school(const std::string& code, Workspace& workspace) {
  bool known = code.empty();
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    for (const Unit& unit : reader.units()) known = known || unit.code == code;
  });
  if (!read) return read.fault();
  if (known) return Done{};
  return Fault{.code = "next_school_elsewhere", .where = code, .what = "The next school is not in this scope."};
}

class Promotion {
 public:
  Promotion(Workspace& workspace, const KindPolicy& kind, const NewYear& year, std::int64_t since_ms)
      : workspace_(workspace),
        kind_(kind),
        grade_(Policies::field_named(kind, "grade")->number()),
        year_(year),
        since_ms_(since_ms),
        staying_(year.staying.begin(), year.staying.end()) {}

  Outcome<Done> decide(const std::string& unit) {
    return workspace_.replica().list(kind_.number(), [&](const RecordView& view) {
      if (view.unit == unit) pupils_.push_back(decided(view));
      return true;
    });
  }

  // By so many in one commit; where one of them is refused, one by one, so that the others go up.
  Outcome<Done> save() {
    std::vector<Act> acts;
    std::vector<Pupil*> whose;
    for (Pupil& pupil : pupils_) {
      if (pupil.fate != Fate::kUp && pupil.fate != Fate::kMoves) continue;
      Outcome<Act> act = act_for(pupil);
      if (!act) return act.fault();
      acts.push_back(std::move(*act));
      whose.push_back(&pupil);
    }
    for (std::size_t at = 0; at < acts.size(); at += kActsInSave) {
      const std::span<const Act> some = std::span(acts).subspan(at, std::min(kActsInSave, acts.size() - at));
      if (workspace_.replica().save(some)) continue;
      for (std::size_t i = at; i < at + some.size(); ++i) {
        const Outcome<RecordId> saved = workspace_.replica().save(acts[i]);
        if (saved) continue;
        if (exit_code_for(saved.fault()) != kRefused) return saved.fault();
        refused_.emplace_back(acts[i].record, saved.fault());
        whose[i]->fate = Fate::kRefused;
      }
    }
    return Done{};
  }

  std::vector<const Pupil*> with(Fate fate) const {
    std::vector<const Pupil*> some;
    for (const Pupil& pupil : pupils_) {
      if (pupil.fate == fate) some.push_back(&pupil);
    }
    return some;
  }
  const std::vector<std::pair<RecordId, Fault>>& refused() const { return refused_; }

 private:
  Pupil decided(const RecordView& view) const {
    Pupil pupil{.view = view};
    const Value* const grade = show(view.state, &kind_).find(grade_);
    if (grade == nullptr || grade->integer() == nullptr) {
      pupil.fate = Fate::kNoGrade;
      return pupil;
    }
    pupil.grade = *grade->integer();
    if (staying_.contains(to_text(view.state.id)))
      pupil.fate = Fate::kStays;
    else if (written_ms(view.state, grade_) >= since_ms_)
      pupil.fate = Fate::kAlready;
    else if (is_last(pupil.grade))
      pupil.fate = year_.leavers_to.empty() || pupil.grade == 12 ? Fate::kLeaves : Fate::kMoves;
    return pupil;
  }

  Outcome<Act> act_for(const Pupil& pupil) const {
    std::vector<std::string> written{"grade=" + std::to_string(pupil.grade + 1)};
    if (pupil.fate == Fate::kMoves) {
      written.push_back(std::string("school_level=") + level_of(pupil.grade + 1));
      written.push_back("school=" + year_.leavers_to);
    }
    Outcome<std::vector<Input>> inputs = parse_inputs(kind_, written);
    if (!inputs) return inputs.fault();
    Act act;
    act.record = pupil.view.state.id;
    act.inputs = std::move(*inputs);
    return act;
  }

  Workspace& workspace_;
  const KindPolicy& kind_;
  const FieldNumber grade_;
  const NewYear& year_;
  const std::int64_t since_ms_;
  const std::set<std::string> staying_;
  std::vector<Pupil> pupils_;
  std::vector<std::pair<RecordId, Fault>> refused_;
};

Json ids_json(const std::vector<const Pupil*>& pupils) {
  Json ids = Json::array();
  for (const Pupil* const pupil : pupils) ids.push_back(to_text(pupil->view.state.id));
  return ids;
}

void print_names(const Settings& settings, Workspace& workspace, const char* heading,
                 const std::vector<const Pupil*>& pupils) {
  if (pupils.empty()) return;
  print_line(std::string(heading) + ": " + std::to_string(pupils.size()));
  for (std::size_t i = 0; i < std::min(pupils.size(), kShownNames); ++i)
    print_line("  " + one_line(pupils[i]->view, workspace, settings.language));
  if (pupils.size() > kShownNames) print_line("  …");
}

void print_year(const Settings& settings, Workspace& workspace, const Promotion& promotion, bool dry_run) {
  const auto count = [&](Fate fate) { return std::to_string(promotion.with(fate).size()); };
  print_line((dry_run ? settings.say("Sẽ lên lớp ", "Would go up ") : settings.say("Đã lên lớp ", "Went up ")) +
             count(Fate::kUp) + settings.say(" em; chuyển trường ", " pupils; to the next school ") +
             count(Fate::kMoves) + settings.say("; đã lên từ trước ", "; had gone up before ") + count(Fate::kAlready) +
             settings.say("; ở lại lớp ", "; repeat their grade ") + count(Fate::kStays));
  print_names(settings, workspace,
              settings.say("Học hết lớp cuối cấp, chưa biết chuyển đi đâu (--leavers-to)",
                           "Through the last grade, and nobody said where to (--leavers-to)"),
              promotion.with(Fate::kLeaves));
  print_names(settings, workspace, settings.say("Chưa ghi khối lớp", "No grade is recorded"),
              promotion.with(Fate::kNoGrade));
  for (const auto& [record, fault] : promotion.refused())
    remark("  " + to_text(record) + "  " + message_for(fault, settings.language).what + "  (" + fault.where + ")");
}

}  // namespace

Exit begin_school_year(const Settings& settings, const NewYear& year) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<const KindPolicy*> kind = kind_by_name("pupil", (*workspace)->policies());
  if (!kind) return kind.fault();
  const Outcome<std::string> unit = school_of(year, **workspace);
  if (!unit) return unit.fault();
  const Outcome<std::int64_t> since_ms = beginning_ms(year.since);
  if (!since_ms) return since_ms.fault();
  for (const std::string& staying : year.staying) {
    const Outcome<RecordView> known = record_by_id(staying, **workspace);
    if (!known) return known.fault();
  }
  const Outcome<Done> reachable = check_next_school(year.leavers_to, **workspace);
  if (!reachable) return reachable.fault();
  Promotion promotion(**workspace, **kind, year, *since_ms);
  const Outcome<Done> decided = promotion.decide(*unit);
  if (!decided) return decided.fault();
  if (!year.dry_run) {
    const Outcome<Done> saved = promotion.save();
    keep_outbox(settings, **workspace);
    if (!saved) return saved.fault();
  }
  if (settings.json) {
    Json refused = Json::array();
    for (const auto& [record, fault] : promotion.refused())
      refused.push_back(Json{{"id", to_text(record)}, {"code", fault.code}, {"where", fault.where}});
    print_json(Json{{"up", promotion.with(Fate::kUp).size()},
                    {"moved", promotion.with(Fate::kMoves).size()},
                    {"already", promotion.with(Fate::kAlready).size()},
                    {"staying", promotion.with(Fate::kStays).size()},
                    {"leaving", ids_json(promotion.with(Fate::kLeaves))},
                    {"without_grade", ids_json(promotion.with(Fate::kNoGrade))},
                    {"refused", refused}});
  } else {
    print_year(settings, **workspace, promotion, year.dry_run);
  }
  const bool left =
      !promotion.refused().empty() || !promotion.with(Fate::kLeaves).empty() || !promotion.with(Fate::kNoGrade).empty();
  return left ? kSetAside : kDone;
}

}  // namespace songsong::client
