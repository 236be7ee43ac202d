/* Writes a result into memory for the tests of reports. */
#ifndef REPORT_RENDER_H
#define REPORT_RENDER_H

#include <fpscan/report.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct rendered {
    char *bytes;
    size_t size;
} rendered;

static inline fps_status collect(void *user, const char *bytes, size_t size)
{
    rendered *t = user;
    t->bytes = realloc(t->bytes, t->size + size + 1);
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    t->bytes[t->size] = '\0';
    return FPS_OK;
}

static inline char *render(const fps_result *result, const char *name, const fps_report_options *options)
{
    rendered t = {NULL, 0};
    const fps_report_format *format = NULL;
    fps_error error;
    if (strcmp(name, "explain") == 0) {
        assert_int_equal(fps_report_explain(result, options, collect, &t, &error), FPS_OK);
    } else if (strcmp(name, "drift") == 0) {
        assert_int_equal(fps_report_drift(result, options, collect, &t, &error), FPS_OK);
    } else {
        assert_int_equal(fps_report_format_find(name, &format, &error), FPS_OK);
        assert_int_equal(fps_report_write(result, format, options, collect, &t, &error), FPS_OK);
    }
    return t.bytes;
}

static inline void expect_all(const char *out, const char *const *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strstr(out, expected[i]))
            fail_msg("'%s' is not in:\n%s", expected[i], out);
}

#endif
