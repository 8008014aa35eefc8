// make_corpus FOLDER: what the fuzzers begin with, a folder for each target: examples that the programs' own encoders
// made, and a few that people write. The same files each time.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "schemas/programme_table.h"
#include "shared/core/change_row.h"
#include "shared/core/crypto.h"
#include "shared/core/personal_values.h"
#include "shared/core/quiet.h"
#include "shared/core/receipt.h"
#include "shared/core/state_batch_codec.h"
#include "shared/core/state_codec.h"
#include "shared/replica/settings.h"
#include "shared/replica/store_rows.h"
#include "shared/sync/bundle.h"
#include "shared/sync/bundle_file.h"
#include "shared/sync/feed.h"
#include "shared/sync/initiator.h"
#include "shared/sync/members.h"
#include "shared/sync/wire.h"
#include "tests/fuzz/cases.pb.h"
#include "tests/fuzz/rows.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/town.h"
#include "tests/fuzz/zip.h"
#include "tests/simulation/tables.h"
#include "tests/support/wild.h"

namespace songsong::fuzz {
namespace {

constexpr Shard kShard = 0;
constexpr int kWild = 12;
constexpr int kMostRounds = 12;

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void put(const std::string& target, const std::string& bytes) {
    const std::filesystem::path folder = folder_ / target;
    std::filesystem::create_directories(folder);
    const std::string name = std::to_string(++count_[target]);
    std::ofstream file(folder / ("made-" + std::string(3 - std::min<std::size_t>(3, name.size()), '0') + name),
                       std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    hold(file.good(), "an example is written");
  }
  // With the byte that says how the others are meant.
  void put(const std::string& target, int how, const std::string& bytes) {
    put(target, std::string(1, static_cast<char>(how)) + bytes);
  }
  const std::map<std::string, int>& count() const { return count_; }

 private:
  std::filesystem::path folder_;
  std::map<std::string, int> count_;
};

// What the town's server holds.
struct Held {
  std::vector<Change> changes;
  std::vector<State> states;
  std::vector<std::string> personal;
};

Held held_by(Store& store) {
  Held held;
  must(store.read(kShard, [&](StoreReader& reader) {
    for (const RecordRow& row : reader.scan(0, RecordId(), 1000)) {
      const RecordId wanted[] = {row.id};
      held.personal.push_back(reader.personal(wanted).front());
      const PersonalValuesOf values = must(PersonalValuesOf::decode(held.personal.back()));
      held.states.push_back(must(decode_state(row.state, values.lookup())));
      for (const LogRow& entry : log_of_record(reader, row))
        held.changes.push_back(must(decode_change(entry.change, values.lookup())));
    }
  }));
  return held;
}

std::vector<std::string> rows_of(const std::vector<Change>& changes) {
  std::vector<std::string> rows;
  for (const Change& change : changes) rows.push_back(encode_change(change));
  return rows;
}

std::vector<std::string> rows_of(const std::vector<State>& states) {
  std::vector<std::string> rows;
  for (const State& state : states) rows.push_back(encode_state(state));
  return rows;
}

void columns(Corpus& corpus, const Held& held) {
  const Primer* const primer = &simulation::primer();
  Random random(1);
  for (int i = 0; i < kWild; ++i) {
    const std::vector<Change> changes = wild::changes(random, 1 + random.below(4));
    corpus.put("piece", 0, encode_changes(changes));
    corpus.put("piece", 1, encode_changes(changes, primer));
    corpus.put("piece", 2, join_rows(rows_of(changes)));
    const std::vector<State> states = wild::states(random, 1 + random.below(3));
    corpus.put("states", 0, encode_states(states));
    corpus.put("states", 1, encode_states(states, primer));
    corpus.put("states", 2, join_rows(rows_of(states)));
  }
  for (const Change& change : held.changes) {
    const Change one[] = {change};
    corpus.put("piece", 4, encode_changes(one));
    corpus.put("piece", 5, encode_changes(one, primer));
    corpus.put("rows", 0, encode_change(change));
  }
  corpus.put("states", 4, encode_states(held.states));
  corpus.put("states", 5, encode_states(held.states, primer));
  for (const State& state : held.states) {
    const State one[] = {state};
    corpus.put("states", 5, encode_states(one, primer));
    corpus.put("rows", 1, encode_state(state));
  }
  for (const std::string& row : held.personal) corpus.put("rows", 2, row);
}

void stored(Corpus& corpus, Town& town) {
  must(town.store().read(kShard, [&](StoreReader& reader) {
    for (const auto& [name, bytes] : reader.settings(kMemberPrefix, "", 100)) corpus.put("rows", 5, bytes);
    for (const auto& [name, bytes] : reader.settings(kScopePrefix, "", 100)) corpus.put("rows", 6, bytes);
    for (const AccountRow& row : reader.all_accounts(RecordId(), 100)) {
      const std::string unit = row.cells.empty() ? "" : row.cells.front().unit;
      if (unit == "school-1") corpus.put("rows", 9, encode_cells(row.cells, unit));
      if (!row.claims.empty()) corpus.put("rows", 10, encode_claims(row.claims));
    }
    for (const CaseRow& row : reader.open_cases("", 100)) corpus.put("rows", 11, encode_case(row));
  }));
  FeedCursor cursor;
  cursor.epoch = 7;
  cursor.scope = 8;
  cursor.at = {.version = 9, .record = town.record(1)};
  corpus.put("rows", 4, encode(cursor));
  for (std::size_t i = 0; i < town.phones(); ++i) {
    const std::unique_ptr<PhoneAtWork> phone = town.phone(i);
    must(phone->store->read(kShard, [&](StoreReader& reader) {
      corpus.put("rows", 7, reader.setting(kIdentitySetting));
      corpus.put("rows", 8, reader.setting(kClockSetting));
    }));
  }
}

// The rows of a piece in place of its columns, their own records by number.
void put_rows(Asked& asked, int piece, const std::vector<Change>& changes) {
  while (asked.changes_size() <= piece) asked.add_changes();
  for (const std::string& row : rows_of(changes)) asked.mutable_changes(piece)->add_row(row);
}

// A whole conversation: what the phone asked, and what it was told.
void talk(Corpus& corpus, Town& town, std::size_t number, bool checks) {
  town.begin();
  const std::unique_ptr<PhoneAtWork> phone = town.phone(number);
  const std::unique_ptr<Initiator> initiator =
      must(Initiator::begin(*phone->replica, {.primer = &simulation::primer(), .check = checks}));
  AnswerCase told;
  told.set_phone(static_cast<std::uint32_t>(number));
  told.set_checks(checks);
  RequestCase asking;
  for (int round = 0; round < kMostRounds; ++round) {
    const std::optional<Outgoing> asked = must(initiator->next(phone->clock()));
    if (!asked) break;
    const Frame frame = must(open_frame(asked->body, wire::kMaxRequestBytes));
    Asked* const one = asking.add_asked();
    hold(one->mutable_request()->ParseFromString(frame.body), "a question is a request");
    const std::string answered = town.host().answer(asked->body).frame;
    Told* const heard = told.add_told();
    const Frame answer = must(open_frame(answered, wire::kMaxAnswerBytes));
    hold(heard->mutable_answer()->ParseFromString(answer.body), "an answer is one");
    // The table is a target of its own, and would be most of the case.
    heard->mutable_answer()->clear_policy_table();
    for (const std::string& bytes : heard->answer().receipts()) corpus.put("rows", 3, bytes);
    if (!heard->answer().cursor().empty()) corpus.put("rows", 4, heard->answer().cursor());
    for (std::string& bytes : *heard->mutable_answer()->mutable_receipts()) bytes.assign(2, '\0');
    if (!initiator->receive(answered, phone->clock())) break;
  }
  corpus.put("answer", told.SerializeAsString());
  for (Told& each : *told.mutable_told()) {
    const Outcome<std::vector<State>> states =
        decode_states(each.answer().states(), wire::kStatesLimits, &simulation::primer());
    if (!states || states->empty()) continue;
    for (const std::string& row : rows_of(*states)) each.mutable_states()->add_row(row);
    each.mutable_answer()->clear_states();
  }
  corpus.put("answer", told.SerializeAsString());
  told.set_by_file(true);
  corpus.put("answer", told.SerializeAsString());
  for (std::uint32_t seat = 0; seat < town.seats().size(); seat += 3) {
    asking.set_seat(seat + static_cast<std::uint32_t>(number % 3));
    corpus.put("request", asking.SerializeAsString());
  }
  asking.set_by_file(true);
  corpus.put("request", asking.SerializeAsString());
}

// Each kind of change, by each role, as rows.
void requests(Corpus& corpus, Town& town, const Held& held) {
  std::uint32_t seat = 0;
  for (const Change& change : held.changes) {
    RequestCase drawn;
    drawn.set_seat(seat++ % static_cast<std::uint32_t>(town.seats().size()));
    Asked* const asked = drawn.add_asked();
    asked->mutable_request()->set_most_state_bytes(4096);
    asked->mutable_request()->add_pieces();
    put_rows(*asked, 0, {change});
    corpus.put("request", drawn.SerializeAsString());
  }
  RequestCase special;
  special.set_seat(4);
  for (int i = 0; i < 4; ++i) special.add_asked()->mutable_request()->set_most_state_bytes(100'000);
  special.mutable_asked(1)->mutable_request()->set_history(town.record(9).packed());
  wire::Range* const range = special.mutable_asked(2)->mutable_request()->add_ranges();
  range->set_records(3);
  range->set_digest(std::string(16, '\1'));
  for (std::uint64_t i = 0; i < 8; ++i)
    special.mutable_asked(3)->mutable_request()->add_orphans(town.record(i * 3).packed());
  special.mutable_asked(3)->mutable_request()->set_after_restore(true);
  special.mutable_asked(3)->mutable_request()->set_renewed(true);
  corpus.put("request", special.SerializeAsString());
}

void files(Corpus& corpus, Town& town) {
  town.begin();
  for (std::size_t i = 0; i < town.phones(); ++i) {
    const std::unique_ptr<PhoneAtWork> phone = town.phone(i);
    const Outcome<Bundle> bundle = make_bundle(*phone->replica, phone->clock());
    if (!bundle) continue;
    const std::string receipts = town.host().answer_file(bundle->bytes).frame;
    for (const int how : {0, 2, 3}) {
      corpus.put("bundle", how, bundle->bytes);
      corpus.put("bundle", how, receipts);
    }
    corpus.put("bundle", 1, must(unpack_bundle(bundle->bytes)).front());
    corpus.put("bundle", 1, must(unpack_receipts(receipts)).front().frame);
    corpus.put("bundle", 4, must(unpack_bundle(bundle->bytes)).front());
  }
  corpus.put("bundle", 1, seal(FrameTag(), std::string(3000, 'x')));
  for (const Seat& seat : town.seats()) {
    corpus.put("ticket", 0, to_text(seat.ticket));
    corpus.put("ticket", 1, encode(seat.ticket));
    corpus.put("ticket", 3, encode(seat.ticket));
  }
}

void lists(Corpus& corpus) {
  const std::string heading = "STT,Họ và tên,Ngày sinh,Lớp,Cấp học,Hoàn cảnh,Nhu cầu thiết bị\r\n";
  const std::string rows =
      "1,Vi Thị Hoa,02/05/2013,3A,Tiểu học,Hộ nghèo,Thiếu thiết bị\r\n2,\"Lò, Văn Minh\",5-6-2012,4,tiểu học,khó "
      "khăn,cả "
      "hai\r\n\r\nTổng cộng: 2 em,,,,,,\r\n";
  const std::string pupils =
      "full_name;school;school_level;household;birth_date;note\nHoa;school-1;primary;poor;2013-05-02;x\n";
  const std::string devices =
      "device_type\tserial\tschool\ncái máy tính bảng\tSN-1\tschool-1\ntablet\t\"S\"\"N\"\tschool-1\n";
  for (const std::string& list : {heading + rows, pupils, devices, std::string("\xEF\xBB\xBF") + heading + rows}) {
    corpus.put("csv", list);
    corpus.put("sheet", [&] {
      ListCase drawn;
      drawn.set_file(list);
      return drawn.SerializeAsString();
    }());
    for (int profile = 0; profile < 8; ++profile) corpus.put("import", profile, list);
  }
  std::string wide("\xFF\xFE", 2);
  for (const char c : pupils) wide += {c, '\0'};
  corpus.put("csv", wide);
  corpus.put("import", 1, wide);
  ListCase drawn;
  drawn.set_sheet(
      R"(<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Lớp</t></is></c></row>)"
      R"(<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><f>1+2</f><v>3</v></c><c r="C2" t="e"><v>#REF!</v></c>)"
      R"(<c r="D2" t="b"><v>1</v></c><c r="E2" t="str"><v>x</v></c><c><v>44474.5</v></c></row></sheetData></worksheet>)");
  drawn.set_strings(
      R"(<sst><si><t>Họ và tên</t></si><si><r><t>Vi Thị</t></r><r><t xml:space="preserve"> Hoa</t></r></si></sst>)");
  corpus.put("sheet", drawn.SerializeAsString());
  const std::string packed = spreadsheet(drawn);
  corpus.put("import", 0, packed);
  ListCase whole;
  whole.set_file(packed);
  corpus.put("sheet", whole.SerializeAsString());
  drawn.set_workbook(
      R"(<x:workbook><x:sheets><x:sheet name="a" state="hidden" r:id="r1"/><x:sheet r:id="r1"/></x:sheets></x:workbook>)");
  drawn.set_relations(R"(<Relationships><Relationship Id="r1" Target="/xl/worksheets/sheet1.xml"/></Relationships>)");
  corpus.put("sheet", drawn.SerializeAsString());
}

void settings_of(Corpus& corpus) {
  for (const char* const list :
       {"code,name,level,parent,area\nministry,Bộ,ministry,,\nschool-9,Trường,school,district-1,mountain\n",
        "code;name;level;parent;opened;closed\nschool-1;Mới;school;district-2;2021-09-01;\nx;X;x;y;;\ny;Y;y;x;;\n",
        "parent,level,name,code\nschool-9,a,A,school-8\ndistrict-1,b,B,school-9\n"})
    corpus.put("settings", 0, list);
  corpus.put("settings", 1,
             "# limits\nmax_connections = 64\nidle_timeout_seconds=10 # short\n\nmax_body_bytes = 4096\n");
}

void http_of(Corpus& corpus, Town& town) {
  for (const char* const path :
       {"/", "/v1/totals?unit=ministry", "/v1/totals/stream?unit=", "/v1/units?unit=", "/v1/measures", "/healthz",
        "/readyz", "/metrics", "/v1/totals?unit=%E1%BB%99&unit=a+b", "/%zz", "http://x/v1/totals", "*"})
    corpus.put("http", "GET " + std::string(path) +
                           " HTTP/1.1\r\nHost: a\r\nIf-None-Match: W/\"1-0\"\r\nLast-Event-ID: 7\r\n\r\n");
  const std::unique_ptr<PhoneAtWork> phone = town.phone(3);
  const std::unique_ptr<Initiator> initiator = must(Initiator::begin(*phone->replica, {}));
  const std::string body = must(initiator->next(phone->clock()))->body;
  const std::string type = "Content-Type: application/x-songsong\r\n";
  corpus.put("http", "POST /v1/sync HTTP/1.1\r\nHost: a\r\n" + type + "Content-Length: " + std::to_string(body.size()) +
                         "\r\n\r\n" + body);
  corpus.put("http", "POST /v1/enrol HTTP/1.1\r\nHost: a\r\n" + type +
                         "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5\r\nSNG\x01\r\n0\r\n\r\n");
  corpus.put("http",
             "POST /v1/sync HTTP/1.0\r\n" + type + "Content-Encoding: gzip\r\nContent-Length: 99999999\r\n\r\n");
  corpus.put("http", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
}

void tables(Corpus& corpus) {
  policy::PolicyTable whole;
  hold(whole.ParseFromString(std::string(programme_policy_table())), "the programme's table is one");
  // What people read is most of a table, and nothing that is followed.
  const auto strip = [](policy::PolicyTable& table) {
    for (policy::MeasurePolicy& each : *table.mutable_measure()) each.clear_label(), each.clear_definition();
    for (policy::DimensionPolicy& each : *table.mutable_dimension()) each.clear_label();
    for (policy::KindPolicy& kind : *table.mutable_kind()) {
      kind.clear_label();
      for (policy::FieldPolicy& field : *kind.mutable_field()) {
        field.clear_label(), field.clear_help(), field.clear_alias();
        for (policy::EnumEntry& entry : *field.mutable_value()) entry.clear_label(), entry.clear_alias();
      }
    }
  };
  strip(whole);
  corpus.put("policy", whole.SerializeAsString());
  policy::PolicyTable notebook = simulation::newer_policies().table();
  strip(notebook);
  corpus.put("policy", notebook.SerializeAsString());
  // As small as they are sound: one kind with those that it needs.
  for (int i = 0; i < notebook.kind_size(); ++i) {
    policy::PolicyTable part = notebook;
    for (int k = part.kind_size() - 1; k >= 0; --k) {
      policy::PolicyTable less = part;
      less.mutable_kind()->DeleteSubrange(k, 1);
      if (part.kind(k).number() != notebook.kind(i).number() && Policies::parse(less.SerializeAsString())) part = less;
    }
    corpus.put("policy", part.SerializeAsString());
  }
}

void texts(Corpus& corpus) {
  const std::pair<int, const char*> all[] = {{0, "0k3f9.12.7c2q"},
                                             {1, "2021-09-05"},
                                             {2, "2021-09-05T01:30:00.250Z"},
                                             {3, " 5/9/2021 "},
                                             {4, "Nguyễn  Thị Đào\t²"},
                                             {4, "a\xCC\x81\xCC\xA3 \xC2\xA0x"},
                                             {5, "(0[0-9]{9}|[A-Z]+-\\d{2,4})?\n0912345678"},
                                             {5, "[^a-c]*(x|y)+$\nzzxy"},
                                             {6, "c29uZy1zb25n"},
                                             {7, "piece_signature"},
                                             {7, "en_US.UTF-8"}};
  for (const auto& [how, text] : all) corpus.put("text", how, text);
  const policy::PolicyTable& table = simulation::newer_policies().table();
  for (int kind = 0; kind < table.kind_size(); ++kind) {
    for (int field = 0; field < table.kind(kind).field_size(); field += 2) {
      const FieldPolicy& policy = table.kind(kind).field(field);
      const std::string value = policy.value_size() > 0              ? policy.value(0).name()
                                : policy.type() == policy::DATE      ? "2021-10-05"
                                : policy.type() == policy::REFERENCE ? "0k3f9.12.7c2q"
                                                                     : "012345678912";
      corpus.put("text", 8, std::string{static_cast<char>(kind), static_cast<char>(field)} + value);
    }
  }
}

int make(const char* folder) {
  Corpus corpus(folder);
  Town& town = Town::get();
  town.begin();
  const Held held = held_by(town.store());
  columns(corpus, held);
  stored(corpus, town);
  for (std::size_t i = 0; i < town.phones(); ++i) talk(corpus, town, i, i % 2 == 0);
  requests(corpus, town, held);
  files(corpus, town);
  lists(corpus);
  settings_of(corpus);
  http_of(corpus, town);
  tables(corpus);
  texts(corpus);
  town.begin();
  town.verify_server();
  for (const auto& [target, count] : corpus.count()) std::printf("%-10s %4d\n", target.c_str(), count);
  return 0;
}

}  // namespace
}  // namespace songsong::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "make_corpus FOLDER\n");
    return 2;
  }
  songsong::init_crypto();
  songsong::keep_protobuf_quiet();
  return songsong::fuzz::make(argv[1]);
}
