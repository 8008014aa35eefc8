#include "client/completion.h"

#include <algorithm>
#include <set>

namespace songsong::client {
namespace {

// Bash cuts words at "=", so what stands before it is taken off what is offered.
constexpr const char* kBash = R"(_songsong() {
  local line=${COMP_LINE:0:COMP_POINT} words candidate
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local last=${words[${#words[@]}-1]} before=""
  [[ $last == *=* ]] && before=${last%%=*}=
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("${candidate#"$before"}")
  done < <(songsong complete -- "${words[@]:1}" 2> /dev/null)
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -o default -F _songsong songsong
)";

constexpr const char* kZsh = R"(_songsong() {
  local -a found
  found=("${(@f)$(songsong complete -- "${(@)words[2,CURRENT]}" 2> /dev/null)}")
  [[ -n $found ]] && compadd -S '' -a found || _files
}
compdef _songsong songsong
)";

class Search {
 public:
  Search(const CLI::App& app, const Policies& policies, const std::vector<std::string>& words)
      : app_(app), policies_(policies), words_(words), last_(words.empty() ? "" : words.back()) {}

  std::vector<std::string> run() {
    read_words();
    if (command_ == nullptr && !takes_value_) offer_commands();
    if (last_.starts_with("-")) {
      offer_options(app_);
      if (command_ != nullptr) offer_options(*command_);
    } else if (command_ != nullptr) {
      offer_arguments();
    }
    return {found_.begin(), found_.end()};
  }

 private:
  void offer(const std::string& word) {
    if (word.starts_with(last_)) found_.insert(word);
  }

  static const CLI::Option* option_named(const CLI::App& app, const std::string& word) {
    for (const CLI::Option* const option : app.get_options()) {
      if (option->check_name(word)) return option;
    }
    return nullptr;
  }

  const CLI::App* command_named(const std::string& word) const {
    for (const CLI::App* const sub : app_.get_subcommands({})) {
      if (sub->get_name() == word) return sub;
    }
    return nullptr;
  }

  // What stands before the cursor: the command, its plain words, and whether an option waits for its value.
  void read_words() {
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
      const std::string& word = words_[i];
      if (takes_value_) {
        takes_value_ = false;
      } else if (word.starts_with("-")) {
        const CLI::Option* option = option_named(app_, word);
        if (option == nullptr && command_ != nullptr) option = option_named(*command_, word);
        takes_value_ = option != nullptr && option->get_items_expected_max() > 0;
        waiting_ = word;
      } else if (command_ == nullptr) {
        command_ = command_named(word);
      } else {
        plain_.push_back(word);
      }
    }
  }

  void offer_commands() {
    for (const CLI::App* const sub : app_.get_subcommands({})) {
      if (!sub->get_group().empty()) offer(sub->get_name());
    }
  }

  void offer_options(const CLI::App& app) {
    for (const CLI::Option* const option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) offer("--" + name);
    }
  }

  void offer_kinds() {
    for (const KindPolicy& kind : policies_.table().kind()) {
      if (!kind.internal()) offer(kind.name());
    }
  }

  // Of all kinds where the kind cannot be told.
  void offer_fields(const KindPolicy* only) {
    const std::size_t at = last_.find('=');
    for (const KindPolicy& kind : policies_.table().kind()) {
      if (kind.internal() || (only != nullptr && kind.number() != only->number())) continue;
      for (const FieldPolicy& field : kind.field()) {
        if (at == std::string::npos) offer(field.name() + "=");
        if (at == std::string::npos || last_.substr(0, at) != field.name()) continue;
        for (const policy::EnumEntry& entry : field.value()) offer(field.name() + "=" + entry.name());
        if (field.type() != policy::BOOLEAN) continue;
        offer(field.name() + "=true");
        offer(field.name() + "=false");
      }
    }
  }

  void offer_arguments() {
    const std::string& name = command_->get_name();
    const bool of_kind = name == "add" || name == "list";
    const KindPolicy* const kind = of_kind && !plain_.empty() ? policies_.kind_named(plain_[0]) : nullptr;
    if (takes_value_) {
      if (waiting_ == "--where" || waiting_ == "--choose") offer_fields(kind);
      return;
    }
    if (plain_.empty() && (of_kind || name == "import")) offer_kinds();
    if (plain_.empty() && name == "import") offer("school_list");
    if (plain_.empty() && name == "completion") {
      offer("bash");
      offer("zsh");
    }
    if (name == "add" && kind != nullptr) offer_fields(kind);
    if ((name == "set" || name == "draft") && !plain_.empty()) offer_fields(nullptr);
  }

  const CLI::App& app_;
  const Policies& policies_;
  const std::vector<std::string>& words_;
  std::string last_;
  const CLI::App* command_ = nullptr;
  std::vector<std::string> plain_;
  bool takes_value_ = false;
  std::string waiting_;  // the option that takes it
  std::set<std::string> found_;
};

}  // namespace

std::vector<std::string> candidates(const CLI::App& app, const Policies& policies,
                                    const std::vector<std::string>& words) {
  return Search(app, policies, words).run();
}

const char* completion_script(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  return nullptr;
}

}  // namespace songsong::client
