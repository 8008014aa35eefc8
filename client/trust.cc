#include "client/trust.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace songsong::client {
namespace {

struct StoreFree {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
struct ContextFree {
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

bool has_print(const X509* certificate, const Fingerprint& print) {
  Fingerprint found;
  unsigned int length = 0;
  return X509_digest(certificate, EVP_sha256(), found.bytes.data(), &length) == 1 && found == print;
}

// Null when the server did not show it.
X509* shown(STACK_OF(X509) * chain, const Fingerprint& print) {
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    if (has_print(sk_X509_value(chain, i), print)) return sk_X509_value(chain, i);
  }
  return nullptr;
}

int check(X509_STORE_CTX* asked, void* print) {
  X509* const leaf = X509_STORE_CTX_get0_cert(asked);
  STACK_OF(X509)* const chain = X509_STORE_CTX_get0_untrusted(asked);
  X509* const authority = shown(chain, *static_cast<const Fingerprint*>(print));
  const std::unique_ptr<X509_STORE, StoreFree> trusted(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, ContextFree> context(X509_STORE_CTX_new());
  const bool ready = authority != nullptr && trusted && context && X509_STORE_add_cert(trusted.get(), authority) == 1 &&
                     X509_STORE_CTX_init(context.get(), trusted.get(), leaf, chain) == 1 &&
                     X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER) == 1;
  if (!ready) {
    X509_STORE_CTX_set_error(asked, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
    return 0;
  }
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context.get()), X509_V_FLAG_NO_CHECK_TIME);
  const int holds = X509_verify_cert(context.get());
  X509_STORE_CTX_set_error(asked, X509_STORE_CTX_get_error(context.get()));
  return holds == 1 ? 1 : 0;
}

}  // namespace

void trust_only(void* ssl_context, Fingerprint& authority) {
  SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(ssl_context), check, &authority);
}

}  // namespace songsong::client
