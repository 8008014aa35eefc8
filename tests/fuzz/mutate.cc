#include "tests/fuzz/mutate.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace songsong::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMostChanges = 4;
constexpr std::size_t kMostTextGrowth = 256;
constexpr int kMostElements = 64;

// A field of the message itself or of one in it.
struct Spot {
  Message* message = nullptr;
  const FieldDescriptor* field = nullptr;
};

void collect(Message& message, std::vector<Spot>& spots) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message.GetDescriptor()->field(i);
    spots.push_back(Spot{&message, field});
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int k = 0; k < reflection.FieldSize(message, field); ++k)
        collect(*reflection.MutableRepeatedMessage(&message, field, k), spots);
    } else if (reflection.HasField(message, field)) {
      collect(*reflection.MutableMessage(&message, field), spots);
    }
  }
}

class Mutator {
 public:
  Mutator(Random& random, MutateBytes mutate_bytes) : random_(random), mutate_bytes_(mutate_bytes) {}

  void change(Message& message) {
    std::vector<Spot> spots;
    collect(message, spots);
    // What is there is worth more changes than what is not.
    const Spot spot = random_.pick(spots);
    const bool empty = is_empty(spot);
    change(empty && random_.chance(2, 3) ? random_.pick(spots) : spot);
  }

 private:
  static bool is_empty(const Spot& spot) {
    const Reflection& reflection = *spot.message->GetReflection();
    return spot.field->is_repeated() ? reflection.FieldSize(*spot.message, spot.field) == 0
                                     : !reflection.HasField(*spot.message, spot.field);
  }

  void change(const Spot& spot) {
    if (spot.field->is_repeated())
      change_list(spot);
    else if (spot.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      change_submessage(spot);
    else
      change_scalar(spot, -1);
  }

  void change_submessage(const Spot& spot) {
    const Reflection& reflection = *spot.message->GetReflection();
    if (is_empty(spot))
      reflection.MutableMessage(spot.message, spot.field);
    else if (random_.chance(1, 4))
      reflection.ClearField(spot.message, spot.field);
    else
      change(*reflection.MutableMessage(spot.message, spot.field));
  }

  void change_list(const Spot& spot) {
    const Reflection& reflection = *spot.message->GetReflection();
    const int size = reflection.FieldSize(*spot.message, spot.field);
    const int at = size == 0 ? 0 : static_cast<int>(random_.below(static_cast<std::uint64_t>(size)));
    const std::uint64_t how = random_.below(8);
    if (size == 0 || (how == 0 && size < kMostElements)) {
      add(spot);
      if (spot.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) change_scalar(spot, size);
    } else if (how == 1 && size < kMostElements) {
      double_element(spot, at);
    } else if (how == 2) {
      reflection.SwapElements(spot.message, spot.field, at, size - 1);
      reflection.RemoveLast(spot.message, spot.field);
    } else if (how == 3) {
      reflection.SwapElements(spot.message, spot.field, at,
                              static_cast<int>(random_.below(static_cast<std::uint64_t>(size))));
    } else if (spot.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      change(*reflection.MutableRepeatedMessage(spot.message, spot.field, at));
    } else {
      change_scalar(spot, at);
    }
  }

  static void add(const Spot& spot) {
    const Reflection& reflection = *spot.message->GetReflection();
    switch (spot.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        reflection.AddMessage(spot.message, spot.field);
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.AddString(spot.message, spot.field, "");
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        reflection.AddUInt32(spot.message, spot.field, 0);
        return;
      case FieldDescriptor::CPPTYPE_UINT64:
        reflection.AddUInt64(spot.message, spot.field, 0);
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.AddInt32(spot.message, spot.field, 0);
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.AddInt64(spot.message, spot.field, 0);
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.AddBool(spot.message, spot.field, false);
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.AddEnumValue(spot.message, spot.field, 0);
        return;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection.AddFloat(spot.message, spot.field, 0);
        return;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        reflection.AddDouble(spot.message, spot.field, 0);
        return;
    }
  }

  void double_element(const Spot& spot, int at) {
    const Reflection& reflection = *spot.message->GetReflection();
    if (spot.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Message* const added = reflection.AddMessage(spot.message, spot.field);
      added->CopyFrom(reflection.GetRepeatedMessage(*spot.message, spot.field, at));
    } else {
      add(spot);
      const int last = reflection.FieldSize(*spot.message, spot.field) - 1;
      if (spot.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        reflection.SetRepeatedString(spot.message, spot.field, last,
                                     reflection.GetRepeatedString(*spot.message, spot.field, at));
      } else {
        change_scalar(spot, last);
      }
    }
  }

  std::uint64_t number(std::uint64_t before) {
    switch (random_.below(6)) {
      case 0:
        return before + random_.below(9) - 4;
      case 1:
        return before ^ (std::uint64_t{1} << random_.below(64));
      case 2:
        return random_.below(16);
      case 3:
        return random_.next();
      case 4:
        return ~std::uint64_t{0} >> random_.below(64);
      default:
        return std::uint64_t{1} << random_.below(64);
    }
  }

  std::string text(std::string before) {
    const std::size_t most = before.size() + kMostTextGrowth;
    const std::size_t size = before.size();
    before.resize(most);
    before.resize(mutate_bytes_(reinterpret_cast<std::uint8_t*>(before.data()), size, most));
    return before;
  }

  // `at` is the index in a list, -1 of a single field.
  void change_scalar(const Spot& spot, int at) {
    Message* const message = spot.message;
    const FieldDescriptor* const field = spot.field;
    const Reflection& r = *message->GetReflection();
    const bool one = at < 0;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string made = text(one ? r.GetString(*message, field) : r.GetRepeatedString(*message, field, at));
        one ? r.SetString(message, field, made) : r.SetRepeatedString(message, field, at, made);
        return;
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        const auto made = static_cast<std::uint32_t>(
            number(one ? r.GetUInt32(*message, field) : r.GetRepeatedUInt32(*message, field, at)));
        one ? r.SetUInt32(message, field, made) : r.SetRepeatedUInt32(message, field, at, made);
        return;
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        const std::uint64_t made =
            number(one ? r.GetUInt64(*message, field) : r.GetRepeatedUInt64(*message, field, at));
        one ? r.SetUInt64(message, field, made) : r.SetRepeatedUInt64(message, field, at, made);
        return;
      }
      case FieldDescriptor::CPPTYPE_INT32: {
        const auto before = one ? r.GetInt32(*message, field) : r.GetRepeatedInt32(*message, field, at);
        const auto made = static_cast<std::int32_t>(number(static_cast<std::uint64_t>(before)));
        one ? r.SetInt32(message, field, made) : r.SetRepeatedInt32(message, field, at, made);
        return;
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const auto before = one ? r.GetInt64(*message, field) : r.GetRepeatedInt64(*message, field, at);
        const auto made = static_cast<std::int64_t>(number(static_cast<std::uint64_t>(before)));
        one ? r.SetInt64(message, field, made) : r.SetRepeatedInt64(message, field, at, made);
        return;
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        const bool made = !(one ? r.GetBool(*message, field) : r.GetRepeatedBool(*message, field, at));
        one ? r.SetBool(message, field, made) : r.SetRepeatedBool(message, field, at, made);
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        // Mostly one that is declared; what a newer program knows is a number all the same.
        const int declared =
            field->enum_type()
                ->value(static_cast<int>(random_.below(static_cast<std::uint64_t>(field->enum_type()->value_count()))))
                ->number();
        const int made = random_.chance(9, 10) ? declared : static_cast<int>(random_.below(300));
        one ? r.SetEnumValue(message, field, made) : r.SetRepeatedEnumValue(message, field, at, made);
        return;
      }
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return;  // the first two are in no message here
    }
  }

  Random& random_;
  MutateBytes mutate_bytes_;
};

