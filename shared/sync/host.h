// Host: a server's side of everything, over one store: who it is, whom it knows, and the responder of the conversation.
// It neither listens nor sends, and reads clock and chance through doors; server/ carries bytes to it, tests and the
// simulation do so by hand.
//
// Threads: any number may call at once; each call reads one snapshot, and writes through `commit`, which may join the
// writings of several callers in one transaction (group commit). Borrows the store and the policies.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/change_codec.h"
#include "shared/core/policy.h"
#include "shared/replica/audit.h"
#include "shared/replica/erasure_acts.h"
#include "shared/replica/replica.h"
#include "shared/replica/store.h"
#include "shared/sync/ticket.h"

namespace songsong {

class UserAccounts;  // user_accounts.h

// Who a server is, in this life of its store.
struct ServerIdentity {
  SigningSeed seed;         // of the Ed25519 key of receipts and tickets
  ReplicaId replica = 0;    // as which it writes itself: units, quarantines
  std::uint64_t epoch = 0;  // in seconds since 1970, or one more than the one before: it grows with every restore
  ReplicaId next = 0;       // the replica id that is minted next
  ReplicaId last = 0;       // of the range that this epoch mints from
};

// Of one member, those that ended among them.
inline constexpr std::size_t kMostHeldGrants = 4096;

struct HeldGrant {
  Grant grant;
  std::int64_t until_ms = 0;  // when it ended, by the server's clock; 0: it goes on

  bool operator==(const HeldGrant&) const = default;
};

// A replica as the server knows it.
struct Member {
  ReplicaId replica = 0;
  std::string account;                // whose device it is; empty: nobody's in particular
  std::optional<PublicKey> key;       // none before it has enrolled
  std::vector<HeldGrant> grants;      // those that ended among them; rights are judged as of capture
  std::uint32_t grants_revision = 0;  // grows when they are altered after the ticket
  std::int64_t enrolled_ms = 0;
  std::int64_t revoked_ms = 0;  // 0: it is not
  std::int64_t contact_ms = 0;  // the last one, to the minute
  std::int64_t clock_ms = 0;    // its wall clock less the server's at that contact
  std::uint32_t waiting = 0;    // changes that it had saved and not sent then
};

// Those that go on.
Grants present_grants(const Member& member);
// As they are given.
std::vector<HeldGrant> held_of(const Grants& grants);

struct HostDoors {
  std::function<std::int64_t()> now_ms;  // wall clock, UTC
  std::function<void(std::span<std::uint8_t>)> entropy;
  // Durable when it returns.
  std::function<Outcome<StoreSequence>(const Store::Writing&)> commit;
  // The authority that stands on a ticket for this address, as it is when the ticket is issued; empty: none ever does.
  // A fault says why the address is none of this server.
  std::function<Outcome<std::optional<Fingerprint>>(const std::string& url)> authority = {};
};

// What a conversation did, for metrics; no personal data.
struct Served {
  std::string refusal;    // the code; empty when there was none
  ReplicaId replica = 0;  // who asked, as far as it is known
  std::uint64_t applied = 0;
  std::uint64_t known = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t states = 0;
  bool by_auditor = false;          // whose every look at personal data is noted
  std::string account;              // whose device it is, of an auditor
  std::vector<RecordId> looked_at;  // by an auditor: records that were told, which may hold somebody's data
  RecordId history;                 // the record whose log was told, if one was
};

struct Answered {
  std::string frame;
  int status = 200;  // of HTTP; what is not 200 was refused without being answerable in confidence
  Served served;
};

class Host {
 public:
  // Makes a new store a server's. Faults "server_exists", those of the store.
  static Outcome<Done> create(Store& store, const HostDoors& doors);
  // Fault "no_server" when the store is none's. `primer` may be null.
  static Outcome<std::unique_ptr<Host>> open(Store& store, const Policies& policies, HostDoors doors,
                                             const Primer* primer);
  // Another key from now on, and another replica id for what the server writes itself. With the former ones kept,
  // devices that know them are heard and are told (announcement.h); else each needs a new ticket, as when somebody else
  // may have the former key, who could ask in the name of any device. Whoever has the store open goes on with the
  // former key: none should.
  static Outcome<Done> rotate_key(Store& store, const HostDoors& doors, bool keeps_former);
  // In the place of a server that is lost with all its backups: who holds a ticket of that one enrols with it, and
  // sends anew all that it ever saved. Fault "too_many_servers".
  static Outcome<Done> stand_in_for(Store& store, const HostDoors& doors, const PublicKey& lost);
  // After a restore: a new epoch, greater than `at_least` and than the store's own, a new replica id and range of ids.
  static Outcome<Done> begin_epoch(Store& store, const HostDoors& doors, std::uint64_t at_least);

