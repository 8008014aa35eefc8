// Join: what makes a store a ticket's replica, without a network.
#pragma once

#include "shared/replica/replica.h"
#include "shared/sync/ticket.h"

namespace songsong {

// Setting: the ticket's binary form, kept for the server that has lost the enrolment with its newest backup.
inline constexpr const char* kTicketSetting = "ticket";
// Setting: "1" once the server has enrolled this replica.
inline constexpr const char* kEnrolledSetting = "enrolled";

// Setting: the ticket of a replica that this store was before.
std::string former_ticket_setting(ReplicaId replica);

enum class Joined { kNew, kAlready, kRenewed };

// A new store becomes the ticket's replica. One that is the ticket's replica already stays as it is; another one takes
// the new replica id for what it saves from now on, and what it saved before keeps its name and is still sent.
// `entropy` draws the signing key. Faults: "ticket_other_server" when the store belongs to another server's replica;
// those of the store. `same_server`: somebody who knows says that it is the same one with another key.
Outcome<Joined> join(Store& store, const Ticket& ticket, const std::function<void(std::span<std::uint8_t>)>& entropy,
                     bool same_server = false);

}  // namespace songsong
