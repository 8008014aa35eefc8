#include "tests/faults/kill.h"

#include <numeric>
#include <thread>

namespace songsong::testing {

Moments::Moments(int count, std::uint64_t seed) : random_(seed), order_(static_cast<std::size_t>(count)) {
  std::iota(order_.begin(), order_.end(), 0);
  for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random_.below(i)]);
}

void Moments::wait(int round) {
  const double jitter = static_cast<double>(random_.below(1000)) / 1000;
  const double part = (order_[static_cast<std::size_t>(round)] + jitter) / static_cast<double>(order_.size());
  std::this_thread::sleep_for(act_ * kBeyond * part);
}

int Phases::count(const std::string& phase) const {
  const auto found = met_.find(phase);
  return found == met_.end() ? 0 : found->second;
}

std::string Phases::text() const {
  std::string all;
  for (const auto& [phase, count] : met_) all += (all.empty() ? "" : ", ") + phase + " " + std::to_string(count);
  return all;
}

std::string list_of(std::size_t rows, const std::string& prefix) {
  std::string csv = "Họ và tên,Ngày sinh,Cấp học,Hoàn cảnh gia đình,Còn thiếu\n";
  for (std::size_t i = 0; i < rows; ++i) {
    csv +=
        prefix + " " + std::to_string(i) + ",0" + std::to_string(i % 9 + 1) + "/10/2013,Tiểu học,Hộ nghèo,thiết bị\n";
  }
  return csv;
}

}  // namespace songsong::testing
