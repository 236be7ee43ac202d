/* Licences as packages of RPM, Python, R and Lua name them, in SPDX where a name means one licence alone. */
#include "util/license_words.h"

#include "util/cursor.h"
#include "util/lines.h"

/* What stands before another name that begins so, stands behind it: the longest fits first. */
static const char *const names[][2] = {
    {"Apache License (== 2.0)", "Apache-2.0"},
    {"Apache License, Version 2.0", "Apache-2.0"},
    {"Apache License Version 2.0", "Apache-2.0"},
    {"Apache License 2.0", "Apache-2.0"},
    {"Apache Software License 2.0", "Apache-2.0"},
    {"Apache 2.0", "Apache-2.0"},
    {"Artistic 2.0", "Artistic-2.0"},
    {"ASL 1.1", "Apache-1.1"},
    {"ASL 2.0", "Apache-2.0"},
    {"Boost", "BSL-1.0"},
    {"BSD 2-Clause License", "BSD-2-Clause"},
    {"BSD 3-Clause License", "BSD-3-Clause"},
    {"BSD 2-Clause", "BSD-2-Clause"},
    {"BSD 3-Clause", "BSD-3-Clause"},
    {"3-Clause BSD License", "BSD-3-Clause"},
    {"BSD_2_clause + file LICENSE", "BSD-2-Clause"},
    {"BSD_3_clause + file LICENSE", "BSD-3-Clause"},
    {"CC0", "CC0-1.0"},
    {"GPL (>= 2)", "GPL-2.0-or-later"},
    {"GPL (>= 2.0)", "GPL-2.0-or-later"},
    {"GPL (>= 3)", "GPL-3.0-or-later"},
    {"GPL-2", "GPL-2.0-only"},
    {"GPL-3", "GPL-3.0-only"},
    {"GPLv2+", "GPL-2.0-or-later"},
    {"GPLv2", "GPL-2.0-only"},
    {"GPLv3+", "GPL-3.0-or-later"},
    {"GPLv3", "GPL-3.0-only"},
    {"GPL+", "GPL-1.0-or-later"},
    {"ISC License (ISCL)", "ISC"},
    {"ISC License", "ISC"},
    {"ISC", "ISC"},
    {"LGPL (>= 2.1)", "LGPL-2.1-or-later"},
    {"LGPL (>= 2)", "LGPL-2.0-or-later"},
    {"LGPL (>= 3)", "LGPL-3.0-or-later"},
    {"LGPL-2.1", "LGPL-2.1-only"},
    {"LGPL-3", "LGPL-3.0-only"},
    {"LGPLv2.1+", "LGPL-2.1-or-later"},
    {"LGPLv2.1", "LGPL-2.1-only"},
    {"LGPLv2+", "LGPL-2.0-or-later"},
    {"LGPLv2", "LGPL-2.0-only"},
    {"LGPLv3+", "LGPL-3.0-or-later"},
    {"LGPLv3", "LGPL-3.0-only"},
    {"The MIT License (MIT)", "MIT"},
    {"The MIT License", "MIT"},
    {"MIT License", "MIT"},
    {"MIT + file LICENSE", "MIT"},
    {"MIT/X11", "MIT"},
    {"MIT", "MIT"},
    {"Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"},
    {"Mozilla Public License 2.0", "MPL-2.0"},
    {"MPL 2.0", "MPL-2.0"},
    {"MPLv1.1", "MPL-1.1"},
    {"MPLv2.0", "MPL-2.0"},
    {"Unlicense", "Unlicense"},
    {"zlib", "Zlib"},
};

static bool is_end(fps__span text, size_t at)
{
    return at == text.size || text.data[at] == ' ' || text.data[at] == ')' || text.data[at] == '|';
}

/* Whether `text` begins with the word, in any case of letters, and it ends there. */
static bool begins(fps__span text, const char *word)
{
    size_t size = strlen(word);
    return fps__span_is(fps__span_part(text, 0, size), word) && is_end(text, size);
}

/* The bytes of the name or operator that `text` begins with, which is put; 0 for none. */
static size_t take_name(fps__span text, fps__cursor *out)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (begins(text, names[i][0])) {
            fps__cursor_text(out, names[i][1]);
            return strlen(names[i][0]);
        }
    return 0;
}

static size_t take_operator(fps__span text, fps__cursor *out)
{
    bool bar = fps__span_starts(text, "|"), both = begins(text, "and");
    if (!bar && !both && !begins(text, "or"))
        return 0;
    fps__cursor_text(out, both ? " AND " : " OR ");
    return bar ? 1 : both ? 3 : 2;
}

bool fps__license_words(fps__span words, char expression[FPS__LICENSE_WORDS_SIZE])
{
    fps__cursor out = {expression, FPS__LICENSE_WORDS_SIZE, 0, false};
    size_t open = 0, used;
    bool operand = true, good = words.size > 0;
    for (size_t at = 0; good && at < words.size; at += used) {
        fps__span rest = fps__span_part(words, at, words.size - at);
        uint8_t byte = rest.data[0];
        bool bracket = byte == (operand ? '(' : ')');
        used = 1;
        if (bracket) {
            good = operand || open;
            open = operand ? open + 1 : open - (open > 0);
            fps__cursor_put(&out, (const char *)&byte, 1);
        } else if (byte != ' ') {
            used = operand ? take_name(rest, &out) : take_operator(rest, &out);
            good = used > 0;
            operand = !operand;
        }
    }
    out.full |= !good || operand || open;
    return fps__cursor_finish(&out) > 0;
}
