// Attachments: the files that records name (shared/core/attachment.h), as a server holds them.
//
//   DIR/attachments/RECORD/SHA256        whole, and what its name says
//   DIR/attachments/RECORD/SHA256.part   what has come of it
//
// Any thread, of one process; whole files may be read and removed by others. Faults "storage_full", "storage_failed".
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/attachment.h"
#include "shared/core/name.h"
#include "shared/core/outcome.h"
#include "shared/replica/store.h"

namespace songsong::server {

class Attachments {
 public:
  struct Held {
    std::size_t bytes = 0;
    bool whole = false;

    bool operator==(const Held&) const = default;
  };

  explicit Attachments(const std::string& folder) : folder_(folder + "/attachments") {}

  Held held(RecordId record, const AttachmentHash& hash) const;
  // What comes after the first `from` bytes; nothing is taken where so many are not held. When all `total` are there,
  // they are the file of that hash, on the disk when this returns; or they are dropped ("attachment_mismatch").
  Outcome<Held> append(RecordId record, const AttachmentHash& hash, std::size_t from, std::string_view bytes,
                       std::size_t total);
  // Fault "unknown_attachment" where it is not held whole.
  Outcome<std::string> read(RecordId record, const AttachmentHash& hash) const;

  // Of which records there are any, ascending.
  std::vector<RecordId> records() const;
  // Whole ones of the record.
  std::set<AttachmentHash> of(RecordId record) const;
  // All others of the record are destroyed, and what has come of them. How many.
  Outcome<std::size_t> keep_only(RecordId record, const std::set<AttachmentHash>& named);
  // Whole ones that are not what their name says, as a disk may have made of them.
  std::vector<std::string> damaged() const;
  // How many there are whole.
  std::size_t count() const;
  // Whole ones of another such folder that are not here, and are what their name says. How many.
  Outcome<std::size_t> copy_from(const Attachments& other);

 private:
  std::string folder_of(RecordId record) const;
  std::string path_of(RecordId record, const AttachmentHash& hash) const;

  const std::string folder_;
  std::mutex appending_;
};

// Of these records, those that were erased are destroyed. How many. Faults of the store.
Outcome<std::size_t> destroy_erased(Attachments& attachments, Store& store, const Policies& policies,
                                    std::span<const RecordId> records);

}  // namespace songsong::server
