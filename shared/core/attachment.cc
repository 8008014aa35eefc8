#include "shared/core/attachment.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "shared/core/crypto.h"

namespace songsong {
namespace {

void each_head(const State& state, const KindPolicy& kind, const std::function<void(const Head&)>& take) {
  for (const Register& target : state.registers) {
    const FieldPolicy* const field = Policies::field(kind, target.field);
    if (field == nullptr || field->type() != policy::ATTACHMENT) continue;
    for (const Head& head : target.heads) take(head);
  }
}

std::optional<AttachmentHash> named_by(const Value& value) {
  if (value.bytes() == nullptr) return std::nullopt;
  const Outcome<AttachmentHash> hash = AttachmentHash::from_bytes(*value.bytes(), "attachment");
  return hash ? std::optional(*hash) : std::nullopt;
}

}  // namespace

AttachmentHash attachment_hash(std::string_view bytes) {
  AttachmentHash hash;
  sha256(bytes, hash.bytes);
  return hash;
}

bool has_attachments(const KindPolicy& kind) {
  return std::any_of(kind.field().begin(), kind.field().end(),
                     [](const FieldPolicy& field) { return field.type() == policy::ATTACHMENT; });
}

std::set<AttachmentHash> attachments_of(const State& state, const KindPolicy& kind) {
  std::set<AttachmentHash> all;
  each_head(state, kind, [&](const Head& head) {
    if (const std::optional<AttachmentHash> hash = named_by(head.value)) all.insert(*hash);
  });
  return all;
}

bool lost_attachments(const State& state, const KindPolicy& kind) {
  bool lost = false;
  each_head(state, kind, [&](const Head& head) { lost = lost || head.value.type() == ValueType::kErased; });
  return lost;
}

bool wrote_attachment(const State& state, const KindPolicy& kind, const AttachmentHash& hash, ReplicaId replica) {
  bool wrote = false;
  each_head(state, kind, [&](const Head& head) {
    wrote = wrote || (head.name.replica() == replica && named_by(head.value) == hash);
  });
  return wrote;
}

}  // namespace songsong
