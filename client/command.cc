#include "client/command.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "shared/core/value_text.h"

namespace songsong::client {
namespace {

Fault usage(std::string where, const char* what) {
  return Fault{.code = "usage", .where = std::move(where), .what = what};
}

template <class Names>
std::string joined(const Names& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

std::string allowed_fields(const KindPolicy& kind) {
  std::vector<std::string> names;
  for (const FieldPolicy& field : kind.field()) names.push_back(field.name());
  return joined(names);
}

struct Assignment {
  std::string field;
  Shape shape = Shape::kRegister;
  std::string text;
};

Outcome<Assignment> split(const std::string& written) {
  const std::size_t at = written.find('=');
  if (at == std::string::npos || at == 0) return usage(written, "A field is written field=value.");
  Assignment assignment{.field = written.substr(0, at), .shape = Shape::kRegister, .text = written.substr(at + 1)};
  if (assignment.field.back() == '+') assignment.shape = Shape::kAdd;
  if (assignment.field.back() == '-') assignment.shape = Shape::kRemove;
  if (assignment.shape != Shape::kRegister) assignment.field.pop_back();
  return assignment;
}

Outcome<Input> input_of(const KindPolicy& kind, const Assignment& assignment) {
  const FieldPolicy* const field = Policies::field_named(kind, assignment.field);
  if (field == nullptr) {
    return Fault{.code = "unknown_field",
                 .where = kind.name() + "." + assignment.field,
                 .what = "There is no such field; allowed: " + allowed_fields(kind)};
  }
  Outcome<Value> value = parse_value(*field, assignment.text);
  if (!value) {
    Fault fault = value.fault();
    fault.where = kind.name() + "." + field->name();
    return fault;
  }
  Input input{.field = field->number(), .shape = assignment.shape, .value = std::move(*value)};
  if (field->merge() == schema::SUM && assignment.shape != Shape::kRegister) {
    const std::int64_t* const count = input.value.integer();
    if (count == nullptr) return usage(assignment.field, "A sum takes a number.");
    if (assignment.shape == Shape::kRemove) input.value = Value(-*count);
    input.shape = Shape::kIncrement;
  }
  return input;
}

}  // namespace

void print_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

void print_json(const Json& json) { print_line(json.dump(-1, ' ', false, Json::error_handler_t::replace)); }

void remark(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fputc('\n', stderr);
}

std::string told(const Settings& settings, const Fault& fault) {
  return message_for(fault, settings.language).what + "  (" + fault.where + ")";
}

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

std::string emphasised(int descriptor, Emphasis emphasis, const std::string& text) {
  const char* const unwanted = std::getenv("NO_COLOR");
  if (!is_terminal(descriptor) || (unwanted != nullptr && *unwanted != '\0')) return text;
  const char* const codes[] = {"31", "33", "32"};
  return std::string("\x1b[") + codes[static_cast<int>(emphasis)] + "m" + text + "\x1b[0m";
}

void progress(const Settings& settings, const std::string& line) {
  if (settings.json || !is_terminal(STDERR_FILENO)) return;
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
}

void end_progress(const Settings& settings) { progress(settings, ""); }

Outcome<std::vector<Input>> parse_inputs(const KindPolicy& kind, const std::vector<std::string>& assignments) {
  std::vector<Input> inputs;
  for (const std::string& written : assignments) {
    const Outcome<Assignment> assignment = split(written);
    if (!assignment) return assignment.fault();
    Outcome<Input> input = input_of(kind, *assignment);
    if (!input) return input.fault();
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

Outcome<const KindPolicy*> kind_by_name(const std::string& name, const Policies& policies) {
  if (const KindPolicy* const kind = policies.kind_named(name)) return kind;
  std::vector<std::string> names;
  for (const KindPolicy& kind : policies.table().kind()) {
    if (!kind.internal()) names.push_back(kind.name());
  }
  return Fault{.code = "unknown_kind", .where = name, .what = "There is no such kind; allowed: " + joined(names)};
}

Outcome<RecordView> record_by_id(const std::string& id, Workspace& workspace) {
  const Outcome<RecordId> record = parse_name(id);
  if (!record) return Fault{.code = "name_malformed", .where = id.substr(0, 40), .what = "This is no record id."};
  Outcome<std::optional<RecordView>> view = workspace.replica().view(*record);
  if (!view) return view.fault();
  if (!view->has_value())
    return Fault{.code = "unknown_record", .where = id, .what = "This store holds no such record."};
  return std::move(**view);
}

std::string label_of(const schema::Label& label, const std::string& name, Language language) {
  const std::string& text = language == Language::kEnglish ? label.en() : label.vi();
  return text.empty() ? name : text;
}

std::string one_line(const RecordView& view, Workspace& workspace, Language language) {
  const KindPolicy* const kind = workspace.policies().kind(view.state.kind);
  std::string line = to_text(view.state.id) + "  ";
  if (kind == nullptr) return line + std::to_string(view.state.kind);
  line += label_of(kind->label(), kind->name(), language);
  const Shown shown = show(view.state, kind);
  for (const std::uint32_t number : kind->title()) {
    const FieldPolicy* const field = Policies::field(*kind, number);
    const Value* const value = shown.find(number);
    if (field == nullptr || value == nullptr) continue;
    const policy::EnumEntry* const entry =
        value->integer() != nullptr ? Policies::value(*field, *value->integer()) : nullptr;
    if (value->type() == ValueType::kErased) {
      line += language == Language::kEnglish ? " · (erased)" : " · (đã xoá)";
      continue;
    }
    line += " · " + (entry != nullptr ? label_of(entry->label(), entry->name(), language) : print_value(field, *value));
  }
  if (!view.unit.empty()) line += "  [" + view.unit + "]";
  if (!view.sent) line += language == Language::kEnglish ? "  (not sent)" : "  (chưa gửi)";
  return line;
}

}  // namespace songsong::client
