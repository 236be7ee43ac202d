/* What one scan found: files, findings with their evidence, components, layers, packages, drift and
 * diagnostics.
 *
 *   fps_result_get_info(result)->partial
 *   for (size_t i = 0; i < fps_result_component_count(result); i++)
 *       puts(fps_result_component(result, i)->id);
 *   fps_result_free(result)
 *
 * A result is made by fps_scan_run and read-only: several threads may read it. All texts and pointers live as
 * long as the result. Everything is sorted (files by path, components by id, evidence by file and offset), so
 * that two scans of the same target with the same sets give the same result whatever the number of threads.
 * Paths, names and messages contain bytes of the target: pass them through fps_report_printable before they
 * go to a terminal.
 */
#ifndef FPSCAN_RESULT_H
#define FPSCAN_RESULT_H

#include <fpscan/database.h>
#include <fpscan/object.h>
#include <fpscan/status.h>
#include <stdbool.h>

FPS_BEGIN_DECLS

typedef enum fps_state {
    FPS_STATE_PRESENT = 0,   /* its code or data is in the file */
    FPS_STATE_LIKELY = 1,    /* evidence for it, short of proof */
    FPS_STATE_MENTIONED = 2, /* its texts or its interface are used, its code is not shown to be there */
} fps_state;

/* How a component got into a file. */
typedef enum fps_linkage {
    FPS_LINKAGE_OWN = 0,      /* the file is this component's */
    FPS_LINKAGE_STATIC = 1,   /* linked into a file of another component, or into a program */
    FPS_LINKAGE_EMBEDDED = 2, /* a copy carried in another component's file, less than the whole */
    FPS_LINKAGE_DYNAMIC = 3,  /* used through imports: mentioned only */
} fps_linkage;

typedef enum fps_version_kind {
    FPS_VERSION_UNKNOWN = 0,  /* nothing separates the releases */
    FPS_VERSION_EXACT = 1,    /* one release */
    FPS_VERSION_INTERVAL = 2, /* one of `candidates`, or one beyond an open end */
} fps_version_kind;

typedef enum fps_evidence_kind {
    FPS_EVIDENCE_LITERAL = 0,
    FPS_EVIDENCE_NAME = 1,
    FPS_EVIDENCE_USE = 2,
    FPS_EVIDENCE_TEMPLATE = 3,
    FPS_EVIDENCE_EXACT = 4,
    FPS_EVIDENCE_FUNCTION = 5,
    FPS_EVIDENCE_RULE = 6, /* built-in rule or a user's YARA rule */
} fps_evidence_kind;

/* One feature that speaks for a component. */
typedef struct fps_evidence {
    uint32_t file; /* index into files */
    fps_evidence_kind kind;
    uint64_t offset;  /* bytes from the start of the file, UINT64_MAX when it has no place */
    uint64_t address; /* virtual address, 0 when it has none */
    double weight;    /* 0..1: share of a feature that only this component has */
    /* The literal or name in printable form, truncated to 200 bytes; of a rule its name; of a function its
     * name where the file has symbols, else "". Never NULL. */
    const char *text;
    const char *unit;      /* unit of the component that it belongs to, "" when none */
    uint32_t instructions; /* of a function, without padding; 0 for all other kinds */
    uint32_t size;         /* bytes of a function; 0 for all other kinds */
} fps_evidence;

/* How a version candidate did. `excluded_by` is NULL for members of the answer. */
typedef struct fps_version_score {
    const char *version;
    bool built;            /* a build of it is in the sets */
    uint32_t hits, misses; /* texts of the release that the file has, and lacks */
    double score;          /* 0..1: its probability */
    const char *excluded_by;
    /* It stands for all releases that are older, or newer, than those that are known: `version` is "< OLDEST" or "> NEWEST". */
    bool beyond;
} fps_version_score;

