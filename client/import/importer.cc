#include "client/import/importer.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "client/import/cells.h"
#include "client/import/columns.h"
#include "client/import/sheet.h"
#include "shared/core/csv.h"
#include "shared/core/fold.h"

namespace songsong {
namespace {

constexpr Shard kShard = 0;
// Rows that are saved at once: their sync to the disk is shared.
constexpr std::size_t kRowsInSave = 200;
constexpr const char* kKeySetting = "import_key";
constexpr const char* kMarkPrefix = "import.";
constexpr HashDomain kRowDomain("songsong row 1");

using ImportKey = SecretBytes<struct ImportKeyKind, 32>;

// A row that may go in: its records, and the mark that says so.
struct ReadyRow {
  std::size_t row = 0;
  std::string mark;
  std::vector<Act> acts;
  const std::vector<SheetCell>* cells = nullptr;
};

// "Tổng cộng: 35 em": below a list, and none of its rows. Tống Công Phúc is a child: so nothing else may be filled in,
// and after the words comes a number, a colon or nothing.
bool is_sum_line(const std::vector<SheetCell>& cells, std::size_t filled) {
  if (filled > 1) return false;
  for (const SheetCell& cell : cells) {
    const std::string folded = fold(cell.text);
    if (folded.empty()) continue;
    for (const std::string_view words : {"tong cong", "tong so", "tong", "cong"}) {
      if (!folded.starts_with(words)) continue;
      const std::string_view rest = std::string_view(folded).substr(words.size());
      const std::string_view next = rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
      return next.empty() || (next[0] >= '0' && next[0] <= '9') || cell.text.find(':') != std::string::npos;
    }
    return false;
  }
  return false;
}

std::vector<std::string> texts_of(const std::vector<SheetCell>& cells) {
  std::vector<std::string> texts;
  for (const SheetCell& cell : cells) texts.push_back(cell.text);
  return texts;
}

class Import {
 public:
  Import(Replica& replica, const ImportOptions& options, std::vector<const KindPolicy*> kinds)
      : replica_(replica), options_(options), kinds_(std::move(kinds)), validator_(replica.policies()) {}

  Outcome<ImportReport> run(const std::vector<Sheet>& sheets) {
    const Outcome<Done> prepared = prepare();
    if (!prepared) return prepared.fault();
    std::vector<std::pair<const Sheet*, ListLayout>> lists;
    for (const Sheet& sheet : sheets) {
      if (std::optional<ListLayout> layout = find_layout(sheet, kinds_)) lists.emplace_back(&sheet, std::move(*layout));
    }
    if (lists.empty()) {
      return Fault{.code = "no_heading",
                   .where = "file",
                   .what = "None of the first rows is a heading with columns of this list."};
    }
    report_.headings = lists.front().second.headings;
    report_.unknown_headings = lists.front().second.unknown;
    for (const auto& [sheet, layout] : lists) {
      for (std::size_t row = layout.heading_row + 1; row < sheet->rows.size(); ++row) read_row(*sheet, layout, row);
    }
    const Outcome<Done> saved = save_all();
    if (!saved) return saved.fault();
    std::stable_sort(report_.faults.begin(), report_.faults.end(),
                     [](const RowFault& one, const RowFault& other) { return one.row < other.row; });
    std::set<std::size_t> wrong;
    for (const RowFault& each : report_.faults) wrong.insert(each.row);
    report_.wrong_rows = wrong.size();
    return std::move(report_);
  }

 private:
  // The key of the marks is drawn by the first import and kept, so that what a mark says is known here only.
  Outcome<Done> prepare() {
    const Outcome<Done> read = replica_.store().read(kShard, [this](StoreReader& reader) {
      tree_ = UnitTree(reader.units());
      stored_key_ = reader.setting(kKeySetting);
    });
    if (!read) return read.fault();
    const std::vector<std::string> scope = units_of(replica_.identity().grants);
    units_.emplace(tree_, scope, options_.unit);
    unit_ = !options_.unit.empty() ? options_.unit : default_unit(replica_.identity().grants);
    if (!options_.unit.empty()) {
      const std::optional<std::string> code = units_->code_of(options_.unit);
      const bool in_scope = std::find(scope.begin(), scope.end(), options_.unit) != scope.end();
      if (!code && !in_scope) {
        std::string allowed;
        for (const std::string& each : scope) allowed += (allowed.empty() ? "" : ", ") + each;
        return Fault{.code = "unknown_unit",
                     .where = options_.unit,
                     .what = "There is no such unit in the scope; allowed: " + allowed};
      }
      if (code) unit_ = *code;
    }
    if (stored_key_.empty()) {
      options_.entropy(key_.fill());
      return Done{};
    }
    const Outcome<ImportKey> key = ImportKey::from_bytes(stored_key_, kKeySetting);
    if (!key) return Fault{.code = "storage_damaged", .where = kKeySetting, .what = "A setting cannot be read back."};
    key_ = *key;
    return Done{};
  }

