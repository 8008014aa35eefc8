// Lines: what has to be told of a replica that was copied, or that goes on beyond what its own phone knows: its runs
// from where they part.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/state.h"
#include "shared/replica/store.h"

namespace songsong {

// The replicas that the states name.
std::set<ReplicaId> replicas_in(std::span<const State> states);

// Up to where all the runs are one line.
Sequence trunk_of(const std::vector<RunRow>& runs);

// Runs that reach beyond the sequence, at most wire::kMaxRunsInLine, the latest.
wire::Line line_beyond(ReplicaId replica, const std::vector<RunRow>& runs, Sequence beyond);

// Fault "line_malformed" for runs that are none. key_tag is not told, and stays 0: it is of use to whoever holds the
// changes.
Outcome<std::vector<RunRow>> runs_of(const wire::Line& line);

// The setting of a replica's store that names the replicas whose lines it knows run by run, itself aside, and its
// bytes.
inline constexpr const char* kLinesKnownSetting = "lines_known";
std::string encode_replicas(const std::set<ReplicaId>& replicas);
std::set<ReplicaId> decode_replicas(std::string_view bytes);

}  // namespace songsong
