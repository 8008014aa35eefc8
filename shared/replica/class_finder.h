// ClassFinder: the classes that the decisions make, as they stand after the puts of one commit. Lives inside that
// commit.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "shared/core/samehood.h"
#include "shared/replica/record_cache.h"

namespace songsong {

class ClassFinder {
 public:
  explicit ClassFinder(RecordCache& cache) : cache_(cache) {}

  // Loads what refers to the record.
  const std::vector<Decision>& decisions_of(RecordId record);
  const std::vector<RecordId>& members(RecordId record);
  RecordId name(RecordId record) { return members(record).front(); }
  DecisionsOf lookup();

 private:
  RecordCache& cache_;
  std::map<RecordId, std::vector<Decision>> decisions_;
  std::map<RecordId, std::shared_ptr<const std::vector<RecordId>>> members_;  // one list a class
};

}  // namespace songsong
