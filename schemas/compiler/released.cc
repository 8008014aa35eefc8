#include "schemas/compiler/released.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

namespace songsong::schemac {
namespace {

namespace pb = google::protobuf;
namespace fs = std::filesystem;

class ParseErrors : public pb::io::ErrorCollector {
 public:
  ParseErrors(const std::string& file, Complaints& complaints) : file_(file), complaints_(complaints) {}
  void AddError(int line, pb::io::ColumnNumber, const std::string& message) override {
    complaints_.add({file_, line + 1}, "release", message + "; restore the file as it was released");
  }

 private:
  const std::string& file_;
  Complaints& complaints_;
};

template <class Elements>
auto find(const Elements& elements, std::uint32_t number) -> decltype(&*elements.begin()) {
  for (const auto& element : elements) {
    if (static_cast<std::uint32_t>(element.number()) == number) return &element;
  }
  return nullptr;
}

std::string field_name(const policy::KindPolicy& kind, std::uint32_t number) {
  const policy::FieldPolicy* field = find(kind.field(), number);
  return field == nullptr ? "none" : field->name();
}

std::string kind_name(const policy::PolicyTable& table, std::uint32_t number) {
  const policy::KindPolicy* kind = find(table.kind(), number);
  return kind == nullptr ? "any kind" : kind->name();
}

std::string unit_rule(const policy::KindPolicy& kind) {
  if (kind.unit_via() != 0) return "via " + field_name(kind, kind.unit_via());
  return kind.unit_field() != 0 ? "field " + field_name(kind, kind.unit_field()) : "none";
}

std::string group_name(std::uint32_t group) { return group == 0 ? "none" : std::to_string(group); }

template <class Fields>
std::string fields_named(const policy::KindPolicy& kind, const Fields& numbers) {
  std::string names;
  for (const std::uint32_t number : numbers) names += (names.empty() ? "" : " + ") + field_name(kind, number);
  return names;
}

// Compares one release with the table that is being made.
class Comparison {
 public:
  Comparison(const Draft& draft, const policy::PolicyTable& now, const Release& release, Complaints& complaints)
      : draft_(draft), now_(now), release_(release), complaints_(complaints) {}

  void run() {
    for (const policy::KindPolicy& old : release_.table.kind()) compare_kind(old);
    compare_counts(release_.table.measure(), now_.measure(), draft_.measures, "measure");
    compare_counts(release_.table.dimension(), now_.dimension(), draft_.dimensions, "dimension");
  }

 private:
  void gone(const Place& place, const std::string& subject) {
    complaints_.add(place, subject,
                    release_.file +
                        " has it, and saved records do too; put it back (to retire it, keep it and change "
                        "only its label)");
  }

  void renumbered(const Place& place, const std::string& subject, std::uint32_t old, int now) {
    same(place, subject, "number", std::to_string(old), std::to_string(now));
  }

  void same(const Place& place, const std::string& subject, const std::string& what, const std::string& old,
            const std::string& now) {
    if (old == now) return;
    complaints_.add(place, subject,
                    "the " + what + " is " + now + ", but " + release_.file + " has " + old +
                        "; saved changes depend on it: put it back, and add a new field or kind for the new meaning");
  }

  static std::string flag(bool value) { return value ? "true" : "false"; }

  void compare_kind(const policy::KindPolicy& old) {
    const policy::KindPolicy* now = find(now_.kind(), old.number());
    if (now == nullptr) {
      const KindDraft* moved = draft_.kind(old.name());
      if (moved == nullptr) return gone({release_.file, 1}, old.name());
      return renumbered(place_of(*moved->source), old.name(), old.number(), static_cast<int>(moved->policy.number()));
    }
    const auto draft = std::find_if(draft_.kinds.begin(), draft_.kinds.end(),
                                    [&](const KindDraft& kind) { return kind.policy.number() == old.number(); });
    const Place place = place_of(*draft->source);
    same(place, now->name(), "name of kind " + std::to_string(old.number()), old.name(), now->name());
    same(place, now->name(), "unit", unit_rule(old), unit_rule(*now));
    same(place, now->name(), "internal flag", flag(old.internal()), flag(now->internal()));
    compare_rules(old, *now, place);
    compare_parts(old, *now, place);
    for (const policy::FieldPolicy& field : old.field()) compare_field(old, field, *now, *draft);
  }

