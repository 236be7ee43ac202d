/* The source of the small objects whose dumps are golden: exports, imports, versions, weak, hidden and local
 * symbols. */
#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#define IMPORT __declspec(dllimport)
#define WEAK
#define HIDDEN
#define THREAD
#else
#define EXPORT __attribute__((visibility("default")))
#define IMPORT
#define WEAK   __attribute__((weak))
#define HIDDEN __attribute__((visibility("hidden")))
#define THREAD __thread
#endif

IMPORT int sample_imported(const char *text);
IMPORT extern int sample_imported_data;

EXPORT const char sample_banner[] = "sample library 1.2.3, built for its own tests";
EXPORT int sample_counter = 7;
THREAD int sample_per_thread = 1;
static const char *const words[] = {"first literal", "second literal", "third literal"};

HIDDEN int sample_hidden(int value)
{
    return value * 3 + sample_counter;
}

static int __attribute__((noinline)) sample_local(unsigned index)
{
    return sample_imported(words[index % 3]);
}

EXPORT WEAK int sample_weak(void)
{
    return sample_per_thread++;
}

EXPORT int sample_run(unsigned count)
{
    int sum = sample_imported_data;
    for (unsigned i = 0; i < count; i++)
        sum +=
            sample_local(i) + sample_hidden((int)i) + sample_banner[i % sizeof sample_banner] + sample_weak();
    return sum;
}

#if defined(SAMPLE_ENTRY)
EXPORT void SAMPLE_ENTRY(void)
{
    sample_run(3);
}
#endif
