// What a record says of the files that travel beside it.
#include "shared/core/attachment.h"

#include <catch2/catch_test_macros.hpp>

#include "shared/core/validate.h"
#include "tests/support/phone.h"

namespace songsong {
namespace {

using testing::programme;

constexpr FieldNumber kPicture = 2;

const KindPolicy& photo() { return *programme().kind_named("photo"); }

Head head(Name name, Value value) {
  return Head{.name = name, .captured_ms = 1, .personal = true, .removal_saw = false, .value = std::move(value)};
}

State naming(std::vector<Head> heads) {
  State state;
  state.id = Name(7, 1, 1);
  state.kind = photo().number();
  state.registers.push_back(Register{.field = kPicture, .member = {}, .heads = std::move(heads), .ahead = {}});
  return state;
}

Value named(const AttachmentHash& hash) { return Value(Bytes{std::string(hash.view())}); }

}  // namespace

TEST_CASE("a file's name is its SHA-256") {
  CHECK(to_text(attachment_hash("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a record names the files of all its heads, and what was erased is none") {
  const AttachmentHash one = attachment_hash("one"), other = attachment_hash("other");
  const State both = naming({head(Name(7, 1, 1), named(one)), head(Name(9, 1, 1), named(other))});
  CHECK(attachments_of(both, photo()) == std::set<AttachmentHash>{one, other});
  CHECK(wrote_attachment(both, photo(), one, 7));
  CHECK_FALSE(wrote_attachment(both, photo(), one, 9));
  CHECK_FALSE(lost_attachments(both, photo()));
  const State erased = naming({head(Name(7, 1, 1), Value(Erased{}))});
  CHECK(attachments_of(erased, photo()).empty());
  CHECK(lost_attachments(erased, photo()));
  CHECK(has_attachments(photo()));
  CHECK_FALSE(has_attachments(*programme().kind_named("pupil")));
}

TEST_CASE("a name of another length is no file's") {
  const Validator validator(programme().table());
  const auto codes = [&](const std::string& bytes) {
    std::string found;
    for (const Fault& fault : validator.check(photo(), {{1, Value(Name(7, 1, 1))}, {kPicture, Value(Bytes{bytes})}}))
      found += fault.code + " ";
    return found;
  };
  CHECK(codes(std::string(32, 'x')) == "");
  CHECK(codes(std::string(31, 'x')) == "attachment_name_malformed ");
  CHECK(codes("") == "attachment_name_malformed ");
}

}  // namespace songsong
