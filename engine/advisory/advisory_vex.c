/* VEX documents that the user names: OpenVEX, CSAF, and the vulnerabilities of CycloneDX. */
#include "advisory/advisory_state.h"

#include "util/error.h"
#include "util/json_document.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_PRODUCT_DEPTH = 32,
    MAX_STATEMENTS = 1000000,
};

typedef struct vex {
    fps__matching *matching;
    const char *path;
    const json_t *root;
    fps_error *error;
    uint64_t left; /* statements that may still be applied */
} vex;

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static json_t *list(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return json_is_array(value) ? value : NULL;
}

/* What a status word says; false where it says nothing yet. */
static bool read_status(const char *word, bool *suppresses)
{
    static const struct {
        const char *word;
        bool suppresses;
    } words[] = {
        {"not_affected", true},           {"fixed", true},           {"affected", false},
        {"known_not_affected", true},     {"first_fixed", true},     {"resolved", true},
        {"false_positive", true},         {"known_affected", false}, {"exploitable", false},
        {"resolved_with_pedigree", true},
    };
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
        if (!strcmp(word, words[i].word)) {
            *suppresses = words[i].suppresses;
            return true;
        }
    return false;
}

static fps_status apply(vex *now, const char *name, const char *product, bool suppresses, const char *reason)
{
    const fps__statement statement = {.name = name,
                                      .product = product,
                                      .suppresses = suppresses,
                                      .kind = FPS_SUPPRESSED_VEX,
                                      .reason = reason,
                                      .path = now->path};
    if (!now->left)
        return fps__fail(now->error, FPS_ERROR_LIMIT, now->path, UINT64_MAX, "more than %d statements",
                         MAX_STATEMENTS);
    now->left--;
    return fps__apply_statement(now->matching, &statement, now->error);
}

/* ---- OpenVEX ---- */

static const char *product_id(const json_t *product)
{
    const char *purl = text(json_object_get(product, "identifiers"), "purl");
    return json_is_string(product) ? json_string_value(product) : purl ? purl : text(product, "@id");
}

/* True for what is no package that a scan finds: images, and products named by other addresses. */
static bool is_whole(const char *id)
{
    return strncmp(id, "pkg:", 4) != 0 || !strncmp(id, "pkg:oci/", 8) || !strncmp(id, "pkg:docker/", 11);
}

static fps_status apply_products(vex *now, const json_t *products, const char *name, bool suppresses,
                                 const char *reason)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(products) && !status; i++) {
        const json_t *product = json_array_get(products, i), *inner = list(product, "subcomponents");
        const char *id = product_id(product);
        for (size_t k = 0; k < json_array_size(inner) && !status; k++) {
            const char *part = product_id(json_array_get(inner, k));
            status = part ? apply(now, name, part, suppresses, reason) : FPS_OK;
        }
        if (!status && id && !json_array_size(inner))
            status = apply(now, name, is_whole(id) ? NULL : id, suppresses, reason);
    }
    return status;
}

static fps_status apply_openvex_statement(vex *now, const json_t *statement)
{
    const json_t *vulnerability = json_object_get(statement, "vulnerability"),
                 *products = list(statement, "products");
    const char *name =
        json_is_string(vulnerability) ? json_string_value(vulnerability) : text(vulnerability, "name");
    const char *justification = text(statement, "justification"), *state = text(statement, "status");
    const char *impact = text(statement, "impact_statement");
    bool suppresses;
    if (!name || !read_status(state, &suppresses))
        return FPS_OK;
    const char *reason = justification ? justification : impact ? impact : state;
    return json_array_size(products) ? apply_products(now, products, name, suppresses, reason)
                                     : apply(now, name, NULL, suppresses, reason);
}

/* A statement with the time that it was made at; the document's where it has none. */
typedef struct timed {
    const char *time;
    size_t index;
    const json_t *value;
} timed;

static int compare_times(const void *a, const void *b)
{
    const timed *first = a, *second = b;
    int order = strcmp(first->time, second->time);
    return order ? order : (first->index > second->index) - (first->index < second->index);
}

static fps_status apply_openvex(vex *now)
{
    const json_t *statements = list(now->root, "statements");
    const char *time = text(now->root, "timestamp");
    size_t count = json_array_size(statements);
    timed *all = calloc(count + 1, sizeof *all);
    fps_status status = all ? FPS_OK : fps__fail_memory(now->error);
    for (size_t i = 0; i < count && !status; i++) {
        const char *own = text(json_array_get(statements, i), "timestamp");
        all[i] = (timed){own ? own : time ? time : "", i, json_array_get(statements, i)};
    }
    if (!status)
        qsort(all, count, sizeof *all, compare_times);
    for (size_t i = 0; i < count && !status; i++)
        status = apply_openvex_statement(now, all[i].value);
    free(all);
    return status;
}

/* ---- CSAF ---- */

