// Targets: each takes any bytes, as a stranger may send them, through the doors that a program has for them, and holds
// what comes out to what was promised. entry.cc makes a fuzzer of each, replay_test.cc a test of what was kept.
//
// A broken promise is thrown as Broken, which ends a fuzzer and fails a test. One thread.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "shared/core/outcome.h"

namespace songsong::fuzz {

struct Broken : std::logic_error {
  using std::logic_error::logic_error;
};

inline void hold(bool holds, const char* promise, const std::string& seen = {}) {
  if (!holds) throw Broken(std::string(promise) + (seen.empty() ? "" : ": " + seen));
}

inline std::string text_of(const Fault& fault) { return fault.code + " at " + fault.where + " (" + fault.what + ")"; }

// A fault says what is wrong and, where the caller cannot know it, where.
enum class Place { kSaid, kCallersToSay };
void hold_fault(const Fault& fault, Place place = Place::kSaid);

// Of something that this harness made itself and that therefore has to go well.
template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) throw Broken("what was made here is taken: " + text_of(outcome.fault()));
  return std::move(outcome).value();
}

// The first byte says how the others are meant; 0 where there is none.
std::uint8_t take_byte(std::string_view& bytes);

void answer(std::string_view bytes);
void bundle(std::string_view bytes);
void csv(std::string_view bytes);
void http(std::string_view bytes);
void import(std::string_view bytes);
void piece(std::string_view bytes);
void policy(std::string_view bytes);
void request(std::string_view bytes);
void rows(std::string_view bytes);
void settings(std::string_view bytes);
void sheet(std::string_view bytes);
void states(std::string_view bytes);
void text(std::string_view bytes);
void ticket(std::string_view bytes);

}  // namespace songsong::fuzz
