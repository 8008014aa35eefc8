// Plan: what happens in a simulation, as a list of steps that a seed draws without looking at the world. Each step
// means something whatever stands before it (it names things by numbers that are taken modulo what there is), so that a
// list with steps taken out is a plan, too: that is how a failing one is made short.
//
//   text form, a step a line, # begins a comment:   phones 3, bytes 60, sealed 1, then   pupil 1 7 0 ...
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/outcome.h"

namespace songsong::simulation {

// a, b and c stand for the step's numbers. New ones go at the end: kept transcripts go on meaning what they meant.
enum class Verb : std::uint8_t {
  kPupil,          // phone a records a pupil
  kNeed,           // phone a records the need of a pupil it holds (b)
  kDevice,         // phone a records a device
  kHandover,       // phone a hands device b to pupil c
  kReturn,         // phone a takes handover b back
  kNotebook,       // phone a opens a notebook on pupil b
  kEdit,           // phone a changes a field (c) of record b
  kMove,           // phone a sends pupil b to another school (c)
  kRemove,         // phone a removes record b
  kRestore,        // phone a lets record b stay after all
  kOpenForm,       // phone a opens a form on record b
  kSaveForm,       // phone a saves its oldest open form, with what it had seen then
  kVerify,         // phone a, a reviewer's, writes the state of need b
  kSettle,         // phone a decides its case b, in way c
  kAsk,            // phone a begins a conversation, or gives up the one it has and asks again
  kArrive,         // question b arrives at a server; c repeats it later, or sends it to an old server
  kDamage,         // question b arrives cut or altered (c)
  kLose,           // message b of those on the way is lost (c: question or answer)
  kHear,           // answer b arrives; c may cut or alter it
  kSync,           // phone a converses to the end over a good link
  kBundle,         // phone a writes a bundle
  kCarry,          // file b goes to the server, to its owner, or to phone a (c)
  kWait,           // time passes (a, b)
  kClock,          // the clock of phone a jumps (b), or runs fast or slow (c)
  kReboot,         // phone a is switched off and on
  kKill,           // the process of phone a is killed in the middle of its write b from now
  kPower,          // the battery of phone a is taken out, at once or in the middle of its write b from now (c)
  kFault,          // the write b from now fails on phone a
  kFull,           // the disk of phone a is full (b even) or has room again
  kSnapshot,       // phone a is backed up
  kRollback,       // phone a is put back from its backup
  kCopy,           // phone a is copied to a new device
  kLost,           // phone a falls into the river
  kTicket,         // phone a gets a new ticket
  kRevoke,         // phone a is revoked
  kUpgrade,        // phone a is started with the policy table that it was handed out
  kServerKill,     // as kKill, of the server
  kServerPower,    // as kPower
  kServerFault,    // as kFault
  kServerFull,     // as kFull
  kServerBackup,   // the server is backed up
  kServerRestore,  // the server is put back from backup b; c: the old one goes on running for a while
  kServerUpgrade,  // the server is started with a newer policy table
  kServerClock,    // the server's clock jumps (b)
  kUnit,           // the office adds a class below school b
  kReparent,       // the office moves unit b below unit c
  kRepoint,        // phone a says of need, handover or return b that it is of another record (c)
  kReclass,        // phone a corrects under what pupil, device or need b is counted (c)
  kSaveStale,      // phone a saves its oldest open form in a field (c) that somebody wrote meanwhile
  kOvertake,       // phone a opens a form on record b, another phone saves a field of it, both converse, then a saves
  kSyncBeside,     // another program on phone a converses to the end, while the first one waits for its answer
  kRefer,          // phone a says in notebook b which need (c) it is about
  kAppoint,        // whoever has phone a gets another place (b), and its ticket
  kReform,         // from today on unit b is below unit c, as the office decides; how it stood is kept
  kCloseUnit,      // from today on unit b is no more: what was below it is below the unit above it
  kGrant,          // the office gives whoever has phone a another place (b), besides the one they have where c is odd
  kErase,          // the office has somebody's (b) personal values erased
  kCount,          // how many there are
};

struct Step {
  Verb verb = Verb::kWait;
  std::uint32_t a = 0, b = 0, c = 0;

  bool operator==(const Step&) const = default;
};

inline constexpr std::uint32_t kMostPhones = 5;  // at the beginning; copies come on top

struct Plan {
  std::uint64_t seed = 0;  // of chance inside the world: keys, tags, what a loss of power keeps
  std::uint32_t phones = 3;
  std::uint32_t bytes = 0;   // at most in a piece and in an answer's states; 0: as phones do
  std::uint32_t sealed = 0;  // so many of the phones lie sealed on their disks
  std::vector<Step> steps;
};

const char* name_of(Verb verb);

// Each seed has verbs of its own that it draws often, seldom or never, so that rare things meet.
Plan draw_plan(std::uint64_t seed);

std::string to_text(const Plan& plan);
// Fault "transcript_malformed", with the line.
Outcome<Plan> parse_plan(std::string_view text);

}  // namespace songsong::simulation
