#include "schemas/compiler/declare_field.h"

#include <set>

#include "schemas/compiler/pattern.h"
#include "schemas/compiler/words.h"
#include "schemas/limits.h"

namespace songsong::schemac {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

bool is_whole_number(FieldDescriptor::Type type) {
  return type == FieldDescriptor::TYPE_INT32 || type == FieldDescriptor::TYPE_INT64 ||
         type == FieldDescriptor::TYPE_SINT32 || type == FieldDescriptor::TYPE_SINT64;
}

bool is_dated(policy::FieldType type) { return type == policy::DATE || type == policy::INSTANT; }
bool is_added_up(policy::FieldType type) { return type == policy::INTEGER || type == policy::MONEY; }

// What a protobuf type without a meaning holds; unspecified when only a meaning makes sense of it, or nothing does.
policy::FieldType plain_type(FieldDescriptor::Type type) {
  if (is_whole_number(type)) return policy::INTEGER;
  switch (type) {
    case FieldDescriptor::TYPE_STRING:
      return policy::TEXT;
    case FieldDescriptor::TYPE_BYTES:
      return policy::BYTES;
    case FieldDescriptor::TYPE_BOOL:
      return policy::BOOLEAN;
    case FieldDescriptor::TYPE_ENUM:
      return policy::ENUM;
    default:
      return policy::FIELD_TYPE_UNSPECIFIED;
  }
}

// A meaning, the policy type that it makes, and the protobuf types that can carry it.
struct MeaningRule {
  schema::Meaning meaning;
  policy::FieldType type;
  std::vector<FieldDescriptor::Type> carriers;
  const char* spelled;
};

const MeaningRule* rule_of(schema::Meaning meaning) {
  static const std::vector<MeaningRule> rules = {
      {schema::DATE, policy::DATE, {FieldDescriptor::TYPE_SINT64, FieldDescriptor::TYPE_INT32}, "sint64"},
      {schema::INSTANT, policy::INSTANT, {FieldDescriptor::TYPE_INT64}, "int64"},
      {schema::MONEY, policy::MONEY, {FieldDescriptor::TYPE_INT64}, "int64"},
      {schema::REFERENCE, policy::REFERENCE, {FieldDescriptor::TYPE_FIXED64}, "fixed64"},
      {schema::UNIT, policy::UNIT, {FieldDescriptor::TYPE_STRING}, "string"},
      {schema::ATTACHMENT, policy::ATTACHMENT, {FieldDescriptor::TYPE_BYTES}, "bytes"},
  };
  for (const MeaningRule& rule : rules) {
    if (rule.meaning == meaning) return &rule;
  }
  return nullptr;
}

// Why the protobuf type cannot be a field of a kind at all; empty when it can.
std::string refusal_of(const FieldDescriptor& source) {
  if (source.is_map()) return "a map does not merge; make a kind of its entries, with a reference back to this one";
  switch (source.type()) {
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return "a field holds no nested message; give its parts fields of their own, or a kind and a reference to it";
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_DOUBLE:
      return "a floating-point number does not add up exactly; use int64 in the smallest unit (đồng, grams, metres)";
    default:
      break;
  }
  if (source.real_containing_oneof() != nullptr) {
    return "a oneof does not merge; take the oneof away and say with ask_when when each field is asked";
  }
  return "";
}

policy::FieldType type_of(const FieldDraft& field, const Place& place, Complaints& complaints) {
  const FieldDescriptor& source = *field.source;
  const std::string refusal = refusal_of(source);
  if (!refusal.empty()) {
    complaints.add(place, field.subject, refusal);
    return policy::FIELD_TYPE_UNSPECIFIED;
  }
  const MeaningRule* rule = rule_of(field.options.meaning());
  if (rule == nullptr) {
    const policy::FieldType type = plain_type(source.type());
    if (type == policy::FIELD_TYPE_UNSPECIFIED) {
      complaints.add(place, field.subject,
                     std::string(source.type_name()) +
                         " is not used without a meaning; use int64 for a number, or for another record fixed64 with "
                         "meaning: REFERENCE and a target");
    }
    return type;
  }
  for (const FieldDescriptor::Type carrier : rule->carriers) {
    if (source.type() == carrier) return rule->type;
  }
  complaints.add(place, field.subject,
                 "meaning " + schema::Meaning_Name(rule->meaning) + " does not fit " + source.type_name() +
                     "; declare the field as " + rule->spelled);
  return policy::FIELD_TYPE_UNSPECIFIED;
}

void check_merge(const FieldDraft& field, const Place& place, Complaints& complaints) {
  const auto refuse = [&](const std::string& what) { complaints.add(place, field.subject, what); };
  const schema::MergePolicy merge = field.options.merge();
  if (!schema::MergePolicy_IsValid(merge) || merge == schema::MERGE_UNSPECIFIED) {
    return refuse(
        "no merge policy; say merge: LATEST for most fields, or QUIET_LATEST, FIRST, FURTHEST, UNION or SUM "
        "(schemas/songsong/options.proto tells them apart)");
  }
  const bool repeated = field.source->is_repeated() && !field.source->is_map();  // a map was refused as such
  if (repeated && merge != schema::UNION) {
    return refuse("a repeated field merges member by member; say merge: UNION, or take `repeated` away");
  }
  if (!field.source->is_repeated() && merge == schema::UNION) {
    return refuse("UNION is for repeated fields; say `repeated`, or merge: LATEST");
  }
  // Members and increments live on in the state under their own names, where nothing could be erased by itself.
  if (field.options.personal() && (merge == schema::UNION || merge == schema::SUM)) {
    refuse("personal values are erased one by one, which UNION and SUM cannot; make a kind of its own for them");
  }
  if (field.untyped()) return;
  if (field.policy.type() == policy::ATTACHMENT && !field.options.personal()) {
    refuse("a photo or a file is somebody's; say personal: true, and whose in subject");
  }
  if (merge == schema::SUM && !is_added_up(field.policy.type())) {
    refuse("SUM adds whole numbers or money; make the field int64, or say merge: LATEST");
  }
  if (merge == schema::FURTHEST && field.policy.type() != policy::ENUM) {
    refuse("FURTHEST needs an enum and an order of its values; say merge: LATEST, or make the field an enum");
  }
  if (merge != schema::FURTHEST && field.options.order_size() > 0) {
    refuse("order is for merge: FURTHEST; take it away, or change the policy of this new field");
  }
}

void check_pattern(const FieldDraft& field, const Place& place, Complaints& complaints) {
  const std::string& pattern = field.options.pattern();
  if (pattern.empty()) return;
  const auto refuse = [&](const std::string& what) { complaints.add(place, field.subject, what); };
  if (field.policy.type() != policy::TEXT) {
    return refuse("a pattern is for text; say min and max for a number or a date, or take it away");
  }
  if (text_length(pattern) > schema::kMaxPatternLength) {
    return refuse("the pattern is longer than " + std::to_string(schema::kMaxPatternLength) + "; make it simpler");
  }
  if (field.options.max_length() > schema::kMaxPatternedText) {
    refuse("a text with a pattern may have " + std::to_string(schema::kMaxPatternedText) +
           " characters at most; lower max_length, or take the pattern away");
  }
  const std::string fault = pattern_fault(pattern);
  if (fault.empty()) return;
  refuse("the pattern " + quoted(pattern) + " is no regular expression (" + fault +
         "); check its brackets, and write \\\\ for a backslash");
}

// In code points; 0 for what is no text.
std::uint32_t longest(const FieldDraft& field) {
  if (field.policy.type() != policy::TEXT) return 0;
  if (field.options.max_length() != 0) return field.options.max_length();
  return field.options.pattern().empty() ? schema::kDefaultMaxLength : schema::kMaxPatternedText;
}

void check_bounds(const FieldDraft& field, const Place& place, Complaints& complaints) {
  if (field.untyped()) return;
  const auto refuse = [&](const std::string& what) { complaints.add(place, field.subject, what); };
  const schema::Field& options = field.options;
  const policy::FieldType type = field.policy.type();
  if (field.policy.has_range()) {
    if (!is_added_up(type) && !is_dated(type)) {
      refuse("min and max are for numbers and dates; say pattern and max_length for a text, or take them away");
    } else if (options.min() > options.max()) {
      refuse("min is above max, so nothing could be entered; exchange them, and give both");
    }
  }
  if (options.max_length() != 0 && type != policy::TEXT) {
    refuse("max_length is for text; say min and max for a number, or take it away");
  }
  if (options.max_length() > schema::kGreatestMaxLength) {
    refuse("max_length is above " + std::to_string(schema::kGreatestMaxLength) +
           "; a longer text does not fit a change");
  }
  if (options.search() && type != policy::TEXT) {
    refuse("search is for text; take it away");
  }
  check_pattern(field, place, complaints);
}

void check_relations(const FieldDraft& field, const Place& place, Complaints& complaints) {
  const auto refuse = [&](const std::string& what) { complaints.add(place, field.subject, what); };
  const schema::Field& options = field.options;
  const policy::FieldType type = field.policy.type();
  if (!options.subject().empty() && !options.personal()) {
    refuse("subject says whose a personal value is; say personal: true too, or take subject away");
  }
  if (!options.target().empty() && type != policy::REFERENCE && !field.untyped()) {
    refuse("target is for references; declare the field as fixed64 with meaning: REFERENCE, or take it away");
  }
  if (!options.absent_means().empty() && type != policy::ENUM && !field.untyped()) {
    refuse("absent_means names an enum value; make the field an enum, or take it away");
  }
  if (options.group().empty() != (options.group_number() == 0)) {
    refuse("group and group_number belong together; give both, or neither");
  } else if (!options.group().empty() && (options.group_number() < schema::kFirstGroupNumber ||
                                          options.group_number() > schema::kLastGroupNumber)) {
    refuse("group_number " + std::to_string(options.group_number()) + " is not in " +
           std::to_string(schema::kFirstGroupNumber) + ".." + std::to_string(schema::kLastGroupNumber) +
           "; take one there that no other group of the kind has");
  }
}

void check_naming(const FieldDraft& field, const Place& place, Complaints& complaints) {
  if (!is_lower_snake(field.source->name())) {
    complaints.add(place, field.subject,
                   "a field's name is lower snake case; call it " + quoted(lower_snake(field.source->name())));
  }
  if (static_cast<std::uint32_t>(field.source->number()) > schema::kMaxFieldNumber) {
    complaints.add(place, field.subject,
                   "number " + std::to_string(field.source->number()) + " is above " +
                       std::to_string(schema::kMaxFieldNumber) +
                       ", where groups have theirs; take the next free number");
  }
  check_label(field.options.label(), "label", place, field.subject, complaints);
  if (field.options.has_help()) check_label(field.options.help(), "help", place, field.subject, complaints);
  check_aliases(field.options.alias(), place, field.subject, complaints);
}

void fill(FieldDraft& field, const KindDraft& kind, const Place& place, Complaints& complaints) {
  const schema::Field& options = field.options;
  policy::FieldPolicy& policy = field.policy;
  policy.set_merge(options.merge());
  *policy.mutable_label() = options.label();
  *policy.mutable_alias() = options.alias();
  if (options.has_help()) *policy.mutable_help() = options.help();
  policy.set_required(options.required());
  policy.set_personal(options.personal());
  policy.set_has_range(options.min() != 0 || options.max() != 0);
  policy.set_min(options.min());
  policy.set_max(options.max());
  policy.set_pattern(options.pattern());
  policy.set_max_length(longest(field));
  policy.set_search(options.search());
  policy.set_group(options.group_number());
  for (const schema::Role role : roles(options.writers(), place, field.subject, complaints)) policy.add_writers(role);
  if (options.writers().empty()) *policy.mutable_writers() = kind.policy.writers();
  if (policy.type() == policy::ENUM) {
    policy.set_enum_name(lower_snake(field.source->enum_type()->name()));
    for (policy::EnumEntry& entry : choices(*field.source->enum_type(), complaints)) {
      *policy.add_value() = std::move(entry);
    }
  }
}

}  // namespace

