#include "tests/faults/held.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "shared/replica/own_lines.h"
#include "shared/replica/sqlite_store.h"
#include "tests/support/must.h"

namespace songsong::testing {
namespace {

std::unique_ptr<SqliteStore> open_to_read(const std::string& path) {
  SqliteOptions options;
  options.read_only = true;
  return must(SqliteStore::open(path, options));
}

}  // namespace

Held held_by_phone(const std::string& folder) {
  Held held;
  must(open_to_read(folder + "/replica.db")->read(0, [&](StoreReader& reader) {
    const OwnLines own = OwnLines::read(reader);
    held.replica = own.present().identity.replica;
    held.saved = own.present().tip.valid() ? own.present().tip.sequence() : 0;
    held.received = own.present().received();
  }));
  return held;
}

Sequence held_by_server(const std::string& folder, ReplicaId replica) {
  Sequence held = 0;
  must(open_to_read(folder + "/songsong.db")->read(0, [&](StoreReader& reader) {
    const ReplicaId wanted[] = {replica};
    const std::vector<TipRow> tips = reader.tips(wanted).front();
    for (const TipRow& tip : tips) held = std::max(held, tip.name.sequence());
  }));
  return held;
}

Traces traces_of(const std::string& store) {
  std::error_code error;
  Traces traces;
  traces.bytes = std::filesystem::file_size(store + "-wal", error);
  traces.open = !error;
  if (error) traces.bytes = 0;
  const auto written = std::filesystem::last_write_time(store + "-wal", error);
  if (!error) traces.written_ns = std::chrono::nanoseconds(written.time_since_epoch()).count();
  return traces;
}

}  // namespace songsong::testing
