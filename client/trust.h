// Trust: how a device knows a server's TLS certificate whose authority is the server's own (ticket.h). The chain that
// the server shows has to end in the authority of that fingerprint, and its signatures have to hold (RFC 5280, as
// OpenSSL checks them). Two things are not looked at. The name: the authority vouches for this one server, wherever it
// stands. The dates: a phone's clock may be years off, and must not keep a teacher from sending.
//
// One thread.
#pragma once

#include "shared/sync/ticket.h"

namespace songsong::client {

// `ssl_context` is an SSL_CTX of OpenSSL; `authority` outlives the connections made with it.
void trust_only(void* ssl_context, Fingerprint& authority);

}  // namespace songsong::client