  void compare_rules(const policy::KindPolicy& old, const policy::KindPolicy& now, const Place& place) {
    for (const policy::ClaimRule& claim : old.claim()) {
      const std::string subject = now.name() + ".claim " + std::to_string(claim.number());
      const policy::ClaimRule* kept = find(now.claim(), claim.number());
      if (kept == nullptr) {
        gone(place, subject);
      } else {
        same(place, subject, "field", field_name(old, claim.field()), field_name(now, kept->field()));
      }
    }
    for (const policy::MatchRule& match : old.match()) {
      const std::string subject = now.name() + ".match " + std::to_string(match.number());
      const policy::MatchRule* kept = find(now.match(), match.number());
      if (kept == nullptr) {
        gone(place, subject);
      } else {
        same(place, subject, "list of fields", fields_named(old, match.field()), fields_named(now, kept->field()));
      }
    }
  }

  // The engine's own parts are read out of saved records, so their fields and values stay.
  void compare_parts(const policy::KindPolicy& old, const policy::KindPolicy& now, const Place& place) {
    const auto part = [&](bool had, const pb::Message& before, const pb::Message& after, const std::string& what) {
      if (had) same(place, now.name(), what, before.ShortDebugString(), after.ShortDebugString());
    };
    part(old.has_samehood(), old.samehood(), now.samehood(), "samehood option");
    part(old.has_unit_tree(), old.unit_tree(), now.unit_tree(), "unit_tree option");
    part(old.has_quarantine(), old.quarantine(), now.quarantine(), "quarantine option");
    part(old.has_unit_period(), old.unit_period(), now.unit_period(), "unit_period option");
    part(old.has_erasure(), old.erasure(), now.erasure(), "erasure option");
    part(old.has_consent(), old.consent(), now.consent(), "consent option");
  }

  void compare_field(const policy::KindPolicy& old_kind, const policy::FieldPolicy& old,
                     const policy::KindPolicy& now_kind, const KindDraft& draft) {
    const policy::FieldPolicy* now = find(now_kind.field(), old.number());
    if (now == nullptr) {
      const FieldDraft* moved = draft.field(old.name());
      if (moved == nullptr) return gone(place_of(*draft.source), now_kind.name() + "." + old.name());
      return renumbered(place_of(*moved->source), moved->subject, old.number(), moved->source->number());
    }
    const FieldDraft& source = *draft.field(now->name());
    const Place place = place_of(*source.source);
    const std::string& subject = source.subject;
    same(place, subject, "name of field " + std::to_string(old.number()), old.name(), now->name());
    same(place, subject, "type", policy::FieldType_Name(old.type()), policy::FieldType_Name(now->type()));
    same(place, subject, "merge policy", schema::MergePolicy_Name(old.merge()), schema::MergePolicy_Name(now->merge()));
    same(place, subject, "personal flag", flag(old.personal()), flag(now->personal()));
    same(place, subject, "subject", field_name(old_kind, old.subject()), field_name(now_kind, now->subject()));
    same(place, subject, "group_number", group_name(old.group()), group_name(now->group()));
    same(place, subject, "target", kind_name(release_.table, old.target()), kind_name(now_, now->target()));
    compare_values(old, *now, *source.source, subject);
    compare_order(old, *now, place, subject);
  }

