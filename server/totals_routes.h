// TotalsRoutes: the totals of units, as they are and as they change. Handlers that translate: numbers come from the
// store (totals.h). Any thread.
//
// Whoever signed in sees the units of their grants and all below, in any role; as long as no account was ever made,
// everybody sees all (visitors.h).
#pragma once

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/URI.h>

#include <functional>
#include <optional>
#include <string>

#include "server/office.h"
#include "server/reply.h"
#include "server/stream_hub.h"
#include "server/totals.h"
#include "server/visitors.h"

namespace songsong::server {

class TotalsRoutes {
 public:
  TotalsRoutes(Office& office, const Limits& limits, Visitors& visitors);

  Reply totals(const Poco::Net::HTTPServerRequest& request, const Poco::URI& uri, const Visitor& visitor);
  Reply unit(const Poco::URI& uri, const Visitor& visitor);
  Reply stream(Poco::Net::HTTPServerRequest& request, const Poco::URI& uri, const Visitor& visitor);

  // Something was committed: whoever watches is told.
  void committed() { hub_.notify(); }
  std::size_t readers() const { return hub_.readers(); }

 private:
  // What is asked of the unit by somebody who may; else why not.
  Reply of_unit(const Poco::URI& uri, const Visitor& visitor,
                const std::function<Reply(const std::string& unit, std::optional<std::int64_t> on)>& answer);
  // Borrows the visitor's grants.
  Audience audience(const Visitor& visitor) const;
  enum class Sight { kNone, kTheirs, kUnknown };  // the last: the tree has no such unit
  Outcome<Sight> sight(const Grants& grants, const std::string& unit);
  // Whether the session that began to watch may still; without a session, whether everybody may.
  bool still_sees(const std::string& who, const StreamHub::Watched& watched);

  Office& office_;
  Visitors& visitors_;
  const std::int64_t least_published_;
  StreamHub hub_;
};

}  // namespace songsong::server
