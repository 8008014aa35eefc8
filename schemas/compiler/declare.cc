// What each kind, measure and dimension says of itself.
#include <set>

#include "schemas/compiler/declare_field.h"
#include "schemas/compiler/draft.h"
#include "schemas/compiler/words.h"

namespace songsong::schemac {
namespace {

namespace pb = google::protobuf;

void check_kind(const KindDraft& kind, const Place& place, Complaints& complaints) {
  const auto refuse = [&](const std::string& what) { complaints.add(place, kind.name(), what); };
  const schema::Kind& options = kind.options;
  if (options.number() == 0) refuse("no number; give the next free one, it is stored in every change");
  check_label(options.label(), "label", place, kind.name(), complaints);
  const bool by_field = !options.unit().field().empty();
  const bool by_via = !options.unit().via().empty();
  if (by_field && by_via) {
    refuse("unit has field and via; keep the one that says where a record belongs");
  } else if (!by_field && !by_via && !options.internal()) {
    refuse(
        "no unit; say unit: { field: \"...\" } with a field of meaning UNIT, or unit: { via: \"...\" } with a "
        "reference to the record whose unit it shares");
  }
  if (kind.policy.writers().empty()) refuse("no writers; say who may open it, such as writers: [ TEACHER, REVIEWER ]");
  if (options.title().empty() && !options.internal()) {
    refuse("no title; name the fields that a list shows, such as title: [ \"" +
           (kind.source->field_count() > 0 ? kind.source->field(0)->name() : "name") + "\" ]");
  }
}

void check_structure(const pb::Descriptor& source, std::string_view subject, Complaints& complaints) {
  for (int i = 0; i < source.nested_type_count(); ++i) {
    const pb::Descriptor& nested = *source.nested_type(i);
    if (nested.options().map_entry()) continue;  // the map field is refused where it stands
    complaints.add(place_of(nested), subject,
                   "nested message " + nested.name() +
                       " is not allowed; make it a kind of its own, with a number and a reference");
  }
  if (source.field_count() == 0) complaints.add(place_of(source), subject, "the kind has no field; declare one");
}

KindDraft declare_kind(const pb::Descriptor& source, Complaints& complaints) {
  KindDraft kind;
  kind.source = &source;
  kind.options = source.options().GetExtension(schema::kind);
  kind.policy.set_name(lower_snake(source.name()));
  kind.policy.set_number(kind.options.number());
  *kind.policy.mutable_label() = kind.options.label();
  kind.policy.set_internal(kind.options.internal());
  const Place place = place_of(source);
  for (const schema::Role role : roles(kind.options.writers(), place, kind.name(), complaints)) {
    kind.policy.add_writers(role);
  }
  check_kind(kind, place, complaints);
  check_structure(source, kind.name(), complaints);
  Wording wording("field");
  for (int i = 0; i < source.field_count(); ++i) {
    kind.fields.push_back(declare_field(kind, *source.field(i), complaints));
    const FieldDraft& field = kind.fields.back();
    wording.add(field.policy.name(), field.options.label(), field.options.alias(), place_of(*field.source),
                field.subject, complaints);
  }
  return kind;
}

void declare_measures(const pb::EnumDescriptor& source, Draft& draft, Complaints& complaints) {
  check_enum(source, complaints);
  for (int i = 0; i < source.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *source.value(i);
    if (value.number() == 0) continue;
    MeasureDraft measure;
    measure.source = &value;
    measure.options = value.options().GetExtension(schema::measure);
    measure.policy.set_number(static_cast<std::uint32_t>(value.number()));
    measure.policy.set_name(value_name(value));
    measure.policy.set_kept(measure.options.kept());
    *measure.policy.mutable_label() = measure.options.label();
    *measure.policy.mutable_definition() = measure.options.definition();
    const std::string subject = "measure." + measure.policy.name();
    check_label(measure.options.label(), "label", place_of(value), subject, complaints);
    check_label(measure.options.definition(), "definition", place_of(value), subject, complaints);
    draft.measures.push_back(std::move(measure));
  }
}

void declare_dimensions(const pb::EnumDescriptor& source, Draft& draft, Complaints& complaints) {
  check_enum(source, complaints);
  for (int i = 0; i < source.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *source.value(i);
    if (value.number() == 0) continue;
    DimensionDraft dimension;
    dimension.source = &value;
    dimension.policy.set_number(static_cast<std::uint32_t>(value.number()));
    dimension.policy.set_name(value_name(value));
    *dimension.policy.mutable_label() = value.options().GetExtension(schema::dimension).label();
    check_label(dimension.policy.label(), "label", place_of(value), "dimension." + dimension.policy.name(), complaints);
    draft.dimensions.push_back(std::move(dimension));
  }
}

}  // namespace

Draft declare(const std::vector<const pb::FileDescriptor*>& files, Complaints& complaints) {
  Draft draft;
  for (const pb::FileDescriptor* file : files) {
    if (file->syntax() != pb::FileDescriptor::SYNTAX_PROTO3) {
      complaints.add({file->name(), 1}, "syntax", "this is proto2; begin the file with syntax = \"proto3\";");
      continue;
    }
    for (int i = 0; i < file->enum_type_count(); ++i) {
      const pb::EnumDescriptor& source = *file->enum_type(i);
      if (source.options().GetExtension(schema::measures)) declare_measures(source, draft, complaints);
      if (source.options().GetExtension(schema::dimensions)) declare_dimensions(source, draft, complaints);
    }
    for (int i = 0; i < file->message_type_count(); ++i) {
      const pb::Descriptor& source = *file->message_type(i);
      if (source.options().HasExtension(schema::kind)) {
        draft.kinds.push_back(declare_kind(source, complaints));
        continue;
      }
      complaints.add(place_of(source), lower_snake(source.name()),
                     "the message is no kind; add option (schema.kind) = { number: ... label: ... unit: ... writers: "
                     "... title: ... }; or take it away");
    }
  }
  return draft;
}

}  // namespace songsong::schemac
