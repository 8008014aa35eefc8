#include "shared/replica/recounting.h"

#include <charconv>
#include <map>

namespace songsong {
namespace {

constexpr std::size_t kRecordsInBatch = 2000;
constexpr std::size_t kCasesInPage = 1000;
// While it goes on: the revision that is counted by, and the last record that was.
constexpr const char* kProgressSetting = "recount";
constexpr const char* kRaisedPrefix = "recount_raised.";
constexpr const char* kRecountedPrefix = "counted_anew.";

struct Progress {
  std::uint32_t revision = 0;
  RecordId at;
};

std::uint32_t number_of(std::string_view text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Ascends as revisions do.
std::string recounted_setting(std::uint64_t revision) {
  const std::string number = std::to_string(revision);
  return kRecountedPrefix + std::string(20 - number.size(), '0') + number;
}

std::string to_setting(const Progress& progress) {
  return std::to_string(progress.revision) + " " + std::to_string(progress.at.packed());
}

Progress progress_of(const std::string& setting) {
  Progress progress{.revision = number_of(setting), .at = {}};
  const std::size_t space = setting.find(' ');
  if (space == std::string::npos) return progress;
  std::uint64_t packed = 0;
  std::from_chars(setting.data() + space + 1, setting.data() + setting.size(), packed);
  progress.at = Name::from_packed(packed);
  return progress;
}

class Recount {
 public:
  Recount(const BooksContext& context, std::int64_t now_ms) : context_(context), now_ms_(now_ms) {}

  bool is_due(StoreReader& reader, Outcome<Done>& allowed) const {
    const std::string counted_by = reader.setting(kBooksRevisionSetting);
    if (number_of(counted_by) > context_.policies.revision()) {
      allowed = Fault{.code = "storage_newer",
                      .where = "store",
                      .what = "A newer program, or policy table, has counted this store."};
      return false;
    }
    return counted_by != std::to_string(context_.policies.revision());
  }

  // One transaction of it. `done` when nothing is left.
  Outcome<StoreBatch> step(StoreReader& reader, bool& done) {
    Outcome<Done> allowed = Done{};
    done = !is_due(reader, allowed);
    if (!allowed) return allowed.fault();
    if (done) return StoreBatch{};
    const Progress progress = progress_of(reader.setting(kProgressSetting));
    if (progress.revision != context_.policies.revision()) return begin(reader);
    const std::vector<RecordRow> rows = reader.scan(0, progress.at, kRecordsInBatch);
    StoreBatch batch;
    if (rows.empty()) {
      end(reader, batch);
      done = true;
      return batch;
    }
    Books books(context_, reader, Counting::kAnew);
    for (const RecordRow& row : rows) books.count_anew(row.id);
    books.settle(reader.last_sequence(), now_ms_, batch);
    for (CaseRow& row : batch.cases) {
      const std::string raised = reader.setting(kRaisedPrefix + row.raised.id);
      if (!raised.empty()) std::from_chars(raised.data(), raised.data() + raised.size(), row.raised_ms);
    }
    batch.settings[kProgressSetting] = to_setting(Progress{context_.policies.revision(), rows.back().id});
    return batch;
  }

 private:
  // From here to the end whoever has the store open cannot save, and whoever opens it goes on with the recount.
  StoreBatch begin(StoreReader& reader) const {
    StoreBatch batch;
    batch.drop_books = true;
    batch.settings[kBooksRevisionSetting] = kRecounting;
    batch.settings[kProgressSetting] = to_setting(Progress{context_.policies.revision(), {}});
    for (std::string after;;) {
      const std::vector<CaseRow> rows = reader.open_cases(after, kCasesInPage);
      for (const CaseRow& row : rows) batch.settings[kRaisedPrefix + row.raised.id] = std::to_string(row.raised_ms);
      if (rows.size() < kCasesInPage) break;
      after = rows.back().raised.id;
    }
    return batch;
  }

  void end(StoreReader& reader, StoreBatch& batch) const {
    batch.settings[kBooksRevisionSetting] = std::to_string(context_.policies.revision());
    batch.settings[kProgressSetting] = "";
    // The first time: a recount that another revision interrupted moves nothing that it had not moved.
    const std::string recounted = recounted_setting(context_.policies.revision());
    if (reader.setting(recounted).empty()) batch.settings[recounted] = std::to_string(reader.last_sequence());
    for (std::string after;;) {
      const auto rows = reader.settings(kRaisedPrefix, after, kCasesInPage);
      for (const auto& [name, value] : rows) batch.settings[name] = "";
      if (rows.size() < kCasesInPage) break;
      after = rows.back().first;
    }
  }

  const BooksContext& context_;
  const std::int64_t now_ms_;
};

}  // namespace

std::optional<StoreSequence> recounted_after(StoreReader& reader, std::uint64_t revision) {
  const auto first = reader.settings(kRecountedPrefix, recounted_setting(revision), 1);
  if (first.empty()) return std::nullopt;
  const std::string& text = first.front().second;
  StoreSequence sequence = 0;
  std::from_chars(text.data(), text.data() + text.size(), sequence);
  return sequence;
}

Outcome<Done> recount_if_due(Store& store, Shard shard, const BooksContext& context, std::int64_t now_ms) {
  Recount recount(context, now_ms);
  bool due = false;
  Outcome<Done> allowed = Done{};
  const Outcome<Done> read = store.read(shard, [&](StoreReader& reader) { due = recount.is_due(reader, allowed); });
  if (!read) return read;
  if (!allowed || !due) return allowed;
  for (bool done = false; !done;) {
    const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
      try {
        return recount.step(reader, done);
      } catch (const StorageDamage& damage) {
        return damage.fault;
      }
    };
    const Outcome<StoreSequence> written = store.write(shard, {&writing, 1});
    if (!written) return written.fault();
  }
  return Done{};
}

}  // namespace songsong
