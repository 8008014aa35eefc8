#include "shared/core/name.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>

#include "tests/support/random.h"

using namespace songsong;

namespace {

Name any_name(Random& random) {
  return Name(static_cast<ReplicaId>(random.between(1, kMaxReplica)),
              static_cast<Sequence>(random.chance(1, 2) ? random.between(1, 99) : random.between(1, kMaxSequence)),
              static_cast<Tag>(random.below(kMaxTag + 1)));
}

}  // namespace

TEST_CASE("a name is printed in its parts") {
  CHECK(to_text(Name(1, 1, 0)) == "00001.1.0000");
  CHECK(to_text(Name(kMaxReplica, kMaxSequence, kMaxTag)) == "fzzzz.1048575.zzzz");
  CHECK(to_text(Name(32 * 32, 12, 31)) == "00100.12.000z");
}

TEST_CASE("the example of the header is a name") {
  const Outcome<Name> name = parse_name("0k3f9.12.7c2q");
  REQUIRE(name.ok());
  CHECK(name->sequence() == 12);
  CHECK(to_text(*name) == "0k3f9.12.7c2q");
}

TEST_CASE("every name survives its text") {
  Random random(20211012);
  INFO("seed " << random.seed());
  for (int i = 0; i < 20000; ++i) {
    const Name name = any_name(random);
    const std::string text = to_text(name);
    INFO(text);
    REQUIRE(text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz.-") == std::string::npos);
    const Outcome<Name> again = parse_name(text);
    REQUIRE(again.ok());
    REQUIRE(*again == name);
  }
}

TEST_CASE("what is no name is refused") {
  for (const std::string_view text : {"",
                                      "0k3f9",
                                      "0k3f9.12",
                                      "0k3f9..7c2q",
                                      "0k3f9.0.7c2q",
                                      "0k3f9.012.7c2q",
                                      "0k3f9.1048576.7c2q",
                                      "0k3f9.99999999.7c2q",
                                      "0k3f9.4294967297.7c2q",
                                      "0k3f9.+1.7c2q",
                                      "0k3f9.-1.7c2q",
                                      "0k3f9.1 .7c2q",
                                      "00000.12.7c2q",
                                      "g0000.12.7c2q",
                                      "zzzzz.12.7c2q",
                                      "0K3F9.12.7C2Q",
                                      "0k3i9.12.7c2q",
                                      "0k3l9.12.7c2q",
                                      "0k3o9.12.7c2q",
                                      "0k3u9.12.7c2q",
                                      "k3f9.12.7c2q",
                                      "00k3f9.12.7c2q",
                                      "0k3f9.12.07c2q",
                                      "0k3f9.12.c2q",
                                      " 0k3f9.12.7c2q",
                                      "0k3f9.12.7c2q\n",
                                      "0k3f9.12.7c2q.",
                                      "0k3f9-12-7c2q"}) {
    INFO(text);
    const Outcome<Name> name = parse_name(text);
    REQUIRE_FALSE(name.ok());
    CHECK(name.fault().code == "name_malformed");
  }
}

TEST_CASE("a name has exactly one text") {
  static constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyzABZ.-+ ";
  Random random(7);
  INFO("seed " << random.seed());
  int accepted = 0;
  for (int i = 0; i < 50000; ++i) {
    std::string text = to_text(any_name(random));
    const auto at = static_cast<std::size_t>(random.below(text.size()));
    switch (random.below(3)) {
      case 0:
        text[at] = random.pick(kLetters);
        break;
      case 1:
        text.erase(at, 1);
        break;
      default:
        text.insert(at, 1, random.pick(kLetters));
        break;
    }
    const Outcome<Name> name = parse_name(text);
    if (!name) continue;
    ++accepted;
    INFO(text);
    REQUIRE(name->valid());
    REQUIRE(to_text(*name) == text);
  }
  CHECK(accepted > 1000);
}
