#include "shared/sync/host.h"

#include <algorithm>

#include "shared/replica/erasure_acts.h"
#include "shared/replica/record_cache.h"
#include "shared/replica/recounting.h"
#include "shared/replica/settings.h"
#include "shared/sync/announcement.h"
#include "shared/sync/asking.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/members.h"
#include "shared/sync/registry.h"
#include "shared/sync/responder.h"
#include "shared/sync/user_accounts.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
constexpr std::size_t kMostErasedAtOnce = 500;

Fault fault(const char* code, std::string where, const char* what) {
  return Fault{.code = code, .where = std::move(where), .what = what};
}

}  // namespace

class Host::Office {
 public:
  Office(Store& store, const Policies& policies, HostDoors doors, const Primer* primer, ServerIdentity server,
         const std::vector<SigningSeed>& former_keys, std::vector<PublicKey> lost_servers)
      : store_(store),
        policies_(policies),
        dependencies_(policies),
        validator_(policies),
        doors_(std::move(doors)),
        server_(std::move(server)),
        keys_(server_.seed, former_keys, std::move(lost_servers)),
        self_{.replica = server_.replica,
              .seed = server_.seed,
              .grants = granted(schema::ADMINISTRATOR, {}),
              .grants_told = {}},
        environment_{
            .clock = [this] { return ClockReading{.wall_ms = doors_.now_ms(), .monotonic_ms = 0, .boot_session = 0}; },
            .entropy = doors_.entropy,
            .actor = {}},
        tag_(draw_number(doors_) & kMaxTag),
        context_{.store = store_,
                 .policies = policies_,
                 .doors = doors_,
                 .primer = primer,
                 .server = server_,
                 .keys = keys_,
                 .receiving = receiving(),
                 .trees = trees_},
        registry_(store, doors_, trees_, keys_.present(), server_.replica),
        user_accounts_(store, doors_, trees_) {}

  BooksContext books() { return BooksContext{.policies = policies_, .dependencies = dependencies_, .trees = trees_}; }
  ReceivingContext receiving() {
    return ReceivingContext{
        .books = books(), .validator = validator_, .self = self_, .environment = environment_, .tag = tag_};
  }

  Outcome<std::vector<RecordId>> save(std::span<const Act> acts) {
    std::vector<RecordId> ids;
    const Outcome<StoreSequence> written = doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
      ids.clear();
      try {
        Admission admission(books(), Authority::kHoldsAllLogs, reader);
        const SaverContext context{.policies = policies_,
                                   .validator = validator_,
                                   .identity = self_,
                                   .environment = environment_,
                                   .tag = tag_};
        Saver saver(context, admission, reader);
        for (const Act& act : acts) {
          const Outcome<RecordId> saved = saver.save(act);
          if (!saved) return saved.fault();
          ids.push_back(*saved);
        }
        StoreBatch batch = admission.settle(doors_.now_ms());
        batch.settings[kOwnTipSetting] = to_text(saver.tip());
        return batch;
      } catch (const StorageDamage& damage) {
        return damage.fault;
      }
    });
    if (!written) return written.fault();
    return ids;
  }

  // Acts that need not stand or fall together.
  Outcome<std::vector<RecordId>> save_in_parts(std::span<const Act> acts) {
    std::vector<RecordId> ids;
    for (std::size_t at = 0; at < acts.size(); at += kMostErasedAtOnce) {
      const Outcome<std::vector<RecordId>> saved =
          save(acts.subspan(at, std::min(kMostErasedAtOnce, acts.size() - at)));
      if (!saved) return saved.fault();
      ids.insert(ids.end(), saved->begin(), saved->end());
    }
    return ids;
  }

  Outcome<AuditSummary> verify() {
    const ReplicaKeys keys = [](StoreReader& reader, ReplicaId replica) -> std::optional<PublicKey> {
      const Outcome<Member> member = decode_member(reader.setting(member_setting(replica)));
      return member ? member->key : std::nullopt;
    };
    return audit(store_, kShard, policies_, Authority::kHoldsAllLogs, keys);
  }

  Answered answer(std::string_view bytes) { return Responder(context_).answer(bytes, wire::kMaxRequestBytes); }

  Answered answer_file(std::string_view bytes) {
    Answered all;
    const Outcome<std::vector<std::string>> frames = unpack_bundle(bytes);
    if (!frames) {
      all.status = 400;
      all.served.refusal = frames.fault().code;
      return all;
    }
    std::vector<CarriedAnswer> answers;
    for (const std::string& frame : *frames) {
      Answered one = answer(frame);
      if (all.status == 200) all.status = one.status;
      if (all.served.refusal.empty()) all.served.refusal = one.served.refusal;
      all.served.applied += one.served.applied;
      all.served.known += one.served.known;
      all.served.quarantined += one.served.quarantined;
      answers.push_back(CarriedAnswer{.question = tag_of_frame(frame), .frame = std::move(one.frame)});
    }
    all.frame = pack_receipts(answers);
    return all;
  }

  Store& store_;
  const Policies& policies_;
  Dependencies dependencies_;
  Validator validator_;
  UnitTreeCache trees_;
  HostDoors doors_;
  const ServerIdentity server_;
  const ServerKeys keys_;
  const Identity self_;
  const Environment environment_;
  const Tag tag_;
  const ResponderContext context_;
  const Registry registry_;
  const UserAccounts user_accounts_;
};

