// An office's server in a test, without the network: a store that holds all logs, to which phones' changes are carried
// by hand and from which states are carried back. What the sync layer will do over the wire, in its plainest form.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "shared/replica/audit.h"
#include "tests/support/phone.h"

namespace songsong::testing {

class Office {
 public:
  Office();

  // Admits what the phone's log holds and the office lacks; `most` changes at the most, oldest first.
  void take(Phone& phone, std::size_t most = 1'000'000);
  // The same, but the changes chosen are set aside: in the chain, counted as applied and empty.
  void take_quarantining(Phone& phone, const std::function<bool(const Change&)>& bad);
  // Every state of the office becomes the phone's base.
  void give(Phone& phone);

  State state(RecordId record);
  std::int64_t total(const std::string& unit, const std::string& measure);
  std::vector<std::string> case_ids();
  std::map<RecordId, std::string> states();  // canonical bytes
  AuditSummary verify();

 private:
  void admit(Phone& phone, std::size_t most, const std::function<bool(const Change&)>& bad);

  std::unique_ptr<Store> store_;
  Dependencies dependencies_;
  UnitTreeCache trees_;
  std::map<ReplicaId, PublicKey> keys_;
};

}  // namespace songsong::testing
