/* Paths of a tree: finding them with and without links, and making the directories that an entry needs. */
#include "image/tree_state.h"
#include "util/error.h"

enum {
    MAX_LINKS = 40,
};

typedef struct rest {
    const char *at, *end;
} rest;

typedef struct walker {
    const fps__tree *tree;
    fps__tree *maker;     /* `tree`, when what is missing is made */
    uint32_t *link_steps; /* counts what is walked behind links; NULL: nobody does */
    size_t most;          /* bytes of a path to make */
    uint32_t layer;       /* of what is made */
    bool follow, last;    /* links on the way; also the one at the end */
    bool kept;            /* nothing is behind a link that is being replaced */
    unsigned links;
    uint32_t at;               /* node reached */
    size_t length;             /* bytes of its path */
    rest rests[MAX_LINKS + 1]; /* the last is walked first: what follows a link waits below its target */
    int depth;
    fps_status status;
    fps_error *error;
} walker;

static bool has_more(const walker *walk)
{
    for (int i = walk->depth; i >= 0; i--)
        if (walk->rests[i].at < walk->rests[i].end)
            return true;
    return false;
}

/* The next name to go to. */
static bool next_part(walker *walk, rest *part)
{
    for (; walk->depth >= 0; walk->depth--) {
        rest *top = &walk->rests[walk->depth];
        while (top->at < top->end && *top->at == '/')
            top->at++;
        if (top->at == top->end)
            continue;
        part->at = top->at;
        const char *slash = memchr(top->at, '/', (size_t)(top->end - top->at));
        part->end = top->at = slash ? slash : top->end;
        return true;
    }
    walk->depth = 0;
    return false;
}

static void go_up(walker *walk)
{
    const fps__tree_record *here = &walk->tree->records.items[walk->at];
    if (walk->at == FPS__TREE_ROOT)
        return;
    walk->length -= strlen(fps__tree_text(walk->tree, here->name)) + 1;
    walk->at = here->parent;
}

/* False when the walk ends here: too many links, or one that leads nowhere. */
static bool push_link(walker *walk, const char *target)
{
    if (walk->links == MAX_LINKS || !*target)
        return false;
    walk->links++;
    if (walk->rests[walk->depth].at < walk->rests[walk->depth].end)
        walk->depth++;
    walk->rests[walk->depth] = (rest){target, target + strlen(target)};
    if (*target == '/') {
        walk->at = FPS__TREE_ROOT;
        walk->length = 0;
    }
    return true;
}

/* Makes a directory where nothing is, or something that is none. */
static bool make_directory(walker *walk, fps__span name, uint32_t *id)
{
    bool fresh;
    if (walk->length + 1 + name.size > walk->most)
        return false;
    fps_status status = fps__tree_enter(walk->maker, walk->at, name, id, &fresh, walk->error);
    if (status) {
        walk->status = status;
        return false;
    }
    fps__tree_record *record = &walk->maker->records.items[*id];
    record->type = FPS__ENTRY_DIRECTORY;
    record->size = 0;
    record->content = FPS__NO_NODE;
    record->mode = 0755;
    record->layer = walk->layer;
    return true;
}

/* Goes to one name below the node reached. False when the walk ends here, without success. */
static bool go_down(walker *walk, rest part)
{
    const fps__tree_record *records = walk->tree->records.items;
    fps__span name = {(const uint8_t *)part.at, (size_t)(part.end - part.at)};
    uint32_t id = fps__tree_lookup(walk->tree, walk->at, part.at, name.size);
    bool more = has_more(walk);
    if (id != FPS__NO_NODE && records[id].type == FPS__ENTRY_SYMLINK && walk->follow &&
        (more || walk->last)) {
        if (walk->kept && records[id].replaced)
            return false;
        return push_link(walk, fps__tree_text(walk->tree, records[id].target));
    }
    bool directory = id != FPS__NO_NODE && records[id].type == FPS__ENTRY_DIRECTORY;
    if (walk->maker && !directory && !make_directory(walk, name, &id))
        return false;
    if (id == FPS__NO_NODE || (!walk->maker && !directory && more))
        return false;
    walk->at = id;
    walk->length += name.size + 1;
    return true;
}

/* True when all of the path was walked. */
static bool run(walker *walk)
{
    rest part;
    while (next_part(walk, &part)) {
        size_t length = (size_t)(part.end - part.at);
        if (walk->links && walk->link_steps && ++*walk->link_steps > FPS__TREE_MAX_LINK_STEPS)
            return false;
        if (length == 1 && part.at[0] == '.')
            continue;
        if (length == 2 && part.at[0] == '.' && part.at[1] == '.')
            go_up(walk);
        else if (!go_down(walk, part))
            return false;
    }
    return true;
}

static uint32_t find(walker *walk, const char *path)
{
    walk->rests[0] = (rest){path, path + strlen(path)};
    return run(walk) ? walk->at : FPS__NO_NODE;
}

uint32_t fps__tree_find(const fps__tree *tree, const char *path)
{
    walker walk = {.tree = tree};
    return find(&walk, path);
}

uint32_t fps__tree_resolve(const fps__tree *tree, const char *path, bool last)
{
    walker walk = {.tree = tree, .follow = true, .last = last};
    return find(&walk, path);
}

uint32_t fps__tree_resolve_lower(fps__tree *tree, const char *path, bool last, bool kept)
{
    walker walk = {.tree = tree, .link_steps = &tree->link_steps, .follow = true, .last = last, .kept = kept};
    return find(&walk, path);
}

fps_status fps__tree_make_parent(fps__tree *tree, fps__span path, uint32_t layer, uint32_t *parent,
                                 fps_error *error)
{
    const char *start = (const char *)path.data, *end = start + path.size;
    bool walked = layer == UINT32_MAX;
    while (end > start && end[-1] != '/')
        end--;
    walker walk = {.tree = tree,
                   .maker = tree,
                   .link_steps = &tree->link_steps,
                   .most = walked ? SIZE_MAX : FPS__LAYER_PATH,
                   .layer = layer,
                   .follow = !walked,
                   .last = true,
                   .status = FPS_ERROR_NOT_FOUND,
                   .error = error};
    walk.rests[0] = (rest){start, end};
    if (!run(&walk))
        return walk.status;
    *parent = walk.at;
    size_t name = path.size - (size_t)(end - start);
    return walk.length + 1 + name > walk.most ? FPS_ERROR_NOT_FOUND : FPS_OK;
}
