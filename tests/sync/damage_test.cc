// Messages that are cut short, altered, too large, wrongly signed, or not a server's at all; links that fail anywhere.
#include "shared/sync/frame.h"
#include "shared/sync/wire.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

bool keep(std::string&) { return true; }

}  // namespace

TEST_CASE("a captive portal's page is not taken for the server, and nothing is lost") {
  Server server;
  Field an(server, {"school-1"});
  an.pupil("Một", "school-1");
  for (const std::string page : {"<html><body>Đăng nhập Wi-Fi</body></html>", "", "SNG", "SNG\x01"}) {
    const auto portal = [&](std::string& bytes) {
      bytes = page;
      return true;
    };
    const Outcome<SyncTally> outcome = an.try_sync(server, Link{.up = keep, .down = portal});
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.fault().code == "not_our_server");
  }
  CHECK(must(an.replica().pending()) == 1);
  CHECK(an.sync(server).pending == 0);
}

TEST_CASE("a question with any bit turned is refused, and nothing of it is taken") {
  Server server;
  Field an(server, {"school-1"});
  an.sync(server);
  an.pupil("Một", "school-1");
  std::string question;
  (void)an.try_sync(server, Link{.up =
                                     [&](std::string& bytes) {
                                       question = bytes;
                                       return false;
                                     },
                                 .down = {}});
  const std::map<RecordId, std::string> before = server.states();
  for (std::size_t bit = 0; bit < question.size() * 8; ++bit) {
    std::string altered = question;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
    const Answered answered = server.host().answer(altered);
    INFO("bit " << bit);
    CHECK(answered.status != 200);
    CHECK(answered.served.applied == 0);
  }
  for (std::size_t size = 0; size < question.size(); ++size) {
    CHECK(server.host().answer(std::string_view(question).substr(0, size)).status != 200);
  }
  CHECK(server.states() == before);
  CHECK(server.host().answer(question).served.applied == 1);
}

TEST_CASE("an answer with any bit turned is not taken in") {
  Server server;
  Field an(server, {"school-1"});
  an.sync(server);
  server.add_unit("class-1a", "school-1");
  an.pupil("Một", "school-1");
  std::string answer;
  (void)an.try_sync(server, Link{.up = {}, .down = [&](std::string& bytes) {
                                   answer = bytes;
                                   return false;
                                 }});
  for (std::size_t bit = 0; bit < answer.size() * 8; bit += 7) {
    const auto turn = [&](std::string& bytes) {
      bytes[bit / 8 % bytes.size()] = static_cast<char>(bytes[bit / 8 % bytes.size()] ^ (1 << (bit % 8)));
      return true;
    };
    const Outcome<SyncTally> outcome = an.try_sync(server, Link{.up = {}, .down = turn});
    INFO("bit " << bit);
    REQUIRE_FALSE(outcome.ok());
    CHECK(must(an.replica().pending()) == 1);
  }
  CHECK(an.sync(server).pending == 0);
  CHECK(an.count("unit") == 2);
  an.verify();
}

TEST_CASE("an answer to another question, or to another phone, is not taken") {
  Server server;
  Field an(server, {"school-1"}), binh(server, {"school-1"});
  an.sync(server);
  binh.sync(server);
  std::string others;
  must(binh.try_sync(server, Link{.up = {}, .down = [&](std::string& bytes) {
                                    others = bytes;
                                    return true;
                                  }}));
  an.pupil("Một", "school-1");
  std::string older;
  must(an.try_sync(server, Link{.up = {}, .down = [&](std::string& bytes) {
                                  older = bytes;
                                  return true;
                                }}));
  an.pupil("Hai", "school-1");
  for (const std::string& bytes : {others, older}) {
    const Outcome<SyncTally> outcome = an.try_sync(server, Link{.up = {}, .down = [&](std::string& answer) {
                                                                  answer = bytes;
                                                                  return true;
                                                                }});
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.fault().code == "answer_forged");
  }
}

TEST_CASE("whatever the link loses, and wherever, all ends equal") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Server server(seed);
    Random random(seed * 77);
    std::vector<std::unique_ptr<Field>> phones;
    for (int i = 0; i < 3; ++i) {
      phones.push_back(std::make_unique<Field>(server, std::vector<std::string>{"school-1"}));
      phones.back()->clock_error_ms =
          static_cast<std::int64_t>(random.next() % 200) * 86'400'000LL * 20 - 5'000'000'000LL;
    }
    std::vector<RecordId> pupils;
    const auto lossy = [&](std::string& bytes) {
      const std::uint64_t fate = random.next() % 6;
      if (fate == 0) return false;
      if (fate == 1) bytes.resize(random.next() % (bytes.size() + 1));
      if (fate == 2 && !bytes.empty()) bytes[random.next() % bytes.size()] ^= 0x10;
      return true;
    };
    for (int step = 0; step < 60; ++step) {
      Field& phone = *phones[random.next() % phones.size()];
      server.now_ms += 1000;
      const std::uint64_t act = random.next() % 4;
      if (act == 0 || pupils.empty()) {
        pupils.push_back(phone.pupil("Trẻ " + std::to_string(step), "school-1"));
      } else if (act == 1) {
        const RecordId pupil = pupils[random.next() % pupils.size()];
        if (phone.live(pupil)) (void)phone.save("pupil", pupil, {{"grade", std::to_string(random.next() % 5 + 1)}});
      } else if (act == 2) {
        const RecordId pupil = pupils[random.next() % pupils.size()];
        if (phone.live(pupil) && random.next() % 4 == 0) phone.remove(pupil);
      } else {
        (void)phone.try_sync(server, Link{.up = lossy, .down = lossy});
      }
    }
    for (int round = 0; round < 2; ++round) {
      for (const auto& phone : phones) phone->sync(server);
    }
    INFO("seed " << seed);
    server.verify();
    const std::map<RecordId, std::string> expected = server.states();
    for (const auto& phone : phones) {
      phone->verify();
      CHECK(must(phone->replica().pending()) == 0);
      for (const RecordId pupil : pupils) {
        const auto held = phone->states();
        if (phone->live(pupil)) CHECK(held.at(pupil) == expected.at(pupil));
      }
      CHECK(phone->total("school-1", "cases_open") == server.total("school-1", "cases_open"));
      CHECK(phone->count("pupil") == phones.front()->count("pupil"));
    }
  }
}

}  // namespace songsong::testing