typedef struct fps_version_answer {
    fps_version_kind kind;
    const char *version;           /* the one release, only when kind is EXACT; else NULL */
    const char *const *candidates; /* releases in order; one for EXACT */
    size_t candidate_count;
    /* Of an INTERVAL: a release older, or newer, than all that are known may be it, too; the first, or last, candidate is
     * then the end that can be named. Known releases between the candidates that are not among them are excluded. */
    bool open_below, open_above;
    double confidence;            /* 0..1 that the true one is in the answer */
    const char *template_version; /* what a version template reads, NULL for none */
    const char *toolchain; /* of the builds that its functions match best ("gcc-12"), NULL when none do */
    const char *note;      /* contradiction or limit in words, NULL for none */
    const fps_version_score *scores; /* the most likely releases, the first ones first */
    size_t score_count;
    /* Where other evidence than the component's own in this file narrowed the answer (other files of the same package, other
     * components of the same build): what the file alone allows; else NULL. */
    const struct fps_version_answer *alone;
} fps_version_answer;

/* Why a component that was admitted is no more than likely. */
typedef enum fps_doubt {
    FPS_DOUBT_NONE = 0,
    /* Its texts are there, and the code of the object uses none of them: whoever makes an object can put texts into it. */
    FPS_DOUBT_TEXTS_ONLY = 1,
    /* The object exports its names and has none of its texts and functions: another implementation of an interface. */
    FPS_DOUBT_INTERFACE = 2,
    /* Functions of one source file of many: others may have the file as well. */
    FPS_DOUBT_ONE_FILE = 3,
    /* Another member of its family is there and explains what was found. */
    FPS_DOUBT_FORK = 4,
    /* A translation into another language is there, which has its texts and not its code. */
    FPS_DOUBT_PORT = 5,
    /* Others have as well what is there of it, and hardly anything is its own. */
    FPS_DOUBT_SHARED = 6,
} fps_doubt;

/* A doubt in words, "one file only: the functions of ...": a short form, a colon and the reason. NULL for FPS_DOUBT_NONE and out
 * of range. The text is static. Thread-safe. */
FPS_API const char *fps_doubt_text(fps_doubt doubt);

/* A component that may be meant instead of a finding's own: a member of its family that nothing tells apart from it. Texts
 * are never NULL, "" when unknown; purl and cpe are without version. */
typedef struct fps_relative {
    const char *id, *name, *purl, *cpe;
} fps_relative;

/* Writes a component and its relatives as a person reads them: "openssl or boringssl", "a, b or c", and "a, b or 3 others" where not
 * all of them fit or there are more than nine. `first` is the component's id or name; relatives[0..count), NULL for none, give
 * their names with `by_name`, else their ids. text[0..size), at least one byte, gets the text with its NUL; a `first` that does not
 * fit is truncated. Returns the length. Thread-safe. */
FPS_API size_t fps_family_text(char *text, size_t size, const char *first, const fps_relative *relatives,
                               size_t count, bool by_name);

/* Why something does not count: a statement of the user's (fpscan/suppress.h). It stays in every report, with this beside it. */
typedef struct fps_suppressed {
    const char *reason; /* in the user's words; never NULL */
    const char *source; /* path of the document that says so */
    bool baseline;      /* it was there before */
} fps_suppressed;

/* What the code of a file says of a patch. */
typedef enum fps_patch_state {
    /* Fewer than half of the functions of the patch are there as a known build has them, or functions of both states are. */
    FPS_PATCH_UNKNOWN = 0,
    /* Functions are there as builds with the fix have them, and none as those before. */
    FPS_PATCH_PATCHED = 1,
    /* The other way round. */
    FPS_PATCH_UNPATCHED = 2,
} fps_patch_state;

/* A function of a patch that is in the file as a known build has it. Texts are never NULL. */
typedef struct fps_patch_function {
    const char *name;      /* in the build; the file need not have symbols */
    bool fixed;            /* as builds with the fix have it; false: as builds before it have it */
    uint64_t address;      /* virtual address in the file, 0 when it has none */
    uint32_t instructions; /* without padding */
    const char *toolchain; /* of the build ("gcc-12"), "" when unknown */
    /* Of the build, as its maker calls it ("debian bookworm gcc-12 -O2"), "" when unknown. */
    const char *origin;
} fps_patch_function;

