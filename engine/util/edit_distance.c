/* How many letters two names differ in. */
#include "util/edit_distance.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 128 }; /* bytes of a name that is compared letter by letter */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t fps__edit_distance(const char *a, const char *b, size_t most)
{
    size_t a_length = strlen(a), b_length = strlen(b), rows[3][LONGEST + 1];
    size_t apart = a_length > b_length ? a_length - b_length : b_length - a_length;
    if (a_length > LONGEST || b_length > LONGEST || apart > most)
        return most + 1;
    for (size_t k = 0; k <= b_length; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *swapped = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t k = 1; k <= b_length; k++) {
            int left = tolower((unsigned char)a[i - 1]), right = tolower((unsigned char)b[k - 1]);
            now[k] = least(least(before[k], now[k - 1]) + 1, before[k - 1] + (left != right));
            if (i > 1 && k > 1 && left == tolower((unsigned char)b[k - 2]) &&
                right == tolower((unsigned char)a[i - 2]))
                now[k] = least(now[k], swapped[k - 2] + 1);
        }
    }
    return least(rows[a_length % 3][b_length], most + 1);
}

size_t fps__edit_limit(const char *name)
{
    size_t length = strlen(name);
    return length < 6 ? 1 : length / 3;
}
