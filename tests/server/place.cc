#include "tests/server/place.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <nlohmann/json.hpp>

#include "server/units.h"
#include "tests/support/must.h"

namespace songsong::server {

using testing::must;

Place::Place(const std::string& units, const Limits& limits) : limits_(limits) {
  must(Office::create(folder()));
  office_ = must(Office::open(folder()));
  must(write_units(office_->host(), units));
  service_ = must(HttpService::start(*office_, limits_, "127.0.0.1:0"));
}

Heard Place::ask(const std::string& method, const std::string& path, const std::map<std::string, std::string>& headers,
                 const std::string& body) const {
  const Poco::URI address(service_->address());
  Poco::Net::HTTPClientSession session(address.getHost(), address.getPort());
  session.setTimeout(Poco::Timespan(10, 0));
  Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
  for (const auto& [name, value] : headers) request.set(name, value);
  if (method == "POST" || method == "PUT") request.setContentLength(static_cast<int>(body.size()));
  session.sendRequest(request) << body;
  Poco::Net::HTTPResponse response;
  std::istream& stream = session.receiveResponse(response);
  Heard heard{.status = response.getStatus(), .type = response.getContentType(), .body = {}, .headers = {}};
  for (const auto& [name, value] : response) heard.headers[name] = value;
  // A stream has no end.
  if (!heard.type.starts_with("text/event-stream")) Poco::StreamCopier::copyToString(stream, heard.body);
  return heard;
}

SignedIn sign_in(const Place& place, const std::string& name, const std::string& password) {
  const Heard heard = place.ask("POST", "/v1/session", {{"Content-Type", "application/json"}},
                                nlohmann::json{{"name", name}, {"password", password}}.dump());
  INFO(heard.body);
  REQUIRE(heard.status == 200);
  SignedIn in;
  const std::string& cookie = heard.headers.at("Set-Cookie");
  in.csrf = nlohmann::json::parse(heard.body)["csrf"];
  in.headers = {
      {"Cookie", cookie.substr(0, cookie.find(';'))}, {"X-CSRF-Token", in.csrf}, {"Content-Type", "application/json"}};
  return in;
}

}  // namespace songsong::server