  ~Host();

  // `bytes` is a request's frame; never fails, but answers with a refusal.
  Answered answer(std::string_view bytes);
  // The same for a bundle from a file (bundle_file.h); `frame` is the receipt file's bytes. Status 400 and refusal
  // "not_a_bundle" for another file; else that of the first request in it that was refused.
  Answered answer_file(std::string_view bytes);

  // Writes as the server itself, in the role of an administrator; several acts stand or fall together.
  Outcome<std::vector<RecordId>> save(std::span<const Act> acts);

  // The personal values of the records go, with those of all that decisions say are the same people; the reasons are
  // values of the erasure kind's field. The records that were named, none where all were before. Fault
  // "unknown_record".
  Outcome<std::vector<RecordId>> erase(const std::map<RecordId, std::int64_t>& reasons);
  // Those that this store knows no erasure of are erased, whether they are here yet or not; where the erasure was taken
  // back, that is done after it. How many there were.
  Outcome<std::size_t> erase_again(const std::map<RecordId, ErasureNote>& listed);
  // Of this store, those that were taken back among them.
  Outcome<std::map<RecordId, ErasureNote>> erasures();
  static Outcome<std::map<RecordId, ErasureNote>> erasures_in(Store& store);

  // Faults "unknown_unit", "replicas_used_up".
  Outcome<Ticket> issue_ticket(const std::vector<std::string>& units, schema::Role role, const std::string& url,
                               std::int64_t valid_ms);
  // For a device of the account, which has the account's rights from then on. Faults "unknown_account",
  // "account_closed", "replicas_used_up".
  Outcome<Ticket> issue_ticket_for(const std::string& account, const std::string& url, std::int64_t valid_ms);
  // Fault "unknown_replica" when no ticket was ever issued for it.
  Outcome<Done> revoke(ReplicaId replica);
  // Of a device that is lost or broken: it is revoked, and the ticket is for another with the same rights, or of the
  // same account. What the old one still sends, if it is found, is judged by what it might do until now. Faults
  // "unknown_replica", "nothing_granted", "account_closed", "replicas_used_up".
  Outcome<Ticket> replace(ReplicaId replica, const std::string& url, std::int64_t valid_ms);
  // From now on the replica has these grants instead of those that it had, or besides them; it hears so the next time.
  // What was saved before now, by its clock as corrected, is judged by what it had as well; what it saves later where
  // it has no grant any more waits for a reviewer. Faults "unknown_replica", "replica_revoked", "unknown_unit",
  // "too_many_grants"; "device_of_account" of one that has the rights of an account.
  Outcome<Done> appoint(ReplicaId replica, const Grants& grants, bool besides);
  // Devices are told that they reach the server at this address from now on, each when it next comes.
  Outcome<Done> announce_address(const std::string& url);
  Outcome<std::vector<Member>> members();  // ascending
  const UserAccounts& user_accounts() const;
  // The replica that asks, by its header (asking.h); nothing of one that is none, is revoked, or did not say this.
  Outcome<std::optional<Member>> member_asking(std::string_view authorization, std::string_view target);

  Outcome<AuditSummary> verify();

  PublicKey public_key() const;
  std::uint64_t epoch() const;
  const Policies& policies() const;
  Store& store();
  UnitTreeCache& unit_trees();

 private:
  class Office;
  explicit Host(std::unique_ptr<Office> office);

  std::unique_ptr<Office> office_;
};

}  // namespace songsong
