// The small forms of the wire by themselves: frames, tickets, cursors, lines.
#include <zstd.h>

#include "shared/sync/bundle_file.h"
#include "shared/sync/feed.h"
#include "shared/sync/frame.h"
#include "shared/sync/lines.h"
#include "shared/sync/ticket.h"
#include "tests/town/town.h"

namespace songsong::testing {
namespace {

constexpr std::size_t kMost = 1 << 20;

KeyPair keys(std::uint8_t first) {
  SigningSeed seed;
  for (std::uint8_t& byte : seed.fill()) byte = first++;
  return KeyPair(seed);
}

FrameTag some_tag() { return request_tag(must(agree(keys(1), keys(2).public_key())), "x"); }

TEST_CASE("a frame comes back as it was sealed, folded where that is smaller") {
  for (const std::size_t size : {0u, 1u, 511u, 512u, 100'000u}) {
    const std::string body(size, 'a');
    const std::string frame = seal(some_tag(), body);
    CHECK(frame.size() <= body.size() + 21);
    CHECK(is_frame(frame));
    const Frame opened = must(open_frame(frame, kMost));
    CHECK(opened.body == body);
    CHECK(opened.tag == some_tag());
  }
}

TEST_CASE("what is no frame, is cut short, or unfolds beyond its limit is said to be so") {
  const std::string frame = seal(some_tag(), std::string(100'000, 'a'));
  for (std::size_t size = 0; size < frame.size(); ++size)
    CHECK(open_frame(frame.substr(0, size), kMost).fault().code == "not_our_server");
  CHECK(open_frame(frame + "x", kMost).fault().code == "not_our_server");
  CHECK(open_frame(frame, 99'999).fault().code == "too_large");
  std::string other = frame;
  other[3] = 2;
  CHECK(open_frame(other, kMost).fault().code == "not_our_server");
  other = frame;
  other[4] = static_cast<char>(other[4] | 2);
  CHECK(open_frame(other, kMost).fault().code == "not_our_server");
}

TEST_CASE("a frame that claims gigabytes takes no more memory than it unfolds within its limit") {
  // A zstd bomb: 256 MiB of zeroes in some kilobytes.
  const std::string zeroes(std::size_t{256} << 20, '\0');
  std::string folded(ZSTD_compressBound(zeroes.size()), '\0');
  folded.resize(ZSTD_compress(folded.data(), folded.size(), zeroes.data(), zeroes.size(), 3));
  std::string frame = seal(some_tag(), "").substr(0, 21) + folded;
  frame[4] = 1;
  CHECK(open_frame(frame, kMost).fault().code == "too_large");
}

TEST_CASE("both ends agree on a key, nobody else has it, and what is no key is refused") {
  const KeyPair phone = keys(1), server = keys(2), other = keys(3);
  CHECK(request_tag(must(agree(phone, server.public_key())), "x") ==
        request_tag(must(agree(server, phone.public_key())), "x"));
  CHECK(request_tag(must(agree(other, server.public_key())), "x") !=
        request_tag(must(agree(server, phone.public_key())), "x"));
  const ChannelKey channel = must(agree(phone, server.public_key()));
  CHECK(request_tag(channel, "x") != answer_tag(channel, FrameTag(), "x"));
  CHECK(answer_tag(channel, some_tag(), "x") != answer_tag(channel, FrameTag(), "x"));
  PublicKey none;
  CHECK(agree(phone, none).fault().code == "key_malformed");
}

Ticket a_ticket() {
  Ticket ticket;
  ticket.replica = 4711;
  ticket.role = schema::REVIEWER;
  ticket.units = {"BG04", "trường-1"};
  ticket.url = "https://songsong.example:8443";
  ticket.issued_ms = kTownTime;
  ticket.expires_ms = kTownTime + 1;
  sign(ticket, keys(2));
  return ticket;
}

TEST_CASE("a ticket is one word that survives spaces and line breaks, and no slip of a letter") {
  const Ticket ticket = a_ticket();
  const std::string text = to_text(ticket);
  CHECK(text.starts_with("song1-"));
  CHECK(text.find_first_of(" +/=\n") == std::string::npos);
  CHECK(must(parse_ticket(text)) == ticket);
  std::string wrapped;
  for (std::size_t at = 0; at < text.size(); at += 20) wrapped += text.substr(at, 20) + " \r\n";
  CHECK(must(parse_ticket(wrapped)) == ticket);
  for (std::size_t at = 0; at < text.size(); ++at) {
    INFO(at);
    CHECK_FALSE(parse_ticket(text.substr(0, at)).ok());
    std::string slip = text;
    slip[at] = slip[at] == 'B' ? 'C' : 'B';
    CHECK_FALSE(parse_ticket(slip).ok());
  }
  CHECK(parse_ticket("").fault().code == "ticket_malformed");
  CHECK(parse_ticket(std::string(100'000, 'A')).fault().code == "ticket_malformed");
}

TEST_CASE("a ticket that another key signed does not verify") {
  Ticket ticket = a_ticket();
  CHECK(verify(ticket));
  ticket.role = schema::ADMINISTRATOR;
  CHECK_FALSE(verify(ticket));
  sign(ticket, keys(9));
  CHECK(verify(ticket));  // of another server: the phone's own ticket says which one it trusts
  CHECK(ticket.server == keys(9).public_key());
}

TEST_CASE("a cursor comes back as it was, and what is none is not taken for one") {
  FeedCursor cursor{.epoch = 1'631'404'800,
                    .scope = ~std::uint64_t{0},
                    .revision = 3,
                    .at = {.version = 9, .record = Name(1, 2, 3)},
                    .departed = 7,
                    .fresh_until = 5,
                    .scope_before = 11,
                    .entered_at = {.version = 2, .record = Name(4, 5, 6)}};
  const std::string bytes = encode(cursor);
  CHECK(must(decode_cursor(bytes)) == cursor);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_cursor(bytes.substr(0, size)).ok());
  CHECK_FALSE(decode_cursor(bytes + "x").ok());
  cursor.scope_before = 0;
  cursor.entered_at = {};
  CHECK(must(decode_cursor(encode(cursor))) == cursor);
}

RunRow run(Sequence first, Sequence last, Tag tag, Tag parent) {
  return RunRow{
      .replica = 7, .run = Run{.first = first, .last = last, .tag = tag, .parent_tag = parent}, .key_tag = tag};
}

TEST_CASE("the trunk of a copied phone ends where its lives part") {
  CHECK(trunk_of({}) == 0);
  CHECK(trunk_of({run(1, 10, 1, 0)}) == 10);
  CHECK(trunk_of({run(1, 10, 1, 0), run(11, 20, 2, 1)}) == 20);
  CHECK(trunk_of({run(1, 10, 1, 0), run(11, 20, 2, 1), run(11, 12, 3, 1)}) == 10);
  CHECK(trunk_of({run(1, 10, 1, 0), run(6, 8, 2, 1)}) == 5);
  CHECK(trunk_of({run(1, 10, 1, 0), run(1, 3, 2, 0)}) == 0);
}

TEST_CASE("a line comes back as its runs, from where the receiver needs them; what is none is refused") {
  const std::vector<RunRow> runs{run(1, 10, 1, 0), run(11, 20, 2, 1), run(11, 12, 3, 1)};
  const wire::Line line = line_beyond(7, runs, 10);
  CHECK(line.runs_size() == 8);
  const std::vector<RunRow> back = must(runs_of(line));
  REQUIRE(back.size() == 2);
  CHECK(back[0].run == runs[1].run);
  CHECK(back[1].run == runs[2].run);
  const auto refused = [](std::initializer_list<std::uint32_t> numbers, ReplicaId replica = 7) {
    wire::Line made;
    made.set_replica(replica);
    for (const std::uint32_t number : numbers) made.add_runs(number);
    return !runs_of(made).ok();
  };
  CHECK(refused({1, 2, 3}));
  CHECK(refused({5, 4, 3, 2}));
  CHECK(refused({0, 4, 3, 2}));
  CHECK(refused({1, 2, 0x100000, 0}));
  CHECK(refused({1, 2, 3, 0}, 0));
  CHECK_FALSE(refused({1, 2, 3, 0}));
}

TEST_CASE("a frame that is carried is opened by its server alone, and the same one always has the same bytes") {
  const KeyPair server(SigningSeed({1})), other(SigningSeed({2}));
  const SigningSeed sender({3});
  for (const std::string& body : {std::string("Nguyễn Thị Lan"), std::string(3000, 'x'), std::string()}) {
    const std::string frame = seal(some_tag(), body);
    CHECK_FALSE(is_sealed_frame(frame));
    const std::string sealed = must(seal_frame(frame, server.public_key(), sender));
    CHECK(is_sealed_frame(sealed));
    CHECK(is_frame(sealed));
    CHECK(tag_of_frame(sealed) == some_tag());
    if (!body.empty()) CHECK(sealed.find(body.substr(0, 20)) == std::string::npos);
    CHECK(must(unseal_frame(sealed, server)) == frame);
    CHECK(must(seal_frame(frame, server.public_key(), sender)) == sealed);
    CHECK(must(seal_frame(frame, server.public_key(), SigningSeed({4}))) != sealed);
    CHECK(unseal_frame(sealed, other).fault().code == "not_our_server");
    CHECK(open_frame(sealed, 1 << 20).fault().code == "not_our_server");
    for (std::size_t size = 0; size < sealed.size(); size += 7)
      CHECK(unseal_frame(sealed.substr(0, size), server).fault().code == "not_our_server");
  }
  CHECK(unseal_frame(seal(some_tag(), "x"), server).fault().code == "not_our_server");
}

TEST_CASE("bundles and receipts come back as they were packed; other files, and halves of them, do not") {
  const std::vector<std::string> frames{seal(some_tag(), "one"), seal(FrameTag(), "two")};
  const std::string bundle = pack_bundle(frames);
  CHECK(is_bundle(bundle));
  CHECK(must(unpack_bundle(bundle)) == frames);
  const std::string receipts = pack_receipts({CarriedAnswer{.question = some_tag(), .frame = frames[1]}});
  CHECK(is_receipts(receipts));
  CHECK(must(unpack_receipts(receipts)).front().question == some_tag());
  CHECK(must(unpack_receipts(receipts)).front().frame == frames[1]);
  CHECK(tag_of_frame(frames[0]) == some_tag());
  for (const std::string& file : {bundle, receipts, std::string("PK\x03\x04"), std::string()}) {
    CHECK(unpack_bundle(file).ok() == (file == bundle));
    CHECK(unpack_receipts(file).ok() == (file == receipts));
  }
  CHECK(unpack_bundle(bundle.substr(0, bundle.size() - 1)).fault().code == "not_a_bundle");
  CHECK(unpack_receipts(receipts.substr(0, receipts.size() - 1)).fault().code == "not_a_bundle");
}

}  // namespace
}  // namespace songsong::testing
