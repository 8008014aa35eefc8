// What every command is given, and what all of them do alike: open the folder, print, complain.
//
// A command returns the exit code of docs/INTERFACES.md, or a Fault that main prints.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/workspace.h"
#include "shared/core/messages.h"
#include "shared/json/record_json.h"
#include "shared/system/files.h"

namespace songsong::client {

struct Settings {
  std::string folder;
  bool json = false;
  Language language = Language::kVietnamese;

  const char* say(const char* vi, const char* en) const { return songsong::say(language, vi, en); }
};

using Exit = Outcome<int>;

inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kUsage = 2;
inline constexpr int kSetAside = 6;

// One line on standard output; a whole object with --json.
void print_line(const std::string& line);
void print_json(const Json& json);
// A remark that is no result: on standard error.
void remark(const std::string& line);
bool is_terminal(int descriptor);
// What went wrong, and where, on one line.
std::string told(const Settings& settings, const Fault& fault);
// Emphasis on a terminal; the bare text anywhere else, and where NO_COLOR is set (no-color.org).
enum class Emphasis { kWrong, kAsk, kGood };
std::string emphasised(int descriptor, Emphasis emphasis, const std::string& text);
// A line on a terminal that is written over; nothing elsewhere.
void progress(const Settings& settings, const std::string& line);
void end_progress(const Settings& settings);

// "field=value", "field+=value", "field-=value" of a kind. Faults "usage", "unknown_field", those of parse_value.
Outcome<std::vector<Input>> parse_inputs(const KindPolicy& kind, const std::vector<std::string>& assignments);
// Faults "unknown_kind", "name_malformed", "unknown_record".
Outcome<const KindPolicy*> kind_by_name(const std::string& name, const Policies& policies);
Outcome<RecordView> record_by_id(const std::string& id, Workspace& workspace);

// As people read it: the label of a thing in the language.
std::string label_of(const schema::Label& label, const std::string& name, Language language);
// A record on one line: its kind, what names it, its id.
std::string one_line(const RecordView& view, Workspace& workspace, Language language);

}  // namespace songsong::client
