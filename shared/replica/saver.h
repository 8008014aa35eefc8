// Saver: makes changes of what a person filled in: composes, names, stamps, chains and admits them. Lives inside one
// Store::write call and belongs to its thread.
#pragma once

#include <optional>
#include <vector>

#include "shared/core/signature.h"
#include "shared/replica/admission.h"
#include "shared/replica/keyring.h"
#include "shared/replica/replica.h"

namespace songsong {

struct SaverContext {
  const Policies& policies;
  const Validator& validator;
  const Identity& identity;
  const Environment& environment;
  Tag tag;
};

class Saver {
 public:
  // Throws StorageDamage.
  Saver(const SaverContext& context, Admission& admission, StoreReader& reader);

  // The record that the act opened or changed.
  Outcome<RecordId> save(const Act& act);
  // A change that was set aside, admitted anew under this replica's name: its fields, times, actor and what its author
  // had seen, with its name as `origin`.
  Outcome<RecordId> release(Change set_aside);
  std::int64_t now_ms() const { return now_.captured_ms; }
  Name tip() const { return tip_.name; }

 private:
  Outcome<Change> change_of(const Act& act, Name name);
  Outcome<Done> check_references(const KindPolicy& kind, const Change& change, bool lets_go);
  VersionVector saw(const VersionVector& applied);
  Outcome<Done> seal(Change change);
  void draw_key(const BlockName& block, const Change& change);

  const SaverContext& context_;
  Admission& admission_;
  CapturedTime now_;
  TipRow tip_;  // no name before the first change
};

}  // namespace songsong
