// Registry: whom a server knows, and the replica ids that it mints: tickets, members, and a new epoch's range of ids.
// A piece of Host, which owns what it borrows.
//
// Threads: any number may call at once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "shared/replica/books.h"
#include "shared/sync/host.h"

namespace songsong {

std::uint32_t draw_number(const HostDoors& doors);

// `server` with a new range of replica ids: the first is its own, the next are its replicas'. Fault "replicas_used_up".
Outcome<StoreBatch> take_range(StoreReader& reader, const HostDoors& doors, ServerIdentity server);
// `server` in a new epoch, greater than `at_least` and than its own, with a new range of replica ids: the first is the
// server's own, the next are its replicas'. Fault "replicas_used_up".
Outcome<StoreBatch> start_epoch(StoreReader& reader, const HostDoors& doors, ServerIdentity server,
                                std::uint64_t at_least);

class Registry {
 public:
  Registry(Store& store, const HostDoors& doors, UnitTreeCache& trees, const KeyPair& keys, ReplicaId self)
      : store_(store), doors_(doors), trees_(trees), keys_(keys), self_(self) {}

  // As in Host.
  Outcome<Ticket> issue_ticket(const std::vector<std::string>& units, schema::Role role, const std::string& url,
                               std::int64_t valid_ms) const;
  Outcome<Ticket> issue_ticket_for(const std::string& account, const std::string& url, std::int64_t valid_ms) const;
  Outcome<Done> revoke(ReplicaId replica) const;
  Outcome<Ticket> replace(ReplicaId replica, const std::string& url, std::int64_t valid_ms) const;
  Outcome<Done> appoint(ReplicaId replica, const Grants& grants, bool besides) const;
  Outcome<std::vector<Member>> members() const;

 private:
  // A ticket for the member that `holder` makes, which has no replica id yet; what else it puts into the batch is
  // written with it. Fault "nothing_granted" where the member has no grant.
  using Holder = std::function<Outcome<Member>(StoreReader& reader, StoreBatch& batch)>;
  Outcome<Ticket> issue(const Holder& holder, const std::string& url, std::int64_t valid_ms) const;
  Outcome<Member> known(ReplicaId replica, StoreReader& reader) const;
  // Commits what `alter` makes of the member. Fault "unknown_replica".
  Outcome<Done> alter(ReplicaId replica,
                      const std::function<Outcome<Done>(StoreReader& reader, Member& member)>& alter) const;

  Store& store_;
  const HostDoors& doors_;
  UnitTreeCache& trees_;
  const KeyPair& keys_;
  const ReplicaId self_;
};

}  // namespace songsong
