#include "tests/simulation/checks.h"

#include <algorithm>
#include <map>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/change_row.h"
#include "shared/core/state_batch_codec.h"
#include "shared/core/state_codec.h"
#include "shared/replica/erasures.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/unit_trees.h"
#include "shared/sync/feed.h"
#include "shared/sync/frame.h"
#include "shared/sync/members.h"
#include "shared/sync/wire.h"
#include "tests/simulation/hands.h"
#include "tests/simulation/violation.h"

namespace songsong::simulation {
namespace {

constexpr Shard kShard = 0;

// Reasons that the rules of rights give, and nothing else here does.
const std::set<std::string> kReasons{"out_of_scope", "to_be_received",  "unknown_unit",
                                     "not_for_role", "replica_revoked", "unknown_record"};

void must(const Outcome<Done>& done, const std::string& where) {
  if (!done) throw Violation("a store can always be read", where + ": " + text_of(done.fault()));
}

Member member_of(StoreReader& reader, ReplicaId replica) {
  const Outcome<Member> member = decode_member(reader.setting(member_setting(replica)));
  return member ? *member : Member{};
}

void check_receipts(Office& office, const wire::Answer& answer, StoreReader& reader) {
  for (const std::string& bytes : answer.receipts()) {
    const Outcome<Receipt> receipt = decode_receipt(bytes);
    if (!receipt) throw Violation("a receipt never lies", "a receipt cannot be read");
    const Name wanted[] = {receipt->held};
    const std::optional<LogRow> row = reader.changes(wanted).front();
    if (!row || row->hash != receipt->hash)
      throw Violation("a receipt never lies", office.device() + " does not hold " + to_text(receipt->held));
    office.promise(Promise{.held = receipt->held, .hash = receipt->hash});
  }
}

// What a replica may be told, said a second time: what is looked at may not look at itself (shared/sync/scope.h).
class Allowed {
 public:
  Allowed(const Member& member, StoreReader& reader, const Policies& policies)
      : history_(read_unit_history(reader, policies)), policies_(policies) {
    for (const HeldGrant& held : member.grants) {
      if (held.until_ms == 0) (held.grant.role == schema::HEAD_OFFICE ? totals_ : records_).push_back(held.grant.unit);
    }
  }

  bool tells(const RecordRow& row) const {
    if (!records_.empty()) return below_any(records_, row.unit);
    const KindPolicy* const kind = policies_.kind(row.kind);
    return kind != nullptr && (kind->has_unit_tree() || kind->has_unit_period()) && below_any(totals_, row.unit);
  }

 private:
  bool below_any(const std::vector<std::string>& tops, const std::string& unit) const {
    return std::any_of(tops.begin(), tops.end(), [&](const std::string& top) {
      const std::optional<std::int64_t> closed = history_.dates(top).closed;
      return history_.now().within(unit, top) || (closed && history_.on(*closed - 1).within(unit, top));
    });
  }

