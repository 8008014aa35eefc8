# cmake -DIN=file -DOUT=file.cc -DHEADER=header.h -DFUNCTION=name -DNAMESPACE=a::b -P embed.cmake
# Writes a source whose function returns the file's text, with the style sheet beside it where it says /*{{style.css}}*/.
file(READ ${IN} text)
if(text MATCHES "/\\*{{style\\.css}}\\*/")
  get_filename_component(folder ${IN} DIRECTORY)
  file(READ ${folder}/style.css style)
  string(REPLACE "/*{{style.css}}*/" "${style}" text "${text}")
endif()
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nstd::string_view ${FUNCTION}() {\n  return R\"embedded(${text})embedded\";\n}\n\n}  // namespace ${NAMESPACE}\n")
