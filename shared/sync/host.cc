#include "shared/sync/host.h"

#include <algorithm>

#include "shared/replica/record_cache.h"
#include "shared/replica/recounting.h"
#include "shared/replica/settings.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/members.h"
#include "shared/sync/responder.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
// Replica ids are minted from ranges of 4,096, a new one each epoch, so that a restored server does not mint again what
// it minted after the backup.
constexpr ReplicaId kRange = 4096;
constexpr std::size_t kPage = 1000;
constexpr std::size_t kTries = 64;

Fault fault(const char* code, std::string where, const char* what) {
  return Fault{.code = code, .where = std::move(where), .what = what};
}

std::uint32_t draw(const HostDoors& doors) {
  std::uint8_t random[4] = {};
  doors.entropy(random);
  std::uint32_t drawn = 0;
  for (const std::uint8_t byte : random) drawn = (drawn << 8) | byte;
  return drawn;
}

// A range in which the store knows no replica.
Outcome<ReplicaId> draw_range(StoreReader& reader, const HostDoors& doors) {
  for (std::size_t i = 0; i < kTries; ++i) {
    const ReplicaId first = (draw(doors) % (kMaxReplica / kRange)) * kRange + 1;
    const auto members = reader.settings(kMemberPrefix, member_setting(first - 1), 1);
    if (members.empty() || members.front().first >= member_setting(first + kRange)) return first;
  }
  return fault("replicas_used_up", "server", "No range of replica ids is free.");
}

// The first id of a range is the server's own; the next are its replicas'.
Outcome<StoreBatch> start_epoch(StoreReader& reader, const HostDoors& doors, ServerIdentity server,
                                std::uint64_t at_least) {
  const Outcome<ReplicaId> first = draw_range(reader, doors);
  if (!first) return first.fault();
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(1, doors.now_ms() / 1000));
  server.epoch = std::max({server.epoch + 1, at_least + 1, seconds});
  server.replica = *first;
  server.next = *first + 1;
  server.last = *first + kRange - 1;
  StoreBatch batch;
  batch.settings[kServerSetting] = encode_server(server);
  batch.settings[kOwnTipSetting] = "";
  const Member self{.replica = server.replica,
                    .key = KeyPair(server.seed).public_key(),
                    .role = schema::ADMINISTRATOR,
                    .units = {},
                    .enrolled_ms = doors.now_ms(),
                    .revoked_ms = 0,
                    .contact_ms = 0,
                    .clock_ms = 0,
                    .waiting = 0};
  batch.settings[member_setting(server.replica)] = encode_member(self);
  return batch;
}

Outcome<Done> commit(Store& store, const Store::Writing& writing) {
  const Outcome<StoreSequence> written = store.write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

}  // namespace

class Host::Office {
 public:
  Office(Store& store, const Policies& policies, HostDoors doors, const Primer* primer, ServerIdentity server)
      : store_(store),
        policies_(policies),
        dependencies_(policies),
        validator_(policies),
        doors_(std::move(doors)),
        server_(std::move(server)),
        keys_(server_.seed),
        self_{.replica = server_.replica, .seed = server_.seed, .role = schema::ADMINISTRATOR, .units = {}},
        environment_{
            .clock = [this] { return ClockReading{.wall_ms = doors_.now_ms(), .monotonic_ms = 0, .boot_session = 0}; },
            .entropy = doors_.entropy,
            .actor = {}},
        tag_(draw(doors_) & kMaxTag),
        context_{.store = store_,
                 .policies = policies_,
                 .doors = doors_,
                 .primer = primer,
                 .server = server_,
                 .keys = keys_,
                 .receiving = receiving(),
                 .trees = trees_} {}

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
        batch.block_keys = saver.drawn_keys();
        batch.settings[kOwnTipSetting] = to_text(saver.tip());
        return batch;
      } catch (const StorageDamage& damage) {
        return damage.fault;
      }
    });
    if (!written) return written.fault();
    return ids;
  }

  Outcome<Ticket> issue_ticket(const std::vector<std::string>& units, schema::Role role, const std::string& url,
                               std::int64_t valid_ms) {
    Ticket ticket;
    const Outcome<StoreSequence> written = doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
      const std::shared_ptr<const UnitTree> tree = trees_.tree(reader);
      for (const std::string& unit : units) {
        if (tree->find(unit) == nullptr)
          return fault("unknown_unit", "unit " + unit, "The tree of units has no such code.");
      }
      Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting));
      if (!server) return server.fault();
      if (server->next > server->last) {
        const Outcome<ReplicaId> first = draw_range(reader, doors_);
        if (!first) return first.fault();
        server->next = *first;
        server->last = *first + kRange - 1;
      }
      ticket.replica = server->next++;
      StoreBatch batch;
      batch.settings[kServerSetting] = encode_server(*server);
      const Member member{.replica = ticket.replica,
                          .key = std::nullopt,
                          .role = role,
                          .units = units,
                          .enrolled_ms = 0,
                          .revoked_ms = 0,
                          .contact_ms = 0,
                          .clock_ms = 0,
                          .waiting = 0};
      batch.settings[member_setting(ticket.replica)] = encode_member(member);
      return batch;
    });
    if (!written) return written.fault();
    ticket.role = role;
    ticket.units = units;
    ticket.url = url;
    ticket.issued_ms = doors_.now_ms();
    ticket.expires_ms = ticket.issued_ms + valid_ms;
    sign(ticket, keys_);
    return ticket;
  }

  Outcome<Done> revoke(ReplicaId replica) {
    const Outcome<StoreSequence> written = doors_.commit([&](StoreReader& reader) -> Outcome<StoreBatch> {
      const std::string name = member_setting(replica);
      const std::string stored = reader.setting(name);
      if (stored.empty() || replica == server_.replica)
        return fault("unknown_replica", "replica " + std::to_string(replica), "No ticket was issued for this replica.");
      Outcome<Member> member = decode_member(stored);
      if (!member) return member.fault();
      if (member->revoked_ms == 0) member->revoked_ms = doors_.now_ms();
      StoreBatch batch;
      batch.settings[name] = encode_member(*member);
      return batch;
    });
    if (!written) return written.fault();
    return Done{};
  }

  Outcome<std::vector<Member>> members() {
    std::vector<Member> all;
    Outcome<Done> decoded = Done{};
    const Outcome<Done> read = store_.read(kShard, [&](StoreReader& reader) {
      for (std::string after; decoded;) {
        const auto page = reader.settings(kMemberPrefix, after, kPage);
        if (page.empty()) return;
        after = page.back().first;
        for (const auto& [name, bytes] : page) {
          Outcome<Member> member = decode_member(bytes);
          if (member) {
            all.push_back(std::move(*member));
          } else {
            decoded = member.fault();
          }
        }
      }
    });
    if (!read) return read.fault();
    if (!decoded) return decoded.fault();
    return all;
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
  const KeyPair keys_;
  const Identity self_;
  const Environment environment_;
  const Tag tag_;
  const ResponderContext context_;
};

