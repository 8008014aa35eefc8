#include "server/metrics.h"

#include <algorithm>
#include <charconv>

namespace songsong::server {
namespace {

std::string number(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return error == std::errc() ? std::string(buffer, end) : "0";
}

void head(std::string& out, const std::string& name, const char* type, const std::string& help) {
  out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void counter(std::string& out, const std::string& name, const char* help, std::uint64_t value) {
  head(out, name, "counter", help);
  out += name + " " + std::to_string(value) + "\n";
}

}  // namespace

void Metrics::request(const std::string& path, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++requests_[{path, status}];
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++buckets_[static_cast<std::size_t>(bound - kBounds.begin())];
  seconds_ += seconds;
}

void Metrics::served(const Served& served, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  applied_ += served.applied;
  known_ += served.known;
  quarantined_ += served.quarantined;
  states_ += served.states;
  if (served.refusal.empty()) return;
  ++refusals_[served.refusal];
  if (served.replica == 0 || (refused_.size() >= kMostRefused && !refused_.contains(served.replica))) return;
  Refused& refused = refused_[served.replica];
  ++refused.count;
  refused.code = served.refusal;
  refused.last_ms = now_ms;
}

std::map<std::string, std::uint64_t> Metrics::refusals() const {
  const std::lock_guard lock(mutex_);
  return refusals_;
}

std::map<ReplicaId, Metrics::Refused> Metrics::refused_devices() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

std::string Metrics::text(const Gauges& gauges) const {
  std::string out;
  const std::lock_guard lock(mutex_);
  head(out, "songsong_requests_total", "counter", "Requests answered, by path and status.");
  for (const auto& [key, count] : requests_) {
    out += "songsong_requests_total{path=\"" + key.first + "\",status=\"" + std::to_string(key.second) + "\"} " +
           std::to_string(count) + "\n";
  }
  head(out, "songsong_request_seconds", "histogram", "How long answers took.");
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    sum += buckets_[i];
    const std::string bound = i < kBounds.size() ? number(kBounds[i]) : "+Inf";
    out += "songsong_request_seconds_bucket{le=\"" + bound + "\"} " + std::to_string(sum) + "\n";
  }
  out += "songsong_request_seconds_sum " + number(seconds_) + "\nsongsong_request_seconds_count " +
         std::to_string(sum) + "\n";
  counter(out, "songsong_changes_applied_total", "Changes admitted and applied.", applied_);
  counter(out, "songsong_changes_known_total", "Changes that were sent again.", known_);
  counter(out, "songsong_changes_quarantined_total", "Changes set aside.", quarantined_);
  counter(out, "songsong_states_sent_total", "States sent to replicas.", states_);
  head(out, "songsong_refusals_total", "counter", "Conversations refused, by reason.");
  for (const auto& [code, count] : refusals_) {
    out += "songsong_refusals_total{reason=\"" + code + "\"} " + std::to_string(count) + "\n";
  }
  for (const auto& [name, gauge] : gauges) {
    head(out, name, "gauge", gauge.first);
    out += name + " " + number(gauge.second) + "\n";
  }
  return out;
}

}  // namespace songsong::server
