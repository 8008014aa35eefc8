#include "shared/sync/bundle.h"

#include <algorithm>

#include "shared/replica/own_lines.h"
#include "shared/replica/record_cache.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/contact.h"
#include "shared/sync/frame.h"
#include "shared/sync/intake.h"
#include "shared/sync/join.h"
#include "shared/sync/questions.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
constexpr const char* kBundlePrefix = "carried.";
constexpr const char* kReceiptsPrefix = "give_back.";
// A frame of a bundle goes into one request, on whatever phone it is handed on.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr std::size_t kPiecesInFrame = 4;
constexpr std::size_t kMostFrameBytes = wire::kMaxRequestBytes;

Fault fault(const char* code, const char* where, const char* what) {
  return Fault{.code = code, .where = where, .what = what};
}

struct Known {
  OwnLines own;
  std::optional<Contact> contact;
  std::vector<Ticket> tickets;  // of each line
  std::vector<PublicKey> former_servers;
};

// Each line with each key under which its bundles may have been asked.
std::vector<std::pair<OwnLine, PublicKey>> asked_by(const Known& known) {
  std::vector<std::pair<OwnLine, PublicKey>> all;
  for (const OwnLine& line : known.own.lines()) {
    all.emplace_back(line, known.contact->ticket.server);
    for (const PublicKey& former : known.former_servers) all.emplace_back(line, former);
  }
  return all;
}

Outcome<Known> look(Store& store) {
  Known known;
  Outcome<Done> looked = Done{};
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
    try {
      known.own = OwnLines::read(reader);
      known.contact = Contact::read(reader);
      if (!known.contact) return;
      known.former_servers = former_servers(reader);
      for (const OwnLine& line : known.own.lines()) {
        const Outcome<Ticket> former = decode_ticket(reader.setting(former_ticket_setting(line.identity.replica)));
        known.tickets.push_back(former ? *former : known.contact->ticket);
      }
    } catch (const StorageDamage& damage) {
      looked = damage.fault;
    }
  });
  if (!read) return read.fault();
  if (!looked) return looked.fault();
  if (!known.contact) return fault("no_server", "replica", "This replica has no ticket, and so no server to send to.");
  return known;
}

Outcome<Done> set_settings(Store& store, const std::map<std::string, std::string>& settings) {
  const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings = settings;
    return batch;
  };
  const Outcome<StoreSequence> written = store.write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

Outcome<CarriedFiles> files_of(Store& store, const std::string& prefix) {
  CarriedFiles files;
  const Outcome<Done> read = store.read(kShard, [&](StoreReader& reader) {
    for (auto& [name, bytes] : reader.settings(prefix, "", kMaxCarried)) {
      files.emplace_back(name.substr(prefix.size()), std::move(bytes));
    }
  });
  if (!read) return read.fault();
  return files;
}

Outcome<AcceptedFile> accept_receipts(Replica& replica, std::string_view bytes, const ClockReading& now) {
  const Outcome<std::vector<CarriedAnswer>> answers = unpack_receipts(bytes);
  if (!answers) return answers.fault();
  AcceptedFile accepted;
  bool any = false;
  std::string refusal;
  for (const CarriedAnswer& carried : *answers) {
    const Outcome<Known> known = look(replica.store());
    if (!known) return known.fault();
    for (const auto& [line, server] : asked_by(*known)) {
      const Outcome<ChannelKey> channel = agree(KeyPair(line.identity.seed), server);
      if (!channel) continue;
      const QuestionSecret secret{.channel = *channel, .tag = carried.question};
      const Outcome<wire::Answer> answer = open_answer(secret, carried.frame);
      if (!answer) {
        if (answer.fault().code == "refused") refusal = answer.fault().where;
        continue;
      }
      const Question question{.replica = line.identity.replica,
                              .upto = line.tip,
                              .cursor = {},
                              .wants_states = false,
                              .brought_ticket = true,
                              .sent = now,
                              .carried = true};
      const Outcome<Taken> taken = take_in(replica, server, question, *answer, now, nullptr);
      if (!taken) return taken.fault();
      any = true;
      accepted.sent += taken->sent;
      accepted.quarantined += taken->quarantined;
      if (answer->has_refusal()) refusal = answer->refusal().code();
      break;
    }
  }
  if (!refusal.empty()) return Fault{.code = "refused", .where = refusal, .what = "The server refused."};
  if (!any) return fault("receipt_for_another", "file", "The receipts are for another phone, or were altered.");
  return accepted;
}

}  // namespace

