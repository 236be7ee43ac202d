/* Literals found one byte at a time: what the fast search must find. Tests and the bench compare with it. */
#ifndef FPS_TESTS_LITERAL_ORACLE_H
#define FPS_TESTS_LITERAL_ORACLE_H

#include "feature/literal.h"

static inline bool scan_byte_by_byte(fps__span bytes, fps__literal_callback callback, void *user)
{
    size_t length = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t c = bytes.data[i];
        if ((c >= 0x20 && c <= 0x7e) || (c >= 9 && c <= 13)) {
            length++;
            continue;
        }
        if (c == 0 && length >= FPS__LITERAL_MINIMUM && !callback(user, i - length, length))
            return false;
        length = 0;
    }
    return true;
}

#endif
