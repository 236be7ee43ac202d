/* Reads C and C++ source text: string literals as the compiler makes them, macros, and names of functions. */
#include "history/history_lex.h"

#include "util/array.h"

#include <stdlib.h>

enum {
    MAX_ARGUMENTS = 4, /* of a call that are looked at */
    MAX_CALL = 4096,   /* bytes of the longest call that is looked at */
    LOOK_AHEAD =
        8, /* bytes of calls looked at for a byte of source: calls inside calls are looked at twice */
    MAX_PARAMETERS = 10,
};

typedef struct lexer {
    const char *text; /* without continued lines, padded with NULs */
    size_t size, at;
    fps__lex_callback callback;
    void *user;
    size_t look_ahead; /* bytes left */
    /* the literal in the making: parts */
    FPS__ARRAY(char) parts;
    bool open, wide, joined, unknown, unfit;
    bool ended;       /* by its first NUL: what is joined to it lies behind */
    size_t open_part; /* where the text of the last part begins, SIZE_MAX: the last part is no text */
    /* what came before */
    fps__span last_name; /* the token before is this identifier; empty when it is none */
    bool last_call;      /* the token before is the ")" of a call */
    size_t last_end;     /* where the token before ended */
    /* the directive that is being read */
    bool directive, define, define_call;
    fps__span macro;
    fps__span parameters[MAX_PARAMETERS];
    unsigned parameter_count;
    bool whole_body; /* the literal in the making began with the body of the macro */
    bool fresh_body; /* no token of the body was seen */
    /* functions with a body */
    int depth, parentheses;
    uint64_t calls; /* a bit for each open parenthesis, the innermost lowest: it belongs to a call */
    fps__span candidate;
    bool candidate_closed, is_static, transparent;
} lexer;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return is_letter(c) || is_digit(c);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_one_of(fps__span name, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == name.size && !memcmp(*words, name.data, name.size))
            return true;
    return false;
}

/* Without a lower-case letter: the habit by which macros are told apart. */
static bool is_upper(fps__span name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] >= 'a' && name.data[i] <= 'z')
            return false;
    return true;
}

/* Words that may stand before a literal without being pasted to it. */
static const char *const plain_words[] = {"return", "case",  "else",   "sizeof", "in",   "not", "and", "or",
                                          "throw",  "yield", "typeof", "const",  "goto", "do",  NULL};
/* Words before a parenthesis that make it no call. */
static const char *const statement_words[] = {
    "if",      "while",    "for",      "switch",   "return",   "sizeof",   "catch",
    "defined", "typedef",  "struct",   "static",   "inline",   "extern",   "alignas",
    "alignof", "decltype", "noexcept", "explicit", "operator", "volatile", NULL};
/* Words whose parenthesis holds texts for the compiler alone. */
static const char *const compiler_words[] = {"asm",
                                             "__asm__",
                                             "__asm",
                                             "static_assert",
                                             "_Static_assert",
                                             "__attribute__",
                                             "__attribute",
                                             "__declspec",
                                             "_Pragma",
                                             "__pragma",
                                             NULL};

static bool is_function_name(fps__span name)
{
    return name.size >= FPS__LEX_NAME_LEAST && name.size <= FPS__LEX_NAME_MOST && !is_upper(name) &&
           !is_one_of(name, statement_words) && !is_one_of(name, compiler_words);
}

/* ---- the literal in the making ---- */

static fps_status add_bytes(lexer *now, const void *bytes, size_t size)
{
    if (now->unfit)
        return FPS_OK;
    fps_status status = FPS__ARRAY_RESERVE(&now->parts, size, FPS__LEX_PARTS);
    if (status == FPS_ERROR_LIMIT) {
        now->unfit = true;
        return FPS_OK;
    }
    if (status)
        return status;
    if (size)
        memcpy(now->parts.items + now->parts.count, bytes, size);
    now->parts.count += size;
    return FPS_OK;
}

static fps_status add_part(lexer *now, fps__lex_part kind, const void *text, size_t size)
{
    char mark = (char)kind;
    if (now->ended)
        return FPS_OK;
    now->joined = true;
    now->open_part = SIZE_MAX;
    fps_status status = add_bytes(now, &mark, 1);
    if (!status)
        status = add_bytes(now, text, size);
    return status ? status : add_bytes(now, "", 1);
}