Outcome<Bundle> make_bundle(Replica& replica, const ClockReading& now) {
  const Outcome<Known> known = look(replica.store());
  if (!known) return known.fault();
  std::vector<std::string> frames;
  Bundle bundle;
  std::size_t bytes = 0;
  bool full = false;  // what is left goes with the next one
  for (std::size_t i = 0; i < known->own.lines().size(); ++i) {
    const OwnLine& line = known->own.lines()[i];
    QuestionDraft draft;
    draft.line = &line;
    draft.ticket = known->tickets[i];
    draft.server = known->contact->ticket.server;
    draft.epoch = known->contact->epoch;
    draft.enrols = true;
    draft.ticket_revision = known->contact->ticket_revision;
    draft.from = line.received();
    draft.most_piece_bytes = kPieceBytes;
    draft.most_pieces = kPiecesInFrame;
    draft.wall_ms = now.wall_ms;
    while (line.tip.valid() && draft.from < line.tip.sequence() && !full) {
      Outcome<QuestionMade> made = make_question(replica.store(), draft);
      if (!made) return made.fault();
      if (made->changes == 0) break;
      draft.from = made->upto.sequence();
      bundle.changes += made->changes;
      Outcome<std::string> sealed = seal_frame(made->frame, draft.server, line.identity.seed);
      if (!sealed) return sealed.fault();
      bytes += sealed->size();
      full = bytes > wire::kMaxBundleBytes - kMostFrameBytes || frames.size() + 1 == wire::kMaxPieces;
      frames.push_back(std::move(*sealed));
    }
  }
  if (frames.empty()) return fault("nothing_to_send", "replica", "Receipts cover everything that was saved here.");
  bundle.bytes = pack_bundle(frames);
  return bundle;
}

Outcome<AcceptedFile> accept_file(Replica& replica, std::string_view bytes, const ClockReading& now) {
  if (is_receipts(bytes)) return accept_receipts(replica, bytes, now);
  const Outcome<std::vector<std::string>> frames = unpack_bundle(bytes);
  if (!frames) return frames.fault();
  const Outcome<CarriedFiles> carried = carried_bundles(replica);
  if (!carried) return carried.fault();
  const std::string name = to_text(tag_of_frame(frames->front()));
  const bool known =
      std::any_of(carried->begin(), carried->end(), [&](const auto& file) { return file.first == name; });
  if (!known && carried->size() >= kMaxCarried)
    return fault("too_many_bundles", "file", "Too many bundles wait here already; synchronise first.");
  const Outcome<Done> kept = set_settings(replica.store(), {{kBundlePrefix + name, std::string(bytes)}});
  if (!kept) return kept.fault();
  return AcceptedFile{.what = Accepted::kBundle, .sent = 0, .quarantined = 0};
}

Outcome<CarriedFiles> carried_bundles(Replica& replica) { return files_of(replica.store(), kBundlePrefix); }
Outcome<CarriedFiles> carried_receipts(Replica& replica) { return files_of(replica.store(), kReceiptsPrefix); }

Outcome<Done> keep_receipts(Replica& replica, const std::string& name, std::string receipts) {
  return set_settings(replica.store(), {{kBundlePrefix + name, ""}, {kReceiptsPrefix + name, std::move(receipts)}});
}

Outcome<Done> drop_receipts(Replica& replica, const std::string& name) {
  return set_settings(replica.store(), {{kReceiptsPrefix + name, ""}});
}

}  // namespace songsong
