// A loop in a small directed graph, to refuse declarations that lead back to themselves.
#pragma once

#include <cstddef>
#include <vector>

namespace songsong::schemac {

using Edges = std::vector<std::vector<std::size_t>>;  // by node, the nodes that it leads to

// The nodes of one loop in order, the first of them again at the end; empty when there is none.
std::vector<std::size_t> find_loop(const Edges& edges);

}  // namespace songsong::schemac
