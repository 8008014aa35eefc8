#include "client/totals_command.h"

#include <algorithm>

#include "client/device.h"
#include "client/http.h"
#include "client/pin.h"
#include "shared/core/civil_time.h"
#include "shared/core/report.h"
#include "shared/replica/settings.h"
#include "shared/replica/totals_book.h"
#include "shared/replica/unit_trees.h"

namespace songsong::client {
namespace {

// A question that was lost is asked again so often.
constexpr int kTries = 3;
constexpr std::size_t kLeastPlaces = 9;           // of a number
constexpr const char* kNotKnown = "unspecified";  // as report.h calls it

// "17.049" to a Vietnamese reader, "17,049" to an English one.
std::string grouped(std::int64_t count, Language language) {
  std::string digits = std::to_string(count);
  const std::size_t sign = count < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) {
    at -= 3;
    digits.insert(at, say(language, ".", ","));
  }
  return digits;
}

// Letters, which stand in NFC here, take one place each.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string left(const std::string& text, std::size_t places) {
  return text + std::string(places - std::min(places, width(text)), ' ');
}

std::string right(const std::string& text, std::size_t places) {
  return std::string(places - std::min(places, width(text)), ' ') + text;
}

std::string dimension_label(const Policies& policies, const std::string& name, Language language) {
  for (const policy::DimensionPolicy& dimension : policies.table().dimension()) {
    if (dimension.name() == name) return label_of(dimension.label(), name, language);
  }
  return name;
}

struct ShownValue {
  std::string name, label;
};

// In the order and with the labels of the first field that is named as the dimension; others after them.
std::vector<ShownValue> shown_values(const Policies& policies, const std::string& dimension, const Json& values,
                                     Language language) {
  std::vector<ShownValue> shown;
  for (const KindPolicy& kind : policies.table().kind()) {
    const FieldPolicy* const field = Policies::field_named(kind, dimension);
    if (field == nullptr || field->value().empty()) continue;
    for (const policy::EnumEntry& entry : field->value()) {
      if (values.contains(entry.name()))
        shown.push_back({entry.name(), label_of(entry.label(), entry.name(), language)});
    }
    break;
  }
  for (const auto& [name, counts] : values.items()) {
    const auto same = [&](const ShownValue& each) { return each.name == name; };
    if (std::none_of(shown.begin(), shown.end(), same))
      shown.push_back({name, name == kNotKnown ? say(language, "Chưa rõ", "Not known") : name});
  }
  return shown;
}

std::int64_t count_in(const Json& counts, const std::string& measure) {
  return counts.contains(measure) ? counts[measure].get<std::int64_t>() : 0;
}

// Measures down, values across. Columns as wide as they need.
void print_dimension(const Settings& settings, const Policies& policies, const std::string& dimension,
                     const Json& values, std::size_t first) {
  const Language language = settings.language;
  const std::vector<ShownValue> shown = shown_values(policies, dimension, values, language);
  const auto places = [](const ShownValue& value) { return std::max(kLeastPlaces, width(value.label)); };
  std::string line = "  " + left(dimension_label(policies, dimension, language), first);
  for (const ShownValue& value : shown) line += "  " + right(value.label, places(value));
  print_line("");
  print_line(line);
  for (const policy::MeasurePolicy& measure : policies.table().measure()) {
    bool any = false;
    line = "  " + left(label_of(measure.label(), measure.name(), language), first);
    for (const ShownValue& value : shown) {
      const std::int64_t count = count_in(values[value.name], measure.name());
      any = any || count != 0;
      line += "  " + right(grouped(count, language), places(value));
    }
    if (any) print_line(line);
  }
}

void print_report(const Settings& settings, const std::string& json, const Policies& policies) {
  if (settings.json) return print_line(json);
  const Json report = Json::parse(json, nullptr, false);
  const Language language = settings.language;
  std::size_t first = 0;
  for (const policy::MeasurePolicy& measure : policies.table().measure())
    first = std::max(first, width(label_of(measure.label(), measure.name(), language)));
  std::string head = report["unit"].get<std::string>() + "  " + report["as_of"].get<std::string>();
  if (report.contains("on")) {
    head += settings.say("  theo cây đơn vị ngày ", "  in the tree of units of ") + report["on"].get<std::string>();
  }
  print_line(head);
  for (const policy::MeasurePolicy& measure : policies.table().measure()) {
    if (!report["measures"].contains(measure.name())) continue;
    const std::int64_t count = count_in(report["measures"], measure.name());
    print_line("  " + left(label_of(measure.label(), measure.name(), language), first) + "  " +
               right(grouped(count, language), kLeastPlaces));
  }
  for (const auto& [dimension, values] : report["by"].items())
    print_dimension(settings, policies, dimension, values, first);
}

