/* The day of a build: from the releases of each part to the likely days, and from the days back to the releases. */
#include "match/build_day.h"

#include "match/match_formula.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { RATES = FPS__BUILD_RATES, MAX_STEPS = 4096 };
static const double LEFT_OUT = .05; /* of the probability, at each end of the days that are told */

/* The releases of a part in time. */
typedef struct line {
    const fps__build_part *part;
    uint32_t *replaced; /* by release: the first day on which a higher version is out, UINT32_MAX for none */
    double *age;        /* by release: what its age weighs, but for a factor that all have on a day */
    uint32_t dated;     /* releases with a day */
    double undated;     /* probability of the others, and of those that are not listed */
    double *likelihood; /* by day and rate: logarithms; 0 where no release has a day */
} line;

/* The releases of a line that are out on some day. */
typedef struct moment {
    uint32_t day, current, older; /* releases */
    double ages;                  /* the sum of the older ones' */
} moment;

typedef struct build {
    line *lines;
    size_t count;
    uint32_t first, steps;     /* the days that are looked at */
    double *sum, *probability; /* by day and rate: of all lines; of all but the one in hand */
} build;

/* ---- releases in time ---- */

static bool start_line(line *l, const fps__build_part *part)
{
    size_t count = (size_t)part->count + 1;
    *l = (line){
        .part = part, .replaced = malloc(count * sizeof *l->replaced), .age = malloc(count * sizeof *l->age)};
    if (!l->replaced || !l->age)
        return false;
    l->undated = 1;
    uint32_t last = 0;
    for (uint32_t r = 0; r < part->count; r++)
        last = part->days[r] > last ? part->days[r] : last;
    for (uint32_t r = part->count, next = UINT32_MAX; r-- > 0;) {
        uint32_t day = part->days[r];
        l->replaced[r] = next;
        l->age[r] = next == UINT32_MAX ? 0 : fps__build_age(last - next);
        if (!day)
            continue;
        next = day < next ? day : next;
        l->undated -= part->shares[r];
        l->dated++;
    }
    l->undated = fmax(l->undated, 0);
    return true;
}

static bool is_out(const line *l, uint32_t release, uint32_t day)
{
    return l->part->days[release] && fps__build_is_out(l->part->days[release], day);
}

static moment look_at(const line *l, uint32_t day)
{
    moment m = {.day = day};
    for (uint32_t r = 0; r < l->part->count; r++) {
        if (!is_out(l, r, day))
            continue;
        bool current = l->replaced[r] > day;
        m.current += current;
        m.older += !current;
        m.ages += current ? 0 : l->age[r];
    }
    return m;
}

/* The probability of a release with a day in a build that has what is current with probability `rate`. */
static double probability(const line *l, uint32_t release, const moment *m, double rate)
{
    double p = 0;
    if (is_out(l, release, m->day) && l->replaced[release] > m->day)
        p = rate / m->current;
    else if (is_out(l, release, m->day))
        p = (1 - rate) * fps__build_older(m->ages > 0 ? l->age[release] / m->ages : 0, m->older);
    return fps__build_with_error(p, l->dated);
}

/* ---- from releases to days, and back ---- */

/* What a line says of each day and rate. */
static void weigh_days(build *b, line *l)
{
    for (uint32_t i = 0; i < b->steps; i++) {
        moment m = look_at(l, fps__build_day_at(b->first, i));
        for (uint32_t f = 0; f < RATES; f++) {
            double sum = l->undated / l->dated;
            for (uint32_t r = 0; r < l->part->count; r++)
                if (l->part->days[r] && l->part->shares[r] > 0)
                    sum += l->part->shares[r] * probability(l, r, &m, fps__build_rate(f));
            b->sum[i * RATES + f] += l->likelihood[i * RATES + f] = log(sum);
        }
    }
}

