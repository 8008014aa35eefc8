// Attachments: files that records name by their content, and that travel beside the changes, in their own time: a
// photo, a signature. The value of such a field (meaning: ATTACHMENT) is the SHA-256 of the file's bytes (FIPS 180-4),
// which a browser works out as well. It is personal, so it is erased with its person, and whoever holds the file lets
// it go then.
//
// Pure functions, any thread.
#pragma once

#include <cstddef>
#include <set>
#include <string_view>

#include "shared/core/fixed_bytes.h"
#include "shared/core/policy.h"
#include "shared/core/state.h"

namespace songsong {

using AttachmentHash = FixedBytes<struct AttachmentHashKind, 32>;

// Of one file. A photo from a phone is made smaller before it is kept: a village's signal carries some kilobytes a
// second.
inline constexpr std::size_t kMaxAttachmentBytes = std::size_t{2} << 20;

AttachmentHash attachment_hash(std::string_view bytes);

// Whether records of the kind name any.
bool has_attachments(const KindPolicy& kind);
// Those that the record names, in whichever head.
std::set<AttachmentHash> attachments_of(const State& state, const KindPolicy& kind);
// Whether the replica wrote the name of it.
bool wrote_attachment(const State& state, const KindPolicy& kind, const AttachmentHash& hash, ReplicaId replica);
// Whether the name of one was erased.
bool lost_attachments(const State& state, const KindPolicy& kind);

}  // namespace songsong
