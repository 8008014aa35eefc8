// A crowd of phones in this process, each with a store of its own in memory, each on a thread of its own: they hold the
// client's own conversations, over libcurl, with a server that is a real process. What fails is tried again after a
// pause, as `sync --watch` does.
//
// One thread makes it and asks it; synchronise() runs as many as there are phones. Whatever cannot be fails the test.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/http.h"
#include "tests/faults/scale.h"

namespace songsong::testing {

struct CrowdTold {
  std::size_t whole = 0;                      // phones whose every change has a receipt
  std::map<std::string, std::size_t> faults;  // by code: conversations that ended with one
  std::size_t waits = 0;                      // how often a phone was told to come again later
  std::uint64_t changes = 0;                  // that receipts were given for
  Seconds took{0};                            // until the last one had its receipts
  Seconds median{0}, nearly_all{0};           // of the phones; 99 of a hundred
};

class Crowd {
 public:
  // One phone for each unit, with tickets from the folder of the server, which may be running, for the address.
  Crowd(const std::string& server_folder, const std::string& address, const std::vector<std::string>& units,
        const client::HttpPatience& patience = {});
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // So many new children on every phone.
  void record(std::size_t each);
  // All at once; until everyone has all receipts, or the time is up.
  CrowdTold synchronise(Seconds most);

 private:
  struct Phone;

  client::HttpPatience patience_;
  std::vector<std::unique_ptr<Phone>> phones_;
  std::size_t recorded_ = 0;
};

}  // namespace songsong::testing
