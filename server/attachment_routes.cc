#include "server/attachment_routes.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "server/session_routes.h"
#include "shared/sync/feed.h"
#include "shared/sync/looking.h"

namespace songsong::server {
namespace {

using Poco::Net::HTTPServerRequest;
using Json = nlohmann::ordered_json;

constexpr Shard kShard = 0;

Reply unknown() { return problem(404, "unknown_attachment", "There is no such file among yours."); }

// "bytes FROM-TO/TOTAL", or "bytes */TOTAL" (RFC 9110, section 14.4).
struct ContentRange {
  bool asks = false;  // no body
  std::uint64_t from = 0, to = 0, total = 0;
};

bool read_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool read_mark(std::string_view& text, std::string_view mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(mark.size());
  return true;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  ContentRange range;
  if (!read_mark(text, "bytes ")) return std::nullopt;
  range.asks = read_mark(text, "*");
  const bool whole =
      range.asks || (read_number(text, range.from) && read_mark(text, "-") && read_number(text, range.to));
  if (!whole || !read_mark(text, "/") || !read_number(text, range.total) || !text.empty()) return std::nullopt;
  if (range.total == 0 || range.total > kMaxAttachmentBytes) return std::nullopt;
  if (!range.asks && (range.from > range.to || range.to >= range.total)) return std::nullopt;
  return range;
}

// "bytes=FROM-"; 0 for all of it, and for what is asked in another way (RFC 9110, section 14.2: it may be ignored).
std::uint64_t parse_range(std::string_view text) {
  std::uint64_t from = 0;
  if (!read_mark(text, "bytes=") || !read_number(text, from) || text != "-") return 0;
  return from;
}

// By its first bytes: a browser shows these, and saves anything else.
std::string type_of(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return "image/png";
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
  return "application/octet-stream";
}

Reply held_reply(const Attachments::Held& held, std::uint64_t total) {
  return json_reply(Json{{"held", held.bytes}, {"total", total}, {"whole", held.whole}}.dump());
}

Reply elsewhere(const Attachments::Held& held) {
  Reply reply = problem(409, "attachment_elsewhere", "So much is held already; go on from there.");
  Json json = Json::parse(reply.body);
  json["held"] = held.bytes;
  reply.body = json.dump();
  return reply;
}

bool writes(const KindPolicy& kind, const Grants& grants) {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
    return std::find(kind.writers().begin(), kind.writers().end(), grant.role) != kind.writers().end();
  });
}

}  // namespace

Outcome<std::optional<AttachmentRoutes::Named>> AttachmentRoutes::named(const std::string& path,
                                                                        const Visitor& visitor) {
  constexpr std::string_view kBefore = "/v1/records/", kBetween = "/attachments/";
  const std::size_t at = path.find(kBetween, kBefore.size());
  const Outcome<Name> record = parse_name(path.substr(kBefore.size(), at - kBefore.size()));
  const Outcome<AttachmentHash> hash = AttachmentHash::from_hex(path.substr(at + kBetween.size()), "attachment");
  std::optional<Named> found;
  if (!record || !hash || !visitor.grants) return found;
  const Outcome<Done> read = office_.store().read(kShard, [&](StoreReader& reader) {
    const Looking looking(office_.policies(), office_.host().unit_trees(), reader, *visitor.grants);
    if (const std::optional<RecordView> view = looking.record(*record)) {
      const KindPolicy* const kind = office_.policies().kind(view->state.kind);
      if (kind == nullptr || !attachments_of(view->state, *kind).contains(*hash)) return;
      found = Named{.record = *record, .hash = *hash, .unit = view->unit, .is_shown = true};
      found->may_put = writes(*kind, *visitor.grants);
    } else if (visitor.replica != 0) {
      // What a device wrote is its to complete, wherever the record lives by now.
      const RecordId wanted[] = {*record};
      const std::optional<RecordRow> row = reader.records(wanted).front();
      const KindPolicy* const kind = row ? office_.policies().kind(row->kind) : nullptr;
      if (kind == nullptr || !has_attachments(*kind)) return;
      const State state = std::move(decode_rows(reader, {&*row, 1}).front());
      if (!wrote_attachment(state, *kind, *hash, visitor.replica)) return;
      found = Named{.record = *record, .hash = *hash, .unit = row->unit, .may_put = true};
    }
  });
  if (!read) return read.fault();
  return found;
}