  void compare_values(const policy::FieldPolicy& old, const policy::FieldPolicy& now, const pb::FieldDescriptor& source,
                      const std::string& subject) {
    if (source.enum_type() == nullptr) return;
    for (const policy::EnumEntry& value : old.value()) {
      const policy::EnumEntry* kept = find(now.value(), static_cast<std::uint32_t>(value.number()));
      if (kept == nullptr) {
        gone(place_of(*source.enum_type()), subject + "." + value.name());
        continue;
      }
      const pb::EnumValueDescriptor* place = source.enum_type()->FindValueByNumber(static_cast<int>(value.number()));
      same(place_of(*place), subject, "name of value " + std::to_string(value.number()), value.name(), kept->name());
    }
  }

  // New values may come in between, but the released ones keep their order.
  void compare_order(const policy::FieldPolicy& old, const policy::FieldPolicy& now, const Place& place,
                     const std::string& subject) {
    std::string before, after;
    for (const std::int64_t number : old.order()) before += (before.empty() ? "" : " < ") + value_named(old, number);
    for (const std::int64_t number : now.order()) {
      if (std::find(old.order().begin(), old.order().end(), number) == old.order().end()) continue;
      after += (after.empty() ? "" : " < ") + value_named(old, number);
    }
    if (now.merge() == old.merge() && now.order_size() > 0) same(place, subject, "order", before, after);
  }

  static std::string value_named(const policy::FieldPolicy& field, std::int64_t number) {
    const policy::EnumEntry* entry = find(field.value(), static_cast<std::uint32_t>(number));
    return entry == nullptr ? std::to_string(number) : entry->name();
  }

  template <class Elements, class Drafts>
  void compare_counts(const Elements& old, const Elements& now, const Drafts& drafts, const std::string& what) {
    for (const auto& element : old) {
      const auto draft = std::find_if(drafts.begin(), drafts.end(),
                                      [&](const auto& one) { return one.policy.number() == element.number(); });
      if (draft == drafts.end()) {
        gone({release_.file, 1}, what + "." + element.name());
        continue;
      }
      same(place_of(*draft->source), what + "." + draft->policy.name(),
           "name of " + what + " " + std::to_string(element.number()), element.name(),
           find(now, element.number())->name());
    }
  }

  const Draft& draft_;
  const policy::PolicyTable& now_;
  const Release& release_;
  Complaints& complaints_;
};

}  // namespace

std::vector<Release> read_releases(const fs::path& folder, Complaints& complaints) {
  std::vector<Release> releases;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".txtpb") continue;
    Release release{entry->path().generic_string(), {}};
    std::ifstream in(entry->path(), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    ParseErrors errors(release.file, complaints);
    pb::TextFormat::Parser parser;
    parser.RecordErrorsTo(&errors);
    if (!parser.ParseFromString(text.str(), &release.table)) continue;
    if (std::to_string(release.table.revision()) != entry->path().stem().string()) {
      complaints.add(
          {release.file, 1}, "release",
          "the file says revision " + std::to_string(release.table.revision()) + "; its name must be that number");
    }
    releases.push_back(std::move(release));
  }
  if (error) complaints.add({folder.generic_string(), 1}, "release", "cannot be listed: " + error.message());
  std::sort(releases.begin(), releases.end(),
            [](const Release& one, const Release& other) { return one.table.revision() < other.table.revision(); });
  return releases;
}

std::uint32_t revision_of(const policy::PolicyTable& table, const std::vector<Release>& releases) {
  if (releases.empty()) return 1;
  policy::PolicyTable latest = releases.back().table;
  const std::uint32_t revision = latest.revision();
  latest.clear_revision();
  return pb::util::MessageDifferencer::Equals(latest, table) ? revision : revision + 1;
}

void check_released(const Draft& draft, const policy::PolicyTable& table, const std::vector<Release>& releases,
                    Complaints& complaints) {
  // A release has all that the ones before it had, so the latest says everything once; an earlier one speaks only
  // when the latest was tampered with.
  for (auto release = releases.rbegin(); release != releases.rend() && complaints.empty(); ++release) {
    Comparison(draft, table, *release, complaints).run();
  }
}

}  // namespace songsong::schemac
