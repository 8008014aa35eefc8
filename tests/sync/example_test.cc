// The example of shared/sync/PROTOCOL.md, byte for byte: its ticket, its question, its answer. A program that was
// written from the page alone has read them back.
#include <fstream>

#include "tests/town/town.h"

namespace songsong::testing {
namespace {

// The bytes that stand under a heading of the page: indented lines of hexadecimal, each with a remark after two spaces.
std::string example(const std::string& heading) {
  std::ifstream page(SONGSONG_SOURCE_DIR "/shared/sync/PROTOCOL.md");
  std::string bytes, line;
  bool under = false;
  while (std::getline(page, line)) {
    if (line.starts_with("#")) under = line == "### " + heading;
    if (!under || !line.starts_with("    ")) continue;
    const std::string written = line.substr(4, line.find("  ", 4) - 4);
    for (std::size_t at = 0; at + 1 < written.size(); at += 2) {
      if (written[at] == ' ') ++at;
      bytes.push_back(static_cast<char>(std::stoi(written.substr(at, 2), nullptr, 16)));
    }
  }
  return bytes;
}

std::string hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

TEST_CASE("ticket, question and answer have the bytes of PROTOCOL.md") {
  Server server;
  const Ticket ticket = server.ticket({"school-1"});
  const auto store = must(SqliteStore::open(":memory:", {}));
  const auto counting = [](std::span<std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(0x20 + i);
  };
  must(join(*store, ticket, counting));
  const auto clock = [] { return ClockReading{.wall_ms = kTownTime, .monotonic_ms = 1000, .boot_session = 1}; };
  const auto replica =
      must(Replica::open(*store, programme(), Environment{.clock = clock, .entropy = counting, .actor = {}}));
  Act act;
  act.kind = programme().kind_named("pupil")->number();
  const auto fill = [&](const char* name, Value value) {
    const FieldPolicy* const field = Policies::field_named(*programme().kind_named("pupil"), name);
    act.inputs.push_back(Input{.field = field->number(), .shape = Shape::kRegister, .value = std::move(value)});
  };
  fill("full_name", Value(Text{"Lan"}));
  fill("school", Value(Text{"school-1"}));
  fill("school_level", Value(std::int64_t{1}));
  fill("household", Value(std::int64_t{1}));
  must(replica->save(act));

  // Without a primer, so that whoever has no columns yet need not have those of the primer either.
  const auto initiator = must(Initiator::begin(*replica, InitiatorOptions{.primer = nullptr, .check = false}));
  const std::optional<Outgoing> question = must(initiator->next(clock()));
  REQUIRE(question.has_value());
  CHECK(question->url == "http://server.test/v1/enrol");
  const Answered answer = server.host().answer(question->body);
  CHECK(answer.status == 200);
  CHECK(hex(encode(ticket)) == hex(example("The ticket")));
  CHECK(hex(question->body) == hex(example("The question")));
  CHECK(hex(answer.frame) == hex(example("The answer")));
  must(initiator->receive(answer.frame, clock()));
  CHECK(initiator->tally().sent == 1);
  CHECK(initiator->tally().pending == 0);
}

}  // namespace
}  // namespace songsong::testing
