#include "shared/core/lineage.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace songsong {
namespace {

constexpr std::size_t kNoParent = static_cast<std::size_t>(-1);

bool by_tag(const Run& one, const Run& other) {
  return std::tie(one.tag, one.first, one.last, one.parent_tag) <
         std::tie(other.tag, other.first, other.last, other.parent_tag);
}

}  // namespace

const Lineage::Placed* Lineage::find(const Tree& tree, Name name) {
  const auto after = std::upper_bound(tree.runs.begin(), tree.runs.end(), name, [](Name wanted, const Placed& placed) {
    return std::make_tuple(wanted.tag(), wanted.sequence()) < std::make_tuple(placed.run.tag, placed.run.first);
  });
  if (after == tree.runs.begin()) return nullptr;
  const Placed& placed = *std::prev(after);
  const bool inside = placed.run.tag == name.tag() && name.sequence() <= placed.run.last;
  return inside ? &placed : nullptr;
}

bool Lineage::begins_after(const Tree& tree, Name later, Name earlier) {
  const Placed* const placed = find(tree, later);
  return placed != nullptr && placed->run.first > earlier.sequence() && placed->run.parent_tag != placed->run.tag;
}

// Branch 0 is the trunk. In the order of their first sequence each run either goes on where its parent run ends, if
// nothing else does yet, or starts a branch of its own.
Lineage::Tree Lineage::build(Sequence trunk, std::vector<Run> runs) {
  std::erase_if(runs, [trunk](const Run& run) { return run.first <= trunk; });
  std::sort(runs.begin(), runs.end(), by_tag);
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  Tree tree{.trunk = trunk, .runs = {}, .branches = {Branch{.parent = kNoParent, .after = 0}}};
  for (const Run& run : runs) tree.runs.push_back(Placed{.run = run, .branch = kNoParent, .continued = false});

  std::vector<std::size_t> order(tree.runs.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return std::tie(tree.runs[one].run.first, one) < std::tie(tree.runs[other].run.first, other);
  });

  bool trunk_continued = false;
  for (const std::size_t index : order) {
    Placed& placed = tree.runs[index];
    const Sequence before = placed.run.first - 1;
    if (before == trunk) {
      const bool goes_on = !trunk_continued;
      trunk_continued = true;
      if (!goes_on) tree.branches.push_back(Branch{.parent = 0, .after = before});
      placed.branch = goes_on ? 0 : tree.branches.size() - 1;
      continue;
    }
    auto* parent = const_cast<Placed*>(find(tree, Name(1, before, placed.run.parent_tag)));
    const bool goes_on = parent != nullptr && parent->run.last == before && !parent->continued;
    if (goes_on) {
      parent->continued = true;
      placed.branch = parent->branch;
      continue;
    }
    // A run whose parent is not known hangs in the air: it covers nothing but its own branch.
    tree.branches.push_back(parent != nullptr ? Branch{.parent = parent->branch, .after = before}
                                              : Branch{.parent = kNoParent, .after = 0});
    placed.branch = tree.branches.size() - 1;
  }
  return tree;
}

void Lineage::describe(ReplicaId replica, Sequence trunk, std::vector<Run> runs) {
  replicas_[replica] = build(trunk, std::move(runs));
}

void Lineage::extend(Name name, Tag parent_tag) {
  const auto found = replicas_.find(name.replica());
  if (found == replicas_.end() || name.sequence() <= found->second.trunk) return;
  Tree& tree = found->second;
  if (find(tree, name) != nullptr) return;
  const Run single{.first = name.sequence(), .last = name.sequence(), .tag = name.tag(), .parent_tag = parent_tag};
  auto* parent = name.sequence() - 1 > tree.trunk
                     ? const_cast<Placed*>(find(tree, Name(name.replica(), name.sequence() - 1, parent_tag)))
                     : nullptr;
  const bool lengthens = parent != nullptr && parent->run.tag == name.tag() && parent->run.last + 1 == name.sequence();
  if (lengthens && !parent->continued) {
    ++parent->run.last;
    return;
  }
  // Everything else may open a branch. It happens once an opening of the store, so the tree is simply built anew.
  std::vector<Run> all;
  for (Placed& placed : tree.runs) {
    if (lengthens && &placed == parent) ++placed.run.last;
    all.push_back(placed.run);
  }
  if (!lengthens) all.push_back(single);
  tree = build(tree.trunk, std::move(all));
}

Sequence Lineage::trunk(ReplicaId replica) const {
  const auto found = replicas_.find(replica);
  return found == replicas_.end() ? 0 : found->second.trunk;
}

std::vector<Run> Lineage::runs(ReplicaId replica) const {
  std::vector<Run> all;
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) return all;
  for (const Placed& placed : found->second.runs) all.push_back(placed.run);
  std::sort(all.begin(), all.end());
  return all;
}

bool Lineage::forked(ReplicaId replica) const {
  const auto found = replicas_.find(replica);
  return found != replicas_.end() && found->second.branches.size() > 1;
}

bool Lineage::covers(Name later, Name earlier) const {
  if (later.replica() != earlier.replica() || earlier.sequence() > later.sequence()) return false;
  const auto found = replicas_.find(later.replica());
  if (found == replicas_.end()) return true;
  const Tree& tree = found->second;

  const auto branch_of = [&tree](Name name) -> std::optional<std::size_t> {
    if (name.sequence() <= tree.trunk) return 0;
    const Placed* placed = find(tree, name);
    return placed != nullptr ? std::optional(placed->branch) : std::nullopt;
  };
  const std::optional<std::size_t> target = branch_of(earlier);
  std::optional<std::size_t> branch = branch_of(later);
  // A restore may have lost the branch that a state still names: of what one opening saved, the later has seen the
  // earlier. But for a name from before that opening, which only somebody makes up who does not keep the rules.
  if (!target || !branch) return later.tag() == earlier.tag() && !begins_after(tree, later, earlier);
  Sequence reach = later.sequence();
  while (*branch != *target) {
    const Branch& left = tree.branches[*branch];
    if (left.parent == kNoParent) return false;
    reach = std::min(reach, left.after);
    branch = left.parent;
  }
  return earlier.sequence() <= reach;
}

bool Lineage::covered(std::span<const Name> frontier, Name name) const {
  return std::any_of(frontier.begin(), frontier.end(), [&](Name last) { return covers(last, name); });
}

}  // namespace songsong
