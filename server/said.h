// What a visitor says with a request: a small JSON object. Any thread.
#pragma once

#include <Poco/Net/HTTPServerRequest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "server/body.h"
#include "server/limits.h"
#include "server/reply.h"

namespace songsong::server {

// Nothing where it is none, is too large, or did not come whole; `refused` is the answer then.
std::optional<nlohmann::json> read_said(Poco::Net::HTTPServerRequest& request, const Limits& limits, MessageRoom& room,
                                        Reply& refused);
// Empty where it says nothing of the name, or no text.
std::string text_of(const nlohmann::json& object, const char* name);

}  // namespace songsong::server
