#include "tests/replica/store_example.h"

namespace songsong::example {
namespace {

constexpr std::int64_t kSeptember = 1'788'000'000'000;
constexpr Tag kTag = 0xABCDE;

ChainHash some_hash(Random& random) {
  ChainHash hash;
  for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(random.next());
  return hash;
}

std::string made_up_name(Random& random) {
  static constexpr const char* kSyllables[] = {"an",  "binh",  "chi", "dung", "giang",
                                               "hoa", "khanh", "lan", "minh", "nga"};
  return std::string(random.pick(kSyllables)) + ' ' + random.pick(kSyllables) + ' ' + random.pick(kSyllables);
}

Cells need_cells(const std::string& unit, Random& random) {
  const std::int64_t level = random.between(1, 4);
  return {{unit, 1, 0, 0, 1}, {unit, 1, 1, level, 1}, {unit, 3, 0, 0, 1}, {unit, 3, 1, level, 1}};
}

void add_need(StoreBatch& batch, Name name, const std::string& school, StoreSequence version, Random& random) {
  const Name pupil(name.replica(), name.sequence() / 8 + 1, kTag);
  batch.log.push_back(log_row(name, name, random));
  batch.records.push_back(record_row(name, kNeed, school, version, random));
  batch.records.back().last_logged = version;
  batch.personal.push_back({name, some_bytes(random, 60)});
  batch.search.push_back({name, school, made_up_name(random) + '\n' + std::to_string(random.next() % 1'000'000'000)});
  for (const std::uint32_t rule : {1u, 2u}) batch.matches_added.push_back({{rule, random.next()}, name});
  batch.accounts.push_back({name, need_cells(school, random), {}});
  for (const FieldNumber field : {1u, 7u}) batch.references_added.push_back({pupil, name, kNeed, field});
}

void add_what_is_counted(StoreBatch& batch, RecordId lans, RecordId minhs) {
  Random random(3);
  batch.accounts = {{lans, need_cells("S017", random), {{1, "sn-1", lans}, {2, std::string("\0\1", 2), lans}}}};
  batch.class_names = {{minhs, lans}};
  batch.references_added = {{lans, minhs, kNeed, 4}};
  batch.claims_added = {{1, "sn-1", lans}, {1, "sn-1", minhs}};
  batch.matches_added = {{{1, 42}, lans}, {{1, 42}, minhs}, {{2, ~std::uint64_t{0}}, minhs}};
  batch.totals = {{"D01", {{"D01", 1, 0, 0, 2}}, {{"D01", 1, 0, 0, 3}, {"S017", 1, 0, 0, 1}}}};
  batch.cases = {
      {{"duplicate.a-b", CaseClass::kDuplicate, "S017", {lans, minhs}, {3, 4}, "likely_duplicate"}, kSeptember}};
}

}  // namespace

std::string some_bytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

LogRow log_row(Name name, RecordId record, Random& random) {
  LogRow row;
  row.name = name;
  row.parent_tag = name.sequence() == 1 ? 0 : name.tag();
  row.record = record;
  row.received_ms = kSeptember + random.between(0, 1'000'000);
  row.hash = some_hash(random);
  row.change = some_bytes(random, 70);
  return row;
}

RecordRow record_row(RecordId id, KindNumber kind, const std::string& unit, StoreSequence version, Random& random) {
  return {id, kind, unit, version, true, some_bytes(random, 110), std::nullopt};
}

StoreBatch new_needs(ReplicaId replica, Sequence first, std::size_t count, const std::string& school,
                     StoreSequence last, Random& random) {
  StoreBatch batch;
  for (std::size_t i = 0; i < count; ++i) {
    add_need(batch, Name(replica, first + static_cast<Sequence>(i), kTag), school, last + 1 + i, random);
  }
  return batch;
}

StoreBatch one_of_each() {
  Random random(2);
  const RecordId lans(kLansPhone, 1, kTag);
  const RecordId minhs(kMinhsPhone, 1, kTag);
  StoreBatch batch;
  batch.log = {log_row(lans, lans, random), log_row(minhs, minhs, random)};
  batch.log[1].verdict = Verdict::kQuarantined;
  batch.log[1].reason = "unit_unknown";
  batch.records = {record_row(lans, kPupil, "S017", 1, random), record_row(minhs, kNeed, "S018", 2, random)};
  batch.log[1].previous = 1;
  batch.records[1].live = false;
  batch.records[1].last_logged = 2;
  batch.records[1].base_epoch = 3;
  batch.records[1].base_version = 40'000'000'000;
  batch.records[1].base = some_bytes(random, 20);
  batch.personal = {{lans, some_bytes(random, 30)}};
  batch.search = {{lans, "S017", "lan"}, {minhs, "S018", "minh\nthanh"}};
  add_what_is_counted(batch, lans, minhs);
  batch.units = {{"S017", "Trường 17", "school", "D01", kSeptember, lans, minhs}};
  batch.runs = {{kLansPhone, {1, 1, kTag, 0}, kTag}, {kMinhsPhone, {1, 1, kTag, 0}, 5}};
  batch.tips = {{lans, batch.log[0].hash}, {minhs, batch.log[1].hash}};
  batch.departures = {{"S018", 2, minhs, "S017"}};
  batch.block_keys = {{{kLansPhone, 0, kTag}, BlockKey({1, 2, 3})}, {{kLansPhone, 1, kTag}, std::nullopt}};
  batch.change_keys = {{Name(kLansPhone, 257, kTag), ChangeKey({4, 5, 6})}};
  batch.erased = {{Name(kLansPhone, 258, kTag), 2, {Commitment{{7}}, Commitment{{8}}}}};
  batch.settings = {{"epoch", std::string("\0\7", 2)}};
  return batch;
}

}  // namespace songsong::example
