/* Fields in the format of Debian control files: paragraphs of "Name: value" with continuation lines. */
#include "inventory/control.h"

fps__control_token fps__control_next(fps__span text, size_t *at, fps__span *name, fps__span *value)
{
    fps__span line;
    do {
        if (!fps__line_next(text, at, &line))
            return FPS__CONTROL_END;
    } while (fps__span_starts(line, "#"));
    if (!fps__span_trim(line).size)
        return FPS__CONTROL_BREAK;
    if (line.data[0] == ' ' || line.data[0] == '\t' || !fps__line_split(line, ':', name, value))
        return FPS__CONTROL_DAMAGE;
    while (*at < text.size && (text.data[*at] == ' ' || text.data[*at] == '\t')) {
        fps__line_next(text, at, &line);
        value->size = (size_t)(line.data + line.size - value->data);
    }
    *value = fps__span_trim(*value);
    return FPS__CONTROL_FIELD;
}

bool fps__control_paragraph(fps__span text, size_t *at, const fps__control_field *fields, size_t count,
                            bool *damaged)
{
    for (size_t i = 0; i < count; i++)
        *fields[i].value = (fps__span){NULL, 0};
    for (bool any = false;;) {
        fps__span name, value;
        fps__control_token token = fps__control_next(text, at, &name, &value);
        if (token == FPS__CONTROL_END || (token == FPS__CONTROL_BREAK && any))
            return any;
        *damaged |= token == FPS__CONTROL_DAMAGE;
        for (size_t i = 0; token == FPS__CONTROL_FIELD && i < count; i++)
            if (fps__span_is(name, fields[i].name))
                *fields[i].value = value;
        any |= token == FPS__CONTROL_FIELD;
    }
}
