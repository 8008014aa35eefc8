#include "server/retention.h"

#include "shared/replica/erasures.h"
#include "shared/replica/record_cache.h"

namespace songsong::server {
namespace {

constexpr Shard kShard = 0;

struct Consents {
  bool stands = false;
  bool withdrawn = false;
};

const std::int64_t* date_of(const Shown& consent, FieldNumber field) {
  const Value* const value = consent.find(field);
  return value != nullptr ? value->integer() : nullptr;
}

std::map<RecordId, Consents> consents_of(StoreReader& reader, const Policies& policies, std::int64_t day) {
  std::map<RecordId, Consents> all;
  const KindPolicy* const kind = policies.consent();
  each_live_record(reader, policies, kind, [&](const Shown& shown) {
    const policy::ConsentRule& rule = kind->consent();
    const Value* const whose = shown.find(rule.record());
    if (whose == nullptr || whose->reference() == nullptr) return;
    const std::int64_t* const withdrawn = date_of(shown, rule.withdrawn());
    const std::int64_t* const until = date_of(shown, rule.until());
    const bool taken_back = withdrawn != nullptr && *withdrawn <= day;
    Consents& consents = all[*whose->reference()];
    consents.stands = consents.stands || (!taken_back && (until == nullptr || *until >= day));
    consents.withdrawn = consents.withdrawn || taken_back;
  });
  return all;
}

}  // namespace

Outcome<std::map<RecordId, Due>> due_for_erasure(Host& host, std::int64_t day) {
  std::map<RecordId, Due> due;
  const Policies& policies = host.policies();
  const KindPolicy* const erasure = policies.erasure();
  if (erasure == nullptr || policies.consent() == nullptr) return due;
  const Outcome<Done> read = host.store().read(kShard, [&](StoreReader& reader) {
    RecordCache cache(policies, reader);
    Erasures erasures(policies, cache);
    for (const auto& [record, consents] : consents_of(reader, policies, day)) {
      if (consents.stands || erasures.is_named(record)) continue;
      const RecordId wanted[] = {record};
      cache.load(wanted);
      const RecordRow* const row = cache.stored(record);
      if (row == nullptr) continue;
      due[record] = Due{.reason = consents.withdrawn ? erasure->erasure().withdrawn() : erasure->erasure().ended(),
                        .unit = row->unit};
    }
  });
  if (!read) return read.fault();
  return due;
}

}  // namespace songsong::server
