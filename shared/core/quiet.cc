#include "shared/core/quiet.h"

#include <google/protobuf/stubs/logging.h>

namespace songsong {

void keep_protobuf_quiet() { google::protobuf::SetLogHandler(nullptr); }

}  // namespace songsong
