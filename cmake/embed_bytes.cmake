# cmake -DIN=file -DOUT=file.cc -DHEADER=header.h -DFUNCTION=name -DNAMESPACE=a::b -P embed_bytes.cmake
# Writes a source whose function returns the file's bytes, whatever they are.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\nnamespace {\n\nconstexpr unsigned char kBytes[] = {\n${bytes}};\n\n}  // namespace\n\nstd::string_view ${FUNCTION}() { return {reinterpret_cast<const char*>(kBytes), sizeof(kBytes)}; }\n\n}  // namespace ${NAMESPACE}\n")