/* A patch of a vulnerability in a component's code. */
typedef struct fps_patch {
    const char *cve; /* "CVE-2022-37434" */
    fps_patch_state state;
    const fps_patch_function *functions; /* that are there, by name and address */
    size_t function_count;
} fps_patch;

/* A component in one file. */
typedef struct fps_finding {
    uint32_t component; /* index into components */
    uint32_t file;      /* index into files */
    fps_state state;
    fps_linkage linkage;
    /* Layer that brought the component in. It is lower than the file's own layer where the file was changed
     * in place and contained the same component before. UINT32_MAX when there are no layers. */
    uint32_t introduced;
    bool renamed;      /* the file has the name of something else than what it is */
    double confidence; /* 0..1 that the component is there */
    /* 0..1: weighted share of its active units' features that were found (reference in query) */
    double coverage;
    double
        share; /* 0..1: weighted share of the file's known features that it explains (query in reference) */
    /* Stems of the names that its own files have, NULL-terminated; NULL when nothing is known about names. */
    const char *const *file_names;
    uint32_t units_active, units_total;
    uint32_t literals, names, uses, functions, exact; /* distinct features by kind */
    fps_version_answer version;
    const fps_evidence *evidence; /* best first, at most 64 kept; all with fps_scan_options.all_evidence */
    size_t evidence_count;
    size_t evidence_total;
    const char *against; /* why the candidate was rejected, in words, for explain; NULL when it was not */
    fps_doubt doubt;     /* why the state is likely although a rule admitted the component */
    const fps_relative *relatives; /* it is this component, or one of these, by id; NULL for none */
    size_t relative_count;
    /* Name of the rule that admitted the component, for fps_admission_explanation; NULL when it is only mentioned. */
    const char *admitted_by;
    const fps_suppressed *suppressed; /* NULL: it counts */
    /* Of a finding of state PRESENT: patches, by CVE, of which functions are there; with fps_scan_options.keep_excluded
     * all that the sets know. */
    const fps_patch *patches;
    size_t patch_count;
} fps_finding;

/* What an admission rule asks for, in words; NULL for a name that no rule has. The text is static. */
FPS_API const char *fps_admission_explanation(const char *name);

/* A component in the whole target: the findings of one component id with the same version answer and the same relatives. */
typedef struct fps_component {
    const char *id, *name, *purl, *cpe, *license, *family; /* purl and cpe without version; "" when unknown */
    fps_component_role role;
    fps_state state;                   /* the best of its findings */
    double confidence;                 /* the best of its findings */
    fps_linkage linkage;               /* of its best finding */
    const fps_version_answer *version; /* of its best finding */
    const fps_relative *relatives;     /* of all its findings, by id; NULL for none */
    size_t relative_count;
    const uint32_t *findings; /* indexes, sorted */
    size_t finding_count;
} fps_component;

/* Whether a program in a container of the image would see the file. */
typedef enum fps_visibility {
    FPS_VISIBILITY_VISIBLE = 0,
    FPS_VISIBILITY_SHADOWED = 1, /* a later layer has another file at its path */
    FPS_VISIBILITY_DELETED = 2,  /* a later layer removed it: still in the image's bytes */
} fps_visibility;

