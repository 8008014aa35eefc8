// Lineage: which change of a replica comes before which, where a phone was copied or put back from its own backup.
//
// The changes of one replica normally form one line, and then a name covers every earlier sequence. A copied phone
// makes the line a tree. Its runs (stretches of changes with one tag) tell on which branch a name lies; up to `trunk`
// the replica is known to be one line and needs no runs. A replica without an entry is one line.
//
// A value type: not synchronised, copied freely. The rules are those of docs/DESIGN.md section 4, "Copies".
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "shared/core/name.h"

namespace songsong {

// Consecutive changes of one replica with one tag on one branch. The change before `first` carries `parent_tag`
// (0 and meaningless when first is 1).
struct Run {
  Sequence first = 0;
  Sequence last = 0;
  Tag tag = 0;
  Tag parent_tag = 0;

  auto operator<=>(const Run&) const = default;
};

class Lineage {
 public:
  // Up to `trunk` the replica is one line whatever the tags say. `runs` is everything known beyond it, in any order;
  // a run that starts within the trunk is ignored.
  void describe(ReplicaId replica, Sequence trunk, std::vector<Run> runs);
  // Adds one change that follows (name.sequence() - 1, parent_tag) to a replica that is described; no effect on others.
  void extend(Name name, Tag parent_tag);

  bool described(ReplicaId replica) const { return replicas_.contains(replica); }
  Sequence trunk(ReplicaId replica) const;
  std::vector<Run> runs(ReplicaId replica) const;  // ascending by (first, tag)
  bool forked(ReplicaId replica) const;            // more than one branch is known

  // Whether `later` stands for `earlier`: the same change, or one after it on the same path. Where either is beyond
  // what is known of a described replica, only what the tags say: changes of one tag are one line, from the first of it
  // that is known to be its first.
  bool covers(Name later, Name earlier) const;
  // Whether any of `frontier` covers the name.
  bool covered(std::span<const Name> frontier, Name name) const;

 private:
  struct Branch {
    std::size_t parent =
        0;               // index of the branch that it leaves; none for the trunk and for a run without a known parent
    Sequence after = 0;  // the last sequence that it shares with its parent
  };
  struct Placed {
    Run run;
    std::size_t branch = 0;
    bool continued = false;  // another run of the same branch goes on where this one ends
  };
  struct Tree {
    Sequence trunk = 0;
    std::vector<Placed> runs;  // ascending by (tag, first), so that a name is found by bisection
    std::vector<Branch> branches;
  };

  static Tree build(Sequence trunk, std::vector<Run> runs);
  static const Placed* find(const Tree& tree, Name name);
  // Whether the run of the later one, of whose tag the earlier one is too, is known to begin after it.
  static bool begins_after(const Tree& tree, Name later, Name earlier);

  std::map<ReplicaId, Tree> replicas_;
};

}  // namespace songsong
