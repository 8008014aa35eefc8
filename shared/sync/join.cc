#include "shared/sync/join.h"

#include <algorithm>

#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/settings.h"
#include "shared/sync/contact.h"
#include "shared/sync/lines.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;

StoreBatch identity_batch(const Ticket& ticket, const std::function<void(std::span<std::uint8_t>)>& entropy) {
  Identity identity{
      .replica = ticket.replica, .seed = {}, .grants = granted(ticket.role, ticket.units), .grants_told = {}};
  entropy(identity.seed.fill());
  StoreBatch batch;
  batch.settings[kIdentitySetting] = encode_identity(identity);
  batch.settings[kTicketSetting] = encode(ticket);
  batch.settings[kEnrolledSetting] = "";
  batch.settings[kOwnTipSetting] = "";
  // What the server announced until now the ticket says; or the server says it again.
  batch.settings[kTicketRevisionSetting] = "";
  batch.settings[kTicketWantedSetting] = "";
  return batch;
}

// By its key, or by one that it had before.
bool is_same_server(const Contact& contact, const Ticket& ticket, StoreReader& reader) {
  const std::vector<PublicKey> former = former_servers(reader);
  return contact.ticket.server == ticket.server ||
         std::find(former.begin(), former.end(), ticket.server) != former.end();
}

}  // namespace

Outcome<Joined> join(Store& store, const Ticket& ticket, const std::function<void(std::span<std::uint8_t>)>& entropy,
                     bool same_server) {
  Joined joined = Joined::kNew;
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    joined = Joined::kNew;
    if (reader.setting(kIdentitySetting).empty()) {
      if (!reader.setting("server").empty())
        return Fault{.code = "server_exists", .where = "store", .what = "The folder is a server's."};
      return identity_batch(ticket, entropy);
    }
    try {
      const OwnLines own = OwnLines::read(reader);
      const std::optional<Contact> contact = Contact::read(reader);
      if (contact && !same_server && !is_same_server(*contact, ticket, reader)) {
        return Fault{.code = "ticket_other_server",
                     .where = "ticket",
                     .what = "The store belongs to another server's replica; use another folder for this ticket."};
      }
      if (own.find(ticket.replica) != nullptr) {
        joined = Joined::kAlready;
        return StoreBatch{};
      }
      joined = Joined::kRenewed;
      StoreBatch batch = identity_batch(ticket, entropy);
      const OwnLine& before = own.present();
      std::set<ReplicaId> known = decode_replicas(reader.setting(kLinesKnownSetting));
      known.insert(before.identity.replica);
      batch.settings[kLinesKnownSetting] = encode_replicas(known);
      batch.settings[former_setting(before.identity.replica)] = encode_former(before.identity, before.tip);
      // The cursor is of a scope that was heard. What was saved as a replica that never heard may stand in none that is
      // known: which of it lives elsewhere is asked as after a restore.
      if (before.tip.valid()) batch.settings[kAfterRestoreSetting] = to_setting(AfterRestore::kHearing);
      // Its enrolment may be outstanding: the ticket goes along.
      if (contact) batch.settings[former_ticket_setting(before.identity.replica)] = encode(contact->ticket);
      if (contact && contact->ticket.server != ticket.server)
        batch.settings[kFormerServersSetting] = with_former_server(reader, contact->ticket.server);
      return batch;
    } catch (const StorageDamage& damage) {
      return damage.fault;
    }
  };
  const Outcome<StoreSequence> written = store.write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return joined;
}

std::string former_ticket_setting(ReplicaId replica) { return "ticket." + std::to_string(replica); }

}  // namespace songsong
