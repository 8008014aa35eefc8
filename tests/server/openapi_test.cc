// The server is as api/openapi.json says: every path and every answer that a test can bring about, with the content
// that is described.
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "server/http.h"
#include "server/office.h"
#include "server/page.h"
#include "server/routes.h"
#include "server/units.h"
#include "tests/support/must.h"
#include "tests/support/temporary_folder.h"

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

struct Heard {
  int status = 0;
  std::string type, body;
  std::map<std::string, std::string> headers;
};

class Place {
 public:
  Place() {
    must(Office::create(folder_.file("server")));
    office_ = must(Office::open(folder_.file("server")));
    must(write_units(office_->host(), "code,name,level,parent\nP,Tỉnh,province,\nS,Trường,school,P\n"));
    limits_.max_streams = 1;
    service_ = must(HttpService::start(*office_, limits_, "127.0.0.1:0"));
  }

  Heard ask(const std::string& method, const std::string& path, const std::map<std::string, std::string>& headers = {},
            const std::string& body = {}) const {
    const Poco::URI address(service_->address());
    Poco::Net::HTTPClientSession session(address.getHost(), address.getPort());
    session.setTimeout(Poco::Timespan(10, 0));
    Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
    for (const auto& [name, value] : headers) request.set(name, value);
    if (method == "POST") request.setContentLength(static_cast<int>(body.size()));
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    std::istream& stream = session.receiveResponse(response);
    Heard heard{.status = response.getStatus(), .type = response.getContentType(), .body = {}, .headers = {}};
    for (const auto& [name, value] : response) heard.headers[name] = value;
    // A stream has no end.
    if (!heard.type.starts_with("text/event-stream")) Poco::StreamCopier::copyToString(stream, heard.body);
    return heard;
  }

 private:
  TemporaryFolder folder_;
  Limits limits_;
  std::unique_ptr<Office> office_;
  std::unique_ptr<HttpService> service_;
};

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

}  // namespace

TEST_CASE("the file describes every path, and no other") {
  std::set<std::string> described;
  for (const auto& [path, item] : description()["paths"].items()) described.insert(path);
  CHECK(described == std::set<std::string>(Routes::paths().begin(), Routes::paths().end()));
  CHECK(Place().ask("GET", "/v1/nothing").status == 404);
}

TEST_CASE("what is asked in every way that the file knows is answered as it says") {
  const Place place;
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
      {"GET", "/healthz", "", 200, {}},
      {"GET", "/readyz", "", 200, {}},
      {"GET", "/metrics", "", 200, {}}};
  for (const char* path : {"/v1/sync", "/v1/enrol"}) {
    all.push_back({"POST", path, "", 400, {{"Content-Type", frame}}});
    all.push_back({"POST", path, "", 415, {{"Content-Type", "text/plain"}}});
  }
  for (const Asked& each : all) {
    INFO(each.method << " " << each.path << each.query);
    const Heard heard = place.ask(each.method, each.path + each.query, each.headers, "no frame");
    CHECK(heard.status == each.status);
    std::string method = each.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    CHECK(difference(each.path, method, heard) == "");
  }
}

TEST_CASE("a method that a path does not take is told which it takes") {
  const Place place;
  for (const auto& [path, item] : description()["paths"].items()) {
    INFO(path);
    const bool posts = item.contains("post");
    for (const char* wrong : {posts ? "GET" : "POST", "DELETE", "PUT"}) {
      const Heard heard = place.ask(wrong, path);
      CHECK(heard.status == 405);
      CHECK(heard.headers.at("Allow") == (posts ? "POST" : "GET, HEAD"));
      CHECK(difference(path, posts ? "post" : "get", heard) == "");
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