static void drop_run(lexer *now)
{
    now->open = now->wide = now->joined = now->unknown = now->unfit = now->ended = false;
    now->open_part = SIZE_MAX;
    now->parts.count = 0;
}

static fps_status emit_define(lexer *now)
{
    fps__lex_event event = {.kind = FPS__LEX_DEFINE,
                            .name = (const char *)now->macro.data,
                            .name_size = now->macro.size,
                            .text = now->parts.items,
                            .size = now->parts.count,
                            .call = now->define_call};
    return now->callback(now->user, &event);
}

/* True when the parts depend on a parameter of the macro that is being defined. */
static bool has_parameter(const lexer *now)
{
    for (size_t i = 0; i < now->parts.count; i += strlen(now->parts.items + i) + 1) {
        char kind = now->parts.items[i];
        if (kind == FPS__LEX_PARAMETER)
            return true;
        if (kind == FPS__LEX_CALL)
            i += strlen(now->parts.items + i) + 1;
    }
    return false;
}

/* Ends the literal, if one is open, and gives it. `at_end`: of the directive. */
static fps_status close_run(lexer *now, bool at_end)
{
    if (!now->open)
        return FPS_OK;
    fps_status status = FPS_OK;
    if (!now->wide && !now->unfit && !now->unknown && now->parts.count) {
        bool depends = now->define && has_parameter(now);
        /* The text of a macro without parameters is its value when it is all of its body. */
        if (now->define && (depends || (!now->define_call && now->whole_body && at_end)))
            status = emit_define(now);
        fps__lex_event event = {.kind = now->joined ? FPS__LEX_JOINED : FPS__LEX_LITERAL,
                                .text = now->parts.items,
                                .size = now->parts.count};
        if (!now->joined) {
            event.text++; /* one part: its kind, its bytes and its NUL */
            event.size = strlen(event.text);
        }
        if (!status && !depends)
            status = now->callback(now->user, &event);
    }
    drop_run(now);
    return status;
}

/* Opens a literal, with what is pasted in front of it. */
static fps_status open_run(lexer *now)
{
    if (now->open)
        return FPS_OK;
    drop_run(now);
    now->open = true;
    now->whole_body = now->fresh_body;
    if (now->last_call) {
        now->unknown = true; /* f(x) "..." */
    } else if (now->last_name.size && !is_one_of(now->last_name, plain_words)) {
        if (now->last_name.size == 6 && !memcmp(now->last_name.data, "extern", 6))
            now->unknown = true;
        return add_part(now, FPS__LEX_MACRO, now->last_name.data, now->last_name.size);
    }
    return FPS_OK;
}

/* ---- strings ---- */

