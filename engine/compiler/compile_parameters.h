/* The numbers that decide what stands in a set, each once: the constants of the compiler and the line "name=value ..."
 * that every set carries (fps_database_info.parameters) both come from this table. The feature parameters, which say
 * whether a set fits a program at all, are not among them (feature/feature.h). */
#ifndef FPS_COMPILER_COMPILE_PARAMETERS_H
#define FPS_COMPILER_COMPILE_PARAMETERS_H

#include "feature/text_worth.h"

#include <stdint.h>

/* COUNT(constant, name, value) and REAL(constant, name, value): one number.
 * LIST(constant, name, values...): an array; without spaces between the values, which would be in the line.
 * GIVEN(name, value): a constant of another stage. */
/* clang-format off */
#define FPS__COMPILE_PARAMETERS(COUNT, REAL, LIST, GIVEN)                                                            \
    /* Units */                                                                                                      \
    COUNT(CLUSTER_LITERALS, "cluster", 48)       /* literals of a cluster of addresses */                            \
    COUNT(RUN_FUNCTIONS, "run", 32)              /* functions of a run of neighbours */                              \
    COUNT(GROUP_FEATURES, "group", 3)            /* features that make a shared unit; fewer go to their first object */ \
    COUNT(GROUP_STEMS, "stems", 64)              /* objects that tell shared units apart */                          \
    COUNT(CONTENT_FEATURES, "content", 4)        /* features of an object that gets a key of its whole content */    \
    /* Weights, in sixteenths */                                                                                     \
    LIST(FAMILY_WEIGHTS, "families", 16,4,1)     /* of a feature that one, two, three families hold; of more: 0 */   \
    LIST(NEGATIVE_WEIGHTS, "negative", 16,6,2)   /* that no, one, two unrelated packages hold; more: 0 */            \
    GIVEN("letters", FPS__TEXT_LETTERS)                                                                              \
    GIVEN("few-letters", FPS__TEXT_WORTH_FEW)                                                                        \
    GIVEN("length", FPS__TEXT_LENGTH)                                                                                \
    GIVEN("short", FPS__TEXT_WORTH_SHORT)                                                                            \
    /* Owners */                                                                                                     \
    COUNT(MAX_FAMILIES, "max-families", 24)      /* a feature of more families is vocabulary */                      \
    COUNT(MAX_HOLDERS, "max-holders", 48)        /* and so is a feature of more components */                        \
    COUNT(RUNTIME_OTHERS, "runtime-others", 2)   /* a literal of a runtime that more others hold is vocabulary */    \
    COUNT(OVERLAP_COMPONENTS, "overlap", 12)     /* a feature of more components says nothing of copies */           \
    REAL(CARRIED_SHARE, "carried", 0.10)         /* of a component in its host, from which the host carries it, ... */ \
    COUNT(CARRIED_RATIO, "carried-ratio", 2)     /* ... where it is this many times the host's share in it */        \
    REAL(CARRIED_MOST, "carried-most", 0.50)     /* ... or where so much of it is in the host */                       \
    COUNT(COPY_FEATURES, "copy", 40)             /* features that make an unrelated file a holder of a copy, ... */  \
    COUNT(COPY_PART, "copy-part", 10)            /* ... where they are one in this many of the component's */        \
    /* Functions */                                                                                                  \
    COUNT(MEMBER_FUNCTIONS, "member-functions", 16000) /* of archive members of one build; of more a sample is kept */ \
    COUNT(OTHER_FUNCTIONS, "other-functions", 250) /* of its shared objects and programs */                          \
    COUNT(FUNCTION_HOLDERS, "holders", 3)        /* components that hold a function without weight that is kept */   \
    /* Release histories */                                                                                          \
    COUNT(HISTORY_HOLDERS, "history-holders", 6) /* histories that may hold a text that is kept */                    \
    COUNT(HISTORY_TEXTS, "history", 8)           /* texts that are kept of each list of releases */                  \
    COUNT(HISTORY_LENGTH, "history-length", 10)  /* bytes of a text of one word that is kept */                      \
    COUNT(SOURCE_RELEASES, "source-releases", 8) /* releases that stand for all of a component without builds */     \
    /* Version templates */                                                                                          \
    COUNT(TEMPLATE_RATIO, "template", 9)         /* sightings of the own version for one of another */               \
    COUNT(TEMPLATE_RELEASES, "template-releases", 2) /* releases that it must be seen in, or else ... */             \
    COUNT(TEMPLATE_OBJECTS, "template-objects", 2) /* ... objects */                                                 \
    COUNT(BARE_OBJECTS, "bare-objects", 4)       /* ... and where it is nothing but the version */
/* clang-format on */

#define FPS__PARAMETER_NUMBER(constant, name, value) FPS__##constant = (value),
#define FPS__PARAMETER_REAL(constant, name, value)   static const double FPS__##constant = value;
#define FPS__PARAMETER_LIST(constant, name, ...)     static const uint32_t FPS__##constant[] = {__VA_ARGS__};
#define FPS__PARAMETER_NONE(...)

enum {
    FPS__COMPILE_PARAMETERS(FPS__PARAMETER_NUMBER, FPS__PARAMETER_NONE, FPS__PARAMETER_NONE,
                            FPS__PARAMETER_NONE)
};
FPS__COMPILE_PARAMETERS(FPS__PARAMETER_NONE, FPS__PARAMETER_REAL, FPS__PARAMETER_LIST, FPS__PARAMETER_NONE)

#undef FPS__PARAMETER_NUMBER
#undef FPS__PARAMETER_REAL
#undef FPS__PARAMETER_LIST
#undef FPS__PARAMETER_NONE

/* The line: "cluster=48 run=32 ...". */
const char *fps__compile_parameters(void);

#endif
