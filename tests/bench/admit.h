// Admits changes as the server does, without HTTP, pieces or hashes: what is left is merge, books and the store.
#pragma once

#include <span>

#include "shared/replica/admission.h"

namespace songsong::bench {

inline StoreBatch admit_all(const BooksContext& context, StoreReader& reader, std::span<const Change> changes) {
  Admission admission(context, Authority::kHoldsAllLogs, reader);
  admission.prepare(changes);
  for (const Change& change : changes) {
    admission.admit(Incoming{.change = change,
                             .parent_tag = change.name.sequence() == 1 ? Tag{0} : change.name.tag(),
                             .key_tag = change.name.tag(),
                             .hash = {},
                             .verdict = Verdict::kApplied,
                             .reason = {}});
  }
  return admission.settle(0);
}

}  // namespace songsong::bench
