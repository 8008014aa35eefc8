// The server is as api/openapi.json says: every path and every answer that a test can bring about, with the content
// that is described.
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "server/page.h"
#include "server/routes.h"
#include "shared/core/attachment.h"
#include "tests/server/country.h"
#include "tests/support/must.h"

namespace songsong::server {
namespace {

using testing::must;
using Json = nlohmann::json;

const Json& description() {
  static const Json read = Json::parse(openapi_json());
  return read;
}

// What a $ref stands for, at any depth.
Json resolved(const Json& given) {
  if (given.is_object() && given.contains("$ref")) {
    const std::string reference = given["$ref"];
    return resolved(description().at(Json::json_pointer(reference.substr(1))));
  }
  if (!given.is_structured()) return given;
  Json all = given;
  for (auto& [key, value] : all.items()) value = resolved(value);
  return all;
}

std::string fault_of(const Json& schema, const Json& value) {
  valijson::Schema parsed;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), parsed);
  valijson::ValidationResults results;
  valijson::Validator validator;
  if (validator.validate(parsed, valijson::adapters::NlohmannJsonAdapter(value), &results)) return "";
  std::string text;
  for (const auto& each : results) text += each.description + "; ";
  return text;
}

constexpr const char* kUnits = "code,name,level,parent\nP,Tỉnh,province,\nS,Trường,school,P\n";

Limits one_stream() {
  Limits limits;
  limits.max_streams = 1;
  return limits;
}

RecordId first_record(Place& place) {
  RecordId found;
  must(place.office().store().read(0, [&](StoreReader& reader) {
    for (const RecordRow& row : reader.scan(0, RecordId(), 1000)) {
      if (row.unit == "S") found = row.id;
    }
  }));
  return found;
}

// As the file describes it; empty if so.
std::string difference(const std::string& path, const std::string& method, const Heard& heard) {
  const Json responses = description()["paths"][path][method]["responses"];
  const std::string status = std::to_string(heard.status);
  if (!responses.contains(status)) return "the status " + status + " is not described";
  const Json response = resolved(responses[status]);
  const Json headers = response.value("headers", Json::object());
  for (const auto& [name, header] : headers.items()) {
    if (header.value("required", false) && !heard.headers.contains(name)) return "the header is missing: " + name;
  }
  if (!response.contains("content")) return heard.body.empty() ? "" : "a body is not described";
  const std::string type = heard.type.substr(0, heard.type.find(';'));
  if (!response["content"].contains(type)) return "the content is not described: " + heard.type;
  const Json& content = response["content"][type];
  return content.contains("schema") ? fault_of(content["schema"], Json::parse(heard.body)) : "";
}

// What is asked stands in the place of an id, else after the path.
std::string address(const std::string& path, const std::string& asked) {
  const std::string id = "{id}", hash = "{sha256}";
  const std::size_t at = path.find(id);
  std::string whole = at == std::string::npos ? path + asked : path.substr(0, at) + asked + path.substr(at + id.size());
  if (const std::size_t named = whole.find(hash); named != std::string::npos)
    whole.replace(named, hash.size(), std::string(64, 'a'));
  return whole;
}

// The words of HTTP in an item that also has parameters.
const std::map<std::string, std::string>& methods() {
  static const std::map<std::string, std::string> all{
      {"get", "GET"}, {"post", "POST"}, {"delete", "DELETE"}, {"put", "PUT"}};
  return all;
}

}  // namespace

TEST_CASE("the file describes every path, and no other") {
  std::set<std::string> described;
  for (const auto& [path, item] : description()["paths"].items()) described.insert(path);
  const std::vector<std::string> paths = Routes::paths();
  CHECK(described == std::set<std::string>(paths.begin(), paths.end()));
  CHECK(Place(kUnits).ask("GET", "/v1/nothing").status == 404);
}

