// A replica that asks by plain HTTP is known by its key, and for what it asks.
#include "shared/sync/asking.h"

#include "shared/replica/own_lines.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

constexpr const char* kTarget = "/v1/totals?unit=school-1";

std::string header_of(Field& phone, const PublicKey& server, const std::string& target) {
  const Identity& self = phone.replica().identity();
  return authorization(self.replica, must(agree(KeyPair(self.seed), server)), target);
}

TEST_CASE("a header says who asks, and no other text does") {
  const std::optional<Asker> asker = read_authorization("SongSong 4711.000102030405060708090a0b0c0d0e0f");
  REQUIRE(asker);
  CHECK(asker->replica == 4711);
  CHECK(to_text(asker->tag) == "000102030405060708090a0b0c0d0e0f");
  for (const char* none :
       {"", "SongSong", "SongSong 4711", "SongSong 4711.", "SongSong .000102030405060708090a0b0c0d0e0f",
        "SongSong -1.000102030405060708090a0b0c0d0e0f", "SongSong 99999999.000102030405060708090a0b0c0d0e0f",
        "SongSong 4711.000102030405060708090a0b0c0d0e0F", "SongSong 4711.000102030405060708090a0b0c0d0e0f0",
        "Basic bGFuOngK", "songsong 4711.000102030405060708090a0b0c0d0e0f"})
    CHECK_FALSE(read_authorization(none));
}

TEST_CASE("a server knows a replica by what only the two can say, and for nothing else") {
  Server server;
  Field phone(server, {"school-1"}), other(server, {"school-3"});
  const PublicKey key = server.host().public_key();
  const auto asked = [&](const std::string& header, const std::string& target) {
    const std::optional<Member> member = must(server.host().member_asking(header, target));
    return member ? member->replica : ReplicaId{0};
  };
  const ReplicaId own = phone.replica().identity().replica;
  const std::string header = header_of(phone, key, kTarget);
  CHECK(asked(header, kTarget) == 0);  // it has not enrolled
  phone.sync(server);
  other.sync(server);
  CHECK(asked(header, kTarget) == own);
  CHECK(asked(header, "/v1/totals?unit=school-3") == 0);
  CHECK(asked(header_of(phone, key, "/v1/totals?unit=school-3"), kTarget) == 0);
  // Under another's number, with the own key.
  const std::string tag = header.substr(header.find('.'));
  CHECK(asked("SongSong " + std::to_string(other.replica().identity().replica) + tag, kTarget) == 0);
  CHECK(asked("SongSong 12345" + tag, kTarget) == 0);
  CHECK(asked("", kTarget) == 0);
  must(server.host().revoke(own));
  CHECK(asked(header, kTarget) == 0);
}

}  // namespace
}  // namespace songsong::testing
