#include "server/authority.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "shared/system/files.h"

namespace songsong::server {
namespace {

constexpr Shard kShard = 0;
constexpr const char* kAuthoritySetting = "tls.authority";
constexpr std::int64_t kDay = 24 * 3600;
constexpr std::int64_t kAuthorityDays = 30 * 365;
constexpr std::int64_t kDays = 30;
constexpr std::int64_t kDaysBefore = 2;
constexpr std::size_t kMostPemBytes = 256 * 1024;
constexpr std::size_t kMostChain = 16;

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

Fault failed(const char* what) {
  std::array<char, 256> said{};
  ERR_error_string_n(ERR_get_error(), said.data(), said.size());
  ERR_clear_error();
  return Fault{.code = "tls_failed", .where = what, .what = std::string("OpenSSL: ") + said.data()};
}

Bio over(std::string_view bytes) { return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

std::string written(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

// A key under a password is not asked for at a terminal that a service has not.
int no_password(char*, int, int, void*) { return -1; }

bool adds(X509* certificate, X509* issuer, int extension, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, extension, value);
  const bool added = made != nullptr && X509_add_ext(certificate, made, -1) == 1;
  X509_EXTENSION_free(made);
  return added;
}

// "localhost", "10.0.0.5" or "fe80::1".
GENERAL_NAME* general_name(const std::string& text) {
  GENERAL_NAME* const name = GENERAL_NAME_new();
  if (name == nullptr) return nullptr;
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const int length = inet_pton(AF_INET, text.c_str(), address.data()) == 1    ? 4
                     : inet_pton(AF_INET6, text.c_str(), address.data()) == 1 ? 16
                                                                              : 0;
  if (length > 0) {
    ASN1_OCTET_STRING* const bytes = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(bytes, address.data(), length);
    GENERAL_NAME_set0_value(name, GEN_IPADD, bytes);
  } else {
    ASN1_IA5STRING* const letters = ASN1_IA5STRING_new();
    ASN1_STRING_set(letters, text.data(), static_cast<int>(text.size()));
    GENERAL_NAME_set0_value(name, GEN_DNS, letters);
  }
  return name;
}

bool adds_names(X509* certificate, const std::vector<std::string>& names) {
  GENERAL_NAMES* const all = sk_GENERAL_NAME_new_null();
  for (const std::string& name : names) {
    GENERAL_NAME* const one = general_name(name);
    if (one != nullptr) sk_GENERAL_NAME_push(all, one);
  }
  const bool added = X509_add1_ext_i2d(certificate, NID_subject_alt_name, all, 0, X509V3_ADD_DEFAULT) == 1;
  GENERAL_NAMES_free(all);
  return added;
}

// Named, numbered and dated; without extensions, and not yet signed.
Certificate begun(EVP_PKEY* key, const std::string& name, const X509_NAME* issuer, std::int64_t from_s,
                  std::int64_t until_s) {
  Certificate certificate(X509_new());
  std::array<unsigned char, 16> serial{};
  if (!certificate || RAND_bytes(serial.data(), serial.size()) != 1) return nullptr;
  serial[0] &= 0x7F;  // positive
  BIGNUM* const number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  const bool made =
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<int>(name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(certificate.get(), issuer != nullptr ? issuer : subject) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(certificate.get()), static_cast<std::time_t>(from_s)) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), static_cast<std::time_t>(until_s)) != nullptr &&
      X509_set_pubkey(certificate.get(), key) == 1;
  return made ? std::move(certificate) : nullptr;
}

// Two servers' authorities are told apart in a browser's list.
Outcome<std::string> drawn_name() {
  std::array<unsigned char, 4> drawn{};
  if (RAND_bytes(drawn.data(), drawn.size()) != 1) return failed("authority");
  return "SongSong " + to_hex({reinterpret_cast<const char*>(drawn.data()), drawn.size()});
}

Fault unreadable(const std::string& path, const char* what) {
  ERR_clear_error();
  return Fault{.code = "certificate_unreadable", .where = path, .what = what};
}

}  // namespace

Outcome<Authority> Authority::make(std::int64_t now_ms) {
  const Outcome<std::string> name = drawn_name();
  if (!name) return name.fault();
  PrivateKey key(EVP_EC_gen("P-256"));
  if (!key) return failed("authority");
  const std::int64_t now_s = now_ms / 1000;
  Certificate certificate = begun(key.get(), *name, nullptr, now_s - kDaysBefore * kDay, now_s + kAuthorityDays * kDay);
  X509* const own = certificate.get();
  if (own == nullptr || !adds(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !adds(own, own, NID_key_usage, "critical,keyCertSign") || !adds(own, own, NID_subject_key_identifier, "hash") ||
      X509_sign(own, key.get(), EVP_sha256()) == 0)
    return failed("authority");
  return Authority(std::move(key), std::move(certificate));
}

Outcome<Authority> Authority::read(std::string_view pem) {
  const Bio bio = over(pem);
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  if (!key || !certificate || X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return Fault{.code = "storage_damaged", .where = kAuthoritySetting, .what = "The authority cannot be read back."};
  }
  return Authority(std::move(key), std::move(certificate));
}

std::string Authority::pem() const {
  const Bio bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return written(bio.get()) + certificate_pem();
}

std::string Authority::certificate_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate_.get());
  return written(bio.get());
}

