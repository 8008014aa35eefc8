// What no element can know alone: numbers given twice, groups at odds, declarations that lead back to themselves.
#include <algorithm>
#include <map>
#include <set>

#include "schemas/compiler/draft.h"
#include "schemas/compiler/graph.h"
#include "schemas/compiler/words.h"
#include "schemas/limits.h"

namespace songsong::schemac {
namespace {

// Numbers given so far in one space, and by whom.
class Numbers {
 public:
  explicit Numbers(std::string_view what) : what_(what) {}

  void take(std::uint32_t number, const std::string& name, const Place& place, std::string_view subject,
            Complaints& complaints) {
    if (number == 0) return;  // said where it was declared
    const auto [taken, fresh] = taken_.emplace(number, name);
    if (fresh) return;
    const std::uint32_t next = taken_.rbegin()->first + 1;
    complaints.add(place, subject,
                   what_ + " number " + std::to_string(number) + " is that of " + quoted(taken->second) +
                       "; take a number that was never used, such as " + std::to_string(next));
  }

 private:
  std::string what_;
  std::map<std::uint32_t, std::string> taken_;
};

void check_numbers(const Draft& draft, Complaints& complaints) {
  Numbers kinds("kind"), claims("claim"), matches("match"), measures("measure"), dimensions("dimension");
  for (const KindDraft& kind : draft.kinds) {
    const Place place = place_of(*kind.source);
    kinds.take(kind.policy.number(), kind.name(), place, kind.name(), complaints);
    for (const auto& claim : kind.options.claim()) {
      claims.take(claim.number(), kind.name() + "." + claim.field(), place, kind.name(), complaints);
    }
    for (const auto& match : kind.options.match()) {
      const std::string first = match.field().empty() ? "" : match.field(0);
      matches.take(match.number(), kind.name() + "." + first, place, kind.name(), complaints);
    }
  }
  for (const MeasureDraft& measure : draft.measures) {
    measures.take(measure.policy.number(), measure.policy.name(), place_of(*measure.source),
                  "measure." + measure.policy.name(), complaints);
  }
  for (const DimensionDraft& dimension : draft.dimensions) {
    dimensions.take(dimension.policy.number(), dimension.policy.name(), place_of(*dimension.source),
                    "dimension." + dimension.policy.name(), complaints);
  }
}

template <class Element, class Subject>
void check_names(const std::vector<Element>& elements, std::string_view what, Subject subject, Complaints& complaints) {
  std::set<std::string> taken;
  for (const Element& element : elements) {
    if (taken.insert(element.policy.name()).second) continue;
    complaints.add(place_of(*element.source), subject(element),
                   "another " + std::string(what) + " has this name already; choose another");
  }
}

template <class Element>
void check_count(const std::vector<Element>& elements, int most, std::string_view what, Complaints& complaints) {
  const auto limit = static_cast<std::size_t>(most);
  if (elements.size() <= limit) return;
  complaints.add(place_of(*elements[limit].source), elements[limit].policy.name(),
                 "a schema has at most " + std::to_string(most) + " " + std::string(what) + "; put some together");
}

// At most one kind plays each of the engine's parts.
void check_parts(const Draft& draft, Complaints& complaints) {
  std::map<std::string, std::string> players;
  const auto play = [&](const KindDraft& kind, const std::string& part, bool plays) {
    if (!plays) return;
    const auto [player, first] = players.emplace(part, kind.name());
    if (first) return;
    complaints.add(place_of(*kind.source), kind.name(),
                   "kind " + quoted(player->second) + " has option " + part + " already; only one may");
  };
  for (const KindDraft& kind : draft.kinds) {
    play(kind, "samehood", kind.options.has_samehood());
    play(kind, "unit_tree", kind.options.has_unit_tree());
    play(kind, "quarantine", kind.options.has_quarantine());
    play(kind, "unit_period", kind.options.has_unit_period());
    play(kind, "erasure", kind.options.has_erasure());
    play(kind, "consent", kind.options.has_consent());
  }
}

// What of two fields of one group must be the same and is not; empty when all is.
std::string group_difference(const FieldDraft& one, const FieldDraft& other) {
  if (one.policy.group() != other.policy.group()) return "group_number";
  if (one.policy.merge() != other.policy.merge()) return "merge policy";
  if (one.policy.personal() != other.policy.personal()) return "personal";
  if (one.options.subject() != other.options.subject()) return "subject";
  const auto& writers = one.policy.writers();
  if (!std::equal(writers.begin(), writers.end(), other.policy.writers().begin(), other.policy.writers().end())) {
    return "writers";
  }
  return "";
}

void check_groups(const KindDraft& kind, Complaints& complaints) {
  Numbers numbers("group");
  std::map<std::string, const FieldDraft*> first_of;
  for (const FieldDraft& field : kind.fields) {
    const std::string& group = field.options.group();
    if (group.empty() || field.policy.group() == 0) continue;
    const Place place = place_of(*field.source);
    const schema::MergePolicy merge = field.policy.merge();
    if (merge == schema::UNION || merge == schema::SUM || merge == schema::FURTHEST) {
      complaints.add(place, field.subject,
                     schema::MergePolicy_Name(merge) + " does not merge as part of a group; take the field out of " +
                         quoted(group) + ", or say merge: LATEST for all of it");
      continue;
    }
    const auto [first, fresh] = first_of.emplace(group, &field);
    if (fresh) {
      numbers.take(field.policy.group(), group, place, field.subject, complaints);
      continue;
    }
    const std::string difference = group_difference(*first->second, field);
    if (difference.empty()) continue;
    complaints.add(place, field.subject,
                   "the fields of group " + quoted(group) + " merge as one, but the " + difference +
                       " differs from that of " + first->second->subject + "; make them the same");
  }
}

void check_writers(const KindDraft& kind, Complaints& complaints) {
  const auto& all = kind.policy.writers();
  for (const FieldDraft& field : kind.fields) {
    for (const int writer : field.policy.writers()) {
      if (std::find(all.begin(), all.end(), writer) != all.end()) continue;
      complaints.add(place_of(*field.source), field.subject,
                     schema::Role_Name(writer) + " may write the field but not the kind; add it to the writers of " +
                         kind.name() + ", or take it away here");
    }
  }
}

std::string spelled_loop(const std::vector<std::size_t>& loop, const std::vector<std::string>& names) {
  std::string text;
  for (const std::size_t node : loop) text += (text.empty() ? "" : " -> ") + names[node];
  return text;
}

// The elements with the numbers lead from `from`, as positions in a list of elements.
template <class Elements>
std::size_t position(const Elements& elements, std::uint32_t number) {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [&](const auto& element) { return element.policy.number() == number; });
  return static_cast<std::size_t>(found - elements.begin());
}

void check_skip_logic(const KindDraft& kind, Complaints& complaints) {
  Edges edges(kind.fields.size());
  for (std::size_t i = 0; i < kind.fields.size(); ++i) {
    for (const policy::Test& test : kind.fields[i].policy.ask_when()) {
      if (test.via() == 0) edges[i].push_back(position(kind.fields, test.field()));
    }
  }
  const std::vector<std::size_t> loop = find_loop(edges);
  if (loop.empty()) return;
  const FieldDraft& field = kind.fields[loop.front()];
  complaints.add(place_of(*field.source), field.subject,
                 "ask_when leads back to the field itself (" + spelled_loop(loop, kind.field_names()) +
                     "), so it would never be asked; take one of these conditions away");
}

void check_unit_loops(const Draft& draft, Complaints& complaints) {
  Edges edges(draft.kinds.size());
  for (std::size_t i = 0; i < draft.kinds.size(); ++i) {
    const KindDraft& kind = draft.kinds[i];
    const FieldDraft* via = kind.options.unit().via().empty() ? nullptr : kind.field(kind.options.unit().via());
    if (via == nullptr || via->policy.target() == 0) continue;
    const std::size_t target = position(draft.kinds, via->policy.target());
    edges[i].push_back(target);
    const KindDraft& next = draft.kinds[target];
    const FieldDraft* onward = next.options.unit().via().empty() ? nullptr : next.field(next.options.unit().via());
    if (onward == nullptr || !onward->is_reference() || !onward->options.target().empty()) continue;
    complaints.add(place_of(*kind.source), kind.name(),
                   "unit via " + quoted(kind.options.unit().via()) + " leads to " + quoted(next.name()) +
                       ", whose own unit may come from any kind, so it could lead back; name another reference");
  }
  const std::vector<std::size_t> loop = find_loop(edges);
  if (loop.empty()) return;
  const KindDraft& kind = draft.kinds[loop.front()];
  complaints.add(place_of(*kind.source), kind.name(),
                 "unit via leads back to the kind itself (" + spelled_loop(loop, draft.kind_names()) +
                     "); give one of them unit: { field: \"...\" }");
}

void check_measures(const Draft& draft, Complaints& complaints) {
  std::set<std::uint32_t> tallied;
  for (const KindDraft& kind : draft.kinds) {
    for (const policy::TallyRule& rule : kind.policy.tally()) tallied.insert(rule.measure());
  }
  Edges edges(draft.measures.size());
  std::set<schema::Kept> kept;
  for (std::size_t i = 0; i < draft.measures.size(); ++i) {
    const MeasureDraft& measure = draft.measures[i];
    const auto refuse = [&](const std::string& what) {
      complaints.add(place_of(*measure.source), "measure." + measure.policy.name(), what);
    };
    const bool derived = !measure.options.plus().empty() || !measure.options.minus().empty();
    const bool counted = tallied.contains(measure.policy.number());
    const bool engine = measure.policy.kept() != schema::KEPT_UNSPECIFIED;
    if (!derived && !counted && !engine) {
      refuse("nothing counts into it; give a kind a tally with measure: " + quoted(measure.policy.name()) +
             ", or say plus or minus");
    }
    if (int{derived} + int{counted} + int{engine} > 1) {
      refuse("it has more than one source of a tally, plus or minus, and kept; leave one");
    }
    if (engine && !kept.insert(measure.policy.kept()).second) refuse("another measure is kept so; only one may");
    for (const std::uint32_t term : measure.policy.plus()) edges[i].push_back(position(draft.measures, term));
    for (const std::uint32_t term : measure.policy.minus()) edges[i].push_back(position(draft.measures, term));
  }
  const std::vector<std::size_t> loop = find_loop(edges);
  if (loop.empty()) return;
  const MeasureDraft& measure = draft.measures[loop.front()];
  complaints.add(place_of(*measure.source), "measure." + measure.policy.name(),
                 "it is derived from itself (" + spelled_loop(loop, draft.measure_names()) +
                     "); take one of these out of plus or minus");
}

// The values of a dimension are the values of one enum, wherever it is counted.
void check_dimensions(const Draft& draft, Complaints& complaints) {
  std::map<std::string, std::pair<std::string, std::string>> over;  // dimension: the values, and who said so
  for (const KindDraft& kind : draft.kinds) {
    for (const schema::Tally& tally : kind.options.tally()) {
      for (const schema::Breakdown& by : tally.by()) {
        const FieldDraft* via = by.via().empty() ? nullptr : kind.field(by.via());
        const KindDraft* owner = by.via().empty() ? &kind
                                 : via == nullptr ? nullptr
                                                  : draft.kind(via->options.target());
        const FieldDraft* field = owner == nullptr ? nullptr : owner->field(by.field());
        if (field == nullptr || !field->is_choice()) continue;
        const std::string values = field->policy.type() == policy::ENUM ? field->policy.enum_name() : "boolean";
        const auto [first, fresh] = over.emplace(by.dimension(), std::make_pair(values, field->subject));
        if (fresh || first->second.first == values) continue;
        complaints.add(place_of(*kind.source), kind.name(),
                       "dimension " + quoted(by.dimension()) + " is over the values of " + first->second.second +
                           " elsewhere, and " + field->subject + " has others; declare a dimension of its own");
      }
    }
  }
}

}  // namespace

void check(const Draft& draft, Complaints& complaints) {
  check_count(draft.kinds, schema::kMaxKinds, "kinds", complaints);
  check_count(draft.measures, schema::kMaxMeasures, "measures", complaints);
  check_numbers(draft, complaints);
  check_names(
      draft.kinds, "kind", [](const KindDraft& kind) { return kind.name(); }, complaints);
  check_names(
      draft.measures, "measure", [](const MeasureDraft& one) { return "measure." + one.policy.name(); }, complaints);
  check_names(
      draft.dimensions, "dimension", [](const DimensionDraft& one) { return "dimension." + one.policy.name(); },
      complaints);
  check_parts(draft, complaints);
  for (const KindDraft& kind : draft.kinds) {
    check_groups(kind, complaints);
    check_writers(kind, complaints);
    check_skip_logic(kind, complaints);
  }
  check_unit_loops(draft, complaints);
  check_measures(draft, complaints);
  check_dimensions(draft, complaints);
}

}  // namespace songsong::schemac
