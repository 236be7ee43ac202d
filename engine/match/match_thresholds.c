/* The thresholds as rows, for documentation and tests. */
#include "match/match_thresholds.h"

#include "util/output.h"

#define REAL(name, value, ...)  {#name, (value), false, __VA_ARGS__},
#define COUNT(name, value, ...) {#name, (value), true, __VA_ARGS__},
static const fps__threshold rows[] = {FPS__MATCH_THRESHOLDS(REAL, COUNT)};
enum { ROWS = sizeof rows / sizeof *rows };

const fps__threshold *fps__match_thresholds(size_t *count)
{
    *count = ROWS;
    return rows;
}

fps_status fps__match_thresholds_dump(fps_write_callback write, void *user)
{
    fps__output out;
    fps__output_start(&out, write, user);
    fps__output_text(&out,
                     "| name | value | unit | meaning | source | guarded by |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < ROWS; i++)
        fps__output_format(&out, "| %s | %g | %s | %s | %s | %s |\n", rows[i].name, rows[i].value,
                           rows[i].unit, rows[i].meaning, rows[i].source, rows[i].guard);
    return fps__output_finish(&out, NULL);
}
