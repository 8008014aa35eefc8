#include "client/school_year.h"

#include <algorithm>
#include <map>
#include <set>

#include "client/device.h"
#include "client/outbox.h"
#include "client/pin.h"
#include "shared/core/civil_time.h"
#include "shared/core/clock.h"
#include "shared/replica/settings.h"

namespace songsong::client {
namespace {

constexpr std::size_t kActsInSave = 200;
constexpr std::size_t kShownNames = 20;
constexpr std::int64_t kMostDaysAgo = 400;
constexpr int kYearBegins = 7;  // from this month on a grade that is written is one of the new year

enum class Fate {
  kUp,
  kMoves,
  kAlready,
  kStays,
  kStayedOrWent,  // is to repeat the grade, and a grade was written this year already
  kLeaves,
  kNoGrade,
  kDisputed,
  kRefused,
};

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

// Whether people wrote different things, and nobody has decided yet.
bool is_disputed(const State& state, FieldNumber field) {
  for (const Register& each : state.registers) {
    if (each.field != field) continue;
    for (const Head& head : each.heads) {
      if (head.value != each.heads.front().value) return true;
    }
  }
  return false;
}

Outcome<std::int64_t> now_ms(Workspace& workspace) {
  Outcome<ClockState> clock = ClockState{};
  const Outcome<Done> read =
      workspace.read([&](StoreReader& reader) { clock = decode_clock(reader.setting(kClockSetting)); });
  if (!read) return read.fault();
  if (!clock) return clock.fault();
  return corrected(*clock, read_clock()).captured_ms;
}

// The day on which the year began: one that is over, and not of a year that is.
Outcome<std::int64_t> beginning_ms(const std::string& since, std::int64_t now) {
  const std::int64_t today = day_in_vietnam(now);
  std::int64_t day = 0;
  if (since.empty()) {
    const CivilDate date = civil_from_days(today);
    const bool begun = date.month >= kYearBegins;
    day = days_from_civil(CivilDate{.year = date.year - (begun ? 0 : 1), .month = kYearBegins, .day = 1});
  } else {
    const Outcome<std::int64_t> asked = parse_date(since);
    if (!asked) return asked.fault();
    day = *asked;
  }
  if (day > today || day < today - kMostDaysAgo)
    return Fault{.code = "out_of_range", .where = "--since " + since, .what = "A school year began in the last year."};
  return day * kMsPerDay - kVietnamMs;
}

Outcome<std::string> school_of(const NewYear& year, Workspace& workspace) {
  if (!year.unit.empty()) return year.unit;
  const std::vector<std::string> units = units_of(workspace.replica().identity().grants);
  if (units.size() == 1) return units.front();
  return Fault{.code = "usage", .where = "--unit", .what = "This device works at several places."};
}

// Where those of a last grade go; 0: of whatever grade.
using NextSchools = std::map<std::int64_t, std::string>;

Outcome<NextSchools> next_schools(const std::vector<std::string>& written) {
  NextSchools schools;
  for (const std::string& each : written) {
    const std::size_t sign = each.find('=');
    const std::string grade = sign == std::string::npos ? "" : each.substr(0, sign);
    if (sign != std::string::npos && grade != "5" && grade != "9")
      return Fault{.code = "usage", .where = "--leavers-to " + each, .what = "5=CODE or 9=CODE."};
    schools[grade.empty() ? 0 : std::stol(grade)] = each.substr(sign == std::string::npos ? 0 : sign + 1);
  }
  return schools;
}

// A teacher hands nobody to a school that is not theirs: whoever has both does, at the office above them.
Outcome<Done> check_schools(const std::string& own, const NextSchools& next, Workspace& workspace) {
  std::map<std::string, std::string> levels;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    for (const Unit& unit : reader.units()) levels[unit.code] = unit.level;
  });
  if (!read) return read.fault();
  const auto is_school = [&](const std::string& code) {
    const auto found = levels.find(code);
    return found != levels.end() && found->second == "school";
  };
  // A device that was never heard from the server knows no units, and has recorded in its own place only.
  if (!levels.empty() && !is_school(own))
    return Fault{.code = "unknown_unit", .where = own, .what = "This is no school of this device's."};
  for (const auto& [grade, code] : next) {
    if (code != own && !is_school(code))
      return Fault{.code = "next_school_elsewhere", .where = code, .what = "The next school is not in this scope."};
  }
  return Done{};
}

class Promotion {
 public:
  Promotion(Workspace& workspace, const KindPolicy& kind, NextSchools next, const std::vector<std::string>& staying,
            std::int64_t since_ms)
      : workspace_(workspace),
        kind_(kind),
        grade_(Policies::field_named(kind, "grade")->number()),
        school_(Policies::field_named(kind, "school")->number()),
        next_(std::move(next)),
        since_ms_(since_ms),
        staying_(staying.begin(), staying.end()) {}

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
      if (pupil.fate != Fate::kUp && pupil.fate != Fate::kMoves && pupil.fate != Fate::kStays) continue;
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
  bool leaves_two_levels() const {
    std::set<std::int64_t> grades;
    for (const Pupil* const pupil : with(Fate::kMoves)) grades.insert(pupil->grade);
    return grades.size() > 1;
  }

