/* A release history for a set that a test makes. */
#ifndef HISTORY_FIXTURE_H
#define HISTORY_FIXTURE_H

#include "corpus_fixture.h"

enum { HISTORY_RELEASES = 6, HISTORY_UNITS = 3 };

static int history_compare_texts(const void *left, const void *right)
{
    const fps__corpus_history_text *a = left, *b = right;
    return (a->hash > b->hash) - (a->hash < b->hash);
}

/* The history of component `id`: 1.0 to 6.0, which came out on days[0..5]. Release k brought the texts of `id` from
 * step * (k - 1) on, and they stayed; with `step` 0 the first one brought all. There are `count` texts, spread over three source
 * files. The lists live in the corpus. */
static inline fps__corpus_history history_of(fps__corpus *corpus, const char *id, uint32_t count,
                                             uint32_t step, const uint32_t *days)
{
    static const char *versions[HISTORY_RELEASES] = {"1.0", "2.0", "3.0", "4.0", "5.0", "6.0"};
    enum { LISTS = HISTORY_RELEASES + HISTORY_UNITS };
    fps__corpus_range *ranges = corpus_array(corpus, LISTS, sizeof *ranges);
    fps__corpus_list *lists = corpus_array(corpus, LISTS, sizeof *lists);
    fps__corpus_history_text *own = corpus_array(corpus, count, sizeof *own);
    const texts some = {id, 0, 0, 0};
    for (uint32_t i = 0; i < LISTS; i++) {
        uint32_t unit = i - HISTORY_RELEASES;
        ranges[i] = i < HISTORY_RELEASES ? (fps__corpus_range){i, HISTORY_RELEASES - 1}
                                         : (fps__corpus_range){unit, unit};
        lists[i] = (fps__corpus_list){i, 1};
    }
    for (uint32_t n = 0; n < count; n++) {
        const char *text = numbered_text(&corpus->arena, &some, n);
        own[n] = (fps__corpus_history_text){.hash = text_key(FPS__FEATURE_LITERAL, text),
                                            .length = (uint32_t)strlen(text),
                                            .units = HISTORY_RELEASES + n % HISTORY_UNITS,
                                            .releases = step ? n / step : 0,
                                            .text_class = FPS__CORPUS_TEXT_LETTERS | FPS__CORPUS_TEXT_WORDS};
    }
    qsort(own, count, sizeof *own, history_compare_texts);
    return (fps__corpus_history){.component = id,
                                 .versions = versions,
                                 .days = days,
                                 .release_count = HISTORY_RELEASES,
                                 .lists = lists,
                                 .ranges = ranges,
                                 .texts = own,
                                 .text_count = count};
}

#endif
