// Messages: what people read, in Vietnamese or English, by the code of a fault. Programs read the code.
//
// The language is Vietnamese, or English where SONGSONG_LANG, LC_ALL, LC_MESSAGES or LANG (read as text, the first that
// is set wins) begins with "en". Nothing else depends on the locale. Pure functions, any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "shared/core/outcome.h"

namespace songsong {

enum class Language { kVietnamese, kEnglish };

// `variable` gives an environment variable's value, or null.
Language choose_language(const std::function<const char*(const char*)>& variable);

struct Message {
  std::string what;  // what is wrong, with what is allowed where that helps
  std::string act;   // what to do; may be empty
};

// For a code that this program does not know: the fault's own English sentence.
Message message_for(const Fault& fault, Language language);
bool has_message(std::string_view code);

// Of a server's refusal: it could not deal with the question now (busy, its disk), and will another time.
bool will_pass(std::string_view code);

// The text for the language.
inline const char* say(Language language, const char* vi, const char* en) {
  return language == Language::kEnglish ? en : vi;
}

// INTERFACES: 1 input refused, 2 usage, 3 network, 4 refused by the server, 5 storage.
int exit_code_for(const Fault& fault);

}  // namespace songsong