 private:
  Pupil decided(const RecordView& view) const {
    Pupil pupil{.view = view};
    const Value* const grade = show(view.state, &kind_).find(grade_);
    if (grade == nullptr || grade->integer() == nullptr) {
      pupil.fate = Fate::kNoGrade;
      return pupil;
    }
    pupil.grade = *grade->integer();
    const bool stays = staying_.contains(to_text(view.state.id));
    if (is_disputed(view.state, grade_) || is_disputed(view.state, school_))
      pupil.fate = Fate::kDisputed;
    else if (written_ms(view.state, grade_) >= since_ms_)
      pupil.fate = stays ? Fate::kStayedOrWent : Fate::kAlready;
    else if (stays)
      pupil.fate = Fate::kStays;
    else if (is_last(pupil.grade))
      pupil.fate = next_of(pupil.grade).empty() ? Fate::kLeaves : Fate::kMoves;
    return pupil;
  }

  std::string next_of(std::int64_t grade) const {
    if (grade == 12) return {};
    const auto own = next_.find(grade);
    const auto any = next_.find(0);
    return own != next_.end() ? own->second : any != next_.end() ? any->second : std::string();
  }

  Outcome<Act> act_for(const Pupil& pupil) const {
    const std::int64_t grade = pupil.grade + (pupil.fate == Fate::kStays ? 0 : 1);
    std::vector<std::string> written{"grade=" + std::to_string(grade)};
    if (pupil.fate == Fate::kMoves) {
      written.push_back(std::string("school_level=") + level_of(grade));
      written.push_back("school=" + next_of(pupil.grade));
    }
    Outcome<std::vector<Input>> inputs = parse_inputs(kind_, written);
    if (!inputs) return inputs.fault();
    Act act;
    act.record = pupil.view.state.id;
    act.inputs = std::move(*inputs);
    act.inputs.front().again = true;
    return act;
  }

  Workspace& workspace_;
  const KindPolicy& kind_;
  const FieldNumber grade_, school_;
  const NextSchools next_;
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
  print_names(settings, workspace,
              settings.say("Hai người ghi khác nhau, hãy quyết định trước (songsong cases)",
                           "People wrote different things: decide first (songsong cases)"),
              promotion.with(Fate::kDisputed));
  print_names(settings, workspace,
              settings.say("Định ở lại lớp, nhưng năm học này đã ghi lớp rồi: xem lại khối lớp",
                           "To repeat the grade, but one was written this year already: look at it"),
              promotion.with(Fate::kStayedOrWent));
  print_names(settings, workspace, settings.say("Chưa ghi khối lớp", "No grade is recorded"),
              promotion.with(Fate::kNoGrade));
  for (const auto& [record, fault] : promotion.refused()) remark("  " + to_text(record) + "  " + told(settings, fault));
}

}  // namespace

Exit begin_school_year(const Settings& settings, const NewYear& year) {
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<const KindPolicy*> kind = kind_by_name("pupil", (*workspace)->policies());
  if (!kind) return kind.fault();
  const Outcome<std::string> unit = school_of(year, **workspace);
  if (!unit) return unit.fault();
  const Outcome<std::int64_t> now = now_ms(**workspace);
  if (!now) return now.fault();
  const Outcome<std::int64_t> since_ms = beginning_ms(year.since, *now);
  if (!since_ms) return since_ms.fault();
  for (const std::string& staying : year.staying) {
    const Outcome<RecordView> known = record_by_id(staying, **workspace);
    if (!known) return known.fault();
  }
  Outcome<NextSchools> next = next_schools(year.leavers_to);
  if (!next) return next.fault();
  const Outcome<Done> known = check_schools(*unit, *next, **workspace);
  if (!known) return known.fault();
  const bool any_grade = next->contains(0);
  Promotion promotion(**workspace, **kind, std::move(*next), year.staying, *since_ms);
  const Outcome<Done> decided = promotion.decide(*unit);
  if (!decided) return decided.fault();
  if (any_grade && promotion.leaves_two_levels())
    return Fault{.code = "usage", .where = "--leavers-to", .what = "5=CODE and 9=CODE: both grades leave."};
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
                    {"stayed_or_went", ids_json(promotion.with(Fate::kStayedOrWent))},
                    {"disputed", ids_json(promotion.with(Fate::kDisputed))},
                    {"leaving", ids_json(promotion.with(Fate::kLeaves))},
                    {"without_grade", ids_json(promotion.with(Fate::kNoGrade))},
                    {"refused", refused}});
  } else {
    print_year(settings, **workspace, promotion, year.dry_run);
  }
  bool left = !promotion.refused().empty();
  for (const Fate fate : {Fate::kLeaves, Fate::kNoGrade, Fate::kDisputed, Fate::kStayedOrWent})
    left = left || !promotion.with(fate).empty();
  return left ? kSetAside : kDone;
}

}  // namespace songsong::client