TEST_CASE("what is asked in every way that the file knows is answered as it says") {
  Place place(kUnits, one_stream());
  struct Asked {
    std::string method, path, query;
    int status;
    std::map<std::string, std::string> headers;
  };
  const std::string frame = "application/x-songsong";
  std::vector<Asked> all{
      {"GET", "/v1/totals", "", 200, {}},
      {"GET", "/v1/totals", "?unit=S", 200, {}},
      {"GET", "/v1/totals", "?unit=S&on=2020-01-31", 200, {}},
      {"GET", "/v1/totals", "?unit=X", 404, {}},
      {"GET", "/v1/totals", "?unit=X&on=2020-01-31", 404, {}},
      {"GET", "/v1/totals", "?on=2020-02-31", 400, {}},
      {"GET", "/v1/totals", "?on=yesterday", 400, {}},
      {"GET", "/v1/totals", "", 304, {{"If-None-Match", place.ask("GET", "/v1/totals").headers["ETag"]}}},
      {"GET", "/v1/totals/stream", "?unit=X", 404, {}},
      {"GET", "/v1/totals/stream", "", 200, {}},
      {"GET", "/v1/units", "", 200, {}},
      {"GET", "/v1/units", "?unit=P&on=2020-01-31", 200, {}},
      {"GET", "/v1/units", "?unit=X", 404, {}},
      {"GET", "/v1/units", "?on=1", 400, {}},
      {"GET", "/v1/measures", "", 200, {}},
      {"GET", "/v1/openapi.json", "", 200, {}},
      {"GET", "/", "", 200, {}},
      {"GET", "/devices", "", 200, {}},
      {"GET", "/healthz", "", 200, {}},
      {"GET", "/readyz", "", 200, {}},
      {"GET", "/metrics", "", 200, {}}};
  for (const char* path : {"/v1/sync", "/v1/enrol"}) {
    all.push_back({"POST", path, "", 400, {{"Content-Type", frame}}});
    all.push_back({"POST", path, "", 415, {{"Content-Type", "text/plain"}}});
  }
  const auto ask = [&](const Asked& each, const std::string& body) {
    INFO(each.method << " " << each.path << each.query);
    const Heard heard = place.ask(each.method, address(each.path, each.query), each.headers, body);
    CHECK(heard.status == each.status);
    std::string method = each.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    CHECK(difference(each.path, method, heard) == "");
  };
  for (const Asked& each : all) ask(each, "no frame");

  // From the first account on, by who is signed in.
  const std::string password = add_account(place, "lan", granted(schema::TEACHER, {"S"}));
  const std::map<std::string, std::string> json{{"Content-Type", "application/json"}};
  const std::string lan = Json{{"name", "lan"}, {"password", password}}.dump();
  for (const char* path : {"/v1/totals", "/v1/totals/stream", "/v1/units", "/v1/records", "/v1/cases", "/v1/session",
                           "/v1/health", "/v1/devices"})
    ask({"GET", path, "", 401, {}}, "");
  ask({"POST", "/v1/devices/{id}/revoke", "1", 401, json}, "{}");
  ask({"POST", "/v1/devices/{id}/replace", "1", 401, json}, "{}");
  ask({"GET", "/v1/records/{id}", "0k3f9.12.7c2q", 401, {}}, "");
  ask({"DELETE", "/v1/session", "", 401, {}}, "");
  ask({"POST", "/v1/session/password", "", 401, json}, "{}");
  ask({"POST", "/v1/session", "", 415, {{"Content-Type", "text/plain"}}}, lan);
  ask({"POST", "/v1/session", "", 400, json}, "no JSON");
  ask({"POST", "/v1/session", "", 413, json}, std::string(10'000, ' '));
  ask({"POST", "/v1/session", "", 403, {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "cross-site"}}}, lan);
  ask({"POST", "/v1/session", "", 401, json}, Json{{"name", "lan"}, {"password", "x"}}.dump());
  ask({"POST", "/v1/session", "", 200, json}, lan);
  SignedIn in = sign_in(place, "lan", password);
  const RecordId unit = first_record(place);
  ask({"GET", "/v1/health", "", 403, in.headers}, "");
  ask({"GET", "/v1/devices", "", 403, in.headers}, "");
  ask({"POST", "/v1/devices/{id}/revoke", "1", 403, in.headers}, "{}");
  ask({"GET", "/v1/session", "", 200, in.headers}, "");
  ask({"GET", "/v1/totals", "", 200, in.headers}, "");
  ask({"GET", "/v1/totals", "?unit=P", 403, in.headers}, "");
  ask({"GET", "/v1/totals/stream", "?unit=P", 403, in.headers}, "");
  ask({"GET", "/v1/units", "?unit=P", 403, in.headers}, "");
  for (const char* path : {"/v1/records", "/v1/cases"}) {
    ask({"GET", path, "?unit=S&limit=1", 200, in.headers}, "");
    ask({"GET", path, "?unit=P", 403, in.headers}, "");
    ask({"GET", path, "?unit=X", 404, in.headers}, "");
    ask({"GET", path, "?limit=0", 400, in.headers}, "");
    ask({"GET", path, "?after=*", 400, in.headers}, "");
  }
  ask({"GET", "/v1/records/{id}", to_text(unit), 200, in.headers}, "");
  ask({"GET", "/v1/records/{id}", to_text(unit) + "?history=true", 200, in.headers}, "");
  ask({"GET", "/v1/records/{id}", to_text(unit) + "?history=1", 400, in.headers}, "");
  ask({"GET", "/v1/records/{id}", "0k3f9.12.7c2q", 404, in.headers}, "");
  const std::string wanted = Json{{"password", password}, {"new", "mười chữ trở lên"}}.dump();
  ask({"POST", "/v1/session/password", "", 422, in.headers}, Json{{"password", password}, {"new", "short"}}.dump());
  ask({"POST", "/v1/session/password", "", 401, in.headers},
      Json{{"password", "x"}, {"new", "mười chữ trở lên"}}.dump());
  ask({"POST", "/v1/session/password", "", 200, in.headers}, wanted);
  in = sign_in(place, "lan", "mười chữ trở lên");
  ask({"DELETE", "/v1/session", "", 403, {{"Cookie", in.headers["Cookie"]}}}, "");
  ask({"DELETE", "/v1/session", "", 200, in.headers}, "");
  for (int i = 0; i < 6; ++i) place.ask("POST", "/v1/session", json, Json{{"name", "lan"}, {"password", "x"}}.dump());
  ask({"POST", "/v1/session", "", 429, json}, lan);
}

TEST_CASE("files that records name are sent and got as the file says") {
  Country country;
  const std::string bytes(3'000, 'p');
  const std::string path = "/v1/records/{id}/attachments/{sha256}";
  const RecordId photo = country.photo("S1", bytes), foreign = country.photo("S2", bytes);
  const auto target = [&](RecordId record) {
    return "/v1/records/" + to_text(record) + "/attachments/" + to_text(attachment_hash(bytes));
  };
  const auto phone = country.hostile(schema::TEACHER), auditor = country.hostile(schema::AUDITOR);
  phone->say(phone->request({}));
  auditor->say(auditor->request({}));
  const auto ask = [&](const std::string& method, RecordId record, int status, const testing::Hostile* by,
                       const std::map<std::string, std::string>& more, const std::string& body = {}) {
    INFO(method << " " << status);
    std::map<std::string, std::string> headers = more;
    if (by != nullptr) headers["Authorization"] = by->authorization((method == "put" ? "PUT " : "") + target(record));
    const Heard heard = country.place.ask(method == "put" ? "PUT" : "GET", target(record), headers, body);
    CHECK(heard.status == status);
    CHECK(difference(path, method, heard) == "");
  };
  const std::map<std::string, std::string> all{{"Content-Range", "bytes 0-2999/3000"}};
  ask("put", photo, 401, nullptr, all, bytes);
  ask("put", photo, 403, auditor.get(), all, bytes);
  ask("put", foreign, 404, phone.get(), all, bytes);
  ask("put", photo, 400, phone.get(), {}, bytes);
  ask("put", photo, 413, phone.get(), {{"Content-Range", "bytes 0-9/3000"}}, bytes);
  ask("put", photo, 409, phone.get(), {{"Content-Range", "bytes 5-2999/3000"}}, bytes.substr(5));
  ask("put", photo, 422, phone.get(), all, std::string(3'000, 'q'));
  ask("get", photo, 404, phone.get(), {});
  ask("put", photo, 200, phone.get(), all, bytes);
  ask("put", photo, 200, phone.get(), {{"Content-Range", "bytes */3000"}});
  ask("get", photo, 200, phone.get(), {});
  ask("get", photo, 206, phone.get(), {{"Range", "bytes=10-"}});
  ask("get", photo, 416, phone.get(), {{"Range", "bytes=3000-"}});
  ask("get", photo, 401, nullptr, {});
}

TEST_CASE("a method that a path does not take is told which it takes") {
  const Place place(kUnits);
  for (const auto& [path, item] : description()["paths"].items()) {
    INFO(path);
    const std::string method = item.contains("get") ? "get" : item.begin().key();
    for (const char* wrong : {"GET", "POST", "DELETE", "PUT"}) {
      std::string lower = wrong;
      for (char& c : lower) c = static_cast<char>(std::tolower(c));
      if (item.contains(lower)) continue;
      const Heard heard = place.ask(wrong, address(path, path.find('{') == std::string::npos ? "" : "x"));
      CHECK(heard.status == 405);
      std::set<std::string> told;
      std::istringstream list(heard.headers.at("Allow"));
      for (std::string each; std::getline(list >> std::ws, each, ',');) told.insert(each);
      std::set<std::string> described;
      for (const auto& [name, word] : methods()) {
        if (item.contains(name)) described.insert(word);
      }
      if (item.contains("get")) described.insert("HEAD");
      CHECK(told == described);
      CHECK(difference(path, method, heard) == "");
    }
  }
}

TEST_CASE("what the file says of a problem is looked at") {
  const Json schema = resolved(description()["components"]["schemas"]["Problem"]);
  CHECK(fault_of(schema, Json{{"type", "about:blank"}, {"title", "Why"}, {"status", 404}, {"code", "not_found"}}) ==
        "");
  CHECK(fault_of(schema, Json{{"type", "about:blank"}, {"title", "Why"}, {"status", 404}, {"code", "Not found"}}) !=
        "");
  CHECK(fault_of(schema, Json{{"title", "Why"}, {"status", 404}, {"code", "not_found"}}) != "");
}

}  // namespace songsong::server