typedef struct fps_file {
    const char *path;         /* inside the target, absolute with '/', the first of its hard-linked names */
    const char *const *links; /* further names */
    size_t link_count;
    const char *archive_path; /* path inside an archive, NULL */
    const uint8_t *sha1;      /* of its bytes, 20 of them; NULL when it was not computed */
    uint64_t size;            /* bytes */
    fps_format format;
    const char *machine; /* "" unless an object */
    fps_object_type type;
    const char *build_id; /* in hexadecimal digits; NULL when there is none */
    const char
        *claims; /* what the file says of itself: version resource, assembly, certificate; NULL: nothing */
    const char *debug_link;   /* the file with its debugging information, as it names it; NULL */
    uint64_t code_bytes;      /* executable bytes in functions or between them, without stubs and padding */
    uint64_t code_attributed; /* of these, in functions that a component claims */
    uint64_t code_generic; /* in functions that many components hold, or that are too small to say anything */
    uint32_t layer; /* index of the layer whose entry supplies its bytes, UINT32_MAX when there are none */
    fps_visibility visibility;
    uint32_t owner;                          /* index of the package that claims it, UINT32_MAX for none */
    uint32_t findings_first, findings_count; /* in fps_result_finding order by file */
} fps_file;

/* Where the layers of the base image are known from. */
typedef enum fps_base_source {
    FPS_BASE_NONE = 0,
    FPS_BASE_TABLE = 1,      /* the user's table of known bases: the diff IDs are the same */
    FPS_BASE_ANNOTATION = 2, /* org.opencontainers.image.base.name: what the image says of itself */
    FPS_BASE_GUESS = 3,      /* guessed from the history */
} fps_base_source;

typedef struct fps_layer {
    uint32_t index;
    const char *digest;     /* "sha256:..." of the blob, "" when it has none */
    const char *diff_id;    /* "sha256:..." of the tar */
    const char *created_by; /* the command of the history, "" when unknown */
    const char *media_type; /* "" when unknown */
    uint64_t size;          /* bytes of the blob */
    bool base;              /* part of the base image, as far as `base` of fps_image tells */
    bool read; /* false: its bytes were not to be had (foreign, missing, damaged): see diagnostics */
} fps_layer;

/* The image that was scanned. Texts are "" when not given. */
typedef struct fps_image {
    const char *format;            /* "oci-dir", "oci-archive", "docker-archive", "docker-dir" */
    const char *reference;         /* the tag or name chosen */
    const char *manifest, *config; /* "sha256:..." */
    const char *os, *architecture, *variant, *os_version;
    fps_base_source base_source;
    const char *base_name, *base_digest;
    uint32_t base_layers; /* how many of the lowest layers are the base's; 0 when unknown */
} fps_image;

typedef enum fps_package_kind {
    FPS_PACKAGE_DEB = 0,
    FPS_PACKAGE_APK = 1,
    FPS_PACKAGE_RPM = 2,
    FPS_PACKAGE_PYPI = 3,
    FPS_PACKAGE_NPM = 4,
    FPS_PACKAGE_MAVEN = 5,
    FPS_PACKAGE_GEM = 6,
    FPS_PACKAGE_GENERIC = 7,
    FPS_PACKAGE_ALPM = 8, /* pacman */
    FPS_PACKAGE_CONDA = 9,
    FPS_PACKAGE_OPKG = 10,
    FPS_PACKAGE_EBUILD = 11, /* portage */
    FPS_PACKAGE_NIX = 12,
    FPS_PACKAGE_BREW = 13,
    FPS_PACKAGE_SNAP = 14,
    FPS_PACKAGE_FLATPAK = 15,
    FPS_PACKAGE_BITNAMI = 16,
    FPS_PACKAGE_COMPOSER = 17, /* PHP */
    FPS_PACKAGE_NUGET = 18,    /* .NET */
    FPS_PACKAGE_CRAN = 19,     /* R */
    FPS_PACKAGE_CPAN = 20,     /* Perl */
    FPS_PACKAGE_LUAROCKS = 21,
    FPS_PACKAGE_OPAM = 22, /* OCaml */
    FPS_PACKAGE_OTP = 23,  /* Erlang */
    FPS_PACKAGE_PUB = 24,  /* Dart */
    FPS_PACKAGE_SWIFT = 25,
    FPS_PACKAGE_CONAN = 26,
    FPS_PACKAGE_VCPKG = 27,
    FPS_PACKAGE_GOLANG = 28, /* Go modules, "stdlib" for the standard library */
    FPS_PACKAGE_CARGO = 29,  /* Rust crates, "std" for the standard library */
} fps_package_kind;

