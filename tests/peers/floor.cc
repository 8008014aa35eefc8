// peer_floor: what bare parts can do, to hold SongSong against. No product: SQLite's session extension, framed TCP,
// write-ahead log with synchronous=FULL, an outbox with sequence numbers; no accounts, scopes, totals or security.
//
//   peer_floor server DIR PORT [zlib]
//   peer_floor PHASE DIR PORT COUNT LIMIT_MS [zlib]          w1push, w1pull, w2, w3, w4
#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/peers/conflict.h"
#include "tests/peers/elapsed.h"
#include "tests/peers/floor_table.h"
#include "tests/peers/floor_wire.h"
#include "tests/peers/talk.h"
#include "tests/peers/trickle.h"

namespace songsong::bench::floor {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBatch = 500, kWeakBatch = 25;  // records in a changeset
constexpr std::size_t kInFlight = 8;                  // changesets before their answers
constexpr auto kPause = std::chrono::milliseconds(500);
constexpr std::int64_t kPromptMs = 60'000;  // where the link is good

bool packs = false;  // changesets are compressed

class Server {
 public:
  Server(const std::string& folder, int port)
      : table_(folder + "/server.db",
               "CREATE TABLE IF NOT EXISTS changesets(seq INTEGER PRIMARY KEY, client INT, number INT, bytes BLOB, "
               "UNIQUE(client, number)); CREATE TABLE IF NOT EXISTS conflicts(id, field, mine, theirs, sender)",
               Durability::kFull),
        listener_(Connection::listen(port)) {}

  void run() {
    for (;;) {
      const int descriptor = accept(listener_, nullptr, nullptr);
      if (descriptor >= 0) std::thread([this, descriptor] { serve(descriptor); }).detach();
    }
  }

 private:
  void serve(int descriptor) {
    const Connection connection(descriptor);
    try {
      while (const std::optional<Message> asked = connection.receive()) {
        if (!answer(connection, *asked)) return;
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "peer_floor: %s\n", error.what());
    }
  }

  bool answer(const Connection& connection, const Message& asked) {
    switch (asked.kind) {
      case 'Q':
        return connection.send(
            {.kind = 'L',
             .one = number_of("SELECT coalesce(max(number), 0) FROM changesets WHERE client=?", asked.one),
             .bytes = {}});
      case 'P':
        take(asked);
        return connection.send({.kind = 'A', .one = asked.other, .bytes = {}});
      case 'G':
        return tell_all(connection, asked.one);
      case 'C':
        return connection.send({.kind = 'C',
                                .one = number_of("SELECT count(DISTINCT id) FROM conflicts WHERE sender<>?", 0),
                                .bytes = {}});
      default:
        return false;
    }
  }

  std::uint64_t number_of(const char* sql, std::uint64_t bound) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Statement select(table_.handle(), sql);
    select.bind(static_cast<std::int64_t>(bound)).step();
    return static_cast<std::uint64_t>(select.number(0));
  }

  void take(const Message& asked) {
    const std::string changeset = packs ? decompress(asked.bytes) : asked.bytes;
    const auto client = static_cast<std::int64_t>(asked.one);
    const std::lock_guard<std::mutex> lock(mutex_);
    table_.transact([&] {
      Statement known(table_.handle(), "SELECT 1 FROM changesets WHERE client=? AND number=?");
      if (known.bind(client).bind(static_cast<std::int64_t>(asked.other)).step()) return;
      Statement insert(table_.handle(), "INSERT INTO changesets(client, number, bytes) VALUES(?,?,?)");
      insert.bind(client).bind(static_cast<std::int64_t>(asked.other)).bind_bytes(asked.bytes).run();
      table_.apply(changeset, client);
    });
  }

  bool tell_all(const Connection& connection, std::uint64_t after) {
    std::vector<Message> all;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Statement select(table_.handle(), "SELECT seq, bytes FROM changesets WHERE seq>? ORDER BY seq");
      select.bind(static_cast<std::int64_t>(after));
      while (select.step())
        all.push_back({.kind = 'D', .one = static_cast<std::uint64_t>(select.number(0)), .bytes = select.text(1)});
    }
    for (const Message& each : all) {
      if (!connection.send(each)) return false;
    }
    return connection.send({.kind = 'E', .one = all.empty() ? after : all.back().one, .bytes = {}});
  }

  std::mutex mutex_;  // of the table
  Table table_;
  int listener_;
};

