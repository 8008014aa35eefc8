// Checks: what may never be, whatever happens. Each is named as a user would say it, and thrown as a Violation.
//
//   while it runs
//     what a phone saved stays                       through kills, lost power, full disks
//     one act is one change                          what a person saved once stands once in the phone's log
//     what was acknowledged stays                    in a server's log, through the same
//     a receipt never lies                           the server holds the change, and does after losing power
//     a retry gets the same receipt                  byte for byte, and the same verdicts
//     no reader skips or doubles a store sequence
//     an edit replaces what its author saw           on the form, and nothing else
//     nothing hides an own change                    after an answer, what is shown covers all that is not refused
//     nothing outside its scope reaches a replica
//     nothing is set aside without a reason          none is refused because of a clock
//     a store can always be opened, read             (and a server started) once the disk allows it
//     an answer of the server can be taken in
//   at rest, when all is healed
//     everything that a phone saved is at the server, once, with its hash
//     nothing waits
//     the server verifies; a phone verifies          states, totals, claims, cases, chains and digests equal a recount
//                                                    from the log by the naive reference model
//     a phone holds what the server holds            its scope, byte for byte, personal values among it
//     who was erased is held nowhere                 no personal value, in no store, whoever was restored
//     who was revoked holds nothing of others        once they have heard
//     digests agree                                  and nothing had to be mended
//     what was let in is let in once
//     what is in two hands is a case                 and nothing else is (hands.h)
#pragma once

#include <optional>
#include <set>
#include <string>

#include "tests/simulation/office.h"
#include "tests/simulation/phone.h"

namespace songsong::simulation {

// An answer as it leaves the server: its receipts are kept as promises, its states looked at. What it promises, for a
// comparison with the answer to the same question again; empty where nothing can be compared.
std::string check_answer(Office& office, std::string_view question, std::string_view answer);

void check_nothing_hidden(Phone& phone);

// The heads that a form's author knew of.
struct SeenHeads {
  // Those that it showed, and those that its values had replaced by then and a restore, which lost the replacing, made
  // values again.
  std::set<Name> all;
  // Those of them that are known by what the phone still holds. What only stands for a change that a restore lost takes
  // effect when that change arrives again: until then the new value stands beside the old one, and nothing is lost.
  std::set<Name> held;
};
OpenForm form_on(const State& state);
SeenHeads seen_on(Phone& phone, const OpenForm& form, const State& now);
// A record before and after one edit of a phone. `seen`: what its author had before the eyes; null for all.
void check_edit(const State& before, const State& after, const SeenHeads* seen);

// At rest.
void check_erased(Phone& phone, Office& office);
void check_office(Office& office);
void check_phone(Phone& phone, Office& office);
void check_revoked(Phone& phone, Office& office);
// Live records, by the units that the phone may see. A record that a restored server has lost for good, because the
// only device that could send it again is gone, may still be held by others; how many such there are.
std::size_t check_same_records(Phone& phone, Office& office);

}  // namespace songsong::simulation
