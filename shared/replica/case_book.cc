#include "shared/replica/case_book.h"

#include <vector>

namespace songsong {

void CaseBook::stand(const std::string& id, std::optional<Case> now, bool known) {
  if (!now && !known) return;
  now_[id] = std::move(now);
}

void CaseBook::settle(std::uint32_t measure, std::int64_t now_ms, StoreReader& reader, TotalsBook& totals,
                      StoreBatch& batch) {
  std::vector<std::string> ids;
  for (const auto& [id, now] : now_) ids.push_back(id);
  const std::vector<std::optional<CaseRow>> stored = reader.cases(ids);
  const auto cell = [measure](const Case& raised) {
    return Cells{Cell{.unit = raised.unit, .measure = measure, .dimension = 0, .value = 0, .count = 1}};
  };
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::optional<Case>& now = now_.at(ids[i]);
    const std::optional<CaseRow>& before = stored[i];
    if (before && now && before->raised == *now) continue;
    if (measure != 0 && before) totals.take_out(cell(before->raised));
    if (measure != 0 && now) totals.add(cell(*now));
    if (now) batch.cases.push_back(CaseRow{.raised = *now, .raised_ms = before ? before->raised_ms : now_ms});
    if (!now && before) batch.cases_closed.push_back(ids[i]);
  }
}

}  // namespace songsong