/* The package URL, or the CPE name, of a product id in a branch and those below. */
static const char *find_product(const json_t *branches, const char *id, unsigned depth)
{
    const char *found = NULL;
    for (size_t i = 0; i < json_array_size(branches) && !found && depth < MAX_PRODUCT_DEPTH; i++) {
        const json_t *branch = json_array_get(branches, i), *product = json_object_get(branch, "product");
        const json_t *helper = json_object_get(product ? product : branch, "product_identification_helper");
        const char *own = text(product ? product : branch, "product_id");
        if (own && !strcmp(own, id))
            found = text(helper, "purl") ? text(helper, "purl") : text(helper, "cpe");
        if (!found)
            found = find_product(list(branch, "branches"), id, depth + 1);
    }
    return found;
}

/* A relationship stands for the product that it puts onto a platform. */
static const char *resolve_product(const vex *now, const char *id)
{
    const json_t *tree = json_object_get(now->root, "product_tree"), *relations = list(tree, "relationships");
    for (size_t i = 0; i < json_array_size(relations); i++) {
        const json_t *relation = json_array_get(relations, i);
        const char *own = text(json_object_get(relation, "full_product_name"), "product_id"),
                   *inner = text(relation, "product_reference");
        if (own && inner && !strcmp(own, id)) {
            id = inner;
            break;
        }
    }
    const char *found = find_product(list(tree, "branches"), id, 0);
    return found ? found : find_product(list(tree, "full_product_names"), id, 0);
}

static fps_status apply_csaf(vex *now)
{
    const json_t *vulnerabilities = list(now->root, "vulnerabilities");
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(vulnerabilities) && !status; i++) {
        const json_t *vulnerability = json_array_get(vulnerabilities, i);
        const char *name = text(vulnerability, "cve"), *word;
        const char *flag = text(json_array_get(list(vulnerability, "flags"), 0), "label");
        json_t *ids;
        json_object_foreach(json_object_get(vulnerability, "product_status"), word, ids)
        {
            bool suppresses;
            for (size_t k = 0; name && read_status(word, &suppresses) && k < json_array_size(ids) && !status;
                 k++) {
                const char *id = json_string_value(json_array_get(ids, k)),
                           *product = id ? resolve_product(now, id) : NULL;
                status = product ? apply(now, name, product, suppresses, flag ? flag : word) : FPS_OK;
            }
        }
    }
    return status;
}

/* ---- CycloneDX ---- */

/* The package URL or CPE name of a component of the document by its reference. */
static const char *find_reference(const json_t *components, const char *reference, unsigned depth)
{
    const char *found = NULL;
    for (size_t i = 0; i < json_array_size(components) && !found && depth < MAX_PRODUCT_DEPTH; i++) {
        const json_t *component = json_array_get(components, i);
        const char *own = text(component, "bom-ref");
        if (own && !strcmp(own, reference))
            found = text(component, "purl") ? text(component, "purl") : text(component, "cpe");
        if (!found)
            found = find_reference(list(component, "components"), reference, depth + 1);
    }
    return found;
}

static fps_status apply_cyclonedx(vex *now)
{
    const json_t *vulnerabilities = list(now->root, "vulnerabilities"),
                 *components = list(now->root, "components");
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(vulnerabilities) && !status; i++) {
        const json_t *vulnerability = json_array_get(vulnerabilities, i),
                     *analysis = json_object_get(vulnerability, "analysis");
        const json_t *affects = list(vulnerability, "affects");
        const char *name = text(vulnerability, "id"), *reason = text(analysis, "justification");
        bool suppresses;
        if (!name || !read_status(text(analysis, "state"), &suppresses))
            continue;
        reason = reason ? reason : text(analysis, "state");
        for (size_t k = 0; k < json_array_size(affects) && !status; k++) {
            const char *reference = text(json_array_get(affects, k), "ref");
            const char *product = reference ? find_reference(components, reference, 0) : NULL;
            if (!product && reference && !strncmp(reference, "pkg:", 4))
                product = reference;
            status = product ? apply(now, name, product, suppresses, reason) : FPS_OK;
        }
        if (!json_array_size(affects) && !status)
            status = apply(now, name, NULL, suppresses, reason);
    }
    return status;
}

fps_status fps__apply_vex(fps__matching *matching, const fps_advisory_document *document, fps_error *error)
{
    json_error_t reason;
    json_t *root =
        fps__json_load((fps__span){document->data, document->size}, JSON_REJECT_DUPLICATES, &reason);
    vex now = {
        .matching = matching, .path = document->path, .root = root, .error = error, .left = MAX_STATEMENTS};
    const char *context = text(root, "@context"), *format = text(root, "bomFormat");
    fps_status status;
    if (!root && fps__json_no_memory(&reason))
        status = fps__fail_memory(error);
    else if (!root)
        status = fps__fail(error, FPS_ERROR_CORRUPT, document->path, UINT64_MAX, "line %d: %s", reason.line,
                           reason.text);
    else if (context && strstr(context, "openvex"))
        status = apply_openvex(&now);
    else if (text(json_object_get(root, "document"), "csaf_version"))
        status = apply_csaf(&now);
    else if (format && !strcmp(format, "CycloneDX"))
        status = apply_cyclonedx(&now);
    else
        status = fps__fail(error, FPS_ERROR_FORMAT, document->path, UINT64_MAX,
                           "neither OpenVEX nor CSAF nor CycloneDX");
    json_decref(root);
    return status;
}