class Client {
 public:
  Client(const std::string& path, std::uint64_t id, int port)
      : table_(path, "CREATE TABLE IF NOT EXISTS outbox(number INTEGER PRIMARY KEY, bytes BLOB)", Durability::kNormal),
        id_(id),
        port_(port) {}

  Table& table() { return table_; }
  std::uint64_t failures() const { return failures_; }
  void hang_up() { connection_.reset(); }

  void capture(const std::function<void()>& work) {
    table_.capture(work, [&](const std::string& changeset) {
      Statement insert(table_.handle(), "INSERT INTO outbox(bytes) VALUES(?)");
      insert.bind_bytes(packs ? compress(changeset) : changeset).run();
    });
  }

  // Again and again until the limit.
  bool push(std::int64_t limit_ms) {
    const Clock::time_point until = Clock::now() + std::chrono::milliseconds(limit_ms);
    while (!push_once()) {
      hang_up();
      ++failures_;
      if (Clock::now() > until) return false;
      std::this_thread::sleep_for(kPause);
    }
    return true;
  }

  bool pull() {
    if (!connected() || !connection_->send({.kind = 'G', .one = pulled_, .bytes = {}})) return false;
    bool complete = false;
    table_.transact([&] {
      while (const std::optional<Message> told = connection_->receive()) {
        complete = told->kind == 'E';
        if (complete) {
          pulled_ = told->one;
          return;
        }
        table_.apply(packs ? decompress(told->bytes) : told->bytes, 0);
      }
    });
    return complete;
  }

  std::uint64_t conflicts() {
    if (!connected() || !connection_->send({.kind = 'C', .bytes = {}})) return 0;
    const std::optional<Message> told = connection_->receive();
    return told ? told->one : 0;
  }

 private:
  bool connected() {
    if (connection_) return true;
    const int descriptor = Connection::dial(port_);
    if (descriptor >= 0) connection_ = std::make_unique<Connection>(descriptor);
    return descriptor >= 0;
  }

  void drop_until(std::uint64_t number) {
    Statement(table_.handle(), "DELETE FROM outbox WHERE number<=?").bind(static_cast<std::int64_t>(number)).run();
  }

  bool push_once() {
    if (!connected() || !connection_->send({.kind = 'Q', .one = id_, .bytes = {}})) return false;
    const std::optional<Message> last = connection_->receive();
    if (!last) return false;
    drop_until(last->one);
    std::vector<Message> waiting;
    Statement select(table_.handle(), "SELECT number, bytes FROM outbox ORDER BY number");
    while (select.step()) {
      waiting.push_back(
          {.kind = 'P', .one = id_, .other = static_cast<std::uint64_t>(select.number(0)), .bytes = select.text(1)});
    }
    for (std::size_t sent = 0, answered = 0; answered < waiting.size(); ++answered) {
      for (; sent < waiting.size() && sent - answered < kInFlight; ++sent) {
        if (!connection_->send(waiting[sent])) return false;
      }
      if (!connection_->receive()) return false;
    }
    if (!waiting.empty()) drop_until(waiting.back().other);
    return true;
  }

  Table table_;
  std::uint64_t id_;
  int port_;
  std::unique_ptr<Connection> connection_;
  std::uint64_t pulled_ = 0, failures_ = 0;
};

class Comparison {
 public:
  Comparison(std::string folder, int port, std::size_t count, std::int64_t limit_ms)
      : folder_(std::move(folder)),
        port_(port),
        limit_ms_(limit_ms),
        needs_(make_needs(Lists::kMeasured, count, kMeasuredSeed)) {}

  void push(std::size_t batch) {
    Client client(folder_ + "/client.db", 1, port_);
    const Clock::time_point began = Clock::now();
    for (std::size_t at = 0; at < needs_.size(); at += batch) {
      const std::span<const Need> some = std::span(needs_).subspan(at, std::min(batch, needs_.size() - at));
      client.capture([&] { client.table().insert(some); });
    }
    tell_ready(Json{{"create_s", milliseconds_since(began) / 1000}});
    const bool complete = client.push(limit_ms_);
    Json result{{"reconnects", client.failures()}};
    if (!complete) result["incomplete"] = true;
    tell_done(result);
  }

