#include "client/workspace.h"

#include <filesystem>
#include <system_error>

#include "client/device.h"
#include "client/sealing.h"
#include "schemas/programme_primer.h"
#include "schemas/programme_table.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/sqlite_sealed.h"
#include "shared/sync/asking.h"
#include "shared/sync/contact.h"
#include "shared/sync/join.h"
#include "shared/system/entropy.h"

namespace songsong::client {
namespace {

namespace fs = std::filesystem;
constexpr Shard kShard = 0;

// On a disk without any room SQLite cannot make the index of its write-ahead log that several programs share. One that
// is alone needs none, so what was saved can be read all the same, and what is to be saved is refused when it is.
Outcome<std::unique_ptr<SqliteStore>> open_store(const std::string& path, const SqliteOptions& options = {}) {
  Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(path, options);
  if (store || store.fault().code != "storage_full") return store;
  SqliteOptions alone = options;
  alone.exclusive = true;
  Outcome<std::unique_ptr<SqliteStore>> opened = SqliteStore::open(path, alone);
  return opened ? std::move(opened) : std::move(store);
}

// A PIN without a store is no folder to be set up anew: what it sealed may be put back.
Fault nothing_there(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder + "/pin", error))
    return Fault{.code = "storage_damaged", .where = sealed_store(folder), .what = "The sealed store is gone."};
  return Fault{.code = "no_replica", .where = folder, .what = "This folder is not set up; it needs a ticket."};
}

Outcome<std::unique_ptr<SqliteStore>> open_sealed(const std::string& folder, const SealKey& key) {
  // SQLite takes an empty file for a new one.
  std::error_code error;
  if (fs::file_size(sealed_store(folder), error) < kStorePageBytes && !error)
    return Fault{.code = "storage_damaged", .where = sealed_store(folder), .what = "The sealed store is cut short."};
  SqliteOptions options;
  options.must_exist = true;
  options.sealed = std::make_shared<const SealedFiles>(key, draw_entropy);
  return open_store(sealed_store(folder), options);
}

Outcome<std::unique_ptr<SqliteStore>> open_bare(const std::string& folder) {
  SqliteOptions options;
  options.must_exist = true;
  return open_store(bare_store(folder), options);
}

// The server's table where it is newer than the one that this program was built with.
Outcome<Policies> policies_for(Store& store) {
  Outcome<Policies> own = Policies::parse(programme_policy_table());
  if (!own) return own;
  std::string handed_out;
  const Outcome<Done> read =
      store.read(kShard, [&](StoreReader& reader) { handed_out = reader.setting(kPolicyTableSetting); });
  if (!read) return read.fault();
  if (handed_out.empty()) return own;
  Outcome<Policies> newer = Policies::parse(handed_out);
  return newer && newer->revision() > own->revision() ? std::move(newer) : std::move(own);
}

}  // namespace

Fault pin_needed(const std::string& folder) {
  return Fault{.code = "pin_needed", .where = folder, .what = "This folder is locked; it opens with its PIN."};
}

Outcome<std::unique_ptr<Workspace>> Workspace::open(const std::string& folder, const std::optional<SealKey>& key) {
  const Outcome<StoreLies> lies = store_lies(folder);
  if (!lies) return lies.fault();
  if (*lies == StoreLies::kNowhere) return nothing_there(folder);
  if (*lies == StoreLies::kSealed && !key) return pin_needed(folder);
  const bool is_sealed = *lies == StoreLies::kSealed;
  Outcome<std::unique_ptr<SqliteStore>> store = is_sealed ? open_sealed(folder, *key) : open_bare(folder);
  if (!store && !is_sealed) {
    // Somebody may have sealed it just now, or broken that off: whoever looks under the lock knows.
    const Outcome<StoreLies> now = mended(folder);
    if (now && *now == StoreLies::kSealed) return open(folder, key);
    if (now) store = open_bare(folder);
  }
  if (!store) return store.fault();
  std::unique_ptr<Workspace> workspace(new Workspace());
  workspace->folder_ = folder;
  if (is_sealed) workspace->key_ = key;
  workspace->store_ = std::move(*store);
  Outcome<Policies> policies = policies_for(*workspace->store_);
  if (!policies) return policies.fault();
  workspace->policies_ = std::make_unique<Policies>(std::move(*policies));
  Outcome<std::unique_ptr<Replica>> replica =
      Replica::open(*workspace->store_, *workspace->policies_,
                    Environment{.clock = read_clock, .entropy = draw_entropy, .actor = {}});
  if (!replica) return replica.fault();
  workspace->replica_ = std::move(*replica);
  return workspace;
}

