#include "shared/sync/lines.h"

#include <algorithm>
#include <map>

#include "shared/core/byte_reader.h"
#include "shared/sync/wire.h"

namespace songsong {

std::set<ReplicaId> replicas_in(std::span<const State> states) {
  std::set<ReplicaId> replicas;
  const auto add = [&](const VersionVector& names) {
    for (const Name name : names) replicas.insert(name.replica());
  };
  for (const State& state : states) {
    add(state.applied);
    add(state.removal_ahead);
    for (const Register& each : state.registers) add(each.ahead);
  }
  return replicas;
}

// A sequence that two runs hold is beyond the trunk, and so is whatever comes after a fork.
Sequence trunk_of(const std::vector<RunRow>& runs) {
  Sequence trunk = 0;
  std::multimap<Tag, const RunRow*> by_tag;
  for (const RunRow& row : runs) by_tag.emplace(row.run.tag, &row);
  for (const RunRow& row : runs) trunk = std::max(trunk, row.run.last);
  std::map<std::pair<Sequence, Tag>, std::size_t> children;  // by the change that runs go on from
  for (const RunRow& row : runs) {
    if (row.run.first > 1 && ++children[{row.run.first - 1, row.run.parent_tag}] > 1) {
      trunk = std::min(trunk, row.run.first - 1);
    }
    if (row.run.first == 1 && ++children[{0, 0}] > 1) trunk = 0;
    const auto [begin, end] = by_tag.equal_range(row.run.parent_tag);
    for (auto other = begin; other != end; ++other) {
      // It leaves the other in its middle.
      const Run& run = other->second->run;
      if (run.first < row.run.first && row.run.first - 1 < run.last) trunk = std::min(trunk, row.run.first - 1);
    }
  }
  return trunk;
}

wire::Line line_beyond(ReplicaId replica, const std::vector<RunRow>& runs, Sequence beyond) {
  wire::Line line;
  line.set_replica(replica);
  std::vector<const RunRow*> told;
  for (const RunRow& row : runs) {
    if (row.run.last > beyond) told.push_back(&row);
  }
  const std::size_t skipped = told.size() > wire::kMaxRunsInLine ? told.size() - wire::kMaxRunsInLine : 0;
  for (std::size_t i = skipped; i < told.size(); ++i) {
    for (const std::uint32_t number :
         {told[i]->run.first, told[i]->run.last, told[i]->run.tag, told[i]->run.parent_tag}) {
      line.add_runs(number);
    }
  }
  return line;
}

Outcome<std::vector<RunRow>> runs_of(const wire::Line& line) {
  const Fault malformed{.code = "line_malformed", .where = "lines", .what = "The line of a replica cannot be read."};
  if (line.replica() == 0 || line.replica() > kMaxReplica || line.runs_size() % 4 != 0) return malformed;
  if (static_cast<std::size_t>(line.runs_size()) / 4 > wire::kMaxRunsInLine) return malformed;
  std::vector<RunRow> runs;
  for (int i = 0; i < line.runs_size(); i += 4) {
    const Run run{
        .first = line.runs(i), .last = line.runs(i + 1), .tag = line.runs(i + 2), .parent_tag = line.runs(i + 3)};
    if (run.first == 0 || run.last < run.first || run.last > kMaxSequence || run.tag > kMaxTag ||
        run.parent_tag > kMaxTag)
      return malformed;
    runs.push_back(RunRow{.replica = line.replica(), .run = run, .key_tag = 0});
  }
  return runs;
}

std::string encode_replicas(const std::set<ReplicaId>& replicas) {
  ByteWriter writer;
  for (const ReplicaId replica : replicas) writer.varint(replica);
  return std::move(writer).take();
}

std::set<ReplicaId> decode_replicas(std::string_view bytes) {
  std::set<ReplicaId> replicas;
  ByteReader reader(bytes);
  while (reader.ok() && !reader.at_end() && replicas.size() < wire::kMaxLinesKnown)
    replicas.insert(static_cast<ReplicaId>(reader.varint()));
  return replicas;
}

}  // namespace songsong