  UnitHistory history_;
  const Policies& policies_;
  std::vector<std::string> records_, totals_;
};

void check_scope(Office& office, ReplicaId replica, const wire::Answer& answer, StoreReader& reader) {
  if (answer.states().empty()) return;
  const Outcome<std::vector<State>> states = decode_states(answer.states(), wire::kStatesLimits, &primer());
  if (!states) throw Violation("an answer of the server can be taken in", text_of(states.fault()));
  const Allowed allowed(member_of(reader, replica), reader, *office.policies);
  std::vector<RecordId> ids;
  for (const State& state : *states) ids.push_back(state.id);
  for (const std::optional<RecordRow>& row : reader.records(ids)) {
    if (!row || !allowed.tells(*row))
      throw Violation("nothing outside its scope reaches a replica",
                      "replica " + std::to_string(replica) + " was told of " + (row ? to_text(row->id) : "nothing"));
  }
}

void check_reasons(const wire::Answer& answer) {
  for (const wire::Quarantined& each : answer.quarantined()) {
    if (!kReasons.contains(each.reason()))
      throw Violation("nothing is set aside without a reason",
                      to_text(Name::from_packed(each.change())) + " because of " + each.reason());
  }
}

bool holds(Office& office, RecordId id) {
  bool held = false;
  const RecordId wanted[] = {id};
  must(office.store().read(kShard,
                           [&](StoreReader& reader) {
                             const std::optional<RecordRow> row = reader.records(wanted).front();
                             held = row && row->live;
                           }),
       office.device());
  return held;
}

std::map<RecordId, RecordRow> live_records(Store& store, const std::string& where) {
  std::map<RecordId, RecordRow> rows;
  must(store.read(kShard,
                  [&](StoreReader& reader) {
                    for (RecordRow& row : reader.scan(0, RecordId(), 100'000)) {
                      if (row.live) rows.emplace(row.id, std::move(row));
                    }
                  }),
       where);
  return rows;
}

// Personal values stand beside the state, so it is looked at with them.
State whole_state(Store& store, const RecordRow& row, const std::string& where) {
  State whole;
  must(store.read(kShard, [&](StoreReader& reader) { whole = decode_rows(reader, {&row, 1}).front(); }), where);
  return whole;
}

// The personal values that a store holds, of each record by the changes that wrote them.
std::map<RecordId, PersonalValuesOf> personal_values(Store& store, const std::string& where) {
  std::map<RecordId, PersonalValuesOf> held;
  must(store.read(kShard,
                  [&](StoreReader& reader) {
                    for (const RecordRow& row : reader.scan(0, RecordId(), 100'000)) {
                      const RecordId wanted[] = {row.id};
                      const Outcome<PersonalValuesOf> values =
                          PersonalValuesOf::decode(reader.personal(wanted).front());
                      if (!values) throw Violation("a store can always be read", text_of(values.fault()));
                      held.emplace(row.id, *values);
                    }
                  }),
       where);
  return held;
}

std::set<Name> heads_of(const State& state) {
  std::set<Name> names;
  for (const Register& each : state.registers) {
    for (const Head& head : each.heads) names.insert(head.name);
  }
  return names;
}

}  // namespace

std::string check_answer(Office& office, std::string_view question, std::string_view bytes) {
  const Outcome<Frame> asked = open_frame(question, wire::kMaxRequestBytes);
  const Outcome<Frame> frame = open_frame(bytes, wire::kMaxAnswerBytes);
  wire::Request request;
  wire::Answer answer;
  if (!frame || !answer.ParseFromString(frame->body))
    throw Violation("an answer of the server can be taken in", "it is no answer");
  if (!asked || !request.ParseFromString(asked->body)) return {};
  must(office.store().read(kShard,
                           [&](StoreReader& reader) {
                             check_receipts(office, answer, reader);
                             check_scope(office, request.replica(), answer, reader);
                           }),
       office.device());
  check_reasons(answer);
  // With a gap the receipts tell how far the line has come by then, which is another matter the second time.
  if (request.pieces_size() == 0 || answer.receipts_size() != 1 || answer.has_refusal()) return {};
  const Outcome<Receipt> receipt = decode_receipt(answer.receipts(0));
  const wire::Piece& last = request.pieces(request.pieces_size() - 1);
  if (!receipt || receipt->held.sequence() < last.first()) return {};
  std::string promised = std::to_string(answer.epoch()) + " " + answer.receipts(0);
  for (const wire::Quarantined& each : answer.quarantined())
    promised += " " + std::to_string(each.change()) + " " + each.reason();
  return promised;
}

void check_nothing_hidden(Phone& phone) {
  must(phone.store().read(kShard,
                          [&](StoreReader& reader) {
                            const OwnLines own = OwnLines::read(reader);
                            Lineages lineages(Authority::kHoldsOwnLog, reader);
                            for (const SavedChange& each : phone.saved()) {
                              if (!own.may_wait(each.name)) continue;
                              const StoreSequence wanted[] = {each.at};
                              const std::optional<LogRow> row = reader.log_at(wanted).front();
                              if (!row || row->verdict == Verdict::kQuarantined) continue;
                              const RecordId record[] = {row->record};
                              const std::optional<RecordRow> shown = reader.records(record).front();
                              if (!shown)
                                throw Violation("nothing hides an own change", to_text(each.name) + " has no record");
                              const Outcome<PersonalValuesOf> values =
                                  PersonalValuesOf::decode(reader.personal(record).front());
                              const Outcome<State> state = decode_state(shown->state, values->lookup());
                              if (!state) throw Violation("a store can always be read", text_of(state.fault()));
                              lineages.load_for(*state);
                              if (!lineages.lineage().covered(state->applied, each.name))
                                throw Violation("nothing hides an own change",
                                                phone.device() + " does not show " + to_text(each.name));
                            }
                          }),
       phone.device());
}

OpenForm form_on(const State& state) {
  return OpenForm{.record = state.id, .seen = state.applied, .heads = heads_of(state)};
}

SeenHeads seen_on(Phone& phone, const OpenForm& form, const State& now) {
  SeenHeads seen{.all = form.heads, .held = {}};
  must(phone.store().read(kShard,
                          [&](StoreReader& reader) {
                            Lineages lineages(Authority::kHoldsOwnLog, reader);
                            lineages.load_for(now);
                            const Lineage& lineage = lineages.lineage();
                            VersionVector held;
                            for (const Name name : form.seen) {
                              if (lineage.covered(now.applied, name)) held.push_back(name);
                            }
                            for (const Name head : heads_of(now)) {
                              if (lineage.covered(form.seen, head)) seen.all.insert(head);
                              if (lineage.covered(held, head)) seen.held.insert(head);
                            }
                          }),
       phone.device());
  return seen;
}

void check_edit(const State& before, const State& after, const SeenHeads* seen) {
  for (const Register& now : after.registers) {
    const auto same = [&](const Register& one) { return one.field == now.field && one.member == now.member; };
    const auto was = std::find_if(before.registers.begin(), before.registers.end(), same);
    if (was == before.registers.end()) continue;
    const auto stands_in = [](const Register& in, Name name) {
      return std::any_of(in.heads.begin(), in.heads.end(), [name](const Head& head) { return head.name == name; });
    };
    const auto fresh =
        std::find_if(now.heads.begin(), now.heads.end(), [&](const Head& head) { return !stands_in(*was, head.name); });
    if (fresh == now.heads.end()) continue;
    for (const Head& head : was->heads) {
      const bool was_seen = seen == nullptr || seen->all.contains(head.name);
      const bool has_to_go = seen == nullptr || seen->held.contains(head.name);
      const bool stays = stands_in(now, head.name);
      if (has_to_go && stays)
        throw Violation("an edit replaces what its author saw",
                        to_text(fresh->name) + " left " + to_text(head.name) + " in " + to_text(after.id));
      // Whoever edits has always seen their own line.
      if (!was_seen && !stays && head.name.replica() != fresh->name.replica())
        throw Violation("an edit replaces what its author saw", to_text(fresh->name) + " replaced the unseen " +
                                                                    to_text(head.name) + " in " + to_text(after.id));
    }
  }
}

// Of whom the office has erased, nothing is left on a phone either.
void check_erased(Phone& phone, Office& office) {
  const std::map<RecordId, PersonalValuesOf> held = personal_values(phone.store(), phone.device());
  must(office.store().read(kShard,
                           [&](StoreReader& reader) {
                             RecordCache cache(*office.policies, reader);
                             Erasures erasures(*office.policies, cache);
                             for (const auto& [record, values] : held) {
                               for (const auto& [written, value] : values.all()) {
                                 if (!value.is_none() && erasures.covers(record, written.first, written.second))
                                   throw Violation("who was erased is held nowhere",
                                                   phone.device() + " still has what " + to_text(written.first) +
                                                       " wrote in " + to_text(record));
                               }
                             }
                           }),
       office.device());
}

void check_revoked(Phone& phone, Office& office) {
  bool revoked = false;  // a revocation is lost with a server whose disk is full
  must(office.store().read(kShard,
                           [&](StoreReader& reader) {
                             revoked = member_of(reader, phone.replica().identity().replica).revoked_ms != 0;
                           }),
       office.device());
  if (!revoked) return;
  OwnLines own;
  must(phone.store().read(kShard, [&](StoreReader& reader) { own = OwnLines::read(reader); }), phone.device());
  for (const auto& [record, values] : personal_values(phone.store(), phone.device())) {
    for (const auto& [written, value] : values.all()) {
      if (own.find(written.first.replica()) == nullptr)
        throw Violation("who was revoked holds nothing of others",
                        phone.device() + " holds what " + to_text(written.first) + " wrote");
    }
  }
}

// A change that a reviewer let in is a new one in the log, which names the one that was set aside.
void check_let_in_once(Office& office) {
  must(office.store().read(kShard,
                           [&](StoreReader& reader) {
                             std::set<Name> let_in;
                             for (const LogRow& row : reader.log(0, 100'000)) {
                               const Outcome<Change> change = decode_change(row.change);
                               if (change && change->origin.valid() && !let_in.insert(change->origin).second)
                                 throw Violation("what was let in is let in once", to_text(change->origin));
                             }
                           }),
       office.device());
}

void check_office(Office& office) {
  const Outcome<AuditSummary> audited = office.host().verify();
  if (!audited) throw Violation("the server verifies", text_of(audited.fault()));
  check_hands(office.store(), *office.policies, office.device());
  check_let_in_once(office);
  office.look_at_log(true);
  office.check_promises();
}

void check_phone(Phone& phone, Office& office) {
  const ReplicaKeys keys = [](StoreReader& reader, ReplicaId replica) -> std::optional<PublicKey> {
    const OwnLines own = OwnLines::read(reader);
    const OwnLine* const line = own.find(replica);
    return line == nullptr ? std::nullopt : std::optional(KeyPair(line->identity.seed).public_key());
  };
  const Outcome<AuditSummary> audited = audit(phone.store(), kShard, *phone.policies, Authority::kHoldsOwnLog, keys);
  if (!audited) throw Violation("a phone verifies", phone.device() + ": " + text_of(audited.fault()));
  check_hands(phone.store(), *phone.policies, phone.device());
  const Outcome<std::size_t> pending = phone.replica().pending();
  if (!pending || *pending != 0)
    throw Violation("nothing waits", phone.device() + " has " + std::to_string(pending ? *pending : 0) + " unsent");
  std::vector<Name> names;
  for (const SavedChange& each : phone.saved()) names.push_back(each.name);
  must(office.store().read(kShard,
                           [&](StoreReader& reader) {
                             const std::vector<std::optional<LogRow>> rows = reader.changes(names);
                             for (std::size_t i = 0; i < rows.size(); ++i) {
                               if (!rows[i] || rows[i]->hash != phone.saved()[i].hash)
                                 throw Violation("everything that a phone saved is at the server",
                                                 phone.device() + ": " + to_text(names[i]) + " is not");
                             }
                           }),
       office.device());
}

std::size_t check_same_records(Phone& phone, Office& office) {
  check_erased(phone, office);
  std::optional<Allowed> allowed;
  must(office.store().read(kShard,
                           [&](StoreReader& reader) {
                             allowed.emplace(member_of(reader, phone.replica().identity().replica), reader,
                                             *office.policies);
                           }),
       office.device());
  const std::map<RecordId, RecordRow> here = live_records(phone.store(), phone.device());
  std::map<RecordId, RecordRow> there = live_records(office.store(), office.device());
  std::erase_if(there, [&](const auto& each) { return !allowed->tells(each.second); });
  for (const auto& [id, row] : there) {
    const auto found = here.find(id);
    if (found == here.end())
      throw Violation("a phone holds what the server holds", phone.device() + " lacks " + to_text(id));
    if (found->second.state != row.state ||
        whole_state(phone.store(), found->second, phone.device()) != whole_state(office.store(), row, office.device()))
      throw Violation("a phone holds what the server holds", phone.device() + " has another " + to_text(id));
  }
  std::size_t orphans = 0;
  for (const auto& [id, row] : here) {
    if (there.contains(id)) continue;
    if (row.base_epoch == 0 || row.base_epoch >= office.host().epoch() || holds(office, id))
      throw Violation("a phone holds what the server holds", phone.device() + " still shows " + to_text(id));
    ++orphans;
  }
  return orphans;
}

}  // namespace songsong::simulation