std::size_t put(const Message& message, std::uint8_t* out, std::size_t most) {
  const std::string made = message.SerializeAsString();
  if (made.size() > most) return 0;
  std::memcpy(out, made.data(), made.size());
  return made.size();
}

}  // namespace

std::size_t mutate(Message& message, std::uint8_t* data, std::size_t size, std::size_t most, std::uint64_t seed,
                   MutateBytes mutate_bytes) {
  Random random(seed);
  const bool is_message = message.ParseFromArray(data, static_cast<int>(size));
  if (!is_message || random.chance(1, 50)) return mutate_bytes(data, size, most);
  Mutator mutator(random, mutate_bytes);
  const std::uint64_t changes = 1 + random.below(random.chance(1, 4) ? kMostChanges : 1);
  for (std::uint64_t i = 0; i < changes; ++i) mutator.change(message);
  const std::size_t made = put(message, data, most);
  return made != 0 ? made : mutate_bytes(data, size, most);
}

std::size_t cross(Message& one, std::string_view one_bytes, Message& other, std::string_view other_bytes,
                  std::uint8_t* out, std::size_t most, std::uint64_t seed) {
  Random random(seed);
  if (!one.ParseFromArray(one_bytes.data(), static_cast<int>(one_bytes.size())) ||
      !other.ParseFromArray(other_bytes.data(), static_cast<int>(other_bytes.size())))
    return 0;
  std::vector<Spot> here, there;
  collect(one, here);
  collect(other, there);
  // A spot of each with the same field.
  const Spot to = random.pick(here);
  std::erase_if(there, [&](const Spot& spot) {
    return spot.field != to.field ||
           (spot.field->is_repeated() && spot.message->GetReflection()->FieldSize(*spot.message, spot.field) == 0);
  });
  if (there.empty()) return 0;
  const Spot from = random.pick(there);
  const Reflection& reflection = *to.message->GetReflection();
  if (to.field->is_repeated() && to.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const int count = from.message->GetReflection()->FieldSize(*from.message, from.field);
    const int at = static_cast<int>(random.below(static_cast<std::uint64_t>(count)));
    reflection.AddMessage(to.message, to.field)
        ->CopyFrom(from.message->GetReflection()->GetRepeatedMessage(*from.message, from.field, at));
  } else {
    // All that the other has in this field, by a message that has nothing else.
    const std::unique_ptr<Message> carrier(from.message->New());
    carrier->CopyFrom(*from.message);
    std::vector<const FieldDescriptor*> set;
    reflection.ListFields(*carrier, &set);
    for (const FieldDescriptor* const field : set) {
      if (field != to.field) reflection.ClearField(carrier.get(), field);
    }
    if (!to.field->is_repeated()) reflection.ClearField(to.message, to.field);
    to.message->MergeFrom(*carrier);
  }
  return put(one, out, most);
}

}  // namespace songsong::fuzz
