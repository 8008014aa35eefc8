// Authority: the certificate authority of one server. It vouches for that server and for nothing else, so that a
// network without a public name has TLS. Made once, kept in the store, and so in each backup; its fingerprint stands on
// tickets, and a device trusts it for this server alone.
//
// Certificates are X.509 (RFC 5280) with ECDSA over P-256, as OpenSSL makes them. Values; any thread. Faults
// "tls_failed" with what OpenSSL said.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/outcome.h"
#include "shared/replica/store.h"
#include "shared/sync/ticket.h"

namespace songsong::server {

struct CertificateFree {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct PrivateKeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, CertificateFree>;
using PrivateKey = std::unique_ptr<EVP_PKEY, PrivateKeyFree>;

// What a server shows who connects, with the key that goes with it.
struct Credentials {
  PrivateKey key;
  Certificate certificate;
  std::vector<Certificate> chain;  // those that vouch for it, the nearest first
};

class Authority {
 public:
  static Outcome<Authority> make(std::int64_t now_ms);
  // What pem() gave.
  static Outcome<Authority> read(std::string_view pem);

  std::string pem() const;  // the key, then the certificate: a secret
  std::string certificate_pem() const;
  Fingerprint fingerprint() const;
  // For a server of these names and addresses, for a month from two days ago on: clocks differ.
  Outcome<Credentials> issue(const std::vector<std::string>& names, std::int64_t now_ms) const;

 private:
  Authority(PrivateKey key, Certificate certificate) : key_(std::move(key)), certificate_(std::move(certificate)) {}

  PrivateKey key_;
  Certificate certificate_;
};

// The store's own; it is made where there is none yet. Faults of the store.
Outcome<Authority> authority_of(Store& store, std::int64_t now_ms);
// The present store's instead of the restored one's: tickets that were issued since hold its fingerprint.
Outcome<Done> take_over_authority(Store& present, Store& restored);

// A chain, the server's own certificate first, and its key, from PEM files (RFC 7468). Faults "certificate_unreadable"
// (no certificate, no key, one under a password, or one that does not go with the other) with the file in `where`.
Outcome<Credentials> read_credentials(const std::string& certificate_path, const std::string& key_path);

}  // namespace songsong::server
