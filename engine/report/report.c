/* The formats that a result can be written in, and how a document is written. */
#include "report/report_format.h"
#include "util/error.h"

#include <fpscan/names.h>
#include <stdio.h>
#include <string.h>

static const fps_report_format *const formats[] = {
    &fps__report_table,
    &fps__report_json,
    &fps__report_csv,
    &fps__report_markdown,
    &fps__report_html,
    &fps__report_cyclonedx[0],
    &fps__report_cyclonedx[1],
    &fps__report_cyclonedx[2],
    &fps__report_cyclonedx[3],
    &fps__report_cyclonedx_xml[0],
    &fps__report_cyclonedx_xml[1],
    &fps__report_cyclonedx_xml[2],
    &fps__report_cyclonedx_xml[3],
    &fps__report_spdx,
    &fps__report_spdx3,
    &fps__report_spdx_tags,
    &fps__report_sarif,
    &fps__report_github,
    &fps__report_gitlab,
    &fps__report_junit,
    &fps__report_purls,
    &fps__report_openvex,
};
enum { FORMATS = sizeof formats / sizeof *formats };

size_t fps_report_format_count(void)
{
    return FORMATS;
}

const fps_report_format *fps_report_format_entry(size_t index)
{
    return index < FORMATS ? formats[index] : NULL;
}

const char *fps_report_format_name(const fps_report_format *format)
{
    return format->name;
}

const char *fps_report_format_version(const fps_report_format *format)
{
    return format->version;
}

const char *fps_report_evidence_name(fps_report_evidence evidence)
{
    static const char *const names[] = {"some", "all", "none"};
    return (unsigned)evidence < sizeof names / sizeof *names ? names[evidence] : NULL;
}

static bool is_called(const char *name, const char *text, size_t length)
{
    return name && strlen(name) == length && memcmp(name, text, length) == 0;
}

static void add_word(char *list, size_t size, const char *word)
{
    size_t used = strlen(list);
    snprintf(list + used, size - used, "%s%s", used ? ", " : "", word);
}

static fps_status fail_unknown(const char *name, const char *list, fps_error *error)
{
    fps_names *names = NULL;
    const char *nearest = NULL;
    if (fps_names_create(&names, NULL) == FPS_OK) {
        for (size_t i = 0; i < FORMATS; i++)
            if (fps_names_add(names, formats[i]->name, NULL) || fps_names_add(names, formats[i]->alias, NULL))
                break;
        nearest = fps_names_nearest(names, name);
    }
    fps_status status =
        fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "unknown format '%.40s'%s%s%s there are: %s",
                  name, nearest ? ": did you mean " : ";", nearest ? nearest : "", nearest ? "?" : "", list);
    fps_names_free(names);
    return status;
}

fps_status fps_report_format_find(const char *name, const fps_report_format **format, fps_error *error)
{
    size_t length = strcspn(name, "@");
    const char *wanted = name[length] ? name + length + 1 : NULL, *known = NULL;
    char names[256] = "", versions[256] = "";
    for (size_t i = 0; i < FORMATS; i++) {
        const fps_report_format *f = formats[i];
        if (!i || strcmp(f->name, formats[i - 1]->name) != 0)
            add_word(names, sizeof names, f->name);
        if (!is_called(f->name, name, length) && !is_called(f->alias, name, length))
            continue;
        known = f->name;
        if (f->version[0])
            add_word(versions, sizeof versions, f->version);
        if (wanted && (!f->version[0] || strcmp(f->version, wanted) != 0))
            continue;
        *format = f;
        return FPS_OK;
    }
    if (known)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                         "format %s has no version '%.40s'; there is: %s", known, wanted,
                         versions[0] ? versions : "none");
    return fail_unknown(name, names, error);
}

fps_status fps__report_run(fps__view *view, fps__writer put, fps_write_callback write, void *user,
                           fps_error *error)
{
    static const fps_report_options defaults = {.timestamp = -1};
    fps__output out;
    fps__package_links links;
    fps_status status;
    fps__output_start(&out, write, user);
    view->options = view->options ? view->options : &defaults;
    view->states = view->options->states ? view->options->states : view->states;
    view->links = &links;
    if (fps__package_links_make(&links, view)) {
        put(view, &out);
        status = fps__output_finish(&out, error);
    } else {
        status = fps__fail_memory(error);
    }
    fps__package_links_free(&links);
    return status;
}

fps_status fps_report_write(const fps_result *result, const fps_report_format *format,
                            const fps_report_options *options, fps_write_callback write, void *user,
                            fps_error *error)
{
    fps__view view = {.result = result, .options = options, .states = format->states, .format = format};
    return fps__report_run(&view, format->write, write, user, error);
}

size_t fps_report_printable(const char *text, size_t size)
{
    return fps__printable(text, size);
}
