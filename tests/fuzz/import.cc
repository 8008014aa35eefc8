// Lists, taken into a phone: once, and the same again, which adds nothing.
#include "client/import/importer.h"

#include "shared/core/csv.h"
#include "tests/fuzz/cases.pb.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/town.h"
#include "tests/fuzz/zip.h"

namespace songsong::fuzz {
namespace {

constexpr const char* kProfiles[] = {"school_list", "pupil",    "need", "device",
                                     "handover",    "notebook", "unit", "bench_need"};

ImportOptions options(PhoneAtWork& phone, std::size_t profile, bool dry_run) {
  ImportOptions options;
  options.profile = kProfiles[profile % std::size(kProfiles)];
  options.dry_run = dry_run;
  options.entropy = [&phone](std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(phone.luck->next());
  };
  return options;
}

}  // namespace

// The first byte: the profile.
void import(std::string_view bytes) {
  const std::size_t profile = take_byte(bytes);
  const std::unique_ptr<PhoneAtWork> phone = Town::get().phone(profile / std::size(kProfiles));
  const auto take = [&](bool dry_run) {
    return import_list(*phone->replica, "list.csv", bytes, options(*phone, profile, dry_run));
  };
  const Outcome<ImportReport> checked = take(true);
  hold(!phone->store->written(), "a check writes nothing");
  const Outcome<ImportReport> first = take(false);
  hold(checked.ok() == first.ok(), "a check says whether a list can be read");
  if (!first) {
    hold_fault(first.fault());
    return hold(!first.fault().code.starts_with("storage_"), "whatever a list says, the store stays sound",
                text_of(first.fault()));
  }
  for (const RowFault& each : first->faults) {
    hold_fault(each.fault, Place::kCallersToSay);
    hold(each.row != 0, "a fault of a list names its row", each.fault.code);
  }
  hold(parse_csv(errors_csv(*first, Language::kVietnamese)).ok(), "a file of errors is a list");
  const ImportReport second = must(take(false));
  hold(second.imported == 0 && second.records == 0, "the same list again adds nothing",
       std::to_string(second.imported) + " rows");
  hold(second.known == first->imported + first->known, "the same list again is known");
  if (first->records > 0) Town::verify_phone(*phone);
}

}  // namespace songsong::fuzz