static int hex_value(char c)
{
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static size_t put_utf8(uint32_t code, char out[4])
{
    static const uint8_t leads[] = {0, 0xc0, 0xe0, 0xf0};
    size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    for (size_t i = more; i; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(leads[more] | code);
    return more + 1;
}

/* The escape behind the backslash at text[*at - 1]: its bytes. */
static size_t read_escape(lexer *now, size_t *at, char out[4])
{
    static const char from[] = "ntrabfve", to[] = "\n\t\r\a\b\f\v\x1b";
    char c = now->text[(*at)++];
    const char *found = c ? strchr(from, c) : NULL;
    if (found) {
        out[0] = to[found - from];
        return 1;
    }
    if (c == 'x' && hex_value(now->text[*at]) >= 0) {
        unsigned value = 0;
        for (int digit; (digit = hex_value(now->text[*at])) >= 0; (*at)++)
            value = value << 4 | (unsigned)digit;
        out[0] = (char)(value & 0xff);
        return 1;
    }
    if (c >= '0' && c <= '7') {
        unsigned value = (unsigned)(c - '0');
        for (int i = 0; i < 2 && now->text[*at] >= '0' && now->text[*at] <= '7'; i++)
            value = value << 3 | (unsigned)(now->text[(*at)++] - '0');
        out[0] = (char)(value & 0xff);
        return 1;
    }
    size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    uint32_t code = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = hex_value(now->text[*at + i]);
        if (digit < 0)
            digits = 0;
        code = code << 4 | (uint32_t)(digit & 15);
    }
    if (digits) {
        *at += digits;
        return put_utf8(code > 0x10ffff ? 0xfffd : code, out);
    }
    out[0] = c;
    return 1;
}

/* Bytes of a literal. The text ends at its first NUL, whatever follows. */
static fps_status add_text(lexer *now, const char *bytes, size_t size)
{
    if (now->unknown || now->wide || now->ended || !size)
        return FPS_OK;
    if (now->open_part == SIZE_MAX) {
        char mark = FPS__LEX_TEXT;
        fps_status status = add_bytes(now, &mark, 1);
        now->open_part = now->parts.count;
        if (!status)
            status = add_bytes(now, "", 1);
        if (status || now->unfit)
            return status;
    }
    now->parts.count--; /* the NUL goes behind the new bytes */
    fps_status status = add_bytes(now, bytes, size);
    return status ? status : add_bytes(now, "", 1);
}

static fps_status read_raw(lexer *now, size_t at)
{
    const char *open = memchr(now->text + at, '(', now->size - at < 17 ? now->size - at : 17);
    open = now->look_ahead < MAX_CALL ? NULL : open; /* too many that have no end */
    size_t mark = open ? (size_t)(open - now->text) - at : 0, start = at + mark + 1, end = start;
    for (; open; end++) {
        const char *close = end < now->size ? memchr(now->text + end, ')', now->size - end) : NULL;
        if (!close) {
            open = NULL;
            break;
        }
        end = (size_t)(close - now->text);
        if (!memcmp(close + 1, now->text + at, mark) && close[1 + mark] == '"')
            break;
    }
    size_t looked = open ? 0 : now->size - at;
    now->look_ahead -= looked < now->look_ahead ? looked : now->look_ahead;
    now->at = open ? end + mark + 2 : at;
    return open ? add_text(now, now->text + start, end - start) : FPS_OK;
}

/* The string that begins with the quote at text[at]. `prefix` stands in front of it. */
static fps_status read_string(lexer *now, size_t at, fps__span prefix)
{
    fps_status status = open_run(now);
    if (prefix.size && prefix.data[0] != 'R' && !(prefix.size >= 2 && prefix.data[1] == '8'))
        now->wide = true;
    if (!status && prefix.size && prefix.data[prefix.size - 1] == 'R')
        return read_raw(now, at + 1);
    at++;
    while (!status && at < now->size && now->text[at] != '"' && now->text[at] != '\n') {
        size_t start = at;
        while (at < now->size && now->text[at] != '"' && now->text[at] != '\n' && now->text[at] != '\\')
            at++;
        status = add_text(now, now->text + start, at - start);
        if (!status && at < now->size && now->text[at] == '\\') {
            char bytes[4];
            at++;
            size_t size = read_escape(now, &at, bytes);
            if (size == 1 && !bytes[0])
                now->ended = true;
            status = add_text(now, bytes, size);
        }
    }
    now->at = at < now->size && now->text[at] == '"' ? at + 1 : at;
    return status;
}

/* ---- parentheses ---- */

/* Where the comment at text[at] ends; `at` when there is none. */
static size_t skip_comment(const lexer *now, size_t at)
{
    if (now->text[at] != '/')
        return at;
    if (now->text[at + 1] == '/') {
        const char *end = memchr(now->text + at, '\n', now->size - at);
        return end ? (size_t)(end - now->text) : now->size;
    }
    if (now->text[at + 1] != '*')
        return at;
    const char *end = memmem(now->text + at + 2, now->size - at - 2, "*/", 2);
    return end ? (size_t)(end - now->text) + 2 : now->size;
}

/* Where the string or character at text[at] ends: behind its quote, or before the end of its line. */
static size_t skip_quoted(const lexer *now, size_t at)
{
    char quote = now->text[at++];
    while (at < now->size && now->text[at] != quote && now->text[at] != '\n')
        at += now->text[at] == '\\' && at + 1 < now->size ? 2 : 1;
    return at < now->size && now->text[at] == quote ? at + 1 : at;
}

/* Looks at the arguments of the call whose "(" is at text[at]. Gives where the call ends, 0 when it does not within
 * `most` bytes. */
static size_t read_call(lexer *now, size_t at, size_t most, fps__span arguments[MAX_ARGUMENTS],
                        unsigned *count)
{
    size_t limit = now->size - at < most ? now->size : at + most, start = at + 1, from = at, found = 0;
    int depth = 0;
    *count = 0;
    while (at < limit && !found) {
        char c = now->text[at];
        size_t next = skip_comment(now, at);
        if (next == at && (c == '"' || c == '\''))
            next = skip_quoted(now, at);
        depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
        if (next == at && ((c == ',' && depth == 1) || (c == ')' && !depth))) {
            if (*count < MAX_ARGUMENTS)
                arguments[(*count)++] = (fps__span){(const uint8_t *)now->text + start, at - start};
            start = at + 1;
            found = c == ')' ? at + 1 : 0;
        }
        if (depth <= 0 && !found)
            break;
        if (c == '\n' && now->directive)
            break;
        at = next > at ? next : at + 1;
    }
    now->look_ahead -= at - from < now->look_ahead ? at - from : now->look_ahead;
    return found;
}

static fps__span trim(fps__span text)
{
    while (text.size && (is_blank((char)text.data[0]) || text.data[0] == '\n'))
        text = (fps__span){text.data + 1, text.size - 1};
    while (text.size && (is_blank((char)text.data[text.size - 1]) || text.data[text.size - 1] == '\n'))
        text.size--;
    return text;
}

/* True for one name or number. */
static bool is_word(fps__span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_name((char)text.data[i]) && (text.data[i] != '.' || !is_digit((char)text.data[0])))
            return false;
    return text.size > 0;
}

