#include "schemas/compiler/graph.h"

#include <algorithm>

namespace songsong::schemac {
namespace {

enum class Mark { kNew, kOpen, kDone };

// Depth-first; `path` holds the nodes that are open, and the loop when one was found.
bool visit(const Edges& edges, std::size_t node, std::vector<Mark>& marks, std::vector<std::size_t>& path) {
  marks[node] = Mark::kOpen;
  path.push_back(node);
  for (const std::size_t next : edges[node]) {
    if (marks[next] == Mark::kDone) continue;
    if (marks[next] == Mark::kOpen) {
      path.erase(path.begin(), std::find(path.begin(), path.end(), next));
      path.push_back(next);
      return true;
    }
    if (visit(edges, next, marks, path)) return true;
  }
  path.pop_back();
  marks[node] = Mark::kDone;
  return false;
}

}  // namespace

std::vector<std::size_t> find_loop(const Edges& edges) {
  std::vector<Mark> marks(edges.size(), Mark::kNew);
  std::vector<std::size_t> path;
  for (std::size_t node = 0; node < edges.size(); ++node) {
    if (marks[node] == Mark::kNew && visit(edges, node, marks, path)) return path;
  }
  return {};
}

}  // namespace songsong::schemac
