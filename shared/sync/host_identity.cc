// Who a server is: made once, begun anew after a restore, given another key, or put in the place of one that is lost.
#include <algorithm>

#include "shared/replica/settings.h"
#include "shared/sync/announcement.h"
#include "shared/sync/host.h"
#include "shared/sync/members.h"
#include "shared/sync/registry.h"
#include "shared/sync/server_keys.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;

Outcome<Done> commit(Store& store, const Store::Writing& writing) {
  const Outcome<StoreSequence> written = store.write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

}  // namespace

Outcome<Done> Host::create(Store& store, const HostDoors& doors) {
  return commit(store, [&](StoreReader& reader) -> Outcome<StoreBatch> {
    if (!reader.setting(kServerSetting).empty() || !reader.setting(kIdentitySetting).empty())
      return Fault{.code = "server_exists", .where = "store", .what = "The store belongs to somebody already."};
    ServerIdentity server;
    doors.entropy(server.seed.fill());
    return start_epoch(reader, doors, server, 0);
  });
}

Outcome<Done> Host::rotate_key(Store& store, const HostDoors& doors, bool keeps_former) {
  return commit(store, [&](StoreReader& reader) -> Outcome<StoreBatch> {
    Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting));
    if (!server) return Fault{.code = "no_server", .where = "store", .what = "The store is no server's."};
    Outcome<std::vector<SigningSeed>> former = read_former_keys(reader);
    if (!former) return former.fault();
    former->insert(former->begin(), server->seed);
    if (former->size() > kMostFormerKeys && keeps_former)
      return Fault{
          .code = "too_many_keys", .where = "server", .what = "So many former keys are kept already; forget them."};
    std::string forgotten = reader.setting(kForgottenKeysSetting);
    if (!keeps_former) {
      for (const SigningSeed& seed : *former) forgotten += std::string(KeyPair(seed).public_key().view());
      former->clear();
    }
    doors.entropy(server->seed.fill());
    Outcome<StoreBatch> batch = take_range(reader, doors, *server);
    if (!batch) return batch;
    batch->settings[kFormerKeysSetting] = encode_former_keys(*former);
    batch->settings[kForgottenKeysSetting] = forgotten;
    Announcement announced = decode_announcement(reader.setting(kAnnouncedSetting));
    announced.revision = next_revision(announced, doors.now_ms());
    batch->settings[kAnnouncedSetting] = encode(announced);
    return batch;
  });
}

Outcome<Done> Host::stand_in_for(Store& store, const HostDoors& doors, const PublicKey& lost) {
  return commit(store, [&](StoreReader& reader) -> Outcome<StoreBatch> {
    const Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting));
    if (!server) return Fault{.code = "no_server", .where = "store", .what = "The store is no server's."};
    const std::vector<PublicKey> known = read_public_keys(reader, kLostServersSetting);
    if (std::find(known.begin(), known.end(), lost) != known.end()) return StoreBatch{};
    if (known.size() == kMostLostServers)
      return Fault{.code = "too_many_servers", .where = "server", .what = "It stands in for so many already."};
    // Later than that of the lost one, which began before: to its devices it is a server that lost everything.
    Outcome<StoreBatch> begun = start_epoch(reader, doors, *server, 0);
    if (!begun) return begun;
    StoreBatch batch = std::move(*begun);
    batch.settings[kLostServersSetting] = reader.setting(kLostServersSetting) + std::string(lost.view());
    return batch;
  });
}

Outcome<Done> Host::begin_epoch(Store& store, const HostDoors& doors, std::uint64_t at_least) {
  return commit(store, [&](StoreReader& reader) -> Outcome<StoreBatch> {
    const Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting));
    if (!server) return Fault{.code = "no_server", .where = "store", .what = "The store is no server's."};
    return start_epoch(reader, doors, *server, at_least);
  });
}

}  // namespace songsong
