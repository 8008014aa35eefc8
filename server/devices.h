// Devices: whom the server gave tickets to, as administrators see them on the command line and over HTTP. Numbers,
// places and times; nothing of what they recorded.
//
// Any thread. Faults of the store.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/office.h"

namespace songsong::server {

struct Device {
  Member member;
  Grants grants;                          // that go on
  std::vector<std::string> closed_units;  // of theirs those that are no more
};

// Ascending by replica, all but the server itself; `grants`: those only all of whose places their holder administers.
Outcome<std::vector<Device>> devices_of(Office& office, const Grants* grants = nullptr);

nlohmann::ordered_json device_json(const Device& device);

// For how long a ticket is good that is issued now, for so many days and until the end of the last, which is what paper
// can say.
std::int64_t ticket_valid_ms(std::int64_t now_ms, int days);

// An address that a ticket can name, without strokes at its end: http or https, a host, nothing besides a port. Fault
// "url_malformed".
Outcome<std::string> ticket_address(const std::string& url);

// As `devices` prints it, or as it stands in names. Fault "unknown_replica".
Outcome<ReplicaId> replica_named(const std::string& text);

}  // namespace songsong::server
