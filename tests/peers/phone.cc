#include "tests/peers/phone.h"

#include <chrono>
#include <thread>

#include "client/device.h"
#include "client/http.h"
#include "shared/core/case.h"
#include "shared/core/shown.h"
#include "shared/sync/initiator.h"
#include "shared/sync/join.h"
#include "shared/sync/wire.h"
#include "shared/system/entropy.h"
#include "tests/schemas/bench_table.h"

namespace songsong::bench {
namespace {

constexpr std::size_t kActsAtOnce = 1000;
constexpr auto kPause = std::chrono::milliseconds(500);  // after a failure, as the floor's client

std::string text_of(const Shown& record, FieldNumber field) {
  const Value* const value = record.find(field);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}

Phone::Held held_of(const Shown& record) {
  return Phone::Held{.id = record.state->id, .note = text_of(record, kNote), .phone = text_of(record, kGuardianPhone)};
}

}  // namespace

const Policies& policies() {
  static const Policies table = must(Policies::parse(bench_policy_table()));
  return table;
}

Phone::Phone(const std::string& path, const std::string& ticket) : store_(must(SqliteStore::open(path))) {
  must(join(*store_, must(parse_ticket(ticket)), draw_entropy));
  replica_ = must(Replica::open(*store_, policies(),
                                Environment{.clock = client::read_clock, .entropy = draw_entropy, .actor = {}}));
}

void Phone::save(const std::vector<Act>& acts) {
  for (std::size_t at = 0; at < acts.size(); at += kActsAtOnce)
    must(replica_->save(std::span(acts).subspan(at, std::min(kActsAtOnce, acts.size() - at))));
}

void Phone::record(std::span<const Need> needs) {
  std::vector<Act> acts;
  for (const Change& change : make_changes(needs, Author{})) acts.push_back(need_act(change));
  save(acts);
}

void Phone::edit(const std::vector<Edit>& edits) {
  std::vector<Act> acts;
  for (const auto& [record, inputs] : edits) {
    Act act;
    act.record = record;
    act.inputs = inputs;
    acts.push_back(std::move(act));
  }
  save(acts);
}

Synced Phone::synchronise(const Primer& primer, std::int64_t limit_ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
  Synced synced;
  const auto initiator = must(Initiator::begin(*replica_, InitiatorOptions{.primer = &primer, .check = false}));
  client::HttpClient http(std::nullopt);
  while (const std::optional<Outgoing> outgoing = must(initiator->next(client::read_clock()))) {
    if (std::chrono::steady_clock::now() > deadline) return synced;
    const Outcome<client::HttpAnswer> answer = http.post(outgoing->url, wire::kContentType, outgoing->body);
    if (answer) {
      must(initiator->receive(answer->body, client::read_clock()));
      continue;
    }
    initiator->failed();
    ++synced.failures;
    std::this_thread::sleep_for(kPause);
  }
  const SyncTally& tally = initiator->tally();
  synced.complete = tally.pending == 0 && tally.remaining == 0 && tally.quarantined == 0;
  synced.round_trips = tally.round_trips;
  return synced;
}

std::map<std::string, Phone::Held> Phone::held() {
  std::map<std::string, Held> all;
  must(replica_->list(kNeedKind, [&](const RecordView& view) {
    const Shown record = show(view.state, policies().kind(kNeedKind));
    all[text_of(record, kStudentCode)] = held_of(record);
    return true;
  }));
  return all;
}

Phone::Held Phone::held(RecordId record) {
  return held_of(show(must(replica_->view(record)).value().state, policies().kind(kNeedKind)));
}

std::size_t Phone::conflicts() {
  std::size_t count = 0;
  for (const CaseRow& row : must(replica_->cases())) count += row.raised.of == CaseClass::kConflict ? 1 : 0;
  return count;
}

}  // namespace songsong::bench
