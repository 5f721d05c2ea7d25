# Writes the first ```cpp block of MARKDOWN to OUTPUT.
file(READ "${MARKDOWN}" text)
string(FIND "${text}" "```cpp\n" begin)
string(SUBSTRING "${text}" ${begin} -1 text)
string(SUBSTRING "${text}" 7 -1 text)
string(FIND "${text}" "```" end)
string(SUBSTRING "${text}" 0 ${end} text)
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "${text}" @ONLY)