static size_t skip_blanks(const lexer *now, size_t at, bool lines)
{
    for (;;) {
        while (at < now->size && (is_blank(now->text[at]) || (lines && now->text[at] == '\n')))
            at++;
        size_t next = at < now->size && now->text[at + 1] == '*' ? skip_comment(now, at) : at;
        if (next == at)
            return at;
        at = next;
    }
}

/* The text that "#" makes of an argument (C11, 6.10.3.2): one blank for each space, quotes and backslashes in strings
 * escaped. False when it does not fit. */
static bool stringify(fps__span argument, char *out, size_t room, size_t *size)
{
    size_t used = 0;
    char quote = 0;
    argument = trim(argument);
    for (size_t i = 0; i < argument.size; i++) {
        char c = (char)argument.data[i];
        if (used + 4 > room)
            return false;
        if (!quote && (is_blank(c) || c == '\n')) {
            if (out[used - 1] != ' ')
                out[used++] = ' ';
            continue;
        }
        if (!quote && c == '/' && i + 1 < argument.size &&
            (argument.data[i + 1] == '*' || argument.data[i + 1] == '/'))
            return false; /* a comment: rare, and not worth a reader */
        if (quote && (c == '"' || c == '\\'))
            out[used++] = '\\';
        else if (!quote && c == '"')
            out[used++] = '\\';
        out[used++] = c;
        if (quote && c == '\\' && i + 1 < argument.size) {
            c = (char)argument.data[++i];
            if (c == '"' || c == '\\')
                out[used++] = '\\';
            out[used++] = c;
        } else if (quote && c == quote) {
            quote = 0;
        } else if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        }
    }
    *size = used;
    return true;
}

/* Gives what a macro might make of the arguments of the call at text[at]. */
static fps_status give_arguments(lexer *now, fps__span name, size_t at)
{
    fps__span arguments[MAX_ARGUMENTS];
    unsigned count;
    if (now->look_ahead < MAX_CALL || !read_call(now, at, MAX_CALL, arguments, &count))
        return FPS_OK;
    fps_status status = FPS_OK;
    for (unsigned i = 0; i < count && !status; i++) {
        char text[MAX_CALL];
        fps__lex_event event = {.kind = FPS__LEX_INVOKE,
                                .name = (const char *)name.data,
                                .name_size = name.size,
                                .text = text,
                                .index = i};
        if (stringify(arguments[i], text, sizeof text, &event.size) && event.size)
            status = now->callback(now->user, &event);
    }
    return status;
}

