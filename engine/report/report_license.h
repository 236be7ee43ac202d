/* Tells licence expressions of the SPDX list from other words about licences. */
#ifndef FPS_REPORT_REPORT_LICENSE_H
#define FPS_REPORT_REPORT_LICENSE_H

#include "util/license_words.h"

#include <stdbool.h>

/* True for a licence expression (SPDX 2.3, annex D) over identifiers of the SPDX list in its own spelling,
 * without references to licences of a document (LicenseRef-). Never NULL. */
bool fps__license_is_expression(const char *text);

/* The expression that a licence is, or that its words mean; NULL for other words. `buffer` may hold it. */
const char *fps__license_expression(const char *license, char buffer[FPS__LICENSE_WORDS_SIZE]);

#endif
