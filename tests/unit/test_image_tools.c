/* Images made by umoci and skopeo: the same layers from every form. Skipped where the tools are missing. */
#include "image_recipe.h"

#include <sys/wait.h>

enum { FORMS = 6 };
static const struct {
    const char *name;
    fps__image_kind kind;
} forms[FORMS] = {
    {"oci", FPS__IMAGE_OCI_DIRECTORY},         {"oci-zstd", FPS__IMAGE_OCI_DIRECTORY},
    {"oci.tar", FPS__IMAGE_OCI_ARCHIVE},       {"oci.tar.gz", FPS__IMAGE_OCI_ARCHIVE},
    {"docker.tar", FPS__IMAGE_DOCKER_ARCHIVE}, {"docker.tar.gz", FPS__IMAGE_DOCKER_ARCHIVE},
};

/* Runs tests/images/make-images over three layers below `folder`. Its exit status. */
static int make_images(const char *folder)
{
    static const char *const names[] = {"root", "middle", "upper"};
    char command[1024];
    for (size_t i = 0; i < 3; i++) {
        image_files files = {.count = 0};
        char name[64];
        snprintf(name, sizeof name, "%s/etc/%s", names[i], names[i]);
        image_text(&files, name, "a file of layer %zu", i);
        snprintf(name, sizeof name, "%s/bin/app", names[i]);
        image_text(&files, name, "a program of layer %zu", i);
        image_write_directory(&files, folder);
        image_files_free(&files);
    }
    snprintf(command, sizeof command,
             "'%s/../images/make-images' '%s/out' '%s/root' '%s/middle' '%s/upper' >/dev/null",
             or (getenv("FPS_OBJECT_TESTS"), "."), folder, folder, folder, folder);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void every_form_that_tools_write_has_the_same_layers(void **state)
{
    (void)state;
    char folder[TEMPORARY_SIZE], path[TEMPORARY_SIZE + 32], diff_ids[3][DIGEST_TEXT] = {""};
    assert_non_null(mkdtemp(temporary_name(folder, "images")));
    int made = make_images(folder);
    if (made == 77 || made == 127) {
        image_remove_directory(folder);
        print_message("skipped: umoci or skopeo is missing\n");
        skip();
    }
    assert_int_equal(made, 0);
    for (size_t i = 0; i < FORMS; i++) {
        opened o = {.image = NULL};
        snprintf(path, sizeof path, "%s/out/%s", folder, forms[i].name);
        fps__image_options options = {.diagnostic = note, .user = &o.seen};
        assert_int_equal(probe(path), forms[i].kind);
        assert_int_equal(fps__image_open(&o.image, path, FPS__IMAGE_ANY, &options, &o.error), FPS_OK);
        o.info = fps__image_get_info(o.image);
        assert_int_equal(o.info->kind, forms[i].kind);
        assert_int_equal(o.info->layer_count, 3);
        assert_string_equal(o.info->layers[2].created_by, "COPY upper /");
        assert_string_equal(o.seen.codes, "");
        for (uint32_t place = 0; place < 3; place++) {
            uint32_t layer = o.info->order[place];
            fixture_bytes bytes;
            assert_int_equal(read_layer(&o, layer, &bytes), FPS_OK);
            free(bytes.data);
            assert_int_equal(fps__image_layer_verify(o.image, layer, &o.error), FPS_OK);
            if (!i)
                strcpy(diff_ids[layer], o.info->layers[layer].diff_id);
            assert_string_equal(diff_ids[layer], o.info->layers[layer].diff_id);
        }
        fps__image_close(o.image);
    }
    image_remove_directory(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_that_tools_write_has_the_same_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