/* A package that some inventory or program lists. Texts are "" when unknown. */
typedef struct fps_package {
    fps_package_kind kind;
    const char *name, *version, *architecture;
    const char *source, *source_version; /* source package; the package itself where none is named */
    const char *supplier; /* who maintains, sells or wrote it, as the database says: "Name <address>" */
    const char *license;  /* as the database or the copyright file says, an SPDX expression where it is one */
    const char *purl;     /* with version and qualifiers */
    const char *cpe;      /* CPE 2.3 name with version, as a bill of materials says; NULL or "" for none */
    const char
        *location; /* database, metadata file or program in the target; "app.whl!x.dist-info/METADATA" */
    /* What a program says of how it was linked: lines "KEY=VALUE"; "" or NULL for none. */
    const char *properties;
    /* PRESENT where something lists it. LIKELY: a path that the compiler left in a program names it. */
    fps_state state;
    fps_visibility visibility; /* of an image: hidden where only lower layers list it, see fps_scan_options */
    uint32_t layer;            /* that brought it in, UINT32_MAX when there are none */
    uint32_t parent;           /* package that it lies in, UINT32_MAX for none */
    const uint32_t *depends;   /* indexes of the packages that it needs and that are there, sorted */
    size_t depend_count;
    uint64_t owned;                   /* regular files of the target that it owns */
    const fps_suppressed *suppressed; /* NULL: it counts */
} fps_package;

typedef enum fps_drift_kind {
    FPS_DRIFT_UNOWNED = 0,   /* an executable or shared object that no package claims */
    FPS_DRIFT_COMPONENT = 1, /* an owned file holds a component that its package does not explain */
    FPS_DRIFT_VERSION = 2,   /* a component's version differs from what a package says of it */
    FPS_DRIFT_REPLACED = 3,  /* an owned file is something else than its package */
    FPS_DRIFT_MISSING = 4,   /* a package is listed, its binary is not there */
    FPS_DRIFT_DIGEST = 5,    /* an owned file's bytes differ from the manifest of its package */
} fps_drift_kind;

typedef enum fps_drift_level {
    FPS_DRIFT_LEVEL_NOTE = 0, /* the package itself ships it so: the digest agrees with its manifest */
    FPS_DRIFT_LEVEL_DRIFT = 1,
} fps_drift_level;

typedef struct fps_drift {
    fps_drift_kind kind;
    fps_drift_level level;
    const char *path;
    uint32_t file;         /* index into files, UINT32_MAX when it is no object */
    uint32_t package;      /* that owns or claims the path, UINT32_MAX for none */
    uint32_t other;        /* package that provides the component by its own word, UINT32_MAX for none */
    const char *component; /* id, NULL for none */
    const char *claimed;   /* what the package says: a version, a digest; NULL for none */
    const char *found;     /* what is there; NULL for none */
    const char *message;   /* both facts in words, one line */
    const fps_suppressed *suppressed; /* NULL: it counts */
} fps_drift;

typedef enum fps_severity {
    FPS_SEVERITY_UNKNOWN = 0,
    FPS_SEVERITY_NEGLIGIBLE = 1,
    FPS_SEVERITY_LOW = 2,
    FPS_SEVERITY_MEDIUM = 3,
    FPS_SEVERITY_HIGH = 4,
    FPS_SEVERITY_CRITICAL = 5,
} fps_severity;

/* What the known ranges say of a version answer. */
typedef enum fps_verdict {
    FPS_VERDICT_AFFECTED = 0,
    FPS_VERDICT_CONDITIONAL =
        1, /* only under a condition that the scan does not know: a platform, another product */
    FPS_VERDICT_DEPENDS = 2, /* on which of the candidate releases it is */
} fps_verdict;

