// Disclosure control: what of a report may be published, so that no small cell is, nor can be worked out from what is.
//
// A cell is small when it counts at least one and fewer than a threshold (5, as statistical offices have it). To leave
// out small cells alone would not do: what is published of the others, taken from their sum, gives them back. So a
// table of cells that add up to one that is published (the units right below a unit, with what is the unit's own; the
// values of a dimension) is published whole or not at all, and what lies below an unpublished cell is not published
// either. Then no published number is small, and neither is any difference between a published sum and published parts
// of it that leave some out: there are no such parts. This is cell suppression with the coarsest complementary
// suppression (Hundepool et al., Statistical Disclosure Control, Wiley 2012, chapter 4): it hides more than the least
// that would do, and can be checked by looking.
//
// A measure that is derived from others (more handovers than pupils) makes a table with them: where it is small its
// terms are withheld too, and where a term is withheld it is.
//
// Not covered: two looks at one figure at different times; and differences of measures that are no measure themselves
// (needs declared and needs verified), which tell what was done, not of whom.
//
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <span>

#include "shared/core/report.h"

namespace songsong {

inline constexpr std::int64_t kLeastPublished = 5;

// What has a small cell in any of the reports of one table, and what would give it away.
Withheld small_in(std::span<const Report> table, const Policies& policies, std::int64_t least = kLeastPublished);
void add(const Withheld& more, Withheld& withheld);
// The report without it.
Report published(Report report, const Withheld& withheld);

}  // namespace songsong