/* The probability of each day and rate by all lines but one. */
static void weigh_others(build *b, const line *l)
{
    double most = -INFINITY, sum = 0;
    size_t cells = (size_t)b->steps * RATES;
    for (size_t i = 0; i < cells; i++)
        most = fmax(most, b->probability[i] = b->sum[i] - l->likelihood[i]);
    for (size_t i = 0; i < cells; i++)
        sum += b->probability[i] = exp(b->probability[i] - most);
    for (size_t i = 0; i < cells; i++)
        b->probability[i] /= sum;
}

/* The first day by which `share` of the probability is reached. */
static uint32_t day_by(const build *b, double share)
{
    uint32_t i = 0;
    double sum = 0;
    for (; i + 1 < b->steps; i++) {
        for (uint32_t f = 0; f < RATES; f++)
            sum += b->probability[i * RATES + f];
        if (sum >= share)
            break;
    }
    return fps__build_day_at(b->first, i);
}

static void judge(build *b, const line *l, fps__build_part *part)
{
    double sum = 0;
    weigh_others(b, l);
    part->from = day_by(b, LEFT_OUT);
    part->to = day_by(b, 1 - LEFT_OUT);
    memset(part->factors, 0, part->count * sizeof *part->factors);
    for (uint32_t i = 0; i < b->steps; i++) {
        moment m = look_at(l, fps__build_day_at(b->first, i));
        for (uint32_t f = 0; f < RATES; f++)
            for (uint32_t r = 0; r < part->count; r++)
                if (part->days[r])
                    part->factors[r] +=
                        b->probability[i * RATES + f] * probability(l, r, &m, fps__build_rate(f));
    }
    for (uint32_t r = 0; r < part->count; r++)
        sum += part->factors[r];
    for (uint32_t r = 0; r < part->count; r++)
        part->factors[r] = part->days[r] ? part->factors[r] * l->dated / sum : 1;
}

/* ---- the build ---- */

static void find_days(build *b)
{
    uint32_t first = UINT32_MAX, last = 0;
    for (size_t i = 0; i < b->count; i++)
        for (uint32_t r = 0; r < b->lines[i].part->count; r++) {
            uint32_t day = b->lines[i].part->days[r];
            first = day && day < first ? day : first;
            last = day > last ? day : last;
        }
    uint32_t steps = last > first ? (last - first) / FPS__BUILD_DAY_STEP + 1 : 1;
    b->steps = steps < MAX_STEPS ? steps : MAX_STEPS;
    b->first = last - (b->steps - 1) * FPS__BUILD_DAY_STEP;
}

static bool weigh(build *b, fps__build_part *parts)
{
    size_t cells = (size_t)b->steps * RATES;
    double *room = calloc((b->count + 2) * cells, sizeof *room);
    if (!room)
        return false;
    b->sum = room;
    b->probability = room + cells;
    for (size_t i = 0; i < b->count; i++) {
        b->lines[i].likelihood = room + (i + 2) * cells;
        if (b->lines[i].dated)
            weigh_days(b, &b->lines[i]);
    }
    for (size_t i = 0; i < b->count; i++)
        if (b->lines[i].dated)
            judge(b, &b->lines[i], &parts[i]);
    free(room);
    return true;
}

fps_status fps__build_day(fps__build_part *parts, size_t count)
{
    build b = {.lines = calloc(count + 1, sizeof *b.lines), .count = count};
    size_t dated = 0;
    bool good = b.lines != NULL;
    for (size_t i = 0; good && i < count; i++) {
        good = start_line(&b.lines[i], &parts[i]);
        dated += b.lines[i].dated > 0;
    }
    for (size_t i = 0; good && i < count; i++) {
        parts[i].from = parts[i].to = 0;
        for (uint32_t r = 0; r < parts[i].count; r++)
            parts[i].factors[r] = 1;
    }
    if (good && fps__build_is_told(dated)) {
        find_days(&b);
        good = weigh(&b, parts);
    }
    for (size_t i = 0; b.lines && i < count; i++) {
        free(b.lines[i].replaced);
        free(b.lines[i].age);
    }
    free(b.lines);
    return good ? FPS_OK : FPS_ERROR_MEMORY;
}
