// The released primer: what it is for ever, and that old and new talk with each other.
#include "schemas/programme_primer.h"
#include "shared/core/crypto.h"
#include "tests/town/town.h"

namespace songsong::testing {

// If this fails, the released primer was altered: pieces that phones have sent, or servers answered, could not be read
// any more. Put it back; a better primer is the next number.
TEST_CASE("the first primer is as it was released") {
  constexpr HashDomain kDomain("primer test");
  const Hash256 hash = hash256(kDomain, programme_primer_bytes());
  CHECK(to_hex(std::string_view(reinterpret_cast<const char*>(hash.data()), 8)) == "c64873e50d497371");
  CHECK(town_primer().number() == 1);
}

TEST_CASE("a phone without a primer is understood, and answered without one") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  const RecordId pupil = an.pupil("Lò Văn Tình", "school-1");
  must(an.try_sync(server, {}, InitiatorOptions{}));
  binh.sync(server);
  CHECK(binh.shown(pupil, "full_name") == "Lò Văn Tình");
  binh.set(pupil, {{"grade", "4"}});
  binh.sync(server);
  must(an.try_sync(server, {}, InitiatorOptions{}));
  CHECK(an.shown(pupil, "grade") == "4");
}

TEST_CASE("one child costs fewer bytes with the primer, up and down") {
  Server server;
  const auto cost = [&server](const Primer* primer) {
    Field an(server, {"school-1"}), binh(server, {"school-1"});
    const InitiatorOptions options{.primer = primer, .check = false};
    must(an.try_sync(server, {}, options));
    must(binh.try_sync(server, {}, options));
    an.pupil("Hoàng Thị Hoa", "school-1");
    const std::uint64_t up = must(an.try_sync(server, {}, options)).bytes_up;
    const std::uint64_t down = must(binh.try_sync(server, {}, options)).bytes_down;
    return std::pair(up, down);
  };
  const auto [up, down] = cost(&town_primer());
  const auto [plain_up, plain_down] = cost(nullptr);
  INFO("up " << up << " of " << plain_up << ", down " << down << " of " << plain_down);
  CHECK(up + 10 < plain_up);
  CHECK(down + 10 < plain_down);
}

}  // namespace songsong::testing
