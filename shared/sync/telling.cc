#include "shared/sync/telling.h"

#include <algorithm>

#include "shared/core/change_codec.h"
#include "shared/core/merge.h"
#include "shared/core/state_batch_codec.h"
#include "shared/replica/lineages.h"
#include "shared/sync/compared.h"
#include "shared/sync/lines.h"
#include "shared/sync/logged.h"
#include "shared/sync/wire.h"

namespace songsong {
namespace {

constexpr std::size_t kBytesPerState = 20;  // a first guess of what one takes on the wire
constexpr std::size_t kMostStates = 16'384;
constexpr std::size_t kMostVerdicts = 65'536;
constexpr std::size_t kPage = 1000;
constexpr std::size_t kMostDepartedMeanwhile = 4096;

}  // namespace

Telling::Telling(const ResponderContext& context, const KeyPair& keys, const wire::Request& request,
                 const Member& member, const SentChanges& sent, Name upto, StoreReader& reader, wire::Answer& answer)
    : context_(context),
      keys_(keys),
      request_(request),
      member_(member),
      sent_(sent),
      reader_(reader),
      answer_(answer),
      upto_(upto),
      cursor_(decode_cursor(request.cursor())) {}

// A retry gets the same bytes: a receipt is as old as the change that it is for.
Receipt Telling::receipt_for(const LogRow& row) const {
  Receipt receipt{.server_key = {},
                  .epoch = context_.server.epoch,
                  .held = row.name,
                  .hash = row.hash,
                  .released = 0,
                  .issued_ms = row.received_ms,
                  .signature = {}};
  sign(receipt, keys_);
  return receipt;
}

void Telling::receipts() {
  const ReplicaId replica[] = {request_.replica()};
  std::vector<TipRow> tips = reader_.tips(replica).front();
  if (tips.size() > wire::kMaxTips) tips.resize(wire::kMaxTips);
  std::vector<Name> names;
  if (upto_.valid()) names.push_back(upto_);
  const bool held = upto_.valid() && reader_.changes(names).front().has_value();
  if (!held) {
    names.clear();
    for (const TipRow& tip : tips) names.push_back(tip.name);
  }
  for (const std::optional<LogRow>& row : reader_.changes(names)) {
    if (row) answer_.add_receipts(encode(receipt_for(*row)));
  }
  const bool goes_on = std::any_of(tips.begin(), tips.end(), [&](const TipRow& tip) { return tip.name != upto_; });
  if (!goes_on) return;
  const std::vector<RunRow> runs = reader_.runs(replica).front();
  const Sequence known = std::min(upto_.valid() ? upto_.sequence() - 1 : 0, trunk_of(runs));
  *answer_.add_lines() = line_beyond(replica[0], runs, held ? known : 0);
}

void Telling::erasures() {
  std::set<ReplicaId> replicas = lines_known();
  replicas.insert(request_.replica());
  std::vector<std::pair<StoreSequence, Name>> erased;
  const StoreSequence heard = std::min<std::uint64_t>(request_.erased_heard(), reader_.last_sequence());
  for (const ReplicaId replica : replicas) {
    for (const ErasedRow& row : reader_.erased(replica, heard)) erased.emplace_back(row.version, row.name);
  }
  std::sort(erased.begin(), erased.end());
  // What one commit erased is told together, however much it is: what follows waits for the next answer.
  for (const auto& [version, name] : erased) {
    const bool full = static_cast<std::size_t>(answer_.erased_size()) >= wire::kMaxErasedTold;
    if (full && version != answer_.erased_until()) break;
    answer_.add_erased(name.packed());
    answer_.set_erased_until(version);
  }
}

// Of the changes in this request, whether new or sent again; of the whole line where the sender begins anew, for a copy
// of its phone may have sent again what was lost. Of a copied phone the log holds others beside them, so it is read by
// sequence, not by how many were sent.
void Telling::verdicts() {
  const auto sent = std::find_if(request_.pieces().begin(), request_.pieces().end(), [](const wire::Piece& piece) {
    return piece.first() != 0 && piece.first() <= kMaxSequence;
  });
  if (sent == request_.pieces().end() && !begins_anew()) return;
  const Sequence last = upto_.valid() ? upto_.sequence() : kMaxSequence;
  // What another copy's branch holds is none of the sender's, and would make a retry's answer another.
  const ReplicaId own[] = {request_.replica()};
  Lineages lineages(Authority::kHoldsAllLogs, reader_);
  lineages.load(own);
  const bool knows_path = upto_.valid() && lineages.run_of(upto_) != nullptr;
  for (Sequence after = begins_anew() ? 0 : sent->first() - 1; after < last;) {
    const std::vector<LogRow> rows = reader_.log_of(request_.replica(), after, kPage);
    if (rows.empty()) return;
    after = rows.back().name.sequence();
    for (const LogRow& row : rows) {
      if (row.verdict != Verdict::kQuarantined || row.name.sequence() > last) continue;
      if (knows_path && !lineages.lineage().covers(upto_, row.name)) continue;
      if (static_cast<std::size_t>(answer_.quarantined_size()) == kMostVerdicts) return;
      wire::Quarantined* const told = answer_.add_quarantined();
      told->set_change(row.name.packed());
      told->set_reason(row.reason);
    }
  }
}

// Whether the sender's path is all that is known of its line.
bool Telling::is_one_line() const {
  const ReplicaId replica[] = {request_.replica()};
  const std::vector<TipRow> tips = reader_.tips(replica).front();
  return tips.size() == 1 && tips.front().name == upto_;
}

// A record that the sender opened in this very request, and nobody else has touched, is to the sender what it is here:
// sending it back would double the price of every new record. So is one that the sender was told of as it was, and
// that got its present version by the sender's edits alone. The cursor says what it was told of: it moves with what is
// taken in, and an answer to another cursor than the stored one is not.
bool Telling::is_echo(const RecordRow& row) const {
  const auto is_own = [&](Name name) { return sent_.names.contains(name); };
  const auto before = sent_.received.versions_before.find(row.id);
  const bool changed_here = before != sent_.received.versions_before.end() && row.version == sent_.received.version;
  const bool goes_on = cursor_ && cursor_->scope == scope_.digest && cursor_->scope_before == 0 &&
                       cursor_->revision >= context_.policies.revision();
  if (changed_here && before->second != kNoRecord)
    return goes_on && FeedPosition{before->second, row.id} <= cursor_->at;
  if (!is_own(row.id)) return false;
  if (changed_here) return true;
  // What is sent again was opened by an earlier try.
  const State state = decode_rows(reader_, {&row, 1}).front();
  return std::all_of(state.applied.begin(), state.applied.end(), is_own);
}

bool Telling::begins_anew() const {
  // A line that the sender was before listens to nothing, so no cursor tells what it has heard.
  if (request_.most_state_bytes() == 0 && request_.after_restore()) return true;
  if (request_.cursor().empty()) return request_.renewed();
  return cursor_ && cursor_->epoch != context_.server.epoch;
}

// What it holds may be of an older epoch, and more than the server has.
bool Telling::hears_anew() const { return request_.after_restore() || begins_anew(); }

void Telling::states() {
  const std::size_t most_bytes = std::min<std::size_t>(request_.most_state_bytes(), wire::kMaxAnswerBytes / 2);
  if (most_bytes == 0) return;
  scope_ = member_scope();
  // Those that the sender has just sent come last and are left out; a page that ended among them would leave the rest
  // of them to the next answer, which no longer knows them.
  std::size_t most = std::clamp<std::size_t>(most_bytes / kBytesPerState, 1, kMostStates) + sent_.records.size();
  for (;;) {
    FeedPage page = read_feed(reader_, context_.policies, scope_, context_.server.epoch, request_.cursor(),
                              request_.renewed(), most);
    add_removed_meanwhile(page);
    const bool may_leave_out = !hears_anew() && page.units_left.empty() && is_one_line();
    std::size_t echoes = 0;
    if (may_leave_out) echoes = std::erase_if(page.rows, [&](const RecordRow& row) { return is_echo(row); });
    const std::vector<State> states = decode_rows(reader_, page.rows);
    std::string encoded = states.empty() ? std::string() : encode_states(states, primer());
    if (encoded.size() > most_bytes + most_bytes / 4 && states.size() > 1 && most > 1) {
      const std::size_t fit = std::min(states.size() - 1, states.size() * most_bytes * 9 / 10 / encoded.size());
      most = std::clamp<std::size_t>(fit + echoes, 1, most - 1);
      continue;
    }
    lines(states);
    put(page, std::move(encoded));
    return;
  }
}

void Telling::put(const FeedPage& page, std::string encoded) {
  const bool news = page.more || !page.rows.empty() || !page.departures.empty() || !page.units_left.empty();
  answer_.set_states(std::move(encoded));
  for (const RecordRow& row : page.rows) put_version(row);
  for (const DepartureRow& mark : page.departures) {
    wire::Departure* const departure = answer_.add_departures();
    departure->set_record(mark.record.packed());
    departure->set_version(mark.version);
    departure->set_left(mark.left);
    departure->set_home(mark.home);
  }
  departed_meanwhile();
  for (const std::string& unit : page.units_left) answer_.add_units_left(unit);
  std::string cursor = encode(page.cursor);
  if (cursor != request_.cursor()) answer_.set_cursor(std::move(cursor));
  answer_.set_more(page.more);
  answer_.set_remaining(page.remaining);
  if (!news && request_.ranges_size() > 0) ranges();
}

// A replica that begins with nothing is not told of what was removed before, except where it saved some of it itself:
// the record was removed while a first answer was lost.
void Telling::add_removed_meanwhile(FeedPage& page) {
  if (page.cursor.fresh_until == 0 || sent_.records.empty()) return;
  const std::vector<RecordId> ids(sent_.records.begin(), sent_.records.end());
  for (std::optional<RecordRow>& row : reader_.records(ids)) {
    const bool passed_over = row && !row->live && row->version <= page.cursor.fresh_until && tells(scope_, *row);
    if (passed_over) page.rows.push_back(*std::move(row));
  }
}

// What the sender saved may be none of the scope any more, though no state of it was ever told: the unit moved while a
// first answer was lost, the sender had moved the record elsewhere and may not, or it has become one that is told of no
// records. What leads to such a record went with it, so it goes as well.
void Telling::departed_meanwhile() {
  if (sent_.records.empty()) return;
  std::set<RecordId> told;
  std::vector<RecordId> ids(sent_.records.begin(), sent_.records.end());
  while (!ids.empty() && told.size() < kMostDepartedMeanwhile) {
    std::vector<RecordId> outside;
    for (const std::optional<RecordRow>& row : reader_.records(ids)) {
      if (!row || tells(scope_, *row)) continue;
      if (!told.insert(row->id).second) continue;
      outside.push_back(row->id);
      wire::Departure* const departure = answer_.add_departures();
      departure->set_record(row->id.packed());
      departure->set_version(row->version);
    }
    ids.clear();
    for (const std::vector<ReferenceTo>& leading : reader_.references_to(outside)) {
      for (const ReferenceTo& each : leading) ids.push_back(each.source);
    }
  }
}

bool Telling::tells(const Scope& scope, const RecordRow& row) const {
  return scope.contains(row.unit) && scope.tells(context_.policies.kind(row.kind));
}

// As the difference to the one before.
void Telling::put_version(const RecordRow& row) {
  answer_.add_versions(static_cast<std::int64_t>(row.version) - static_cast<std::int64_t>(last_version_));
  last_version_ = row.version;
  ++told_states_;
  const KindPolicy* const kind = context_.policies.kind(row.kind);
  const auto personal = [](const FieldPolicy& field) { return field.personal(); };
  if (kind == nullptr || std::any_of(kind->field().begin(), kind->field().end(), personal))
    told_of_people_.push_back(row.id);
}

void Telling::ranges() {
  const std::optional<Compared> compared = compare(reader_, context_.policies, scope_, request_);
  if (!compared) return;
  answer_.set_compared(true);
  for (const wire::Range& range : compared->differing) *answer_.add_differing() = range;
  mend(compared->mended);
}

void Telling::mend(std::span<const RecordId> ids) {
  if (ids.empty()) return;
  std::vector<RecordRow> rows;
  for (std::optional<RecordRow>& row : reader_.records(ids)) rows.push_back(std::move(row).value());
  const std::vector<State> states = decode_rows(reader_, rows);
  for (const RecordRow& row : rows) put_version(row);
  answer_.set_states(encode_states(states, primer()));
  lines(states);
}

// Of the records that the sender still holds from before a restore, or as another replica: which are none of its scope.
void Telling::orphans() {
  if (request_.orphans_size() == 0 || static_cast<std::size_t>(request_.orphans_size()) > wire::kMaxOrphans) return;
  const Scope scope = member_scope();
  std::vector<RecordId> ids;
  for (const std::uint64_t packed : request_.orphans()) ids.push_back(Name::from_packed(packed));
  std::vector<RecordRow> rows;
  for (std::optional<RecordRow>& row : reader_.records(ids)) {
    const bool outside = row && !tells(scope, *row);
    if (outside) rows.push_back(*std::move(row));
  }
  // One whose opening was lost lives nowhere yet.
  for (const State& state : decode_rows(reader_, rows)) {
    if (state.opened) answer_.add_orphans_elsewhere(state.id.packed());
  }
}

void Telling::history() {
  const RecordId record = Name::from_packed(request_.history());
  if (!record.valid()) return;
  std::optional<wire::History> told = history_of(reader_, member_scope(), record, primer());
  if (told) *answer_.mutable_history() = std::move(*told);
}

Scope Telling::member_scope() const {
  return scope_of(present_grants(member_), UnitTrees(context_.trees, reader_, context_.policies));
}

const Primer* Telling::primer() const {
  const Primer* const own = context_.primer;
  return own != nullptr && request_.primer() >= own->number() ? own : nullptr;
}

std::set<ReplicaId> Telling::lines_known() const {
  const auto& listed = request_.lines_known();
  const auto most = std::min<std::ptrdiff_t>(listed.size(), static_cast<std::ptrdiff_t>(wire::kMaxLinesKnown));
  return {listed.begin(), listed.begin() + most};
}

// Of copied phones, whose names do not say by themselves what they stand for, and of those whose lines the sender knows
// run by run: to it a name beyond them would say nothing.
void Telling::lines(std::span<const State> states) {
  std::set<ReplicaId> named = replicas_in(states);
  named.erase(request_.replica());
  const std::vector<ReplicaId> replicas(named.begin(), named.end());
  const std::set<ReplicaId> known = lines_known();
  const std::vector<std::vector<TipRow>> tips = reader_.tips(replicas);
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    const bool copied = tips[i].size() > 1;
    if (!copied && !known.contains(replicas[i])) continue;
    const ReplicaId wanted[] = {replicas[i]};
    const std::vector<RunRow> runs = reader_.runs(wanted).front();
    *answer_.add_lines() = line_beyond(replicas[i], runs, copied ? trunk_of(runs) : 0);
  }
}

}  // namespace songsong
