#include "server/record_routes.h"

#include "server/query.h"
#include "server/session_routes.h"
#include "shared/core/byte_reader.h"
#include "shared/core/crypto.h"
#include "shared/json/record_json.h"

namespace songsong::server {
namespace {

constexpr Shard kShard = 0;

Reply unknown_record() { return problem(404, "unknown_record", "There is no such record among yours."); }
Reply malformed(const char* what) { return problem(400, "query_malformed", what); }

std::string encode_position(const FeedPosition& position) {
  ByteWriter writer;
  writer.varint(position.version);
  writer.fixed64(position.record.packed());
  return to_base64url(std::move(writer).take());
}

std::optional<FeedPosition> decode_position(const std::string& text) {
  if (text.empty()) return FeedPosition{};
  const Outcome<std::string> bytes = from_base64url(text);
  if (!bytes) return std::nullopt;
  ByteReader reader(*bytes);
  FeedPosition position;
  position.version = reader.varint();
  position.record = Name::from_packed(reader.fixed64());
  return reader.at_end() ? std::optional(position) : std::nullopt;
}

// What both lists are asked by.
struct Asked {
  std::string unit;
  std::size_t limit = kUsualPage;
};

// Nothing where it cannot be read.
std::optional<Asked> asked_of(const Poco::URI& uri, const Visitor& visitor) {
  Asked asked{.unit = query_value(uri, "unit")};
  if (asked.unit.empty()) asked.unit = default_unit(visitor.account->grants);
  const std::optional<std::size_t> limit = page_limit(uri);
  if (!limit) return std::nullopt;
  asked.limit = *limit;
  return asked;
}

Json page_json(const char* name, Json rows, bool more, const std::string& next) {
  return Json{{name, std::move(rows)}, {"next", more ? Json(next) : Json()}};
}

}  // namespace

Reply RecordRoutes::look(const Visitor& visitor, const std::function<Shown(const Looking&, StoreReader&)>& answer) {
  Shown shown;
  const Outcome<Done> read = office_.store().read(kShard, [&](StoreReader& reader) {
    const Looking looking(office_.policies(), office_.host().unit_trees(), reader, visitor.account->grants);
    shown = answer(looking, reader);
  });
  if (!read) return storage_problem(read.fault());
  if (shown.reply.status != 200) return std::move(shown.reply);
  shown.look.account = visitor.account->name;
  const Outcome<Done> noted = looks_.note(shown.look, wall_clock_ms());
  if (!noted) return storage_problem(noted.fault());
  return std::move(shown.reply);
}

std::optional<Reply> RecordRoutes::closed_unit(const std::string& unit, const Looking& looking, StoreReader& reader) {
  if (office_.host().unit_trees().tree(reader)->find(unit) == nullptr) return unknown_unit();
  if (!looking.reads(unit)) return out_of_scope();
  return std::nullopt;
}

Reply RecordRoutes::records(const Poco::URI& uri, const Visitor& visitor) {
  if (!visitor.account) return sign_in_required();
  const std::optional<Asked> asked = asked_of(uri, visitor);
  const std::optional<FeedPosition> after = decode_position(query_value(uri, "after"));
  const std::string kind_name = query_value(uri, "kind");
  const KindPolicy* const kind = kind_name.empty() ? nullptr : office_.policies().kind_named(kind_name);
  if (!asked) return malformed("limit is a number from 1 to 500.");
  if (!after) return malformed("after is what an earlier answer gave as next.");
  if (!kind_name.empty() && kind == nullptr) return problem(404, "unknown_kind", "There is no such kind.");
  return look(visitor, [&](const Looking& looking, StoreReader& reader) {
    Shown shown;
    if (std::optional<Reply> closed = closed_unit(asked->unit, looking, reader)) {
      shown.reply = std::move(*closed);
    } else {
      const Looking::Records page =
          looking.records(asked->unit, kind != nullptr ? kind->number() : 0, *after, asked->limit);
      Json rows = Json::array();
      shown.look = Look{.what = "records", .unit = asked->unit, .kind = kind_name};
      for (const RecordView& view : page.records) {
        rows.push_back(record_json(view, office_.policies()));
        shown.look.records.push_back(view.state.id);
      }
      shown.reply = json_reply(page_json("records", std::move(rows), page.more, encode_position(page.next)).dump());
    }
    return shown;
  });
}

Reply RecordRoutes::record(const std::string& id, const Poco::URI& uri, const Visitor& visitor) {
  if (!visitor.account) return sign_in_required();
  const std::string wanted = query_value(uri, "history");
  if (!wanted.empty() && wanted != "true" && wanted != "false") return malformed("history is true or false.");
  const Outcome<RecordId> record = parse_name(id);
  if (!record) return unknown_record();
  return look(visitor, [&](const Looking& looking, StoreReader&) {
    Shown shown;
    const std::optional<RecordView> view = looking.record(*record);
    if (!view) {
      shown.reply = unknown_record();
      return shown;
    }
    const bool history = wanted == "true";
    shown.look = Look{.what = history ? "history" : "record", .unit = view->unit, .records = {*record}};
    Json json = record_json(*view, office_.policies());
    if (history) {
      json["history"] = Json::array();
      for (const HistoryEntry& entry : looking.history(*record))
        json["history"].push_back(history_json(entry, office_.policies()));
    }
    shown.reply = json_reply(json.dump());
    return shown;
  });
}

Reply RecordRoutes::cases(const Poco::URI& uri, const Visitor& visitor) {
  if (!visitor.account) return sign_in_required();
  const std::optional<Asked> asked = asked_of(uri, visitor);
  const Outcome<std::string> after = from_base64url(query_value(uri, "after"));
  if (!asked) return malformed("limit is a number from 1 to 500.");
  if (!after) return malformed("after is what an earlier answer gave as next.");
  return look(visitor, [&](const Looking& looking, StoreReader& reader) {
    Shown shown;
    if (std::optional<Reply> closed = closed_unit(asked->unit, looking, reader)) {
      shown.reply = std::move(*closed);
    } else {
      const Looking::Cases page = looking.cases(asked->unit, *after, asked->limit);
      Json rows = Json::array();
      shown.look = Look{.what = "cases", .unit = asked->unit};
      for (const CaseRow& row : page.cases) {
        const std::vector<std::optional<RecordRow>> held = reader.records(row.raised.records);
        const KindPolicy* const kind =
            held.empty() || !held.front() ? nullptr : office_.policies().kind(held.front()->kind);
        rows.push_back(case_json(row, kind));
        shown.look.records.insert(shown.look.records.end(), row.raised.records.begin(), row.raised.records.end());
      }
      shown.reply = json_reply(page_json("cases", std::move(rows), page.more, to_base64url(page.next)).dump());
    }
    return shown;
  });
}

}  // namespace songsong::server
