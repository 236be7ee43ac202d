/* Reads any bytes as a config file, named or found, as an environment variable, and as the arguments of a program, with
 * an option of each kind; the first byte chooses.
 *
 * Reaches: option_read_config, option_read_environment, option_store
 */
#include "common/options.h"
#include "fuzz_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct settings {
    bool quiet;
    unsigned verbose;
    const char *name, *config;
    option_list sets, states;
    uint64_t parallel, memory, timeout;
    double confidence;
};

#define FIELD(member) .offset = offsetof(struct settings, member)

static const option_verb verbs[] = {
    {.name = "scan", .arguments = "TARGET", .help = "scans", .least = 0, .most = 4},
    {.name = "set list", .arguments = "", .help = "lists"},
};

static const option_spec specs[] = {
    {.name = "config",
     .kind = OPTION_TEXT,
     FIELD(config),
     .value = "FILE",
     .help = "x",
     .flags = OPTION_ONLY_COMMAND},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     FIELD(quiet),
     .help = "x",
     .flags = OPTION_HARMLESS},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_COUNT,
     FIELD(verbose),
     .help = "x",
     .flags = OPTION_HARMLESS},
    {.name = "name",
     .letter = 'n',
     .kind = OPTION_TEXT,
     FIELD(name),
     .value = "NAME",
     .help = "x",
     .verbs = 1},
    {.name = "set", .kind = OPTION_LIST, FIELD(sets), .value = "FILE", .help = "x"},
    {.name = "states",
     .kind = OPTION_COMMA_LIST,
     FIELD(states),
     .value = "LIST",
     .choices = "present likely",
     .help = "x"},
    {.name = "parallel", .kind = OPTION_NUMBER, FIELD(parallel), .value = "N", .help = "x", .maximum = 64},
    {.name = "memory",
     .kind = OPTION_SIZE,
     FIELD(memory),
     .value = "SIZE",
     .help = "x",
     .flags = OPTION_HARMLESS},
    {.name = "timeout",
     .kind = OPTION_DURATION,
     FIELD(timeout),
     .value = "TIME",
     .help = "x",
     .flags = OPTION_HARMLESS},
    {.name = "confidence", .kind = OPTION_REAL, FIELD(confidence), .value = "C", .help = "x", .maximum = 1},
};
enum { SPECS = sizeof specs / sizeof *specs, MAX_ARGUMENTS = 16 };

static const char *version(void)
{
    return "1";
}

static const int exits[] = {0, -1};

static void parse(const char *found, int argc, char **argv)
{
    const option_program program = {.name = "fuzz",
                                    .summary = "x",
                                    .version = version,
                                    .description = "x",
                                    .verbs = verbs,
                                    .verb_count = 2,
                                    .default_verb = 0,
                                    .specs = specs,
                                    .spec_count = SPECS,
                                    .prefix = "FPSFUZZ",
                                    .config = found,
                                    .exits = exits};
    struct settings s = {.memory = 1};
    option_result result;
    option_status status = option_parse(&program, argc, argv, &s, &result);
    if (status == OPTION_RUN) {
        /* a file that nobody named sets nothing that is not harmless */
        if (found && result.config &&
            (s.sets.count || s.states.count || s.name || s.parallel || s.confidence > 0))
            abort();
        if (s.parallel > 64 || !(s.confidence >= 0 && s.confidence <= 1))
            abort();
    }
    option_free(&result);
}

static void parse_arguments(const uint8_t *data, size_t size)
{
    char *argv[MAX_ARGUMENTS + 2] = {(char[]){"fuzz"}}, *text = (char *)fuzz_copy(data, size + 0);
    int argc = 1;
    for (size_t at = 0; at < size && argc <= MAX_ARGUMENTS;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - (text + at)) : size - at;
        argv[argc] = strndup(text + at, length);
        if (strstr(argv[argc], "config")) /* it would read a file that is really there */
            argv[argc][0] = 'x';
        argc++;
        at += length + 1;
    }
    parse(NULL, argc, argv);
    for (int i = 1; i < argc; i++)
        free(argv[i]);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"FPSFUZZ_QUIET",   "FPSFUZZ_VERBOSE", "FPSFUZZ_SET",
                                        "FPSFUZZ_STATES",  "FPSFUZZ_MEMORY",  "FPSFUZZ_TIMEOUT",
                                        "FPSFUZZ_PARALLEL"};
    char path[FUZZ_PATH], *argv[] = {(char[]){"fuzz"}, (char[]){"--config"}, path, NULL};
    if (!size)
        return 0;
    unsigned choice = data[0] % 16u;
    data++;
    size--;
    if (choice < sizeof names / sizeof *names) {
        char *value = strndup((const char *)data, size);
        setenv(names[choice], value, 1);
        parse(NULL, 1, argv);
        unsetenv(names[choice]);
        free(value);
    } else if (choice == 15) {
        parse_arguments(data, size);
    } else {
        int fd = fuzz_memory_file(data, size, path);
        parse(choice & 1 ? path : NULL, choice & 1 ? 1 : 3, argv);
        close(fd);
    }
    return 0;
}
