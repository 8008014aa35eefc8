// RecordRoutes: records, their history and open cases, for people who signed in, by their scope (looking.h). Every look
// is noted before it is answered (looks.h). Handlers that translate. Any thread.
//
//   GET /v1/records?unit=CODE&kind=KIND&limit=N&after=CURSOR   {"records":[…],"next":CURSOR or null}
//   GET /v1/records/ID[?history=true]                          the object of `songsong show`, with "history"
//   GET /v1/cases?unit=CODE&limit=N&after=CURSOR               {"cases":[…],"next":…}
//
// What is outside the scope is answered as what does not exist; a unit outside it is "out_of_scope".
#pragma once

#include <Poco/URI.h>

#include <functional>
#include <optional>
#include <string>

#include "server/looks.h"
#include "server/office.h"
#include "server/reply.h"
#include "server/visitors.h"
#include "shared/sync/looking.h"

namespace songsong::server {

class RecordRoutes {
 public:
  RecordRoutes(Office& office, const Looks& looks) : office_(office), looks_(looks) {}

  Reply records(const Poco::URI& uri, const Visitor& visitor);
  Reply record(const std::string& id, const Poco::URI& uri, const Visitor& visitor);
  Reply cases(const Poco::URI& uri, const Visitor& visitor);

 private:
  // What is shown, and the look that is noted before it is.
  struct Shown {
    Reply reply;
    Look look;
  };
  // Why the unit's records are not shown; nothing where they are.
  std::optional<Reply> closed_unit(const std::string& unit, const Looking& looking, StoreReader& reader);
  Reply look(const Visitor& visitor, const std::function<Shown(const Looking&, StoreReader&)>& answer);

  Office& office_;
  const Looks& looks_;
};

}  // namespace songsong::server
