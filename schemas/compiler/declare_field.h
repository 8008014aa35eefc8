// What one field says of itself: type, merge policy, bounds, labels.
#pragma once

#include "schemas/compiler/draft.h"

namespace songsong::schemac {

FieldDraft declare_field(const KindDraft& kind, const google::protobuf::FieldDescriptor& source,
                         Complaints& complaints);

// Ascending, without repetitions; complains about a role that is none.
std::vector<schema::Role> roles(const google::protobuf::RepeatedField<int>& writers, const Place& place,
                                std::string_view subject, Complaints& complaints);

}  // namespace songsong::schemac