Outcome<std::int64_t> now_of(Workspace& workspace) {
  std::int64_t now = 0;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    const Outcome<ClockState> clock = decode_clock(reader.setting(kClockSetting));
    if (!clock) throw StorageDamage{clock.fault()};
    now = corrected(*clock, read_clock()).captured_ms;
  });
  if (!read) return read.fault();
  return now;
}

Outcome<std::string> local_total(const std::string& unit, std::optional<std::int64_t> on, Workspace& workspace) {
  bool known = false;
  Cells cells;
  const Outcome<Done> read = workspace.read([&](StoreReader& reader) {
    const std::string wanted[] = {unit};
    const std::optional<TotalsRow> row = reader.totals(wanted).front();
    if (row) cells = row->subtree;
    const UnitTree tree(reader.units());
    if (on) cells = total_in(read_unit_history(reader, workspace.policies()).on(*on), unit, reader);
    const std::vector<std::string> scope = units_of(workspace.replica().identity().grants);
    known = row || tree.find(unit) != nullptr || unit == kUnspecifiedUnit ||
            std::find(scope.begin(), scope.end(), unit) != scope.end();
  });
  if (!read) return read.fault();
  if (!known) {
    std::string allowed;
    for (const std::string& each : units_of(workspace.replica().identity().grants))
      allowed += (allowed.empty() ? "" : ", ") + each;
    return Fault{.code = "unknown_unit", .where = unit, .what = "There is no such unit here; allowed: " + allowed};
  }
  const Outcome<std::int64_t> now = now_of(workspace);
  if (!now) return now.fault();
  return to_json(make_report(unit, cells, workspace.policies(), on), *now);
}

Outcome<std::string> server_total(const std::string& unit, std::optional<std::int64_t> on, Workspace& workspace) {
  const Outcome<ServerAddress> server = workspace.server();
  if (!server) return server.fault();
  HttpClient http(server->authority);
  std::string target = "/v1/totals?unit=" + http.escape(unit);
  if (on) target += "&on=" + print_date(*on);
  const Outcome<std::string> proof = workspace.authorization(target);
  if (!proof) return proof.fault();
  Outcome<HttpAnswer> answer = http.get(server->url + target, *proof);
  for (int tries = 1; !answer && tries < kTries; ++tries) answer = http.get(server->url + target, *proof);
  if (!answer) return answer.fault();
  const Json json = Json::parse(answer->body, nullptr, false);
  // A server that does not know who asks tells strangers nothing, or not all.
  if (json.is_object() && (answer->status == 401 || json.contains("withheld"))) {
    if (proof->empty())
      return Fault{.code = "not_enrolled", .where = workspace.folder(), .what = "It never synchronised."};
    return Fault{.code = "refused", .where = "unknown_replica", .what = "The server does not know this device."};
  }
  if (answer->status == 403 && json.is_object())
    return Fault{.code = "refused", .where = "not_yours_to_see", .what = "The unit is not this device's to see."};
  if (answer->status == 404 && json.is_object())
    return Fault{.code = "refused", .where = "unknown_unit", .what = "The server knows no such unit."};
  if (answer->status == 503) return Fault{.code = "busy", .where = server->url, .what = "The server is busy."};
  // A server of before such trees says the present one.
  const bool other_tree = on && json.is_object() && !json.contains("on");
  const bool ours = answer->status == 200 && !other_tree && json.is_object() && json.contains("unit") &&
                    json["unit"] == unit && json.contains("measures") && json["measures"].is_object() &&
                    json.contains("by") && json.contains("as_of") && json["as_of"].is_string();
  if (!ours)
    return Fault{.code = "not_our_server", .where = server->url, .what = "The answer is none of a SongSong server."};
  return answer->body;
}

}  // namespace

Exit print_total(const Settings& settings, const std::string& unit, const std::string& on, bool local) {
  const Outcome<std::optional<std::int64_t>> day = parse_date_if_any(on);
  if (!day) return Fault{.code = day.fault().code, .where = "--on " + on, .what = day.fault().what};
  const Outcome<std::unique_ptr<Workspace>> workspace = open_workspace(settings);
  if (!workspace) return workspace.fault();
  const Outcome<std::string> json =
      local ? local_total(unit, *day, **workspace) : server_total(unit, *day, **workspace);
  if (!json) return json.fault();
  print_report(settings, *json, (*workspace)->policies());
  return kDone;
}

}  // namespace songsong::client
