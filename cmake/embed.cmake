# cmake -DIN=file -DOUT=file.cc -DHEADER=header.h -DFUNCTION=name -DNAMESPACE=a::b -P embed.cmake
# Writes a source whose function returns the file's text.
file(READ ${IN} text)
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nstd::string_view ${FUNCTION}() {\n  return R\"embedded(${text})embedded\";\n}\n\n}  // namespace ${NAMESPACE}\n")
