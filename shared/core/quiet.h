// Quiet: protobuf writes a line to standard error for each text of a message that is no UTF-8, so that whoever sends
// such messages fills the log of a server, and writes across what a person reads. What is wrong with a message is said
// by Faults here, so each program calls this once, where it begins.
//
// For the whole process; before any other thread begins.
#pragma once

namespace songsong {

void keep_protobuf_quiet();

}  // namespace songsong