Reply AttachmentRoutes::attachment(HTTPServerRequest& request, const std::string& path, const Visitor& visitor) {
  if (request.getMethod() != HTTPServerRequest::HTTP_PUT) {
    if (!visitor.account && visitor.replica == 0) return sign_in_required();
    const Outcome<std::optional<Named>> found = named(path, visitor);
    if (!found) return storage_problem(found.fault());
    return *found && (*found)->is_shown ? get(request, **found, visitor) : unknown();
  }
  // Before anything is answered: who is told why not while they still send may never read it.
  const Body body = read_body(request, limits_, room_);
  Reply reply = put(request, path, visitor, body);
  reply.body_read = body.status == 200;
  return reply;
}

Reply AttachmentRoutes::put(const HTTPServerRequest& request, const std::string& path, const Visitor& visitor,
                            const Body& body) {
  if (!visitor.account && visitor.replica == 0) return sign_in_required();
  if (visitor.replica == 0) return problem(403, "not_for_role", "Files are sent by devices.");
  const Outcome<std::optional<Named>> found = named(path, visitor);
  if (!found) return storage_problem(found.fault());
  if (!*found) return unknown();
  if (!(*found)->may_put) return problem(403, "not_for_role", "The device's role records no such thing.");
  const Named& named = **found;
  const std::optional<ContentRange> range = parse_content_range(request.get("Content-Range", ""));
  if (!range)
    return problem(400, "content_range_malformed",
                   "Content-Range is bytes FROM-TO/TOTAL, or bytes */TOTAL, of " + std::to_string(kMaxAttachmentBytes) +
                       " bytes at most.");
  Attachments& attachments = office_.attachments();
  if (range->asks) return held_reply(attachments.held(named.record, named.hash), range->total);
  const std::optional<std::uint64_t> free = office_.free_bytes();
  if (free && *free < limits_.least_free_mib * 1024 * 1024)
    return problem(503, "disk_nearly_full", "The disk is nearly full.");
  if (body.status == 413 || body.bytes.size() > range->to - range->from + 1)
    return problem(413, "too_large", "The body is longer than its range.");
  if (body.status == 503) return problem(503, "busy", "Too much is being sent at once; try again.");
  // Of one that was cut off, or came too slowly, what came is kept.
  const Outcome<Attachments::Held> held =
      attachments.append(named.record, named.hash, range->from, body.bytes, range->total);
  if (!held) {
    if (held.fault().code != "attachment_mismatch") return storage_problem(held.fault());
    return problem(422, "attachment_mismatch", "All of it has come, and it is another file; begin anew.");
  }
  if (body.status != 200) return problem(body.status, "body_incomplete", "The body did not come whole; go on.");
  const bool taken = held->whole || held->bytes == range->to + 1;
  return taken ? held_reply(*held, range->total) : elsewhere(*held);
}

Reply AttachmentRoutes::get(const HTTPServerRequest& request, const Named& named, const Visitor& visitor) {
  Reply reply;
  reply.share = MessageRoom::Share(room_);
  if (!reply.share.grow(kMaxAttachmentBytes)) return problem(503, "busy", "Too much is being sent at once; try again.");
  Outcome<std::string> bytes = office_.attachments().read(named.record, named.hash);
  if (!bytes) return bytes.fault().code == "unknown_attachment" ? unknown() : storage_problem(bytes.fault());
  const Outcome<Done> noted = looks_.note(Look{.account = visitor.account ? visitor.account->name : "",
                                               .replica = visitor.replica,
                                               .what = "attachment",
                                               .unit = named.unit,
                                               .records = {named.record}},
                                          wall_clock_ms());
  if (!noted) return storage_problem(noted.fault());
  reply.type = type_of(*bytes);
  reply.etag = "\"" + to_text(named.hash) + "\"";
  const std::uint64_t from = parse_range(request.get("Range", ""));
  if (from >= bytes->size()) {
    Reply past = problem(416, "range_past_end", "The file is not so long.");
    past.content_range = "bytes */" + std::to_string(bytes->size());
    return past;
  }
  if (from > 0) {
    reply.status = 206;
    reply.content_range =
        "bytes " + std::to_string(from) + "-" + std::to_string(bytes->size() - 1) + "/" + std::to_string(bytes->size());
    bytes->erase(0, from);
  }
  reply.body = std::move(*bytes);
  return reply;
}

}  // namespace songsong::server
