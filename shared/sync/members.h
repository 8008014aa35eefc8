// The settings in which a server keeps who it is and whom it knows, and their bytes. Decoding never throws.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "schemas/songsong/wire.pb.h"
#include "shared/core/outcome.h"
#include "shared/sync/host.h"

namespace songsong {

inline constexpr const char* kServerSetting = "server";
inline constexpr const char* kMemberPrefix = "member.";
inline constexpr const char* kScopePrefix = "scope.";

std::string member_setting(ReplicaId replica);
// The units of a scope by their digest, so that a cursor need only hold the digest.
std::string scope_setting(std::uint64_t digest);

std::string encode_server(const ServerIdentity& server);
Outcome<ServerIdentity> decode_server(std::string_view bytes);

std::string encode_member(const Member& member);
Outcome<Member> decode_member(std::string_view bytes);

// The settings of one prefix, by name; stops at the first fault.
Outcome<Done> each_setting(StoreReader& reader, const std::string& prefix,
                           const std::function<Outcome<Done>(const std::string& bytes)>& each);

// All of them, ascending. Fault of the first that cannot be read, at which it stops.
Outcome<Done> each_member(StoreReader& reader, const std::function<void(Member)>& each);

// As the member is told them: those that go on.
wire::Grants grants_told(const Member& member);
// What an answer says of them; faults "answer_malformed". At most kMaxGrants.
Outcome<Grants> grants_heard(const wire::Grants& told);

std::string encode_units(const std::vector<std::string>& units);
Outcome<std::vector<std::string>> decode_units(std::string_view bytes);

}  // namespace songsong
