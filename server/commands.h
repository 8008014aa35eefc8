// The commands of songsong-server besides `serve`. Each returns what to print, or a Fault.
#pragma once

#include <string>
#include <vector>

#include "server/printed.h"
#include "shared/core/outcome.h"

namespace songsong::server {

Outcome<Printed> init_server(const std::string& folder, const std::string& units_path);
// `on`: the day from which the list holds; empty for a correction. Faults "date_…", "date_to_come".
Outcome<Printed> change_units(const std::string& folder, const std::string& units_path, const std::string& on);
// `from`: the unit whose records `rules_path` distributes.
Outcome<Printed> distribute_records(const std::string& folder, const std::string& from, const std::string& rules_path,
                                    bool try_only);
// How a ticket is handed over, besides its letters.
struct OnPaper {
  std::string sheet_path;    // an HTML page to print is written there; empty: none
  bool on_terminal = false;  // its QR code is printed above it
};
// `url`: where the device reaches the server; empty: on this machine.
Outcome<Printed> issue_ticket(const std::string& folder, const std::vector<std::string>& units, const std::string& role,
                              const std::string& url, int days, const OnPaper& on_paper = {});
// The same for a device of the account.
Outcome<Printed> issue_ticket_for(const std::string& folder, const std::string& account, const std::string& url,
                                  int days, const OnPaper& on_paper);
// Another key, and a backup with it at once. `forgets`: the former one is accepted no more, and each device needs a new
// ticket. Fault "server_running".
Outcome<Printed> rotate_key(const std::string& folder, const std::string& backup_path, bool forgets);
// This server stands in for one that is lost with all its backups; `key` is the lost one's, in hexadecimal digits, as
// `songsong status --json` says it. Fault "server_running".
Outcome<Printed> stand_in_for(const std::string& folder, const std::string& key);
// Devices are told that the server is at this address from now on. Faults "url_malformed", "address_without_tls".
// `unchecked`: without asking whether it answers there ("nobody_answers").
Outcome<Printed> move_server(const std::string& folder, const std::string& url, bool unchecked);
// The certificate of the folder's own authority, for a browser to trust; into a file, where `path` is not empty.
Outcome<Printed> show_authority(const std::string& folder, const std::string& path);
Outcome<Printed> revoke_replica(const std::string& folder, const std::string& replica);
// Revokes it, and prints the ticket for the device that takes its place.
Outcome<Printed> replace_replica(const std::string& folder, const std::string& replica, const std::string& url,
                                 int days, const OnPaper& on_paper);
Outcome<Printed> appoint_replica(const std::string& folder, const std::string& replica,
                                 const std::vector<std::string>& units, const std::string& role, bool besides);
Outcome<Printed> accept_bundle(const std::string& folder, const std::string& path);
Outcome<Printed> back_up(const std::string& folder, const std::string& path);
// `INTO/songsong-2026-11-29T05-30-00Z.db`, and of such the oldest are removed beyond `keep`. `rehearses`: it is
// restored in a place of its own first; where that fails all stay, and what was made is no backup.
Outcome<Printed> back_up_into(const std::string& folder, const std::string& into, int keep, bool rehearses);
// Restores it into a folder of its own, recounts everything, and takes that away again.
Outcome<Printed> rehearse_restore(const std::string& folder, const std::string& path);
Outcome<Printed> restore(const std::string& folder, const std::string& path);
// The personal values of a record, with those of all that are the same person, are destroyed; `reason` as the schema
// names it.
Outcome<Printed> erase_person(const std::string& folder, const std::string& record, const std::string& reason);
// Of whom no consent stands on the day (empty: today): how many in which unit, and with `erases` they are erased.
Outcome<Printed> keep_retention(const std::string& folder, const std::string& on, bool erases);
Outcome<Printed> verify_server(const std::string& folder);
Outcome<Printed> list_devices(const std::string& folder);

// People who sign in (docs/INTERFACES.md). The first password is drawn, and printed once.
Outcome<Printed> add_account(const std::string& folder, const std::string& name, const std::vector<std::string>& units,
                             const std::string& role);
Outcome<Printed> appoint_account(const std::string& folder, const std::string& name,
                                 const std::vector<std::string>& units, const std::string& role, bool besides);
Outcome<Printed> renew_password(const std::string& folder, const std::string& name);
// `off`: without one from now on.
Outcome<Printed> second_factor(const std::string& folder, const std::string& name, bool off);
Outcome<Printed> close_account(const std::string& folder, const std::string& name);
Outcome<Printed> list_accounts(const std::string& folder);
// Who looked at what; of an account, of a record, where they are given; the newest.
Outcome<Printed> list_looks(const std::string& folder, const std::string& account, const std::string& record, int most);

}  // namespace songsong::server
