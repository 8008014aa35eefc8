#include "shared/replica/replica.h"

#include <algorithm>

#include "shared/core/change_row.h"
#include "shared/core/fold.h"
#include "shared/core/state_codec.h"
#include "shared/replica/own_lines.h"
#include "shared/replica/recounting.h"
#include "shared/replica/saver.h"
#include "shared/replica/settings.h"

namespace songsong {
namespace {

constexpr std::size_t kPage = 500;
constexpr Shard kPhoneShard = 0;

// Reads inside the store's snapshot; damage met on the way becomes the outcome.
template <class Result, class Reading>
Outcome<Result> read_from(Store& store, const Reading& reading) {
  Outcome<Result> result = Fault{.code = "storage_failed", .where = "store", .what = "Nothing was read."};
  const Outcome<Done> done = store.read(kPhoneShard, [&](StoreReader& reader) {
    try {
      result = reading(reader);
    } catch (const StorageDamage& damage) {
      result = damage.fault;
    }
  });
  if (!done) return done.fault();
  return result;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  const std::string folded = fold(text);
  for (std::size_t begin = 0; begin < folded.size();) {
    const std::size_t end = std::min(folded.find(' ', begin), folded.size());
    words.push_back(folded.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// Whether a change that was saved here to this record is newer than the last receipt. A state may also name changes of
// another life of a copied phone; only the log knows which are this one's.
bool waits(const RecordRow& row, const State& state, const OwnLines& own, StoreReader& reader) {
  const bool may_wait =
      std::any_of(state.applied.begin(), state.applied.end(), [&](Name name) { return own.may_wait(name); });
  if (!may_wait || row.last_logged == 0) return false;
  const StoreSequence last[] = {row.last_logged};
  const std::optional<LogRow> logged = reader.log_at(last).front();
  return logged && own.may_wait(logged->name);
}

Outcome<RecordView> view_of(const RecordRow& row, const std::string& personal, const OwnLines& own,
                            StoreReader& reader) {
  const Outcome<PersonalValuesOf> values = PersonalValuesOf::decode(personal);
  if (!values) return values.fault();
  Outcome<State> state = decode_state(row.state, values->lookup());
  if (!state) return Fault{.code = "storage_damaged", .where = "record " + to_text(row.id), .what = state.fault().what};
  const bool sent = !waits(row, *state, own, reader);
  return RecordView{.state = std::move(*state), .unit = row.unit, .live = row.live, .sent = sent};
}

void put_in_place(Act& act, const std::vector<RecordId>& ids) {
  for (Input& input : act.inputs) {
    const RecordId* const target = input.value.reference();
    if (target == nullptr) continue;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (*target == Replica::placeholder(i)) {
        input.value = Value(ids[i]);
        break;
      }
    }
  }
}

}  // namespace

Replica::Replica(Store& store, const Policies& policies, Environment environment, Identity identity)
    : policies_(policies),
      dependencies_(policies),
      validator_(policies),
      store_(store),
      environment_(std::move(environment)),
      identity_(std::move(identity)) {
  draw_tag();
}

void Replica::draw_tag() {
  std::uint8_t random[4] = {};
  environment_.entropy(random);
  for (const std::uint8_t byte : random) tag_ = ((tag_ << 8) | byte) & kMaxTag;
}

// The server may have altered them since, told to this program or to another one.
void Replica::take_grants(StoreReader& reader) {
  Outcome<Identity> stored = decode_identity(reader.setting(kIdentitySetting));
  if (!stored) throw StorageDamage{stored.fault()};
  if (stored->replica != identity_.replica) return;
  identity_.grants = std::move(stored->grants);
  identity_.grants_told = stored->grants_told;
}

Outcome<Done> Replica::create(Store& store, const Identity& identity) {
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    if (!reader.setting(kIdentitySetting).empty()) {
      return Fault{.code = "replica_exists", .where = "store", .what = "The store belongs to a replica already."};
    }
    StoreBatch batch;
    batch.settings[kIdentitySetting] = encode_identity(identity);
    return batch;
  };
  const Outcome<StoreSequence> written = store.write(kPhoneShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

Outcome<std::unique_ptr<Replica>> Replica::open(Store& store, const Policies& policies, Environment environment) {
  const Outcome<std::string> stored = read_from<std::string>(
      store, [](StoreReader& reader) -> Outcome<std::string> { return reader.setting(kIdentitySetting); });
  if (!stored) return stored.fault();
  if (stored->empty())
    return Fault{.code = "no_replica", .where = "store", .what = "The store has no identity; it needs a ticket."};
  Outcome<Identity> identity = decode_identity(*stored);
  if (!identity) return identity.fault();
  std::unique_ptr<Replica> replica(new Replica(store, policies, std::move(environment), std::move(*identity)));
  const Outcome<Done> counted =
      recount_if_due(store, kPhoneShard, replica->books(), replica->environment_.clock().wall_ms);
  if (!counted) return counted.fault();
  return replica;
}

RecordId Replica::placeholder(std::size_t act) { return Name(kMaxReplica, static_cast<Sequence>(act + 1), kMaxTag); }

Outcome<std::vector<RecordId>> Replica::save(std::span<const Act> acts,
                                             const std::map<std::string, std::string>& marks) {
  std::vector<RecordId> ids;
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    ids.clear();
    try {
      take_grants(reader);
      Admission admission(books(), Authority::kHoldsOwnLog, reader);
      const SaverContext context{.policies = policies_,
                                 .validator = validator_,
                                 .identity = identity_,
                                 .environment = environment_,
                                 .tag = tag_};
      Saver saver(context, admission, reader);
      for (std::size_t i = 0; i < acts.size(); ++i) {
        Act act = acts[i];
        put_in_place(act, ids);
        const Outcome<RecordId> saved = saver.save(act);
        if (!saved) {
          Fault fault = saved.fault();
          if (acts.size() > 1) fault.where = "act " + std::to_string(i + 1) + ": " + fault.where;
          return fault;
        }
        ids.push_back(*saved);
      }
      StoreBatch batch = admission.settle(saver.now_ms());
      batch.settings[kOwnTipSetting] = to_text(saver.tip());
      for (const auto& [name, value] : marks) batch.settings[name] = value;
      return batch;
    } catch (const StorageDamage& damage) {
      return damage.fault;
    }
  };
  const Outcome<StoreSequence> written = store_.write(kPhoneShard, {&writing, 1});
  if (written) return ids;
  // Whether a write whose sync failed is on the disk is open, and a copy of the disk may go on from it: what is saved
  // from now on is not called as it was.
  if (written.fault().code.starts_with("storage_")) draw_tag();
  return written.fault();
}

Outcome<RecordId> Replica::save(const Act& act) {
  const Outcome<std::vector<RecordId>> saved = save(std::span(&act, 1));
  if (!saved) return saved.fault();
  return saved->front();
}

Outcome<std::optional<RecordView>> Replica::view(RecordId record) {
  return read_from<std::optional<RecordView>>(store_, [&](StoreReader& reader) -> Outcome<std::optional<RecordView>> {
    const RecordId wanted[] = {record};
    const std::optional<RecordRow> row = reader.records(wanted).front();
    if (!row) return std::optional<RecordView>();
    Outcome<RecordView> view = view_of(*row, reader.personal(wanted).front(), OwnLines::read(reader), reader);
    if (!view) return view.fault();
    return std::optional<RecordView>(std::move(*view));
  });
}

Outcome<Done> Replica::list(KindNumber kind, const std::function<bool(const RecordView&)>& each) {
  return read_from<Done>(store_, [&](StoreReader& reader) -> Outcome<Done> {
    const OwnLines own = OwnLines::read(reader);
    RecordId after;
    for (;;) {
      const std::vector<RecordRow> page = reader.scan(kind, after, kPage);
      if (page.empty()) return Done{};
      after = page.back().id;
      std::vector<RecordId> ids;
      for (const RecordRow& row : page) ids.push_back(row.id);
      const std::vector<std::string> personal = reader.personal(ids);
      for (std::size_t i = 0; i < page.size(); ++i) {
        if (!page[i].live) continue;
        const Outcome<RecordView> view = view_of(page[i], personal[i], own, reader);
        if (!view) return view.fault();
        if (!each(*view)) return Done{};
      }
    }
  });
}

Outcome<std::vector<RecordId>> Replica::search(std::string_view text, std::size_t limit) {
  const std::vector<std::string> words = words_of(text);
  if (words.empty()) return std::vector<RecordId>();
  return read_from<std::vector<RecordId>>(
      store_, [&](StoreReader& reader) -> Outcome<std::vector<RecordId>> { return reader.search(words, {}, limit); });
}

Outcome<std::vector<HistoryEntry>> Replica::history(RecordId record) {
  return read_from<std::vector<HistoryEntry>>(store_, [&](StoreReader& reader) -> Outcome<std::vector<HistoryEntry>> {
    std::vector<HistoryEntry> entries;
    const RecordId wanted[] = {record};
    const std::optional<RecordRow> row = reader.records(wanted).front();
    if (!row) return entries;
    const Outcome<PersonalValuesOf> values = PersonalValuesOf::decode(reader.personal(wanted).front());
    if (!values) return values.fault();
    for (const LogRow& logged : log_of_record(reader, *row, kMaxHistory)) {
      Outcome<Change> change = decode_change(logged.change, values->lookup());
      if (!change) return change.fault();
      entries.push_back(HistoryEntry{.change = std::move(*change),
                                     .verdict = logged.verdict,
                                     .reason = logged.reason,
                                     .received_ms = logged.received_ms,
                                     .sequence = logged.sequence});
    }
    return entries;
  });
}

Outcome<std::size_t> Replica::pending() {
  return read_from<std::size_t>(store_, [&](StoreReader& reader) -> Outcome<std::size_t> {
    return std::size_t{OwnLines::read(reader).pending()};
  });
}

Outcome<std::optional<TotalsRow>> Replica::totals(const std::string& unit) {
  return read_from<std::optional<TotalsRow>>(store_, [&](StoreReader& reader) -> Outcome<std::optional<TotalsRow>> {
    const std::string wanted[] = {unit};
    return reader.totals(wanted).front();
  });
}

Outcome<std::vector<CaseRow>> Replica::cases() {
  return read_from<std::vector<CaseRow>>(store_, [&](StoreReader& reader) -> Outcome<std::vector<CaseRow>> {
    std::vector<CaseRow> all;
    std::string after;
    for (;;) {
      std::vector<CaseRow> page = reader.open_cases(after, kPage);
      if (page.empty()) return all;
      after = page.back().raised.id;
      all.insert(all.end(), std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
    }
  });
}

}  // namespace songsong
