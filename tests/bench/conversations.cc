// What a conversation costs, over HTTP on loopback, durable at both ends.
#include <algorithm>
#include <cstdint>

#include "shared/replica/own_lines.h"
#include "shared/sync/piece.h"
#include "shared/sync/questions.h"
#include "tests/bench/bare.h"
#include "tests/bench/bare_store.h"
#include "tests/bench/figure.h"
#include "tests/bench/town.h"

namespace songsong::bench {
namespace {

constexpr std::size_t kFirstSyncRecords = 10'000;
constexpr std::size_t kWeakLinkRecords = 500;
constexpr std::size_t kDaysRecords = 20;
constexpr std::size_t kDaysEdits = 10;

double kilobytes(const SyncTally& tally) { return static_cast<double>(tally.bytes_up + tally.bytes_down) / 1000; }

template <class Work>
double seconds_of(const Work& work) {
  const double began = wall_seconds();
  work();
  return wall_seconds() - began;
}

// The rows that the server writes for them, and nothing else.
double bare_insert_seconds(Town& town, const std::vector<Change>& changes) {
  const std::vector<StoreBatch> batches = batches_of(town.new_path(), changes);
  BareStore bare(town.new_path());
  return seconds_of([&] {
    for (const StoreBatch& batch : batches) bare.insert(batch);
  });
}

// What a question with one piece holds beside the columns of its changes.
double envelope_bytes(Device& device) {
  OwnLines own;
  QuestionMade made;
  std::optional<PieceDraft> piece;
  must(device.store().read(0, [&](StoreReader& reader) {
    own = OwnLines::read(reader);
    piece = draft_piece(reader, own.present(), own.present().received(), 4096, &bench_primer());
  }));
  QuestionDraft draft;
  draft.line = &own.present();
  must(device.store().read(0, [&](StoreReader& reader) {
    draft.ticket = must(decode_ticket(reader.setting("ticket")));
    draft.cursor = reader.setting("cursor");
  }));
  draft.from = own.present().received();
  draft.most_piece_bytes = 4096;
  draft.most_state_bytes = 4096;
  draft.schema_revision = device.replica().policies().revision();
  draft.wall_ms = 1'900'000'000'000;
  draft.primer = draft.piece_primer = &bench_primer();
  made = must(make_question(device.store(), draft));
  return static_cast<double>(made.frame.size() - piece.value().message.changes().size());
}

void measure_great_sync(Figures& figures) {
  const std::vector<Need> needs = make_needs(Lists::kMeasured, kMeasuredRecords, kMeasuredSeed);
  const std::vector<Change> changes = make_changes(needs, Author{.unit = "D04"});
  Town town(needs);
  const double zstd_kilobytes = bare_zstd_bytes(changes, changes.size()) * static_cast<double>(changes.size()) / 1000;
  const double bare_seconds = bare_insert_seconds(town, changes);
  Device sender(town, {"province"});
  std::vector<RecordId> records = sender.record(needs);
  SyncTally up, down;
  const double up_seconds = seconds_of([&] { up = sender.sync(); });
  Device reader(town, {"province"});
  const double down_seconds = seconds_of([&] { down = reader.sync(); });
  const auto add = [&](const char* what, const SyncTally& tally, double seconds) {
    figures.push_back(Figure{.what = std::string("17,049 needs ") + what,
                             .measured = kilobytes(tally),
                             .unit = "kB",
                             .budget = 400,
                             .binding = true,
                             .limit = zstd_kilobytes,
                             .limit_is = "zstd -19, dictionary"});
    figures.push_back(Figure{.what = std::string("17,049 needs ") + what,
                             .measured = seconds,
                             .unit = "s",
                             .budget = 1,
                             .limit = bare_seconds,
                             .limit_is = "bare inserts of its rows"});
  };
  add("from one replica to the server", up, up_seconds);
  add("from the server to an empty one", down, down_seconds);

  // A day later: new ones, some corrected, and what others wrote meanwhile.
  const std::vector<Need> today = make_needs(Lists::kMeasured, kDaysRecords, 7);
  sender.record(today);
  for (std::size_t i = 0; i < kDaysEdits; ++i) sender.set_grade(records[i * 11], needs[i * 11].grade % 12 + 1);
  const double envelope = envelope_bytes(sender);
  const SyncTally warm = sender.sync();
  figures.push_back(Figure{.what = "a warm sync of a day's work (20 new, 10 corrected)",
                           .measured = static_cast<double>(warm.round_trips),
                           .unit = "round trips",
                           .budget = 1,
                           .binding = true});
  figures.push_back(Figure{.what = "the envelope of its piece (signature, hashes, tag, cursor)",
                           .measured = envelope,
                           .unit = "B",
                           .budget = 200,
                           .binding = true,
                           .limit = 64 + 16,
                           .limit_is = "signature and tag alone"});
}

void measure_first_sync(Figures& figures) {
  const std::vector<Need> needs = make_needs(Lists::kMeasured, kFirstSyncRecords, kMeasuredSeed);
  const std::vector<Change> changes = make_changes(needs, Author{.unit = "D04"});
  Town town(needs);
  Device sender(town, {"province"});
  sender.record(needs);
  sender.sync();
  Device phone(town, {"province"});
  figures.push_back(
      Figure{.what = "first sync of 10,000 records",
             .measured = kilobytes(phone.sync()),
             .unit = "kB",
             .budget = 500,
             .binding = true,
             .limit = bare_zstd_bytes(changes, changes.size()) * static_cast<double>(changes.size()) / 1000,
             .limit_is = "zstd -19, dictionary"});
}

void measure_weak_link(Figures& figures) {
  const std::vector<Need> needs = make_needs(Lists::kMeasured, kWeakLinkRecords, kMeasuredSeed);
  const std::vector<Change> changes = make_changes(needs, Author{.unit = "D04"});
  Town town(needs);
  Device phone(town, {"province"});
  phone.record(needs);
  figures.push_back(
      Figure{.what = "500 new records, enrolment included",
             .measured = kilobytes(phone.sync()),
             .unit = "kB",
             .budget = 15,
             .binding = true,
             .limit = bare_zstd_bytes(changes, changes.size()) * static_cast<double>(changes.size()) / 1000,
             .limit_is = "zstd -19, dictionary"});
}

}  // namespace

void measure_conversations(Figures& figures) {
  measure_great_sync(figures);
  measure_first_sync(figures);
  measure_weak_link(figures);
}

}  // namespace songsong::bench