std::vector<schema::Role> roles(const pb::RepeatedField<int>& writers, const Place& place, std::string_view subject,
                                Complaints& complaints) {
  std::set<schema::Role> roles;
  for (const int writer : writers) {
    if (!schema::Role_IsValid(writer) || writer == schema::ROLE_UNSPECIFIED) {
      complaints.add(place, subject, "a writer is no role; take one of TEACHER, REVIEWER, ALLOCATOR, ADMINISTRATOR");
      continue;
    }
    roles.insert(static_cast<schema::Role>(writer));
  }
  return {roles.begin(), roles.end()};
}

FieldDraft declare_field(const KindDraft& kind, const FieldDescriptor& source, Complaints& complaints) {
  FieldDraft field;
  field.source = &source;
  field.options = source.options().GetExtension(schema::field);
  field.subject = kind.name() + "." + source.name();
  field.policy.set_number(static_cast<std::uint32_t>(source.number()));
  field.policy.set_name(source.name());
  const Place place = place_of(source);
  if (!source.options().HasExtension(schema::field)) {
    complaints.add(place, field.subject,
                   "the field says nothing of itself; add [(schema.field) = { merge: LATEST label: { vi: \"...\" en: "
                   "\"...\" } }]");
    return field;
  }
  field.policy.set_type(type_of(field, place, complaints));
  fill(field, kind, place, complaints);
  check_naming(field, place, complaints);
  check_merge(field, place, complaints);
  check_bounds(field, place, complaints);
  check_relations(field, place, complaints);
  return field;
}

}  // namespace songsong::schemac
