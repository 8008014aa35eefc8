// One target as a libFuzzer program: compiled once a target, with SONGSONG_FUZZ_TARGET, and SONGSONG_FUZZ_CASE where
// its inputs are messages of cases.proto or of the wire, which then are mutated field by field.
#include <cstddef>
#include <cstdint>

#include "shared/core/crypto.h"
#include "shared/core/quiet.h"
#include "tests/fuzz/target.h"

#ifdef SONGSONG_FUZZ_CASE
#include "schemas/songsong/policy_table.pb.h"
#include "tests/fuzz/cases.pb.h"
#include "tests/fuzz/mutate.h"
#endif

extern "C" {

int LLVMFuzzerInitialize(int*, char***);
int LLVMFuzzerInitialize(int*, char***) {
  songsong::init_crypto();
  songsong::keep_protobuf_quiet();
  return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  songsong::fuzz::SONGSONG_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}

#ifdef SONGSONG_FUZZ_CASE
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed);
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  songsong::SONGSONG_FUZZ_CASE message;
  return songsong::fuzz::mutate(message, data, size, most, seed, LLVMFuzzerMutate);
}

std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size, const std::uint8_t* other,
                                      std::size_t other_size, std::uint8_t* out, std::size_t most, unsigned seed);
std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size, const std::uint8_t* other,
                                      std::size_t other_size, std::uint8_t* out, std::size_t most, unsigned seed) {
  songsong::SONGSONG_FUZZ_CASE first, second;
  return songsong::fuzz::cross(first, {reinterpret_cast<const char*>(one), one_size}, second,
                               {reinterpret_cast<const char*>(other), other_size}, out, most, seed);
}
#endif
}