/* ---- identifiers ---- */

/* Macros with arguments that are worth a look: by habit they are written in capitals, or assert something. */
static bool may_be_macro(fps__span name)
{
    return name.size >= 3 && (is_upper(name) || memmem(name.data, name.size, "assert", 6) ||
                              memmem(name.data, name.size, "Assert", 6));
}

static int parameter_index(const lexer *now, fps__span name)
{
    for (unsigned i = 0; now->define && i < now->parameter_count; i++)
        if (now->parameters[i].size == name.size && !memcmp(now->parameters[i].data, name.data, name.size))
            return (int)i;
    return -1;
}

static fps_status add_call(lexer *now, fps__span name, fps__span argument)
{
    char digits[2] = {FPS__LEX_PARAMETER, 0};
    int parameter = parameter_index(now, argument);
    fps_status status = add_part(now, FPS__LEX_CALL, name.data, name.size);
    if (parameter >= 0) {
        digits[1] = (char)('0' + parameter);
        argument = (fps__span){(const uint8_t *)digits, 2};
    }
    if (!status && !now->ended)
        status = add_bytes(now, argument.data, argument.size);
    return status || now->ended ? status : add_bytes(now, "", 1);
}

/* An identifier behind an open literal, text[start..at): part of it, or its end. */
static fps_status paste_name(lexer *now, fps__span name, size_t start)
{
    bool apart = memchr(now->text + now->last_end, '\n', start - now->last_end) != NULL;
    if (apart && !is_upper(name))
        return close_run(now, false);
    if (start == now->last_end && (name.data[0] == '_' || (name.data[0] == 's' && name.size <= 2)))
        return FPS_OK; /* a suffix of C++ */
    size_t open = skip_blanks(now, now->at, true);
    if (open < now->size && now->text[open] == '(') {
        fps__span arguments[MAX_ARGUMENTS];
        unsigned count = 0;
        size_t end = now->look_ahead < MAX_CALL ? 0 : read_call(now, open, MAX_CALL, arguments, &count);
        if (!end || count != 1 || !is_word(trim(arguments[0]))) {
            now->unknown = true;
            return FPS_OK;
        }
        now->at = end;
        return add_call(now, name, trim(arguments[0]));
    }
    if (parameter_index(now, name) >= 0)
        now->unknown = true;
    return add_part(now, FPS__LEX_MACRO, name.data, name.size);
}

/* Behind asm, static_assert and the like: goes to the end of their parentheses. True when it did. */
static bool skip_compiler_words(lexer *now, fps__span name)
{
    size_t at = skip_blanks(now, now->at, true);
    if (!is_one_of(name, compiler_words))
        return false;
    while (at < now->size && is_letter(now->text[at])) { /* asm volatile ( */
        while (at < now->size && is_name(now->text[at]))
            at++;
        at = skip_blanks(now, at, true);
    }
    fps__span arguments[MAX_ARGUMENTS];
    unsigned count;
    if (at >= now->size || now->text[at] != '(' || now->look_ahead < MAX_CALL)
        return false;
    size_t end = read_call(now, at, now->size, arguments, &count);
    if (end)
        now->at = end;
    return end != 0;
}

static fps_status note_name(lexer *now, fps__span name)
{
    static const char *const hidden[] = {"static", "inline", "__inline", "__inline__", NULL};
    static const char *const outer[] = {"extern", "namespace", NULL};
    now->is_static |= is_one_of(name, hidden);
    now->transparent |= is_one_of(name, outer);
    size_t open = skip_blanks(now, now->at, true);
    if (open >= now->size || now->text[open] != '(')
        return FPS_OK;
    fps_status status = FPS_OK;
    if (!now->directive && is_function_name(name)) {
        fps__lex_event event = {
            .kind = FPS__LEX_DECLARED, .name = (const char *)name.data, .name_size = name.size};
        status = now->callback(now->user, &event);
    }
    if (!status && !now->directive && may_be_macro(name))
        status = give_arguments(now, name, open);
    return status;
}

