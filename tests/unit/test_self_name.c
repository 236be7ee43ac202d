/* Components that name themselves: each kind of text, as it stands in a real file, and texts that are nearly such. */
#include "match/self_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_TEXTS = 2 };

typedef struct row {
    const char *texts[MOST_TEXTS]; /* the literals of an object */
    const char *id, *version;      /* what they say; NULL: nothing */
} row;

#define BITCODE "Invalid bitcode signature"
#define TRACE   "V8.GC_MC_EVACUATE"
#define JAVA    "java.vm.specification.name"

static const row rows[] = {
    {{"Linux version 6.1.0-41-cloud-amd64 (builder@host) (gcc-12 12.2.0) #1 SMP Debian 6.1.158-1 (2025-11-09)"},
     "linux",
     "6.1.158"},
    {{"vermagic=6.1.0-41-amd64 SMP preempt mod_unload modversions ", "intree=Y"}, "linux", "6.1.0-41-amd64"},
    {{"vermagic=6.1.0-41-amd64 SMP preempt mod_unload modversions "}, NULL, NULL},
    {{"U-Boot SPL 2023.01+dfsg-2 (Jan 01 2023 - 00:00:00 +0000)"}, "u-boot", "2023.01"},
    {{"*** Booting Zephyr OS build v3.4.0 ***"}, "zephyr", "3.4.0"},
    {{JAVA,
      "OpenJDK 64-Bit Server VM (17.0.15+6-Debian-1deb12u1) for linux-amd64 JRE (17.0.15+6-Debian-1deb12u1), built on"},
     "openjdk",
     "17.0.15+6"},
    {{JAVA,
      "OpenJDK 64-Bit Server VM (25.0.3+9-LTS) for linux-amd64 JRE (25.0.3+9-LTS), built on 2026-04-21"},
     "openjdk",
     "25.0.3+9"},
    {{JAVA, "OpenJDK 64-Bit Server VM (25.382-b05) for linux-amd64 JRE (1.8.0_382-b05), built on"},
     "openjdk",
     "1.8.0_382-b05"},
    {{JAVA, "OpenJDK 64-Bit Server VM (build 17)"}, NULL, NULL},
    {{"OpenJDK 64-Bit Server VM (25.0.3+9-LTS) for linux-amd64 JRE (25.0.3+9-LTS), built on 2026-04-21"},
     NULL,
     NULL},
    {{BITCODE, "LLVM14.0.6"}, "llvm", "14.0.6"},
    {{BITCODE, "LLVM17.0.6-rust-1.75.0-stable"}, "llvm", "17.0.6"},
    {{BITCODE, "LLVM version 14.0.6"}, NULL, NULL},
    {{BITCODE, "LLVM0700"}, NULL, NULL},
    {{"LLVM14.0.6"}, NULL, NULL},
    {{TRACE, "14.4.258.23"}, "v8", "14.4.258.23"},
    {{TRACE, "11.3.244.8-node.16"}, "v8", "11.3.244.8-node.16"},
    {{TRACE, "131.0.6778.86"}, NULL, NULL},
    {{TRACE, "1.2.3"}, NULL, NULL},
    {{"14.4.258.23"}, NULL, NULL},
    {{"@(#)Version 8.0.1024.46610 @Commit: 81cabf2857a01351e5ab578947c7403a5b128ad1"}, "dotnet", "8.0.10"},
    {{"BUN_INSPECT_CONNECT_TO", "Bun v1.4.2 (Linux x64)"}, "bun", "1.4.2"},
    {{"BUN_INSPECT_CONNECT_TO", "Bun v1.3.6 (Linux x64 baseline)"}, "bun", "1.3.6"},
    {{"Bun v1.4.2 (Linux x64)"}, NULL, NULL}, /* a note about it */
    {{"BUN_INSPECT_CONNECT_TO", "Bun v1.4.2 is out"}, NULL, NULL},
    {{"@(#)Version 6.0.21.52210 @Commit: 4822e3c3aa77eb82b2fb33c9321f923cf11ddde6"}, "dotnet", "6.0.0"},
    {{"@(#)Version 4.700.22.36301 @Commit: 3e82d2a8ab31ce4bd1e2ba8b8ff1f5dbbcf4d9e0"},
     NULL,
     NULL}, /* .NET Core 3.1 */
    {{"@(#)Version 8.0.1024.46610"}, NULL, NULL},
};

static void each_text_names_its_component(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fps__feature items[MOST_TEXTS] = {{.text = NULL}};
        fps__self_name names[FPS__SELF_NAMES];
        fps__features features = {.items = items};
        for (; features.literal_count < MOST_TEXTS && rows[i].texts[features.literal_count];
             features.literal_count++) {
            fps__feature *item = &items[features.literal_count];
            item->text = rows[i].texts[features.literal_count];
            item->length = (uint32_t)strlen(item->text);
        }
        size_t count = fps__self_names(&features, names);
        print_message("%s\n", rows[i].texts[0]);
        assert_int_equal(count, rows[i].id != NULL);
        if (!count)
            continue;
        assert_string_equal(names[0].id, rows[i].id);
        assert_string_equal(names[0].version, rows[i].version);
    }
}

/* What V8 gives to Node.js is V8's where it stands alone, and both are there where Node.js has a text of its own. */
static void v8_alone_is_no_nodejs(void **state)
{
    (void)state;
    static const char *const texts[] = {TRACE, "14.4.258.23", "NODE_EXTRA_CA_CERTS"};
    for (size_t count = 2; count <= 3; count++) {
        fps__feature items[3] = {{.text = NULL}};
        fps__self_name names[FPS__SELF_NAMES];
        const fps__features features = {.items = items, .literal_count = count};
        for (size_t i = 0; i < count; i++)
            items[i] = (fps__feature){.text = texts[i], .length = (uint32_t)strlen(texts[i])};
        assert_int_equal(fps__self_names(&features, names), 1);
        assert_string_equal(names[0].id, "v8");
        if (count == 3)
            assert_null(names[0].donates);
        else
            assert_string_equal(names[0].donates[0], "nodejs");
    }
}

/* Every text that names its component without another one is sought in images without a header. */
static void a_text_that_needs_no_other_is_found_in_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char bytes[256] = "image";
        size_t size = strlen(bytes) + 1;
        strcpy(bytes + size, rows[i].texts[0]);
        print_message("%s\n", rows[i].texts[0]);
        assert_int_equal(fps__has_self_name((fps__span){(const uint8_t *)bytes, sizeof bytes}),
                         rows[i].id && !rows[i].texts[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_text_names_its_component),
                                       cmocka_unit_test(v8_alone_is_no_nodejs),
                                       cmocka_unit_test(a_text_that_needs_no_other_is_found_in_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