Outcome<Done> Host::announce_address(const std::string& url) {
  const Outcome<StoreSequence> written = office_->doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
    Announcement announced = decode_announcement(reader.setting(kAnnouncedSetting));
    announced.revision = next_revision(announced, office_->doors_.now_ms());
    announced.url = url;
    StoreBatch batch;
    batch.settings[kAnnouncedSetting] = encode(announced);
    return batch;
  });
  if (!written) return written.fault();
  return Done{};
}

Outcome<std::unique_ptr<Host>> Host::open(Store& store, const Policies& policies, HostDoors doors,
                                          const Primer* primer) {
  std::string stored;
  Outcome<std::vector<SigningSeed>> former = std::vector<SigningSeed>();
  std::vector<PublicKey> lost;
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
    stored = reader.setting(kServerSetting);
    former = read_former_keys(reader);
    lost = read_public_keys(reader, kLostServersSetting);
  });
  if (!read) return read.fault();
  if (stored.empty()) return fault("no_server", "store", "The store is no server's; make one with init.");
  Outcome<ServerIdentity> server = decode_server(stored);
  if (!server) return server.fault();
  if (!former) return former.fault();
  auto office =
      std::make_unique<Office>(store, policies, std::move(doors), primer, std::move(*server), *former, std::move(lost));
  const Outcome<Done> counted = recount_if_due(store, kShard, office->books(), office->doors_.now_ms());
  if (!counted) return counted.fault();
  return std::unique_ptr<Host>(new Host(std::move(office)));
}

Host::Host(std::unique_ptr<Office> office) : office_(std::move(office)) {}
Host::~Host() = default;

Answered Host::answer(std::string_view bytes) { return office_->answer(bytes); }
Answered Host::answer_file(std::string_view bytes) { return office_->answer_file(bytes); }
Outcome<std::vector<RecordId>> Host::save(std::span<const Act> acts) { return office_->save(acts); }

Outcome<std::vector<RecordId>> Host::erase(const std::map<RecordId, std::int64_t>& reasons) {
  std::vector<Act> acts;
  Outcome<Done> looked = Done{};
  const Outcome<Done> read = store().read(kShard, [&](StoreReader& reader) {
    for (const auto& [record, reason] : reasons) {
      Outcome<std::vector<Act>> more = erasure_acts(reader, policies(), record, reason);
      if (!more) {
        looked = more.fault();
        return;
      }
      acts.insert(acts.end(), more->begin(), more->end());
    }
  });
  if (!read) return read.fault();
  if (!looked) return looked.fault();
  std::vector<RecordId> named;
  for (const Act& act : acts) named.push_back(*act.inputs.front().value.reference());
  const Outcome<std::vector<RecordId>> saved = office_->save_in_parts(acts);
  if (!saved) return saved.fault();
  return named;
}

