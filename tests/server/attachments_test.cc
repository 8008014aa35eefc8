// Photos and signatures at the server: what is held, by HTTP and on the disk, and what becomes of it with its person.
#include "server/attachments.h"

#include <Poco/Net/StreamSocket.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "server/commands.h"
#include "server/looks.h"
#include "tests/server/country.h"
#include "tests/support/files_below.h"
#include "tests/support/must.h"

namespace songsong::server {
namespace {

namespace fs = std::filesystem;
using testing::holds;
using testing::Hostile;
using testing::made_up_photo;
using testing::must;
using Json = nlohmann::json;

std::string target_of(RecordId record, const std::string& bytes) {
  return "/v1/records/" + to_text(record) + "/attachments/" + to_text(attachment_hash(bytes));
}

std::string range_of(std::size_t from, std::size_t length, std::size_t total) {
  return "bytes " + std::to_string(from) + "-" + std::to_string(from + length - 1) + "/" + std::to_string(total);
}

// A device that has enrolled.
std::unique_ptr<Hostile> device(Country& country, schema::Role role) {
  std::unique_ptr<Hostile> made = country.hostile(role);
  made->say(made->request({}));
  return made;
}

class Sender {
 public:
  Sender(Country& country, const Hostile& phone) : country_(country), phone_(phone) {}

  Heard put(const std::string& target, const std::string& range, const std::string& body) const {
    return country_.place.ask(
        "PUT", target, {{"Authorization", phone_.authorization("PUT " + target)}, {"Content-Range", range}}, body);
  }
  // All of it at once.
  Heard put(RecordId record, const std::string& bytes) const {
    return put(target_of(record, bytes), range_of(0, bytes.size(), bytes.size()), bytes);
  }
  Heard get(const std::string& target) const {
    return country_.place.ask("GET", target, {{"Authorization", phone_.authorization(target)}});
  }

