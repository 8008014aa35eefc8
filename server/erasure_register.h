// The register of erasures: whose personal values are to be held nowhere. A file beside the store and in none of its
// backups, so that a backup from before an erasure brings nobody back: whatever store is opened in the folder, what the
// register lists is erased in it before anybody is served. It holds record ids and no personal data.
//
//   songsong erasures 1
//   RECORD REASON            one line each, ascending; the reason as the schema numbers it
//   RECORD REASON back       an erasure that was taken back: what was there before it is gone nonetheless
//
// It only grows. Several programs may work in the folder at once: whoever writes it holds a lock. Faults
// "register_malformed" and those of files. A folder without the file has an empty register.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "shared/core/outcome.h"
#include "shared/replica/erasure_acts.h"

namespace songsong::server {

using ErasureRegister = std::map<RecordId, ErasureNote>;

// Of a server's folder, and of a backup: the copy that was made with it.
std::string register_path(const std::string& folder);
std::string register_of_backup(const std::string& backup);

Outcome<ErasureRegister> read_register(const std::string& path);
// The whole file, of whoever is alone with it.
Outcome<Done> write_register(const std::string& path, const ErasureRegister& erasures);
// Adds to what the file says; of what both say, this is newer. Leaves a file alone that says the same.
Outcome<Done> add_to_register(const std::string& path, const ErasureRegister& erasures);

}  // namespace songsong::server
