// A ticket on a sheet of paper: the code to photograph, its letters for who cannot, whom it is for, and what to do.
#pragma once

#include <map>
#include <string>

#include "shared/sync/ticket.h"

namespace songsong::server {

// A whole HTML page, Vietnamese with English below, to be printed on A5 or A4; it loads nothing from elsewhere.
// `unit_names` by code.
std::string ticket_sheet(const Ticket& ticket, const std::map<std::string, std::string>& unit_names);

}  // namespace songsong::server
