// Enrolment: what a ticket that comes with a request makes of its sender. Pure.
#pragma once

#include <cstdint>

#include "schemas/songsong/wire.pb.h"
#include "shared/sync/host.h"
#include "shared/sync/server_keys.h"

namespace songsong {

// `known`: what the server holds of the replica, such as that its ticket was revoked meanwhile. It counts once the
// request's tag has shown that the sender holds the key. Faults: those of a ticket (ticket.h),
// "ticket_other_server", "ticket_forged", "ticket_expired", "key_malformed".
Outcome<Member> enrol(Member known, const wire::Request& request, const ServerKeys& keys, std::int64_t now_ms);

}  // namespace songsong
