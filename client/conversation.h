// A conversation with the server, to its end: carries an Initiator's messages over HTTP, tries again what was lost and
// waits where the server is busy.
//
// A question that is lost is asked again at once, in a smaller piece, kTries times in a row; one that brings an answer
// sets the count back, so a link that is cut again and again still carries everything. A server that is busy (its own
// "busy", or 429, 502, 503, 504 of what stands in front of it) is asked again after the time that it names, kBusyTries
// times in a row, each phone at a moment of its own.
//
// One thread; as many conversations at once as there are replicas. Faults of Initiator and HttpClient; "busy".
#pragma once

#include <chrono>
#include <functional>

#include "client/http.h"
#include "shared/sync/initiator.h"

namespace songsong::client {

inline constexpr int kTries = 3;
inline constexpr int kBusyTries = 6;
inline constexpr long kBusySeconds = 5;       // where the server does not say for how long
inline constexpr long kMostBusySeconds = 30;  // whatever it says

struct ConversationOptions {
  const Primer* primer = nullptr;
  bool check = false;
  int busy_tries = kBusyTries;
  HttpPatience patience = {};
  std::function<void(const SyncTally&)> progress = {};               // after each answer
  std::function<void(std::chrono::milliseconds)> told_to_wait = {};  // before the server is left alone for so long
};

Outcome<SyncTally> converse(Replica& replica, const ConversationOptions& options);

}  // namespace songsong::client
