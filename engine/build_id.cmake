# Writes OUTPUT, a header with FPS_BUILD_ID: a hash over the names and bytes of the engine's sources. Results in the cache
# are kept under it, so that no answer outlives the code that gave it. The sources are listed in the file SOURCES.
file(STRINGS ${SOURCES} paths)
list(SORT paths)
set(text "")
foreach(path ${paths})
  file(SHA256 ${ROOT}/${path} digest)
  string(APPEND text "${path} ${digest}\n")
endforeach()
string(SHA256 id "${text}")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define FPS_BUILD_ID \"${id}\"\n")
