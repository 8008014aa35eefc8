// Inquiry: one question to the server beside the conversation: the whole log of a record, of which a phone holds only
// what was saved on it. It alters nothing, here or there, but the moment of the last contact.
//
//   begin(), send question(), then receive() the body of the answer; one exchange, and no second try.
//
// One thread. Faults of begin(): "no_server" without a ticket, "not_enrolled" before the first conversation, those of
// the store. Of receive(): those of an answer (questions.h), "not_told" when the server does not hold the record in
// this replica's scope, or is too old to be asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/replica/replica.h"
#include "shared/sync/initiator.h"
#include "shared/sync/questions.h"

namespace songsong {

struct ToldHistory {
  std::vector<HistoryEntry> entries;  // oldest first
  bool older = false;                 // there are older ones than told
};

class Inquiry {
 public:
  // Borrows neither.
  static Outcome<Inquiry> begin(Replica& replica, RecordId record, const Primer* primer, const ClockReading& now);

  const Outgoing& question() const { return question_; }
  Outcome<ToldHistory> receive(std::string_view answer, const Primer* primer) const;

 private:
  Inquiry(RecordId record, Outgoing question, QuestionSecret secret)
      : record_(record), question_(std::move(question)), secret_(std::move(secret)) {}

  RecordId record_;
  Outgoing question_;
  QuestionSecret secret_;
};

}  // namespace songsong
