#include "shared/core/case.h"

#include <algorithm>

#include "shared/core/byte_reader.h"
#include "shared/core/crypto.h"
#include "shared/core/match.h"

namespace songsong {
namespace {

std::string unit_of_least(const std::vector<RecordId>& ids, const Records& records) {
  for (const RecordId id : ids) {
    const Shown* const record = records.find(id);
    if (record != nullptr) return records.unit_of(*record);
  }
  return {};
}

std::string text_of(const Shown& record, FieldNumber field) {
  const Value* const value = record.find(field);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}

bool parent_was_cut(const Shown& record, const UnitTree& tree) {
  if (record.kind == nullptr || !record.kind->has_unit_tree()) return false;
  return std::any_of(tree.cut().begin(), tree.cut().end(),
                     [&](const std::string& code) { return tree.find(code)->record == record.id(); });
}

std::string hex(std::uint64_t number) {
  std::string digits(16, '0');
  for (std::size_t i = digits.size(); i-- > 0; number >>= 4) digits[i] = "0123456789abcdef"[number & 15];
  return digits;
}

}  // namespace

const char* to_text(CaseClass each) {
  switch (each) {
    case CaseClass::kConflict:
      return "conflict";
    case CaseClass::kClaim:
      return "claim";
    case CaseClass::kDuplicate:
      return "duplicate";
    case CaseClass::kQuarantine:
      return "quarantine";
    case CaseClass::kMissingProof:
      return "missing_proof";
  }
  return "unknown";
}

std::string conflict_case_id(RecordId record) { return "conflict." + to_text(record); }
std::string missing_proof_case_id(RecordId record) { return "missing_proof." + to_text(record); }
std::string quarantine_case_id(RecordId quarantine) { return "quarantine." + to_text(quarantine); }

std::string duplicate_case_id(RecordId one, RecordId other) {
  return "duplicate." + to_text(std::min(one, other)) + "-" + to_text(std::max(one, other));
}

std::string claim_case_id(std::uint32_t number, const std::string& key) {
  ByteWriter writer;
  writer.varint(number);
  writer.bytes(key);
  return "claim." + std::to_string(number) + "." + hex(short_digest(writer.out()));
}

std::optional<Case> conflict_case(const Shown& record, const Records& records, const UnitTree& tree) {
  if (!record.live) return std::nullopt;
  std::vector<FieldNumber> fields;
  for (const ShownConflict& conflict : record.conflicts) {
    if (conflict.raises_case) fields.push_back(conflict.field);
  }
  const char* reason = !fields.empty() && fields.front() == kRemovedField ? "edited_after_removal" : "different_values";
  if (parent_was_cut(record, tree)) {
    if (fields.empty()) reason = "unit_circle";
    fields.push_back(record.kind->unit_tree().parent());
    std::sort(fields.begin(), fields.end());
    fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  }
  if (fields.empty()) return std::nullopt;
  return Case{.id = conflict_case_id(record.id()),
              .of = CaseClass::kConflict,
              .unit = records.unit_of(record),
              .records = {record.id()},
              .fields = std::move(fields),
              .reason = reason};
}

std::optional<Case> missing_proof_case(const Shown& record, const Records& records) {
  if (!record.live || record.kind == nullptr) return std::nullopt;
  std::vector<FieldNumber> fields;
  for (const policy::ProofRule& rule : record.kind->proof()) {
    if (!records.holds(record, rule.when())) continue;
    if (records.has_live_referrer(record.id(), rule.evidence().kind(), rule.evidence().field())) continue;
    fields.push_back(rule.when().field());
  }
  if (fields.empty()) return std::nullopt;
  return Case{.id = missing_proof_case_id(record.id()),
              .of = CaseClass::kMissingProof,
              .unit = records.unit_of(record),
              .records = {record.id()},
              .fields = std::move(fields),
              .reason = "missing_evidence"};
}

std::optional<Case> claim_case(std::uint32_t number, const std::string& key, const std::vector<RecordId>& claimants,
                               const Records& records) {
  if (claimants.size() < 2) return std::nullopt;
  Case raised{.id = claim_case_id(number, key),
              .of = CaseClass::kClaim,
              .unit = unit_of_least(claimants, records),
              .records = claimants,
              .fields = {},
              .reason = "claimed_twice"};
  const Shown* const least = records.find(claimants.front());
  if (least == nullptr || least->kind == nullptr) return raised;
  for (const policy::ClaimRule& rule : least->kind->claim()) {
    if (rule.number() == number) raised.fields.push_back(rule.field());
  }
  return raised;
}

std::optional<Case> duplicate_case(RecordId one, RecordId other, bool share_a_key, const DecisionsOf& decisions,
                                   const Records& records) {
  const Shown* const first = records.find(one);
  const Shown* const second = records.find(other);
  if (first == nullptr || second == nullptr || !first->live || !second->live) return std::nullopt;
  const std::vector<RecordId> first_class = class_of(one, decisions);
  const bool together = std::binary_search(first_class.begin(), first_class.end(), other);
  const std::pair<RecordId, RecordId> pair(std::min(one, other), std::max(one, other));
  const char* reason = nullptr;
  if (together) {
    const auto disputed = contradictions(first_class, decisions);
    if (std::find(disputed.begin(), disputed.end(), pair) != disputed.end()) reason = "decisions_disagree";
  } else if (share_a_key && !told_apart(first_class, class_of(other, decisions), decisions)) {
    reason = "likely_duplicate";
  }
  if (reason == nullptr) return std::nullopt;
  std::vector<RecordId> ids{pair.first, pair.second};
  std::string unit = unit_of_least(ids, records);
  return Case{.id = duplicate_case_id(one, other),
              .of = CaseClass::kDuplicate,
              .unit = std::move(unit),
              .records = std::move(ids),
              .fields = {},
              .reason = reason};
}

std::optional<Case> quarantine_case(const Shown& record, const Records& records) {
  if (!record.live || record.kind == nullptr || !record.kind->has_quarantine()) return std::nullopt;
  const policy::QuarantineRule& rule = record.kind->quarantine();
  const Value* const decision = record.find(rule.decision());
  const std::int64_t* const decided = decision != nullptr ? decision->integer() : nullptr;
  if (decided != nullptr && (*decided == rule.released() || *decided == rule.refused())) return std::nullopt;
  const Value* const about = record.find(rule.record());
  std::vector<RecordId> ids{about != nullptr && about->reference() != nullptr ? *about->reference() : record.id()};
  return Case{.id = quarantine_case_id(record.id()),
              .of = CaseClass::kQuarantine,
              .unit = records.unit_of(record),
              .records = std::move(ids),
              .fields = {},
              .reason = text_of(record, rule.reason())};
}

}  // namespace songsong