  void add_fault(const ListLayout& layout, std::size_t row, std::size_t kind, const FieldPolicy* field, Fault fault,
                 const std::vector<SheetCell>& cells) {
    const ListColumn* const column = field != nullptr ? layout.find(kind, field->number()) : nullptr;
    std::string heading = column != nullptr ? column->heading : field != nullptr ? field->label().vi() : std::string();
    report_.faults.push_back(
        RowFault{.row = row + 1, .column = std::move(heading), .fault = std::move(fault), .cells = texts_of(cells)});
  }

  void read_row(const Sheet& sheet, const ListLayout& layout, std::size_t row) {
    const std::vector<SheetCell>& cells = sheet.rows[row];
    const auto cell_at = [&](const ListColumn& column) {
      return column.column < cells.size() ? cells[column.column] : SheetCell{};
    };
    std::vector<std::size_t> filled(kinds_.size(), 0);
    for (const ListColumn& column : layout.columns) {
      if (!tidy(cell_at(column).text).empty() || cell_at(column).error) ++filled[column.kind];
    }
    const bool empty = std::all_of(filled.begin(), filled.end(), [](std::size_t count) { return count == 0; });
    const std::size_t all_filled = std::accumulate(filled.begin(), filled.end(), std::size_t{0});
    if (empty || is_sum_line(cells, all_filled)) return;
    ++report_.rows;

    ReadyRow ready{.row = row, .mark = mark_of(layout, cells), .acts = {}, .cells = &cells};
    bool right = true;
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
      // Of a row that says nothing of a later kind, no such record is made.
      if (kind > 0 && filled[kind] == 0) continue;
      Act act;
      act.kind = kinds_[kind]->number();
      for (const ListColumn& column : layout.columns) {
        if (column.kind != kind) continue;
        Outcome<Value> value = read_cell(cell_at(column), *kinds_[kind], *column.field, *units_);
        if (!value) {
          add_fault(layout, row, kind, column.field, value.fault(), cells);
          right = false;
          continue;
        }
        if (!value->is_none()) act.inputs.push_back(input(*column.field, std::move(*value)));
      }
      complete(act, *kinds_[kind], kind, ready.acts.size());
      right = check(layout, row, kind, act, cells, right) && right;
      ready.acts.push_back(std::move(act));
    }
    if (right) ready_.push_back(std::move(ready));
  }

  static Input input(const FieldPolicy& field, Value value) {
    const Shape shape = field.merge() == schema::UNION ? Shape::kAdd
                        : field.merge() == schema::SUM ? Shape::kIncrement
                                                       : Shape::kRegister;
    return Input{.field = field.number(), .shape = shape, .value = std::move(value)};
  }

  // What the list need not say: the unit, and the record that the row's first kind makes.
  void complete(Act& act, const KindPolicy& kind, std::size_t index, std::size_t made_before) {
    const auto has = [&act](FieldNumber number) {
      return std::any_of(act.inputs.begin(), act.inputs.end(),
                         [number](const Input& each) { return each.field == number; });
    };
    if (kind.unit_field() != 0 && !has(kind.unit_field()) && !unit_.empty())
      act.inputs.push_back(input(*Policies::field(kind, kind.unit_field()), Value(Text(unit_))));
    act.unit = unit_;
    if (index == 0) return;
    for (const FieldPolicy& field : kind.field()) {
      if (field.type() != policy::REFERENCE || has(field.number())) continue;
      for (std::size_t i = 0; i < made_before; ++i) {
        if (field.target() == kinds_[i]->number()) act.inputs.push_back(input(field, Value(Replica::placeholder(i))));
      }
    }
  }

  // `quietly`: a cell that could not be read is told already, and is not missing.
  bool check(const ListLayout& layout, std::size_t row, std::size_t kind, const Act& act,
             const std::vector<SheetCell>& cells, bool all_read) {
    const Composed composed =
        compose(*kinds_[kind], nullptr, act.inputs, roles_of(replica_.identity().grants), validator_);
    bool right = true;
    for (const Fault& fault : composed.faults) {
      const FieldPolicy* const field =
          Policies::field_named(*kinds_[kind], std::string_view(fault.where).substr(kinds_[kind]->name().size() + 1));
      const bool told = !all_read && fault.code == "required";
      if (!told) add_fault(layout, row, kind, field, fault, cells);
      right = false;
    }
    return right;
  }

