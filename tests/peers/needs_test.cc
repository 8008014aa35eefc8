// All systems are measured on the same records.
#include <catch2/catch_test_macros.hpp>

#include "shared/core/crypto.h"
#include "tests/peers/needs_json.h"

namespace songsong::bench {

TEST_CASE("the measured records are those of the common comparison, byte for byte") {
  std::string lines;
  for (const Need& need : make_needs(Lists::kMeasured, kMeasuredRecords, kMeasuredSeed)) lines += to_json(need) + "\n";
  // BLAKE2b-256 with this personalisation of the file that the comparison's own generator, in another language, writes.
  constexpr HashDomain kDomain("peers needs");
  const Hash256 hash = hash256(kDomain, lines);
  CHECK(to_hex(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size())) ==
        "42993e8201a451a61f89646b8f01f952afc3dc5bf2fe52fab725b0ed1746d1cd");
}

}  // namespace songsong::bench