/* Why a vulnerability does not count. */
typedef enum fps_suppression {
    FPS_SUPPRESSED_NOT = 0, /* it counts */
    /* The distribution says that the installed version has the fix, or the code shows it. */
    FPS_SUPPRESSED_FIXED = 1,
    FPS_SUPPRESSED_DENIED = 2,    /* a source says that this version is not affected */
    FPS_SUPPRESSED_WITHDRAWN = 3, /* the CVE was rejected */
    FPS_SUPPRESSED_VEX = 4,       /* a VEX document that the user named */
    FPS_SUPPRESSED_IGNORED = 5,   /* an ignore file that the user named */
    FPS_SUPPRESSED_BASELINE = 6,  /* it was there before, as a baseline says */
} fps_suppression;

/* A known vulnerability of a component or package. Texts are "" when unknown. */
typedef struct fps_vulnerability {
    const char *id;           /* the CVE where there is one */
    const char *const *names; /* further names, sorted: "GHSA-..." */
    size_t name_count;
    const char *title, *link;
    fps_severity severity;
    double score;       /* CVSS base score, 0..10; 0: unknown */
    const char *vector; /* of CVSS */
    /* What has it: one of both is UINT32_MAX; of several packages the first. A component that lies in files of an affected package is the package's finding. */
    uint32_t component, package;
    const char *version; /* installed, or the candidates in words */
    fps_verdict verdict;
    const char *const *affected; /* of FPS_VERDICT_DEPENDS: the candidates that are affected, in order */
    size_t affected_count;
    const char *range;             /* that the version is in, in words: "from 1.2 before 1.3" */
    const char *fixed;             /* first version with the fix */
    const char *note;              /* the condition, or what the distribution says */
    bool wont_fix;                 /* the distribution does not, or not soon, fix it */
    const char *source, *advisory; /* which source said so, and its name for it */
    fps_suppression suppression;
    const char *suppressed_by; /* in words, with the source */
    /* What the code of its places shows, in words, with function and file; "" for nothing. Of PATCHED it is suppressed. Never of a
     * package's finding: what its distribution says goes first. */
    fps_patch_state patch;
    const char *code;
    double epss, percentile;          /* 0..1, -1: unknown */
    bool known_exploited, ransomware; /* CISA's catalogue */
    const char *kev_added, *kev_due;
    const char *exploitation, *automatable, *impact; /* CISA's SSVC */
    const char *const *routines;                     /* functions that the advisories name, sorted */
    size_t routine_count;
    double risk; /* 0..100 */
    /* Places: indexes of the packages of one source and version that have it, and of the files it was found in; sorted. */
    const uint32_t *packages;
    size_t package_count;
    const uint32_t *files;
    size_t file_count;
} fps_vulnerability;

/* An advisory source of the database that was used. */
typedef struct fps_vulnerability_source {
    const char *name, *format, *date; /* date of its newest record, "2026-08-21", "" when unknown */
    bool old;                         /* older than 30 days when the scan ran */
} fps_vulnerability_source;

typedef struct fps_result fps_result;

/* Facts of the run. */
typedef struct fps_result_info {
    const char *target;                              /* as given */
    const char *target_type;                         /* "directory", "file", "image", "tar", "bill" */
    const fps_image *image;                          /* NULL unless an image */
    const char *os_id, *os_version_id, *os_name;     /* of os-release, "" when unknown */
    bool packages_known;                             /* some package database says which files it has */
    bool digests_compared;                           /* of all owned files with their packages' manifests */
    uint64_t entries, regular_files, objects, bytes; /* looked at */
    uint64_t skipped_pseudo; /* entries on pseudo file systems that were not entered */
    bool partial;            /* some diagnostic has level partial */
    const fps_database_info *databases;
    size_t database_count;
    bool vulnerabilities_checked; /* fps_advisory_match was called */
    bool has_baseline;            /* what was there before is suppressed */
    const fps_vulnerability_source *vulnerability_sources;
    size_t vulnerability_source_count;
    /* Of a result that was read from a report: whether it holds files that later layers hide, the time (seconds since 1970, -1 for none) and the version of the program
     * that it names (NULL for none), and how many findings the report left out: of other states or less confidence, and
     * in files that later layers hide. */
    bool from_report;
    bool report_all_layers;
    int64_t report_time;
    const char *report_tool;
    uint64_t omitted, omitted_hidden;
} fps_result_info;

