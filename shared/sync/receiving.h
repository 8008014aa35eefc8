// Receiving: takes a replica's pieces into a server's store: which changes are new, what becomes of each, the record of
// each that is set aside, and the release of those that a reviewer lets in after all. Inside one call of Store::write.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/validate.h"
#include "shared/replica/admission.h"
#include "shared/replica/saver.h"
#include "shared/sync/host.h"
#include "shared/sync/piece.h"

namespace songsong {

inline constexpr StoreSequence kNoRecord = 0;                   // before any version
inline constexpr StoreSequence kNoVersion = ~StoreSequence{0};  // later than any

struct Received {
  std::uint64_t applied = 0;
  std::uint64_t known = 0;
  std::uint64_t quarantined = 0;
  // The version that this commit gave to the records that it changed, and the one that each had before: kNoRecord if
  // there was none, kNoVersion if it was not live, or if anything but new changes of the sender, all applied, touched
  // it.
  StoreSequence version = 0;
  std::map<RecordId, StoreSequence> versions_before;
};

// What all receivings of one server share.
struct ReceivingContext {
  BooksContext books;
  const Validator& validator;
  const Identity& self;            // the server, as a replica
  const Environment& environment;  // of the server's own changes
  Tag tag = 0;
};

// Admits the pieces, which go on one from the other. A change that is held already is passed over. Faults:
// "names_collide" (another change holds the name by chance), those of saving.
Outcome<StoreBatch> receive(const ReceivingContext& context, StoreReader& reader, const Member& member,
                            const std::vector<OpenedPiece>& pieces, std::int64_t now_ms, Received& received);

}  // namespace songsong