static bool is_string_prefix(fps__span name)
{
    static const char *const prefixes[] = {"L", "u", "U", "u8", "R", "LR", "uR", "UR", "u8R", NULL};
    return is_one_of(name, prefixes);
}

static void end_token(lexer *now, fps__span name, bool call)
{
    now->last_name = name;
    now->last_call = call;
    now->last_end = now->at;
    now->fresh_body = false;
}

static fps_status read_name(lexer *now)
{
    size_t start = now->at;
    while (now->at < now->size && is_name(now->text[now->at]))
        now->at++;
    fps__span name = {(const uint8_t *)now->text + start, now->at - start};
    if (now->text[now->at] == '"' && now->at < now->size && is_string_prefix(name)) {
        fps_status status = read_string(now, now->at, name);
        end_token(now, (fps__span){NULL, 0}, false);
        return status;
    }
    bool was_open = now->open;
    fps_status status = was_open ? paste_name(now, name, start) : FPS_OK;
    if (status || (was_open && now->open)) {
        end_token(now, (fps__span){NULL, 0}, false);
        return status;
    }
    if (skip_compiler_words(now, name)) {
        end_token(now, (fps__span){NULL, 0}, false);
        return FPS_OK;
    }
    status = note_name(now, name);
    end_token(now, name, false);
    return status;
}

/* ---- directives ---- */

static fps__span read_word(lexer *now)
{
    size_t start = now->at = skip_blanks(now, now->at, false);
    while (now->at < now->size && is_name(now->text[now->at]))
        now->at++;
    return (fps__span){(const uint8_t *)now->text + start, now->at - start};
}

/* To the end of the line, over comments. */
static void skip_line(lexer *now)
{
    while (now->at < now->size && now->text[now->at] != '\n') {
        size_t next = skip_comment(now, now->at);
        now->at = next > now->at ? next : now->at + 1;
    }
}

/* A body that is no text itself: a number or a name, a cast, nothing at all, or another macro with the same argument. */
static fps_status define_plain(lexer *now)
{
    size_t end = now->at;
    while (end < now->size && now->text[end] != '\n' && skip_comment(now, end) == end)
        end++;
    fps__span body = trim((fps__span){(const uint8_t *)now->text + now->at, end - now->at});
    fps_status status = FPS_OK;
    drop_run(now);
    if (!now->define_call && is_word(body))
        status = add_part(now, is_digit((char)body.data[0]) ? FPS__LEX_TEXT : FPS__LEX_MACRO, body.data,
                          body.size);
    else if (!now->define_call && body.size &&
             (body.data[0] != '(' || body.data[body.size - 1] != ')' || memchr(body.data, '"', body.size)))
        return FPS_OK;
    if (now->define_call) {
        size_t name = 0;
        while (name < body.size && is_name((char)body.data[name]))
            name++;
        fps__span rest = trim((fps__span){body.data + name, body.size - name});
        if (!name || rest.size < 3 || rest.data[0] != '(' || rest.data[rest.size - 1] != ')')
            return FPS_OK;
        rest = trim((fps__span){rest.data + 1, rest.size - 2});
        if (parameter_index(now, rest) < 0)
            return FPS_OK;
        status = add_call(now, (fps__span){body.data, name}, rest);
    }
    if (!status && !now->unfit)
        status = emit_define(now);
    drop_run(now);
    return status;
}

static fps_status read_define(lexer *now)
{
    now->macro = read_word(now);
    now->parameter_count = 0;
    now->define = now->macro.size > 0;
    now->define_call = now->at < now->size && now->text[now->at] == '(';
    if (now->define_call) {
        now->at++;
        for (;;) {
            fps__span name = read_word(now);
            now->at = skip_blanks(now, now->at, false);
            if (name.size && now->parameter_count < MAX_PARAMETERS)
                now->parameters[now->parameter_count++] = name;
            if (now->at >= now->size || now->text[now->at] == '\n')
                break;
            if (now->text[now->at++] == ')')
                break;
        }
    }
    fps_status status = now->define ? define_plain(now) : FPS_OK;
    now->fresh_body = true;
    return status;
}

