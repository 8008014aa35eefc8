// Drafts: what was typed and could not be saved, kept as it was typed until it is mended or dropped, so that nobody
// types a form twice. A draft counts nowhere and goes nowhere.
//
// One JSON file a draft under DIR/drafts, readable by its owner only; at most kMostDrafts, none is ever pushed out. In
// a sealed folder it is sealed as the store is. One thread. Faults "file_unwritable", "file_unreadable",
// "unknown_draft", "too_many_drafts", "file_damaged".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/workspace.h"

namespace songsong::client {

inline constexpr int kMostDrafts = 100;

struct Draft {
  int number = 0;  // 1 … kMostDrafts
  std::string kind;
  std::string record;                    // that was to be changed; empty where one was to be added
  std::vector<std::string> assignments;  // field=value …
};

class Drafts {
 public:
  explicit Drafts(const Workspace& workspace) : folder_(workspace.folder() + "/drafts"), key_(workspace.key()) {}

  // Under its number, or, where that is 0, under the first that is free, which is given back.
  Outcome<int> keep(const Draft& draft) const;
  Outcome<std::vector<Draft>> all() const;  // ascending
  Outcome<Draft> find(int number) const;
  Outcome<Done> drop(int number) const;
  // Those that were kept before the folder was sealed.
  Outcome<Done> seal_bare() const;

 private:
  std::string bare_path(int number) const;
  std::string path(int number) const;
  bool says(int number, const std::string& bytes) const;
  Outcome<Done> write_sealed(int number, const std::string& bytes) const;
  Outcome<Draft> read(int number, const std::string& path, bool sealed) const;

  std::string folder_;
  std::optional<SealKey> key_;
};

// What was typed first, with what was typed now in place of the same field.
std::vector<std::string> amended(std::vector<std::string> assignments, const std::vector<std::string>& now);

}  // namespace songsong::client
