/* JSON documents of an image: read within bounds, checked against their digest, and their descriptors. */
#include "image/image_state.h"
#include "image/tar_index.h"
#include "util/error.h"
#include "util/json_document.h"

#include <openssl/evp.h>
#include <stdlib.h>

static const uint64_t MAX_DOCUMENTS = (uint64_t)256 << 20;

fps_status fps__image_parse_digest(const char *digest, uint8_t hash[32], fps_error *error)
{
    if (strncmp(digest, "sha512:", 7) == 0 || strncmp(digest, "sha384:", 7) == 0)
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX,
                         "digests of the kind %.6s are not supported, only sha256", digest);
    if (!fps__sha256_read(digest, hash))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                         "a digest that is not sha256: and 64 digits");
    return FPS_OK;
}

const char *fps__image_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

const char *fps__image_keep(fps__image *image, const json_t *object, const char *key)
{
    return fps__arena_string(&image->arena, fps__image_text(object, key));
}

fps_status fps__image_parse_descriptor(const json_t *json, fps__descriptor *descriptor, fps_error *error)
{
    const json_t *size = json_object_get(json, "size");
    descriptor->media_type = fps__image_text(json, "mediaType");
    descriptor->digest = fps__image_text(json, "digest");
    fps_status status = fps__image_parse_digest(descriptor->digest, descriptor->hash, error);
    if (status)
        return status;
    if (!json_is_integer(size) || json_integer_value(size) < 0)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "the descriptor of %s has no size",
                         descriptor->digest);
    descriptor->size = (uint64_t)json_integer_value(size);
    return FPS_OK;
}

char *fps__image_blob_name(fps__image *image, const char *digest)
{
    const char *folder = image->info.kind == FPS__IMAGE_DOCKER_DIRECTORY ? "" : "blobs/sha256/";
    size_t length = strlen(folder);
    char *name = fps__arena_alloc(&image->arena, length + FPS__SHA256_DIGITS + 1);
    if (name) {
        memcpy(name, folder, length);
        memcpy(name + length, digest + FPS__SHA256_PREFIX, FPS__SHA256_DIGITS + 1);
    }
    return name;
}

static fps_status compare(const char *name, fps__span document, const uint8_t hash[32],
                          const fps__descriptor *expected, fps_error *error)
{
    char found[FPS__SHA256_TEXT];
    if (document.size != expected->size)
        return fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX,
                         "has %llu bytes, its descriptor says %llu", (unsigned long long)document.size,
                         (unsigned long long)expected->size);
    fps__sha256_write(hash, found);
    if (memcmp(hash, expected->hash, 32) != 0)
        return fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "has digest %s, its descriptor says %s",
                         found, expected->digest);
    return FPS_OK;
}

static fps_status parse(const char *name, fps__span document, json_t **json, fps_error *error)
{
    json_error_t fault;
    *json = fps__json_load(document, JSON_REJECT_DUPLICATES, &fault);
    if (*json)
        return FPS_OK;
    if (fps__json_no_memory(&fault))
        return fps__fail_memory(error);
    uint64_t offset = fault.position > 0 ? (uint64_t)fault.position : 0;
    return fps__fail(error, FPS_ERROR_CORRUPT, name, offset, "is not valid JSON (line %d)", fault.line);
}

fps_status fps__image_read_json(fps__image *image, const char *name, const fps__descriptor *expected,
                                json_t **json, char digest[FPS__SHA256_TEXT], fps_error *error)
{
    fps__span document;
    uint8_t hash[32];
    *json = NULL;
    fps_status status = fps__blobs_read(image->blobs, name, &document, error);
    if (status)
        return status;
    image->document_bytes += document.size;
    if (image->document_bytes > MAX_DOCUMENTS)
        status = fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %llu bytes of JSON documents",
                           (unsigned long long)MAX_DOCUMENTS);
    else if (!EVP_Digest(document.data, document.size, hash, NULL, EVP_sha256(), NULL))
        status = fps__fail_memory(error);
    else if (expected)
        status = compare(name, document, hash, expected, error);
    if (!status)
        status = parse(name, document, json, error);
    if (!status && digest)
        fps__sha256_write(hash, digest);
    free((void *)document.data);
    return status;
}

void fps__image_diagnose(const fps__image *image, fps_diagnostic_level level, const char *code,
                         const char *path, const char *message)
{
    fps_diagnostic diagnostic = {level, code, path, UINT64_MAX, message};
    if (image->options.diagnostic)
        image->options.diagnostic(image->options.user, &diagnostic);
}