Outcome<Done> Host::create(Store& store, const HostDoors& doors) {
  return commit(store, [&](StoreReader& reader) -> Outcome<StoreBatch> {
    if (!reader.setting(kServerSetting).empty() || !reader.setting(kIdentitySetting).empty())
      return fault("server_exists", "store", "The store belongs to somebody already.");
    ServerIdentity server;
    doors.entropy(server.seed.fill());
    return start_epoch(reader, doors, server, 0);
  });
}

Outcome<Done> Host::begin_epoch(Store& store, const HostDoors& doors, std::uint64_t at_least) {
  return commit(store, [&](StoreReader& reader) -> Outcome<StoreBatch> {
    const Outcome<ServerIdentity> server = decode_server(reader.setting(kServerSetting));
    if (!server) return fault("no_server", "store", "The store is no server's.");
    return start_epoch(reader, doors, *server, at_least);
  });
}

Outcome<std::unique_ptr<Host>> Host::open(Store& store, const Policies& policies, HostDoors doors,
                                          const Primer* primer) {
  std::string stored;
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) { stored = reader.setting(kServerSetting); });
  if (!read) return read.fault();
  if (stored.empty()) return fault("no_server", "store", "The store is no server's; make one with init.");
  Outcome<ServerIdentity> server = decode_server(stored);
  if (!server) return server.fault();
  auto office = std::make_unique<Office>(store, policies, std::move(doors), primer, std::move(*server));
  const Outcome<Done> counted = recount_if_due(store, kShard, office->books(), office->doors_.now_ms());
  if (!counted) return counted.fault();
  return std::unique_ptr<Host>(new Host(std::move(office)));
}

Host::Host(std::unique_ptr<Office> office) : office_(std::move(office)) {}
Host::~Host() = default;

Answered Host::answer(std::string_view bytes) { return office_->answer(bytes); }
Answered Host::answer_file(std::string_view bytes) { return office_->answer_file(bytes); }
Outcome<std::vector<RecordId>> Host::save(std::span<const Act> acts) { return office_->save(acts); }
Outcome<Ticket> Host::issue_ticket(const std::vector<std::string>& units, schema::Role role, const std::string& url,
                                   std::int64_t valid_ms) {
  return office_->issue_ticket(units, role, url, valid_ms);
}
Outcome<Done> Host::revoke(ReplicaId replica) { return office_->revoke(replica); }
Outcome<std::vector<Member>> Host::members() { return office_->members(); }
Outcome<AuditSummary> Host::verify() { return office_->verify(); }
PublicKey Host::public_key() const { return office_->keys_.public_key(); }
std::uint64_t Host::epoch() const { return office_->server_.epoch; }
const Policies& Host::policies() const { return office_->policies_; }
Store& Host::store() { return office_->store_; }

}  // namespace songsong
