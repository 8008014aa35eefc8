#include "shared/sync/people.h"

#include <algorithm>
#include <map>

#include "shared/sync/announcement.h"
#include "shared/sync/members.h"
#include "shared/sync/server_keys.h"
#include "shared/sync/user_accounts.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;

struct People {
  ServerIdentity server;
  std::vector<SigningSeed> former_keys;
  std::vector<PublicKey> forgotten_keys;
  std::string forgotten, announced;
  std::map<ReplicaId, Member> members;
  std::map<std::string, UserAccount> accounts;
};

Outcome<People> read_people(StoreReader& reader) {
  People people;
  const Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting));
  if (!server) return server.fault();
  people.server = *server;
  const Outcome<std::vector<SigningSeed>> former = read_former_keys(reader);
  if (!former) return former.fault();
  people.former_keys = *former;
  people.forgotten_keys = read_public_keys(reader, kForgottenKeysSetting);
  people.forgotten = reader.setting(kForgottenKeysSetting);
  people.announced = reader.setting(kAnnouncedSetting);
  Outcome<Done> read = each_member(reader, [&](Member member) { people.members[member.replica] = std::move(member); });
  if (read)
    read = each_user_account(reader, [&](UserAccount account) { people.accounts[account.name] = std::move(account); });
  if (!read) return read.fault();
  return people;
}

// Of one replica, what both stores know.
Member joined(const Member& present, const Member& restored) {
  Member member = present.grants_revision > restored.grants_revision ? present : restored;
  member.key = restored.key ? restored.key : present.key;
  member.enrolled_ms = std::max(present.enrolled_ms, restored.enrolled_ms);
  // Since the earlier of two moments, of those that there are.
  if (present.revoked_ms != 0 && restored.revoked_ms != 0) {
    member.revoked_ms = std::min(present.revoked_ms, restored.revoked_ms);
  } else {
    member.revoked_ms = std::max(present.revoked_ms, restored.revoked_ms);
  }
  const Member& later = present.contact_ms > restored.contact_ms ? present : restored;
  member.contact_ms = later.contact_ms;
  member.clock_ms = later.clock_ms;
  member.waiting = later.waiting;
  return member;
}

}  // namespace

Outcome<bool> take_over_people(Store& present, Store& restored) {
  Outcome<People> known = Fault{.code = "storage_damaged", .where = "store", .what = "Nothing was read."};
  const Outcome<Done> read = present.read(kShard, [&](StoreReader& reader) { known = read_people(reader); });
  if (!read || !known) return false;
  bool same_server = false;
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    const Outcome<People> before = read_people(reader);
    if (!before) return before.fault();
    StoreBatch batch;
    const bool rotated = std::find(known->former_keys.begin(), known->former_keys.end(), before->server.seed) !=
                         known->former_keys.end();
    const PublicKey key = KeyPair(before->server.seed).public_key();
    const bool forgotten =
        std::find(known->forgotten_keys.begin(), known->forgotten_keys.end(), key) != known->forgotten_keys.end();
    same_server = rotated || forgotten || before->server.seed == known->server.seed;
    if (!same_server) return batch;
    // The key that devices know by now, and what they were told.
    ServerIdentity server = before->server;
    server.seed = known->server.seed;
    batch.settings[kServerSetting] = encode_server(server);
    batch.settings[kFormerKeysSetting] = encode_former_keys(known->former_keys);
    batch.settings[kForgottenKeysSetting] = known->forgotten;
    batch.settings[kAnnouncedSetting] = known->announced;
    for (const auto& [replica, member] : known->members) {
      const auto found = before->members.find(replica);
      batch.settings[member_setting(replica)] =
          encode_member(found == before->members.end() ? member : joined(member, found->second));
    }
    for (const auto& [name, account] : known->accounts) {
      const auto found = before->accounts.find(name);
      if (found == before->accounts.end() || found->second.altered_ms < account.altered_ms)
        put_user_account(account, reader, batch);
    }
    return batch;
  };
  const Outcome<StoreSequence> written = restored.write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return same_server;
}

}  // namespace songsong
