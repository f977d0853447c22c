# One number for what core and broker say to each other: builds with another one refuse each other.
# FILES: everything that decides the bytes. OUT: the header.
set(all "")
foreach(file IN LISTS FILES)
  file(SHA256 ${file} hash)
  string(APPEND all ${hash})
endforeach()
string(SHA256 id "${all}")
string(SUBSTRING ${id} 0 16 id)
file(WRITE ${OUT} "#define YW_BROKER_WIRE_ID \"${id}\"\n")