static fps_status read_directive(lexer *now)
{
    static const char *const define[] = {"define", NULL};
    fps_status status = close_run(now, false);
    now->directive = true;
    now->at++;
    if (status)
        return status;
    fps__span word = read_word(now);
    if (is_one_of(word, define))
        status = read_define(now);
    else
        skip_line(now);
    end_token(now, (fps__span){NULL, 0}, false);
    now->fresh_body = now->define;
    return status;
}

/* "#name" in the body of a macro. True when it was one. */
static bool read_stringification(lexer *now, fps_status *status)
{
    size_t start = now->at + 1;
    if (!now->define_call || !now->define || (now->at && now->text[now->at - 1] == '#') ||
        now->text[start] == '#')
        return false;
    size_t at = skip_blanks(now, start, false), end = at;
    while (end < now->size && is_name(now->text[end]))
        end++;
    int index = parameter_index(now, (fps__span){(const uint8_t *)now->text + at, end - at});
    if (index < 0)
        return false;
    char digit = (char)('0' + index);
    *status = open_run(now);
    if (!*status)
        *status = add_part(now, FPS__LEX_PARAMETER, &digit, 1);
    now->at = end;
    end_token(now, (fps__span){NULL, 0}, false);
    return true;
}

/* ---- punctuation ---- */

static fps_status open_brace(lexer *now)
{
    fps_status status = FPS_OK;
    if (now->at == 0 || now->text[now->at - 1] == '\n')
        now->depth = 0; /* branches of #if may have opened one twice: column 0 is where functions begin */
    if (!now->depth && now->candidate_closed && !now->is_static && is_function_name(now->candidate)) {
        fps__lex_event event = {.kind = FPS__LEX_DEFINED,
                                .name = (const char *)now->candidate.data,
                                .name_size = now->candidate.size};
        status = now->callback(now->user, &event);
    }
    if (now->depth || !now->transparent || now->candidate_closed)
        now->depth++;
    now->parentheses = 0;
    now->candidate_closed = now->transparent = false;
    return status;
}

static void reset_declaration(lexer *now)
{
    now->candidate = (fps__span){NULL, 0};
    now->candidate_closed = now->is_static = now->transparent = false;
    now->parentheses = 0;
}

static fps_status note_punctuation(lexer *now, char c)
{
    switch (c) {
    case '(':
        if (!now->depth && !now->parentheses && now->last_name.size && !is_upper(now->last_name)) {
            now->candidate = now->last_name;
            now->candidate_closed = false;
        }
        now->parentheses++;
        break;
    case ')':
        if (now->parentheses && !--now->parentheses && now->candidate.size)
            now->candidate_closed = true;
        break;
    case '{':
        return open_brace(now);
    case '}':
        if (now->depth)
            now->depth = now->text[now->at ? now->at - 1 : 0] == '\n' ? 0 : now->depth - 1;
        if (!now->depth)
            reset_declaration(now);
        break;
    case ';':
    case '=':
        if (!now->depth && !now->parentheses)
            reset_declaration(now);
        break;
    default:
        break;
    }
    return FPS_OK;
}

static fps_status read_punctuation(lexer *now)
{
    char c = now->text[now->at];
    bool call = false;
    fps_status status = close_run(now, false);
    if (c == '(') {
        bool of_call = now->last_name.size && !is_one_of(now->last_name, statement_words);
        now->calls = now->calls << 1 | of_call;
    } else if (c == ')') {
        call = now->calls & 1;
        now->calls >>= 1;
    }
    if (!status && !now->directive)
        status = note_punctuation(now, c);
    now->at++;
    end_token(now, (fps__span){NULL, 0}, call);
    return status;
}

static void read_number(lexer *now)
{
    while (now->at < now->size && (is_name(now->text[now->at]) || now->text[now->at] == '.' ||
                                   (now->text[now->at] == '\'' && is_name(now->text[now->at + 1]))))
        now->at++;
}

/* A character constant; an apostrophe that opens none, as in the text of #if 0, is passed over. */
static void read_character(lexer *now)
{
    enum { LONGEST = 10 };
    size_t end = skip_quoted(now, now->at);
    bool closed = end > now->at + 1 && now->text[end - 1] == '\'' && end - now->at <= LONGEST + 2;
    now->at = closed ? end : now->at + 1;
}

