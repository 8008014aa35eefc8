// The world of the books' small model: what an office has opened, what a replica may do, and the real changes that a
// history of such deeds is.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "tests/small_model/books_model.h"
#include "tests/small_model/copies.h"

namespace songsong::small_model {

// The office's line, in the two parts in which it arrives.
const std::array<std::vector<const Sealed*>, 2>& office_line();

// What of the others' lines its author had seen of the record that a change is about: of each replica the number of its
// last change to it. Nothing for a new record.
Skeleton seen_of_records(const Skeleton& skeleton, const std::vector<Deed>& deeds);

// The lines of the replicas, whoever is called what: equal for histories that are the same to every rule.
using Lines = std::array<std::vector<std::pair<Deed, std::array<std::size_t, kReplicas>>>, kReplicas>;
Lines canonical_lines(const Skeleton& seen, const std::vector<Deed>& deeds);

ReplicaId id_of(std::size_t replica);
// A change is captured a second after the latest that its author had seen of its record.
std::vector<Sealed> sealed_history(const Skeleton& seen, const std::vector<Deed>& deeds);

}  // namespace songsong::small_model