Outcome<std::size_t> Host::erase_again(const std::map<RecordId, ErasureNote>& listed) {
  const Outcome<std::map<RecordId, ErasureNote>> known = erasures();
  if (!known) return known.fault();
  std::vector<Act> acts;
  std::vector<bool> taken_back;
  for (const auto& [record, note] : listed) {
    if (known->contains(record)) continue;
    acts.push_back(erasure_act(policies(), record, note.reason));
    taken_back.push_back(!note.stands);
  }
  const Outcome<std::vector<RecordId>> saved = office_->save_in_parts(acts);
  if (!saved) return saved.fault();
  std::vector<Act> removals;
  for (std::size_t i = 0; i < saved->size(); ++i) {
    if (!taken_back[i]) continue;
    Act removal;
    removal.record = (*saved)[i];
    removal.removes = true;
    removals.push_back(std::move(removal));
  }
  const Outcome<std::vector<RecordId>> removed = office_->save_in_parts(removals);
  if (!removed) return removed.fault();
  return acts.size();
}

Outcome<std::map<RecordId, ErasureNote>> Host::erasures() { return erasures_in(store()); }

Outcome<std::map<RecordId, ErasureNote>> Host::erasures_in(Store& store) {
  std::map<RecordId, ErasureNote> found;
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) { found = read_erasures(reader); });
  if (!read) return read.fault();
  return found;
}

Outcome<Ticket> Host::issue_ticket(const std::vector<std::string>& units, schema::Role role, const std::string& url,
                                   std::int64_t valid_ms) {
  return office_->registry_.issue_ticket(units, role, url, valid_ms);
}
Outcome<Ticket> Host::issue_ticket_for(const std::string& account, const std::string& url, std::int64_t valid_ms) {
  return office_->registry_.issue_ticket_for(account, url, valid_ms);
}
Outcome<Done> Host::revoke(ReplicaId replica) { return office_->registry_.revoke(replica); }
Outcome<Ticket> Host::replace(ReplicaId replica, const std::string& url, std::int64_t valid_ms) {
  return office_->registry_.replace(replica, url, valid_ms);
}
Outcome<Done> Host::appoint(ReplicaId replica, const Grants& grants, bool besides) {
  return office_->registry_.appoint(replica, grants, besides);
}
Outcome<std::vector<Member>> Host::members() { return office_->registry_.members(); }
Outcome<std::optional<Member>> Host::member_asking(std::string_view authorization, std::string_view target) {
  const std::optional<Asker> asker = read_authorization(authorization);
  if (!asker) return std::optional<Member>();
  std::string stored;
  const Outcome<Done> read =
      store().read(kShard, [&](StoreReader& reader) { stored = reader.setting(member_setting(asker->replica)); });
  if (!read) return read.fault();
  if (stored.empty()) return std::optional<Member>();
  Outcome<Member> member = decode_member(stored);
  if (!member) return member.fault();
  if (!member->key || member->revoked_ms != 0) return std::optional<Member>();
  const auto fits = [&](const ChannelKey& channel) {
    return equal_secrets(asking_tag(channel, target).view(), asker->tag.view());
  };
  ChannelKey channel;
  if (office_->keys_.that_was_meant(*member->key, fits, channel) == nullptr) return std::optional<Member>();
  return std::optional<Member>(std::move(*member));
}
const UserAccounts& Host::user_accounts() const { return office_->user_accounts_; }
Outcome<AuditSummary> Host::verify() { return office_->verify(); }
PublicKey Host::public_key() const { return office_->keys_.present().public_key(); }
std::uint64_t Host::epoch() const { return office_->server_.epoch; }
const Policies& Host::policies() const { return office_->policies_; }
Store& Host::store() { return office_->store_; }

UnitTreeCache& Host::unit_trees() { return office_->trees_; }

}  // namespace songsong