Fingerprint Authority::fingerprint() const {
  Fingerprint print;
  unsigned int length = 0;
  X509_digest(certificate_.get(), EVP_sha256(), print.bytes.data(), &length);
  return print;
}

Outcome<Credentials> Authority::issue(const std::vector<std::string>& names, std::int64_t now_ms) const {
  Credentials made;
  made.key = PrivateKey(EVP_EC_gen("P-256"));
  if (!made.key) return failed("certificate");
  const std::int64_t now_s = now_ms / 1000;
  made.certificate = begun(made.key.get(), "SongSong", X509_get_subject_name(certificate_.get()),
                           now_s - kDaysBefore * kDay, now_s + (kDays - kDaysBefore) * kDay);
  X509* const own = made.certificate.get();
  if (own == nullptr || !adds(own, certificate_.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !adds(own, certificate_.get(), NID_key_usage, "critical,digitalSignature") ||
      !adds(own, certificate_.get(), NID_ext_key_usage, "serverAuth") ||
      !adds(own, certificate_.get(), NID_authority_key_identifier, "keyid:always") || !adds_names(own, names) ||
      X509_sign(own, key_.get(), EVP_sha256()) == 0)
    return failed("certificate");
  X509_up_ref(certificate_.get());
  made.chain.emplace_back(certificate_.get());
  return made;
}

Outcome<Authority> authority_of(Store& store, std::int64_t now_ms) {
  std::string stored;
  const Outcome<Done> read =
      store.read(kShard, [&](StoreReader& reader) { stored = reader.setting(kAuthoritySetting); });
  if (!read) return read.fault();
  if (!stored.empty()) return Authority::read(stored);
  const Outcome<Authority> made = Authority::make(now_ms);
  if (!made) return made.fault();
  // Another process may have been faster.
  const Store::Writing writing = [&](StoreReader& reader) -> Outcome<StoreBatch> {
    StoreBatch batch;
    stored = reader.setting(kAuthoritySetting);
    if (stored.empty()) batch.settings[kAuthoritySetting] = stored = made->pem();
    return batch;
  };
  const Outcome<StoreSequence> written = store.write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Authority::read(stored);
}

Outcome<Done> take_over_authority(Store& present, Store& restored) {
  std::string kept;
  const Outcome<Done> read =
      present.read(kShard, [&](StoreReader& reader) { kept = reader.setting(kAuthoritySetting); });
  if (!read || !Authority::read(kept)) return Done{};  // a store that cannot be read is why backups are restored
  const Store::Writing writing = [&](StoreReader&) -> Outcome<StoreBatch> {
    StoreBatch batch;
    batch.settings[kAuthoritySetting] = kept;
    return batch;
  };
  const Outcome<StoreSequence> written = restored.write(kShard, {&writing, 1});
  if (!written) return written.fault();
  return Done{};
}

Outcome<Credentials> read_credentials(const std::string& certificate_path, const std::string& key_path) {
  const Outcome<std::string> certificates = read_file(certificate_path, kMostPemBytes);
  if (!certificates) return certificates.fault();
  const Outcome<std::string> key = read_file(key_path, kMostPemBytes);
  if (!key) return key.fault();
  Credentials all;
  const Bio chain = over(*certificates);
  while (X509* const one = PEM_read_bio_X509(chain.get(), nullptr, no_password, nullptr)) {
    Certificate certificate(one);
    if (all.chain.size() == kMostChain) return unreadable(certificate_path, "There are too many certificates.");
    if (all.certificate == nullptr) {
      all.certificate = std::move(certificate);
    } else {
      all.chain.push_back(std::move(certificate));
    }
  }
  ERR_clear_error();  // the end of the file is told as one
  if (!all.certificate) return unreadable(certificate_path, "There is no certificate in the file.");
  all.key = PrivateKey(PEM_read_bio_PrivateKey(over(*key).get(), nullptr, no_password, nullptr));
  if (!all.key) return unreadable(key_path, "There is no key in the file, or it is under a password.");
  if (X509_check_private_key(all.certificate.get(), all.key.get()) != 1)
    return unreadable(key_path, "The key is another certificate's.");
  return all;
}

}  // namespace songsong::server