Outcome<Done> Workspace::set_up(const std::string& folder, const Ticket& ticket, bool same_server) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return Fault{.code = "storage_failed", .where = folder, .what = "The folder cannot be made: " + error.message()};
  // Nobody seals it meanwhile, and no bare store is made beside a sealed one.
  const Outcome<FolderSealing> sealing = FolderSealing::begin(folder);
  if (!sealing) return sealing.fault();
  const Outcome<StoreLies> lies = sealing->lies();
  if (!lies) return lies.fault();
  if (*lies == StoreLies::kSealed) return pin_needed(folder);
  if (*lies == StoreLies::kNowhere && fs::exists(folder + "/pin", error)) return nothing_there(folder);
  const Outcome<std::unique_ptr<SqliteStore>> store = SqliteStore::open(bare_store(folder));
  if (!store) return store.fault();
  const Outcome<Joined> joined = join(**store, ticket, draw_entropy, same_server);
  if (!joined) return joined.fault();
  return Done{};
}

Outcome<Done> Workspace::take_ticket(const Ticket& ticket, bool same_server) {
  const Outcome<Joined> joined = join(*store_, ticket, draw_entropy, same_server);
  if (!joined) return joined.fault();
  return Done{};
}

const Primer& Workspace::primer() {
  if (!primer_) primer_ = Primer::parse(programme_primer_bytes()).value();
  return *primer_;
}

Outcome<std::vector<ReplicaId>> Workspace::own_replicas() {
  std::vector<ReplicaId> all;
  const Outcome<Done> done = read([&](StoreReader& reader) {
    const OwnLines own = OwnLines::read(reader);
    const ReplicaId present = own.present().identity.replica;
    all.push_back(present);
    for (const OwnLine& line : own.lines()) {
      if (line.identity.replica != present) all.push_back(line.identity.replica);
    }
  });
  if (!done) return done.fault();
  return all;
}

Outcome<std::string> Workspace::authorization(const std::string& target, ReplicaId replica) {
  std::string proof;
  Outcome<Done> looked = Done{};
  const Outcome<Done> done = read([&](StoreReader& reader) {
    const std::optional<Contact> contact = Contact::read(reader);
    if (!contact || reader.setting(kEnrolledSetting).empty()) return;
    const OwnLines own = OwnLines::read(reader);
    const OwnLine* const line = replica != 0 ? own.find(replica) : &own.present();
    if (line == nullptr) return;
    const Outcome<ChannelKey> key = agree(KeyPair(line->identity.seed), contact->ticket.server);
    if (key) {
      proof = songsong::authorization(line->identity.replica, *key, target);
    } else {
      looked = key.fault();
    }
  });
  if (!done) return done.fault();
  if (!looked) return looked.fault();
  return proof;
}

Outcome<ServerAddress> Workspace::server() {
  ServerAddress server;
  Outcome<Done> looked = Done{};
  const Outcome<Done> read = store_->read(kShard, [&](StoreReader& reader) {
    try {
      if (const std::optional<Contact> contact = Contact::read(reader))
        server = ServerAddress{.url = contact->ticket.url, .authority = contact->ticket.authority};
    } catch (const StorageDamage& damage) {
      looked = damage.fault;
    }
  });
  if (!read) return read.fault();
  if (!looked) return looked.fault();
  if (server.url.empty()) return Fault{.code = "no_server", .where = folder_, .what = "There is no server yet."};
  return server;
}

}  // namespace songsong::client