  void pull() {
    Client client(folder_ + "/client.db", 2, port_);
    tell_ready();
    const bool complete = client.pull();
    Json result{{"count", client.table().held().size()}};
    if (!complete) result["incomplete"] = true;
    tell_done(result);
  }

  void trickle() {
    std::vector<std::unique_ptr<Client>> clients;
    for (const auto& [school, records] : trickle_schools(needs_)) {
      const std::size_t at = clients.size();
      auto client = std::make_unique<Client>(folder_ + "/" + std::to_string(at) + ".db", 1000 + at, port_);
      Table& table = client->table();
      table.transact([&, &held = records] {
        for (const Need* const need : held) table.insert({need, 1});
      });
      client->capture([&, &held = records] {
        for (std::size_t k = 0; k < held.size(); ++k) {
          table.set("note", trickle_note(at, k), held[k]->id);
          Statement(table.handle(), "UPDATE needs SET lacks_device=1-lacks_device WHERE id=?").bind(held[k]->id).run();
        }
      });
      clients.push_back(std::move(client));
    }
    tell_ready();
    tell_done(run_trickle(clients.size(), [&](std::size_t at) {
      const bool pushed = clients[at]->push(kPromptMs);
      clients[at]->hang_up();
      return pushed;
    }));
  }

  void conflict() {
    Client a(folder_ + "/a.db", 11, port_), b(folder_ + "/b.db", 12, port_);
    for (Client* const each : {&a, &b}) {
      if (!each->pull()) throw std::runtime_error("nothing can be pulled");
      each->hang_up();
    }
    a.capture([&] {
      for (std::size_t i = 0; i < kEditedApart + kEditedAlike; ++i)
        a.table().set("note", note_of_a(needs_, i), needs_.at(i).id);
    });
    b.capture([&] {
      for (std::size_t i = 0; i < kEditedApart + kEditedAlike; ++i) {
        const std::string& id = needs_.at(i).id;
        i < kEditedApart ? b.table().set("guardian_phone", phone_of_b(needs_, i), id)
                         : b.table().set("note", note_of_b(needs_, i), id);
      }
    });
    tell_ready();
    bool complete = true;
    for (Client* const each : {&a, &b, &a, &b}) complete = each->push(kPromptMs) && each->pull() && complete;
    const Clock::time_point synchronised = Clock::now();
    const auto on_a = a.table().held(), on_b = b.table().held();
    const auto edited = [](const std::map<std::string, Table::Held>& held) {
      return
          [&held](const Need& need) { return Edited{.note = held.at(need.id).note, .phone = held.at(need.id).phone}; };
    };
    Json result = judge_edits(needs_, edited(on_a), edited(on_b));
    result["visible"] = a.conflicts();
    result["verify_ms"] = milliseconds_since(synchronised);
    if (!complete) result["incomplete"] = true;
    tell_done(result);
  }

 private:
  std::string folder_;
  int port_;
  std::int64_t limit_ms_;
  std::vector<Need> needs_;
};

int run(std::vector<std::string> words) {
  packs = !words.empty() && words.back() == "zlib";
  if (packs) words.pop_back();
  if (words.size() == 3 && words[0] == "server") {
    Server(words[1], std::stoi(words[2])).run();
  }
  if (words.size() != 5) {
    std::fprintf(stderr, "peer_floor server DIR PORT [zlib] | peer_floor PHASE DIR PORT COUNT LIMIT_MS [zlib]\n");
    return 2;
  }
  Comparison comparison(words[1], std::stoi(words[2]), std::stoul(words[3]), std::stol(words[4]));
  const std::string& phase = words[0];
  if (phase == "w1push") comparison.push(kBatch);
  if (phase == "w4") comparison.push(kWeakBatch);
  if (phase == "w1pull") comparison.pull();
  if (phase == "w2") comparison.trickle();
  if (phase == "w3") comparison.conflict();
  return 0;
}

}  // namespace
}  // namespace songsong::bench::floor

int main(int argc, char** argv) {
  try {
    return songsong::bench::floor::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "peer_floor: %s\n", error.what());
    return 1;
  }
}
