// Contact: what a replica keeps of its server, in settings of its store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/replica/store.h"
#include "shared/sync/frame.h"
#include "shared/sync/ticket.h"

namespace songsong {

inline constexpr const char* kCursorSetting = "cursor";
inline constexpr const char* kServerEpochSetting = "server_epoch";
// The table that the server handed out last, where it is newer than the program's own.
inline constexpr const char* kPolicyTableSetting = "policy_table";
// Of a restore of the server: "1" from when it was noticed until all of the new epoch was heard; "2" as long as orphans
// (orphans.h) are held after that.
inline constexpr const char* kAfterRestoreSetting = "after_restore";
enum class AfterRestore { kNo, kHearing, kOrphansLeft };
std::string to_setting(AfterRestore stage);
// The greatest primer number that the server said it knows.
inline constexpr const char* kServerPrimerSetting = "server_primer";
// Up to where the server's word on erasures was heard, in which epoch.
inline constexpr const char* kErasedHeardSetting = "erased_heard";
std::string encode_erased_heard(std::uint64_t epoch, std::uint64_t until);
// 0 where nothing was heard in this epoch.
std::uint64_t erased_heard(StoreReader& reader, std::uint64_t epoch);
// Released with the first of them, so that the first piece of a new phone is as small as any.
inline constexpr std::uint32_t kPrimerOfAllServers = 1;

// What the server announced of itself last (announcement.h), as far as the ticket says it; and "1" while the server
// wants to see the ticket, to make another of it.
inline constexpr const char* kTicketRevisionSetting = "ticket_revision";
inline constexpr const char* kTicketWantedSetting = "ticket_wanted";
// Keys that the server had before, whose receipts may still be held: 32 bytes each, the newest first.
inline constexpr const char* kFormerServersSetting = "former_servers";
std::vector<PublicKey> former_servers(StoreReader& reader);
// With one more; at most kMostFormerServers.
std::string with_former_server(StoreReader& reader, const PublicKey& server);
inline constexpr std::size_t kMostFormerServers = 64;

struct Contact {
  Ticket ticket;  // of the present replica
  std::uint32_t ticket_revision = 0;
  bool ticket_wanted = false;
  bool enrolled = false;
  std::uint64_t epoch = 0;  // 0 before the first answer
  std::string cursor;
  std::uint32_t primer = 0;
  AfterRestore after_restore = AfterRestore::kNo;

  // Nothing when the store was never given a ticket. Throws StorageDamage.
  static std::optional<Contact> read(StoreReader& reader);
};

// Whether the server told of the record in an older epoch than its present one, and never again: what a restore lost,
// or moved out of the scope.
bool is_orphan(const RecordRow& row, std::uint64_t epoch);

}  // namespace songsong
