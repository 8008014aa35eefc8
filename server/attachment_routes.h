// AttachmentRoutes: photos and signatures by their content, resumable at any byte in both directions. Handlers that
// translate. Any thread.
//
//   PUT  /v1/records/ID/attachments/SHA256   by a device, where the record names it, and lies in the device's scope or
//                                            was written by it
//        Content-Range: bytes FROM-TO/TOTAL  the body goes there; what came of one that was cut off is kept, too
//        Content-Range: bytes */TOTAL        no body: how much is held
//                                            200 {"held","total","whole"}; 409 with "held", where FROM is not that
//   GET  /v1/records/ID/attachments/SHA256   the file, or the rest of it (Range: bytes=FROM-), for whom the record is
//                                            shown; each look is noted
//
// What is outside the scope is answered as what does not exist.
#pragma once

#include <Poco/Net/HTTPServerRequest.h>

#include <optional>
#include <string>

#include "server/limits.h"
#include "server/looks.h"
#include "server/office.h"
#include "server/reply.h"
#include "server/visitors.h"

namespace songsong::server {

class AttachmentRoutes {
 public:
  // Borrows all.
  AttachmentRoutes(Office& office, const Limits& limits, const Looks& looks, MessageRoom& room)
      : office_(office), limits_(limits), looks_(looks), room_(room) {}

  // `path`: "/v1/records/ID/attachments/SHA256".
  Reply attachment(Poco::Net::HTTPServerRequest& request, const std::string& path, const Visitor& visitor);

 private:
  struct Named {
    RecordId record;
    AttachmentHash hash;
    std::string unit;
    bool is_shown = false;  // to the visitor
    bool may_put = false;   // a device whose role writes such records, or that wrote this one
  };

  // Nothing where the path names none that the visitor is shown.
  Outcome<std::optional<Named>> named(const std::string& path, const Visitor& visitor);
  Reply put(const Poco::Net::HTTPServerRequest& request, const std::string& path, const Visitor& visitor,
            const Body& body);
  Reply get(const Poco::Net::HTTPServerRequest& request, const Named& named, const Visitor& visitor);

  Office& office_;
  const Limits& limits_;
  const Looks& looks_;
  MessageRoom& room_;
};

}  // namespace songsong::server