static fps_status end_line(lexer *now)
{
    fps_status status = FPS_OK;
    if (now->directive) {
        status = close_run(now, true);
        now->directive = now->define = now->define_call = false;
        now->last_name = (fps__span){NULL, 0};
        now->last_call = false;
    }
    now->at++;
    return status;
}

/* True when only blanks stand before text[at] on its line. */
static bool begins_line(const lexer *now)
{
    size_t at = now->at;
    while (at && is_blank(now->text[at - 1]))
        at--;
    return !at || now->text[at - 1] == '\n';
}

static fps_status step(lexer *now)
{
    char c = now->text[now->at];
    fps_status status = FPS_OK;
    size_t behind = skip_comment(now, now->at);
    if (behind > now->at) {
        now->at = behind;
        return FPS_OK;
    }
    if (c == '\n')
        return end_line(now);
    if (is_blank(c)) {
        now->at++;
        return FPS_OK;
    }
    if (c == '"') {
        status = read_string(now, now->at, (fps__span){NULL, 0});
        end_token(now, (fps__span){NULL, 0}, false);
        return status;
    }
    if (is_letter(c))
        return read_name(now);
    if (c == '#' && now->directive && read_stringification(now, &status))
        return status;
    if (c == '#' && !now->directive && begins_line(now))
        return read_directive(now);
    if (c != '\'' && !is_digit(c))
        return read_punctuation(now);
    status = close_run(now, false);
    if (c == '\'')
        read_character(now);
    else
        read_number(now);
    end_token(now, (fps__span){NULL, 0}, false);
    return status;
}

/* A copy without carriage returns and continued lines, with NULs behind it, so that a look at the next bytes needs no
 * check. */
static char *copy_source(fps__span source, size_t *size)
{
    enum { PADDING = 16 };
    char *copy = malloc(source.size + PADDING);
    size_t used = 0;
    for (size_t i = 0; copy && i < source.size; i++) {
        uint8_t c = source.data[i], next = i + 1 < source.size ? source.data[i + 1] : 0;
        bool line = next == '\n' || (next == '\r' && i + 2 < source.size && source.data[i + 2] == '\n');
        if (c == '\r' && next == '\n')
            continue;
        if (c == '\\' && line)
            i += next == '\r' ? 2 : 1;
        else
            copy[used++] = c ? (char)c : '\x01'; /* NULs end the parts of a text */
    }
    if (copy)
        memset(copy + used, 0, PADDING);
    *size = used;
    return copy;
}

fps_status fps__lex_source(fps__span source, fps__lex_callback callback, void *user)
{
    lexer now = {.callback = callback, .user = user, .open_part = SIZE_MAX};
    char *copy = copy_source(source, &now.size);
    if (!copy)
        return FPS_ERROR_MEMORY;
    now.text = copy;
    now.look_ahead = now.size * LOOK_AHEAD + MAX_CALL;
    fps_status status = FPS_OK;
    while (now.at < now.size && !status)
        status = step(&now);
    if (!status)
        status = close_run(&now, true);
    free(now.parts.items);
    free(copy);
    return status;
}

fps_status fps__lex_exports(fps__span source, fps__lex_callback callback, void *user)
{
    lexer now = {.callback = callback, .user = user};
    char *copy = copy_source(source, &now.size);
    if (!copy)
        return FPS_ERROR_MEMORY;
    now.text = copy;
    fps_status status = FPS_OK;
    while (now.at < now.size && !status) {
        size_t start = now.at, next = skip_comment(&now, start);
        if (next > start)
            now.at = next;
        else if (copy[start] == '#' && begins_line(&now))
            skip_line(&now);
        else if (copy[start] == '"')
            now.at = skip_quoted(&now, start);
        else if (is_name(copy[start])) {
            while (now.at < now.size && is_name(copy[now.at]))
                now.at++;
            fps__lex_event event = {
                .kind = FPS__LEX_DECLARED, .name = copy + start, .name_size = now.at - start};
            fps__span name = {(const uint8_t *)copy + start, event.name_size};
            if (is_letter(copy[start]) && is_function_name(name))
                status = callback(user, &event);
        } else
            now.at++;
    }
    free(copy);
    return status;
}