  // What the row says in the columns that mean something, in an order of its own, and how many rows before it say so.
  std::string mark_of(const ListLayout& layout, const std::vector<SheetCell>& cells) {
    std::vector<std::string> parts;
    for (const ListColumn& column : layout.columns) {
      if (column.column >= cells.size()) continue;
      const std::string text = tidy(cells[column.column].text);
      if (!text.empty()) parts.push_back(kinds_[column.kind]->name() + "." + column.field->name() + "=" + text);
    }
    std::sort(parts.begin(), parts.end());
    ByteWriter writer;
    writer.bytes(options_.profile);
    writer.bytes(unit_);
    for (const std::string& part : parts) writer.bytes(part);
    writer.varint(said_[writer.out()]++);
    const Hash256 hash = keyed_hash256(kRowDomain, key_.view(), writer.out());
    return kMarkPrefix + to_hex(std::string_view(reinterpret_cast<const char*>(hash.data()), 10));
  }

  Outcome<Done> drop_known() {
    std::vector<ReadyRow> fresh;
    const Outcome<Done> read = replica_.store().read(kShard, [&](StoreReader& reader) {
      for (ReadyRow& row : ready_) {
        if (reader.setting(row.mark).empty()) {
          fresh.push_back(std::move(row));
        } else {
          ++report_.known;
        }
      }
    });
    if (!read) return read.fault();
    ready_ = std::move(fresh);
    return Done{};
  }

  Outcome<Done> save_all() {
    const Outcome<Done> known = drop_known();
    if (!known) return known;
    if (options_.dry_run) return Done{};
    const std::size_t total = ready_.size();
    for (std::size_t begin = 0; begin < total; begin += kRowsInSave) {
      const std::size_t count = std::min(kRowsInSave, total - begin);
      Outcome<Done> saved = save(std::span(ready_).subspan(begin, count));
      // One row that cannot be saved is told, and keeps none of the others from going in.
      for (std::size_t i = begin; !saved && i < begin + count; ++i) {
        if (saved.fault().code.starts_with("storage_")) return saved;
        const Outcome<Done> alone = save(std::span(ready_).subspan(i, 1));
        if (alone) continue;
        if (alone.fault().code.starts_with("storage_")) return alone;
        report_.faults.push_back(RowFault{.row = ready_[i].row + 1,
                                          .column = alone.fault().where,
                                          .fault = alone.fault(),
                                          .cells = texts_of(*ready_[i].cells)});
      }
      if (options_.progress) options_.progress(begin + count, total);
    }
    return Done{};
  }

  Outcome<Done> save(std::span<const ReadyRow> rows) {
    std::vector<Act> acts;
    std::map<std::string, std::string> marks;
    for (const ReadyRow& row : rows) {
      const std::size_t first = acts.size();
      for (Act act : row.acts) {
        for (Input& each : act.inputs) shift(each, first);
        acts.push_back(std::move(act));
      }
      marks[row.mark] = "1";
    }
    if (stored_key_.empty()) {
      const auto view = key_.view();
      stored_key_.assign(view.begin(), view.end());
    }
    marks[kKeySetting] = stored_key_;
    const Outcome<std::vector<RecordId>> saved = replica_.save(acts, marks);
    if (!saved) return saved.fault();
    report_.imported += rows.size();
    report_.records += saved->size();
    return Done{};
  }

  // A row's placeholders count from its own first act.
  static void shift(Input& input, std::size_t first) {
    const RecordId* const target = input.value.reference();
    if (target == nullptr || target->replica() != kMaxReplica || target->tag() != kMaxTag) return;
    input.value = Value(Replica::placeholder(target->sequence() - 1 + first));
  }

  Replica& replica_;
  const ImportOptions& options_;
  const std::vector<const KindPolicy*> kinds_;
  const Validator validator_;
  UnitTree tree_;
  std::optional<UnitsByName> units_;
  std::string unit_;
  std::string stored_key_;
  ImportKey key_;
  std::map<std::string, std::uint64_t> said_;  // what rows say → how many have said it
  std::vector<ReadyRow> ready_;
  ImportReport report_;
};

}  // namespace

Outcome<ImportReport> import_list(Replica& replica, std::string_view, std::string_view bytes,
                                  const ImportOptions& options) {
  Outcome<std::vector<const KindPolicy*>> kinds = kinds_of_profile(options.profile, replica.policies());
  if (!kinds) return kinds.fault();
  const Outcome<std::vector<Sheet>> sheets = read_sheets(bytes);
  if (!sheets) return sheets.fault();
  return Import(replica, options, std::move(*kinds)).run(*sheets);
}

std::string errors_csv(const ImportReport& report, Language language) {
  std::string csv = "\xEF\xBB\xBF";
  CsvRow heading{say(language, "Dòng", "Row"), say(language, "Cột", "Column"), say(language, "Lý do", "Reason")};
  heading.insert(heading.end(), report.headings.begin(), report.headings.end());
  csv += write_csv_row(heading);
  for (const RowFault& each : report.faults) {
    const Message message = message_for(each.fault, language);
    CsvRow row{std::to_string(each.row), each.column, message.what + (message.act.empty() ? "" : " " + message.act)};
    row.insert(row.end(), each.cells.begin(), each.cells.end());
    csv += write_csv_row(row);
  }
  return csv;
}

}  // namespace songsong
