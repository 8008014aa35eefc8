// measure_codec: what a bench_need record costs on the wire and in time. Prints, for pieces of several sizes, the bytes
// a change or state takes as the codec leaves it and after zstd -19 with a dictionary trained on other pieces (which
// shows how much a general compressor still finds), and how many are encoded and decoded a CPU-second.
//
//   measure_codec              the primer and the dictionary come from the training lists, the records from the others
//
// Not a test: it prints numbers and judges none.
#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/core/change_codec.h"
#include "shared/core/state_batch_codec.h"
#include "tests/support/bench_need.h"

using namespace songsong;

namespace {

constexpr int kLevel = 19;
constexpr std::size_t kRowsMeasured = 4000;  // of small pieces; they are all alike
constexpr int kRepeats = 5;                  // the quickest counts

double cpu_seconds() { return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC); }

std::size_t checked(std::size_t result) {
  if (ZSTD_isError(result)) throw std::runtime_error(ZSTD_getErrorName(result));
  return result;
}

class Zstd {
 public:
  explicit Zstd(const std::string& dictionary) : context_(ZSTD_createCCtx(), &ZSTD_freeCCtx) {
    checked(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel));
    checked(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_dictIDFlag, 0));
    checked(ZSTD_CCtx_loadDictionary(context_.get(), dictionary.data(), dictionary.size()));
  }
  std::size_t size_of(const std::string& bytes) const {
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    return checked(ZSTD_compress2(context_.get(), out.data(), out.size(), bytes.data(), bytes.size()));
  }

 private:
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context_;
};

std::vector<Change> changes_of(bench::Lists lists, std::size_t count, std::uint32_t seed, bench::Pace pace) {
  return bench::make_changes(bench::make_needs(lists, count, seed),
                             {.replica = 4711, .tag = 0x5A5A5, .unit = "D04", .pace = pace, .seed = seed});
}

// Pieces of training changes, as they will be sent: 1, 20 and 200 at a time.
std::string trained_dictionary(std::size_t size, const Primer* primer) {
  const auto changes = changes_of(bench::Lists::kTraining, 12000, 4242, bench::Pace::kTeacher);
  std::string samples;
  std::vector<std::size_t> sizes;
  for (std::size_t at = 0, i = 0; at < changes.size(); ++i) {
    const std::size_t rows = std::min<std::size_t>(i % 40 == 39 ? 200 : i % 4 == 3 ? 20 : 1, changes.size() - at);
    const std::string piece = encode_changes(std::span(changes).subspan(at, rows), primer);
    samples += piece;
    sizes.push_back(piece.size());
    at += rows;
  }
  std::string dictionary(size, '\0');
  const auto count = static_cast<unsigned>(sizes.size());
  const std::size_t made = ZDICT_trainFromBuffer(dictionary.data(), size, samples.data(), sizes.data(), count);
  if (ZDICT_isError(made)) throw std::runtime_error(ZDICT_getErrorName(made));
  dictionary.resize(made);
  return dictionary;
}

template <class Row, class Encode, class Decode>
void measure(const char* what, const std::vector<Row>& rows, std::size_t size, const Zstd& zstd, Encode encode,
             Decode decode) {
  const std::size_t all = std::min(rows.size(), std::max(kRowsMeasured, size));
  const std::size_t count = all / size * size;
  std::vector<std::string> pieces;
  double encoding = 1e9;
  double decoding = 1e9;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    pieces.clear();
    const double began = cpu_seconds();
    for (std::size_t at = 0; at < count; at += size) pieces.push_back(encode(std::span(rows).subspan(at, size)));
    const double encoded = cpu_seconds();
    for (const std::string& piece : pieces) {
      if (!decode(piece)) throw std::runtime_error("a piece cannot be decoded");
    }
    encoding = std::min(encoding, encoded - began);
    decoding = std::min(decoding, cpu_seconds() - encoded);
  }
  std::size_t bytes = 0;
  std::size_t squeezed = 0;
  for (const std::string& piece : pieces) {
    bytes += piece.size();
    squeezed += zstd.size_of(piece);
  }
  const auto n = static_cast<double>(count);
  std::printf("%-34s %6zu %9.2f %9.2f %12.0f %12.0f\n", what, size, static_cast<double>(bytes) / n,
              static_cast<double>(squeezed) / n, n / encoding, n / decoding);
}

void measure_changes(const char* what, const std::vector<Change>& changes, const Zstd& zstd, const Primer* primer) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{20}, std::size_t{200}, std::size_t{1000}, changes.size()}) {
    measure(
        what, changes, size, zstd, [&](std::span<const Change> rows) { return encode_changes(rows, primer); },
        [&](const std::string& piece) { return decode_changes(piece, {}, primer).ok(); });
  }
}

void measure_states(const char* what, const std::vector<State>& states, const Zstd& zstd, const Primer* primer) {
  for (const std::size_t size : {std::size_t{200}, std::size_t{1000}, states.size()}) {
    measure(
        what, states, size, zstd, [&](std::span<const State> rows) { return encode_states(rows, primer); },
        [&](const std::string& piece) { return decode_states(piece, {}, primer).ok(); });
  }
}

}  // namespace

int main() {
  const std::vector<std::string> training = bench::training_pieces();
  const Primer primer = *Primer::from_pieces(1, training);
  std::size_t primer_bytes = 0;
  for (const std::string& piece : training) primer_bytes += piece.size();
  std::printf("primer: %zu pieces, %zu bytes\n", training.size(), primer_bytes);

  const auto teacher =
      changes_of(bench::Lists::kMeasured, bench::kMeasuredRecords, bench::kMeasuredSeed, bench::Pace::kTeacher);
  const auto imported =
      changes_of(bench::Lists::kMeasured, bench::kMeasuredRecords, bench::kMeasuredSeed, bench::Pace::kImport);
  std::vector<State> states;
  for (const Change& change : teacher) states.push_back(bench::fresh_state(change));

  for (const std::size_t size : {std::size_t{8192}, std::size_t{32768}}) {
    const Zstd primed(trained_dictionary(size, &primer));
    const Zstd unprimed(trained_dictionary(size, nullptr));
    std::printf("\ndictionary of zstd: %zu bytes\n", size);
    std::printf("%-34s %6s %9s %9s %12s %12s\n", "", "rows", "bytes", "zstd", "encoded/s", "decoded/s");
    measure_changes("changes of a teacher", teacher, primed, &primer);
    measure_changes("changes of a teacher, no primer", teacher, unprimed, nullptr);
    measure_changes("changes of an import", imported, primed, &primer);
    measure_states("fresh states", states, primed, &primer);
    measure_states("fresh states, no primer", states, unprimed, nullptr);
  }
  return 0;
}
