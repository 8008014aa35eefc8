// The floor's table: the measured records in one SQLite table, with what the session extension makes of it: changesets
// that one side captures and the other applies. Where both wrote one value the last to arrive stays, and a log keeps
// what it replaced.
//
// One thread at a time. Whatever fails throws std::runtime_error: a measurement has nothing better to do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tests/support/bench_need.h"

struct sqlite3;
struct sqlite3_stmt;

namespace songsong::bench::floor {

using RowId = std::int64_t;

class Statement {
 public:
  Statement(sqlite3* database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t number);
  Statement& bind(const std::string& text);
  Statement& bind_bytes(const std::string& bytes);
  bool step();  // whether there is a row
  void run();   // and ready to be bound again
  std::int64_t number(int column) const;
  std::string text(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* handle_ = nullptr;
  int bound_ = 0;
};

enum class Durability { kFull, kNormal };  // PRAGMA synchronous

class Table {
 public:
  Table(const std::string& path, const char* also, Durability durability);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  sqlite3* handle() const { return database_; }
  void execute(const char* sql);
  // All or nothing.
  void transact(const std::function<void()>& work);
  // What `work` changed, in one transaction, together with what `keep` does with it.
  void capture(const std::function<void()>& work, const std::function<void(const std::string&)>& keep);
  // Inside a transaction. `logs` names who sent it, for the log of what was replaced; 0: there is none.
  void apply(const std::string& changeset, RowId logs);

  void insert(std::span<const Need> needs);
  void set(const std::string& column, const std::string& value, const std::string& id);

  struct Held {
    std::string note, phone;
  };
  std::map<std::string, Held> held();  // by id

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace songsong::bench::floor
