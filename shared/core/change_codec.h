// Changes of one replica to bytes and back: the columnar form in which they travel, are bundled and are counted.
//
// The bytes are entropy-coded (columns.h): they leave nothing for a general compressor. What zstd does with a trained
// dictionary, a Primer does better: it is an ordinary piece of sample changes, which leaves the columns as if they had
// gone before. A primed piece names its primer by number and is decoded with the same one; without any it is complete
// in itself. FORMAT.md has the grammar and a worked example.
//
// encode_changes gives the same bytes on every compiler and platform; decode_changes(encode_changes(x)) equals x, for
// kinds and fields that nobody declared as well. Texts are bytes here: that they are UTF-8 in NFC is for validation.
//
// Pure and thread-safe. Encoding what change.h forbids is a programming error (std::logic_error). Decoding never throws
// on bad bytes and holds no more memory than its limits allow; its faults have codes that begin with "piece_", and
// `where` is the byte at which they showed. A change that comes out keeps every bound and order of change.h, but bytes
// that were altered may well decode to other changes: the chain's hashes tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/change.h"
#include "shared/core/outcome.h"

namespace songsong {

namespace columns {
class Model;
}

// What one piece may expand to. Bytes count rows, values and what the decoder remembers of them; they bound the time as
// well, to some 0.2 s of CPU a MiB for the worst of bytes.
struct DecodeLimits {
  std::size_t rows = 65536;
  std::size_t bytes = std::size_t{64} << 20;
};

// What encoder and decoder have both read before a piece. Immutable; copies share it, across threads too.
class Primer {
 public:
  // `number` (1 …) is what pieces call it; one number must mean one primer for ever. `pieces`: unprimed results of
  // encode_changes, of changes such as will be sent; some of one change, some of many, from several replicas, since how
  // pieces begin is learned from those that are there.
  static Outcome<Primer> from_pieces(std::uint32_t number, std::span<const std::string> pieces);
  // As encode_primer wrote it. Learning takes some milliseconds: keep what you have. Fault "primer_malformed".
  static Outcome<Primer> parse(std::string_view bytes);

  std::uint32_t number() const { return number_; }
  const columns::Model& model() const { return *model_; }

 private:
  Primer(std::uint32_t number, std::shared_ptr<const columns::Model> model);

  std::uint32_t number_ = 0;
  std::shared_ptr<const columns::Model> model_;
};

// primer := version 1 · number:varint · count:varint · piece:bytes*
std::string encode_primer(std::uint32_t number, std::span<const std::string> pieces);

// Of one replica, with consecutive sequences; possibly none. The tags may differ.
std::string encode_changes(std::span<const Change> changes, const Primer* primer = nullptr);
Outcome<std::vector<Change>> decode_changes(std::string_view bytes, const DecodeLimits& limits,
                                            const Primer* primer = nullptr);

// The number of the primer that a piece (of changes or states) was encoded with, 0 for none. Reads a few bytes only.
Outcome<std::uint32_t> primer_of(std::string_view piece);

}  // namespace songsong
