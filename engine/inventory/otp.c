/* Erlang and Elixir applications: ebin/NAME.app, a term of Erlang. The format: app(4). */
#include "inventory/manifest.h"

#include "util/lines.h"

static const char *const patterns[] = {"ebin/*.app", NULL};

/* The next token: a text without its quotation marks, a word, or one byte of punctuation. False at the end. */
static bool next_token(fps__span text, size_t *at, fps__span *token)
{
    while (*at < text.size && (text.data[*at] <= ' ' || text.data[*at] == '%')) {
        bool comment = text.data[*at] == '%';
        while (comment && *at < text.size && text.data[*at] != '\n')
            (*at)++;
        *at += !comment;
    }
    if (*at >= text.size)
        return false;
    size_t start = *at;
    uint8_t first = text.data[start], quote = first == '"' || first == '\'' ? first : 0;
    if (quote) {
        for ((*at)++; *at < text.size && text.data[*at] != quote; (*at)++)
            *at += text.data[*at] == '\\';
        size_t end = *at < text.size ? *at : text.size;
        *token = fps__span_part(text, start + 1, end - start - 1);
        *at = end + 1;
        return true;
    }
    do
        (*at)++;
    while (!strchr("{}[],", first) && *at < text.size && text.data[*at] > ' ' &&
           !strchr("{}[],\"'", text.data[*at]));
    *token = fps__span_part(text, start, *at - start);
    return true;
}

/* {application, NAME, [{vsn, "VERSION"}, ...]}. */
static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__span name = {NULL, 0}, version = {NULL, 0}, last[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}}, token;
    for (size_t at = 0; (!name.size || !version.size) && next_token(file->bytes, &at, &token);) {
        bool member = fps__span_is(last[0], "{") && fps__span_is(last[2], ",");
        if (member && !name.size && fps__span_is(last[1], "application"))
            name = token;
        if (member && !version.size && fps__span_is(last[1], "vsn"))
            version = token;
        last[0] = last[1];
        last[1] = last[2];
        last[2] = token;
    }
    if (!name.size || !version.size) {
        fps__manifest_damaged(reading, file);
        return;
    }
    fps__inventory_package *package = fps__manifest_add(reading, FPS_PACKAGE_OTP, file, name, version);
    if (package)
        package->root = fps__path_above(reading, file->path, 2);
}

const fps__inventory_reader fps__reader_otp = {.patterns = patterns, .read_file = read_package};
