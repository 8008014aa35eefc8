// Tls: what `serve` shows who connects by TLS (1.2 or 1.3): a certificate of the folder's own authority, which is made
// anew each day for the names and addresses that the machine has then and lies in no file; or a given one, which is
// read anew when its file changes, so that whatever renews it need not stop the server.
//
// Threads: socket() from one; connections may be accepted by any.
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "server/authority.h"
#include "server/limits.h"

namespace songsong::server {

class Tls {
 public:
  // Makes what is to be shown now; nothing where it is as it was. Asked for each connection, one at a time.
  class Source {
   public:
    virtual ~Source() = default;
    virtual Outcome<std::optional<Credentials>> look() = 0;
  };

  // As server.conf says (`tls_certificate`, `tls_key`, `tls_names`). `host` is what is listened on. Faults of
  // authority.h.
  static Outcome<std::unique_ptr<Tls>> chosen(const Limits& limits, Store& store, const std::string& host);

  // Borrows this, for as long as it or a connection of it is open.
  Poco::Net::ServerSocket socket();
  std::shared_ptr<const Credentials> shown();

 private:
  explicit Tls(std::unique_ptr<Source> source);
  static int show(SSL* connection, void* tls);

  std::unique_ptr<Source> source_;
  Poco::Net::Context::Ptr context_;
  std::mutex mutex_;
  std::shared_ptr<const Credentials> shown_;  // guarded by mutex_
};

// What a failed connection of this thread left behind would be taken for the next one's.
void forget_tls_errors();

// What stands on a ticket for the address: the folder's own authority, where devices meet it there. Fault
// "address_without_tls" for an address at which a server that speaks TLS does not answer.
Outcome<std::optional<Fingerprint>> authority_on_tickets(const std::string& url, const Limits& limits, Store& store);

}  // namespace songsong::server