/* NULL is allowed. */
FPS_API void fps_result_free(fps_result *result);
/* Never NULL. */
FPS_API const fps_result_info *fps_result_get_info(const fps_result *result);

/* Each of the following pairs counts the items of one sort and gives item `index`, NULL when `index` is out
 * of range. */

/* Objects, and other files with findings or diagnostics, by path. */
FPS_API size_t fps_result_file_count(const fps_result *result);
FPS_API const fps_file *fps_result_file(const fps_result *result, size_t index);
/* By file, then by component id. */
FPS_API size_t fps_result_finding_count(const fps_result *result);
FPS_API const fps_finding *fps_result_finding(const fps_result *result, size_t index);
/* By id. */
FPS_API size_t fps_result_component_count(const fps_result *result);
FPS_API const fps_component *fps_result_component(const fps_result *result, size_t index);
/* The lowest first; none unless the target is an image. */
FPS_API size_t fps_result_layer_count(const fps_result *result);
FPS_API const fps_layer *fps_result_layer(const fps_result *result, size_t index);
/* By kind, name, version and location. */
FPS_API size_t fps_result_package_count(const fps_result *result);
FPS_API const fps_package *fps_result_package(const fps_result *result, size_t index);
/* By kind, path and component. */
FPS_API size_t fps_result_drift_count(const fps_result *result);
FPS_API const fps_drift *fps_result_drift(const fps_result *result, size_t index);
/* By risk, the highest first, then by id and place; those that are suppressed last. None unless fps_advisory_match was called. */
FPS_API size_t fps_result_vulnerability_count(const fps_result *result);
FPS_API const fps_vulnerability *fps_result_vulnerability(const fps_result *result, size_t index);
FPS_API size_t fps_result_diagnostic_count(const fps_result *result);
FPS_API const fps_diagnostic *fps_result_diagnostic(const fps_result *result, size_t index);

/* Names of enum values, as reports use them: static storage, never NULL. Thread-safe. */
FPS_API const char *fps_state_name(fps_state state);       /* "present", "likely", "mentioned" */
FPS_API const char *fps_linkage_name(fps_linkage linkage); /* "own", "static", "embedded", "dynamic" */
FPS_API const char *fps_component_role_name(fps_component_role role); /* "library", "program", "runtime" */
FPS_API const char *fps_version_kind_name(fps_version_kind kind);     /* "exact", "interval", "unknown" */
FPS_API const char *fps_evidence_kind_name(fps_evidence_kind kind);   /* "literal", "function" ... */
FPS_API const char *fps_doubt_name(fps_doubt doubt);                /* "none", "texts-only", "one-file" ... */
FPS_API const char *fps_visibility_name(fps_visibility visibility); /* "visible", "shadowed", "deleted" */
FPS_API const char *fps_package_kind_name(fps_package_kind kind);   /* type of the package URL: "deb" ... */
FPS_API const char *fps_drift_kind_name(fps_drift_kind kind);    /* "unowned", "component", "version" ... */
FPS_API const char *fps_severity_name(fps_severity severity);    /* "unknown", "negligible", "low" ... */
FPS_API const char *fps_verdict_name(fps_verdict verdict);       /* "affected", "conditional", "depends" */
FPS_API const char *fps_patch_state_name(fps_patch_state state); /* "unknown", "patched", "unpatched" */
FPS_API const char *fps_suppression_name(
    fps_suppression suppression);                                 /* "none", "fixed", "not-affected" ... */
FPS_API const char *fps_base_source_name(fps_base_source source); /* "none", "table", "annotation", "guess" */

FPS_END_DECLS

#endif