 private:
  Country& country_;
  const Hostile& phone_;
};

}  // namespace

TEST_CASE("a file is taken part by part, goes on wherever it was cut off, and is what its name says in the end") {
  const TemporaryFolder folder;
  Attachments attachments(folder.file("server"));
  const std::string bytes = made_up_photo(100'000, 1);
  const AttachmentHash hash = attachment_hash(bytes);
  const RecordId record(7, 1, 1);
  CHECK(attachments.held(record, hash) == Attachments::Held{});
  CHECK(must(attachments.append(record, hash, 0, bytes.substr(0, 40'000), bytes.size())).bytes == 40'000);
  // The same again, and what leaves a hole, is not taken.
  CHECK(must(attachments.append(record, hash, 0, bytes.substr(0, 40'000), bytes.size())).bytes == 40'000);
  CHECK(must(attachments.append(record, hash, 50'000, bytes.substr(50'000), bytes.size())).bytes == 40'000);
  // Another process, after a kill.
  Attachments again(folder.file("server"));
  CHECK(again.held(record, hash) == Attachments::Held{.bytes = 40'000, .whole = false});
  CHECK(again.read(record, hash).fault().code == "unknown_attachment");
  CHECK(must(again.append(record, hash, 40'000, bytes.substr(40'000), bytes.size())).whole);
  CHECK(must(again.read(record, hash)) == bytes);
  CHECK(must(again.append(record, hash, 0, "x", bytes.size())).whole);
  CHECK(again.records() == std::vector<RecordId>{record});
  CHECK(again.damaged().empty());
}

TEST_CASE("what is not the file of its name is dropped, and may come anew") {
  const TemporaryFolder folder;
  Attachments attachments(folder.file("server"));
  const std::string bytes = made_up_photo(5'000, 2), other = made_up_photo(5'000, 3);
  const AttachmentHash hash = attachment_hash(bytes);
  const RecordId record(7, 1, 1);
  CHECK(attachments.append(record, hash, 0, other, other.size()).fault().code == "attachment_mismatch");
  CHECK(attachments.held(record, hash) == Attachments::Held{});
  // More than there is of it.
  must(attachments.append(record, hash, 0, other, 9'000));
  CHECK(must(attachments.append(record, hash, 0, bytes, bytes.size())).bytes == 0);
  CHECK(must(attachments.append(record, hash, 0, bytes, bytes.size())).whole);
}

TEST_CASE("a disk that altered a file is told of, and a backup does not take that on") {
  const TemporaryFolder folder;
  Attachments attachments(folder.file("server")), copy(folder.file("copy"));
  const RecordId record(7, 1, 1);
  for (const std::uint64_t luck : {std::uint64_t{4}, std::uint64_t{5}}) {
    const std::string bytes = made_up_photo(5'000, luck);
    must(attachments.append(record, attachment_hash(bytes), 0, bytes, bytes.size()));
  }
  const std::string hurt =
      folder.file("server/attachments/" + to_text(record) + "/" + to_text(attachment_hash(made_up_photo(5'000, 4))));
  std::fstream(hurt, std::ios::in | std::ios::out | std::ios::binary).seekp(77).put('\0').put('\1');
  CHECK(attachments.damaged() == std::vector<std::string>{hurt});
  CHECK(must(copy.copy_from(attachments)) == 1);
  CHECK(must(copy.copy_from(attachments)) == 0);
}

TEST_CASE("a device sends the file that its record names, in parts, and who may see the record gets it") {
  Country country;
  const std::string bytes = made_up_photo(70'000, 6);
  const RecordId photo = country.photo("S1", bytes);
  const std::string target = target_of(photo, bytes);
  const auto phone = device(country, schema::TEACHER);
  const Sender sender(country, *phone);
  CHECK(Json::parse(sender.put(target, "bytes */70000", "").body) ==
        Json{{"held", 0}, {"total", 70'000}, {"whole", false}});
  CHECK(sender.get(target).status == 404);
  CHECK(Json::parse(sender.put(target, range_of(0, 30'000, 70'000), bytes.substr(0, 30'000)).body)["held"] == 30'000);
  const Heard wrong = sender.put(target, range_of(10, 30'000, 70'000), bytes.substr(10, 30'000));
  CHECK(wrong.status == 409);
  CHECK(Json::parse(wrong.body)["held"] == 30'000);
  CHECK(Json::parse(sender.put(target, range_of(30'000, 40'000, 70'000), bytes.substr(30'000)).body)["whole"] == true);

  const std::string reviewer = country.account(schema::REVIEWER);
  const SignedIn in = sign_in(country.place, reviewer, country.password);
  const Heard whole = country.place.ask("GET", target, in.headers);
  CHECK(whole.status == 200);
  CHECK(whole.type == "image/jpeg");
  CHECK(whole.body == bytes);
  std::map<std::string, std::string> rest = in.headers;
  rest["Range"] = "bytes=60000-";
  const Heard part = country.place.ask("GET", target, rest);
  CHECK(part.status == 206);
  CHECK(part.headers.at("Content-Range") == "bytes 60000-69999/70000");
  CHECK(part.body == bytes.substr(60'000));
  rest["Range"] = "bytes=70000-";
  CHECK(country.place.ask("GET", target, rest).status == 416);
  std::size_t noted = 0;
  must(Looks(country.place.folder()).read([&](const nlohmann::ordered_json& look) {
    if (look["what"] == "attachment" && look.value("account", "") == reviewer) ++noted;
  }));
  CHECK(noted >= 2);
}

TEST_CASE("what came of an upload that was cut off is kept") {
  Country country;
  const std::string bytes = made_up_photo(70'000, 7);
  const RecordId photo = country.photo("S1", bytes);
  const std::string target = target_of(photo, bytes);
  const auto phone = device(country, schema::TEACHER);
  {
    const std::string where = country.place.address().substr(std::string("http://").size());
    Poco::Net::StreamSocket socket{Poco::Net::SocketAddress(where)};
    const std::string head = "PUT " + target +
                             " HTTP/1.1\r\nHost: x\r\nAuthorization: " + phone->authorization("PUT " + target) +
                             "\r\nContent-Range: " + range_of(0, 70'000, 70'000) + "\r\nContent-Length: 70000\r\n\r\n";
    const std::string sent = head + bytes.substr(0, 12'345);
    for (std::size_t at = 0; at < sent.size();)
      at += static_cast<std::size_t>(socket.sendBytes(sent.data() + at, static_cast<int>(sent.size() - at)));
  }
  const Sender sender(country, *phone);
  std::size_t held = 0;
  for (int i = 0; i < 500 && held == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    held = Json::parse(sender.put(target, "bytes */70000", "").body)["held"];
  }
  CHECK(held == 12'345);
  CHECK(Json::parse(sender.put(target, range_of(held, 70'000 - held, 70'000), bytes.substr(held)).body)["whole"]);
}

TEST_CASE("nobody sends or gets a file of a record that is not theirs, or that no record names") {
  Country country;
  const std::string bytes = made_up_photo(3'000, 8);
  const RecordId foreign = country.photo("S2", bytes), own = country.photo("S1", bytes);
  const auto phone = device(country, schema::TEACHER), head = device(country, schema::HEAD_OFFICE);
  const auto auditor = device(country, schema::AUDITOR);
  const Sender sender(country, *phone);
  CHECK(sender.put(foreign, bytes).status == 404);
  CHECK(sender.put(own, made_up_photo(3'000, 9)).status == 404);
  CHECK(sender.put(country.own, bytes).status == 404);
  CHECK(Sender(country, *head).put(own, bytes).status == 404);
  CHECK(Sender(country, *auditor).put(own, bytes).status == 403);
  // By nobody in particular, by a page, and with the proof of another question.
  const std::string target = target_of(own, bytes);
  const std::string range = range_of(0, 3'000, 3'000);
  CHECK(country.place.ask("PUT", target, {{"Content-Range", range}}, bytes).status == 401);
  const SignedIn in = sign_in(country.place, country.account(schema::TEACHER), country.password);
  std::map<std::string, std::string> headers = in.headers;
  headers["Content-Range"] = range;
  CHECK(country.place.ask("PUT", target, headers, bytes).status == 403);
  CHECK(
      country.place
          .ask("PUT", target,
               {{"Authorization", phone->authorization("PUT " + target_of(foreign, bytes))}, {"Content-Range", range}},
               bytes)
          .status == 401);
  CHECK_FALSE(holds(country.place.folder(), bytes.substr(100, 500)));
  CHECK(sender.put(own, bytes).status == 200);
  CHECK(sender.get(target_of(foreign, bytes)).status == 404);
  CHECK(sender.get(target).body == bytes);
  must(country.place.host().revoke(phone->ticket().replica));
  CHECK(sender.get(target).status == 401);
}

TEST_CASE("a part that says nonsense is refused, and nothing is kept of it") {
  Country country;
  const std::string bytes = made_up_photo(3'000, 10);
  const RecordId photo = country.photo("S1", bytes);
  const std::string target = target_of(photo, bytes);
  const auto phone = device(country, schema::TEACHER);
  const Sender sender(country, *phone);
  for (const std::string range :
       {"", "bytes", "bytes 0-2999/*", "bytes 0-3000/3000", "bytes 5-4/3000", "bytes 0-2999/0", "bytes 0-9/9999999999",
        "bytes 0-99999999999999999999/3000", "bytes -1-5/3000", "items 0-2999/3000"}) {
    INFO(range);
    CHECK(sender.put(target, range, bytes).status == 400);
  }
  CHECK(sender.put(target, range_of(0, 10, 3'000), bytes).status == 413);
  CHECK(sender.put(target, range_of(0, 3'000, 3'000), made_up_photo(3'000, 11)).status == 422);
  CHECK(Json::parse(sender.put(target, "bytes */3000", "").body)["held"] == 0);
  // Names of files that are none.
  for (const std::string& path :
       {"/v1/records/" + to_text(photo) + "/attachments/..", "/v1/records/../attachments/" + std::string(64, 'a'),
        "/v1/records/" + to_text(photo) + "/attachments/" + std::string(64, 'G')}) {
    INFO(path);
    CHECK(sender.put(path, range_of(0, 3'000, 3'000), bytes).status == 404);
  }
}

TEST_CASE("a child's photos go with the child: from the server, from its backups, and from what they bring back") {
  const TemporaryFolder folder;
  Country country;
  const std::string bytes = made_up_photo(40'000, 12), others = made_up_photo(40'000, 13),
                    begun = made_up_photo(40'000, 14);
  const RecordId pupil = country.pupil("Có Ảnh", "S1");
  const auto photo_of = [&](const std::string& name) {
    const RecordId handover = country.save(
        act_of("handover", "S1",
               {{"pupil", to_text(pupil)}, {"device", to_text(country.device("S1"))}, {"date", "2026-11-20"}}));
    return country.save(
        act_of("photo", "S1", {{"handover", to_text(handover)}, {"picture", to_text(attachment_hash(name))}}));
  };
  const RecordId photo = photo_of(bytes), half = photo_of(begun), other = country.photo("S1", others);
  const auto phone = device(country, schema::TEACHER);
  const Sender sender(country, *phone);
  CHECK(sender.put(photo, bytes).status == 200);
  CHECK(sender.put(other, others).status == 200);
  CHECK(sender.put(target_of(half, begun), range_of(0, 9'000, 40'000), begun.substr(0, 9'000)).status == 200);
  const std::string kept = folder.file("backups/one.db");
  fs::create_directories(folder.file("backups"));
  must(back_up(country.place.folder(), kept));
  CHECK(holds(folder.file("backups/attachments"), bytes.substr(100, 500)));

  must(country.place.host().erase({{pupil, 1}}));
  CHECK_FALSE(holds(country.place.folder(), bytes.substr(100, 500)));
  CHECK_FALSE(holds(country.place.folder(), begun.substr(100, 500)));
  CHECK(sender.get(target_of(photo, bytes)).status == 404);
  CHECK(sender.put(photo, bytes).status == 404);
  CHECK(sender.get(target_of(other, others)).body == others);

  // The old backup has it; what is put back has not.
  must(restore(folder.file("elsewhere"), kept));
  CHECK(holds(folder.file("elsewhere"), bytes.substr(100, 500)));  // nobody told that place of the erasure
  fs::copy_file(country.place.folder() + "/erasures", folder.file("backups/one.db.erasures"));
  must(restore(folder.file("third"), kept));
  CHECK_FALSE(holds(folder.file("third"), bytes.substr(100, 500)));
  CHECK(holds(folder.file("third"), others.substr(100, 500)));
  must(verify_server(folder.file("third")));
  // The next backup into the same folder takes it away there.
  must(back_up(country.place.folder(), folder.file("backups/two.db")));
  CHECK_FALSE(holds(folder.file("backups/attachments"), bytes.substr(100, 500)));
  CHECK(holds(folder.file("backups/attachments"), others.substr(100, 500)));
}

TEST_CASE("a file that lies there after a kill, and whose child was erased, goes when the server begins again") {
  Country country;
  const std::string bytes = made_up_photo(40'000, 15);
  const RecordId pupil = country.pupil("Có Ảnh", "S1");
  const RecordId handover = country.save(
      act_of("handover", "S1",
             {{"pupil", to_text(pupil)}, {"device", to_text(country.device("S1"))}, {"date", "2026-11-20"}}));
  const RecordId photo = country.save(
      act_of("photo", "S1", {{"handover", to_text(handover)}, {"picture", to_text(attachment_hash(bytes))}}));
  must(country.place.host().erase({{pupil, 1}}));
  must(country.place.office().attachments().append(photo, attachment_hash(bytes), 0, bytes, bytes.size()));
  CHECK(must(country.place.office().destroy_erased_attachments()) == 1);
  CHECK_FALSE(holds(country.place.folder(), bytes.substr(100, 500)));
}

}  // namespace songsong::server
