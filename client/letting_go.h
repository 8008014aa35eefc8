// Commands for a pupil (or a device) that goes to another unit: one lets go, one receives, and it is one all the time
// (shared/sync/offers.h). Until it is received it stays where it was.
#pragma once

#include <string>

#include "client/command.h"

namespace songsong::client {

// To the unit of that code, which need not be known here.
Exit let_go(const Settings& settings, const std::string& record, const std::string& to);
// What is offered to this device's units: all of it is told where `case_id` is empty; else it is received, or not.
Exit receive_record(const Settings& settings, const std::string& case_id, bool refuses);

// Whether the case is such an offer.
bool is_offer(const CaseRow& row);

}  // namespace songsong::client
