#include "shared/sync/receipts.h"

#include <algorithm>

#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/sync/contact.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;

Fault differs(ReplicaId replica, const char* what) {
  return Fault{.code = "difference", .where = "receipt of replica " + std::to_string(replica), .what = what};
}

Outcome<Done> check(StoreReader& reader) {
  const OwnLines own = OwnLines::read(reader);
  const std::optional<Contact> contact = Contact::read(reader);
  for (const OwnLine& line : own.lines()) {
    if (!line.receipt) continue;
    const ReplicaId replica = line.identity.replica;
    std::vector<PublicKey> servers = former_servers(reader);
    if (contact) servers.push_back(contact->ticket.server);
    const bool signed_by_server = std::any_of(servers.begin(), servers.end(),
                                              [&](const PublicKey& server) { return verify(*line.receipt, server); });
    if (!signed_by_server) return differs(replica, "It does not bear the server's signature.");
    const Name held[] = {line.receipt->held};
    const std::optional<LogRow> entry = reader.changes(held).front();
    if (!entry) return differs(replica, "It is for a change that the log does not hold.");
    if (entry->hash != line.receipt->hash) return differs(replica, "Its chain hash is not the log's.");
  }
  return Done{};
}

}  // namespace

Outcome<Done> check_receipts(Store& store) {
  Outcome<Done> checked = Done{};
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
    try {
      checked = check(reader);
    } catch (const StorageDamage& damage) {
      checked = Fault{.code = "difference", .where = damage.fault.where, .what = damage.fault.what};
    }
  });
  if (!read) return read.fault();
  return checked;
}

}  // namespace songsong
