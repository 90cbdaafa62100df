# Writes every rules/catalog/**/*.json as a raw string into one .cc file.
# Use: cmake -DROOT=<rules folder> -DOUT=<file> -P embed.cmake
file(GLOB_RECURSE files RELATIVE ${ROOT}/catalog ${ROOT}/catalog/*.json)
list(SORT files)
set(text "#include \"rules/builtin.h\"\n\nnamespace panicscan::rules {\n\n")
string(APPEND text "namespace {\nusing namespace std::string_view_literals;\nconstexpr BuiltinFile kFiles[] = {\n")
foreach(name IN LISTS files)
  file(READ ${ROOT}/catalog/${name} content)
  # Compilers limit the length of one literal; adjacent literals are joined. "sv": they also limit how
  # far they count the characters of a literal that does not say its length.
  string(LENGTH "${content}" length)
  string(APPEND text "    {\"${name}\",\n")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${content}" ${at} 8000 piece)
    string(APPEND text "R\"rule(${piece})rule\"sv\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND text "},\n")
endforeach()
string(APPEND text "    {{}, {}},\n};\n}  // namespace\n\n")
string(APPEND text "std::span<const BuiltinFile> builtin_files() { return std::span(kFiles).first(std::size(kFiles) - 1); }\n\n")
string(APPEND text "}  // namespace panicscan::rules\n")
file(WRITE ${OUT} "${text}")
