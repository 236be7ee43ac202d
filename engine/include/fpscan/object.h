/* One view of an ELF, PE or Mach-O file in memory: regions with bytes, symbols, imports, versions, notes.
 *
 *   fps_object_identify(data, size)                         what is it?
 *   fps_object_open(&object, data, size, NULL, &error)      reads its tables; also of a damaged file
 *   fps_object_get_info(object)->soname
 *   fps_object_region(object, i)                            likewise _symbol, _relocation, _text, _note, ...
 *   fps_object_diagnostic(object, i)                        what could not be read
 *   fps_object_free(object)
 *
 * The bytes stay the caller's and must outlive the object. Every pointer that is handed out lives as long as
 * the object. An object is read-only after opening and may be read by several threads at once. Names are
 * bytes of the file: neither trusted nor always UTF-8.
 */
#ifndef FPSCAN_OBJECT_H
#define FPSCAN_OBJECT_H

#include <fpscan/status.h>
#include <stdbool.h>

FPS_BEGIN_DECLS

typedef struct fps_object fps_object;

typedef enum fps_format {
    FPS_FORMAT_NONE = 0,
    FPS_FORMAT_ELF = 1,
    FPS_FORMAT_PE = 2,
    FPS_FORMAT_AR = 3,    /* an ar archive of relocatable objects: read by fps_ar_next, not fps_object_open */
    FPS_FORMAT_MACHO = 4, /* of one machine; files of several hold one for each */
    FPS_FORMATS           /* how many there are; grows with each new format */
} fps_format;

typedef enum fps_object_type {
    FPS_OBJECT_OTHER = 0,
    FPS_OBJECT_RELOCATABLE = 1,
    /* A program at a fixed address, or position-independent: DF_1_PIE; or no soname, and either PT_INTERP or
     * an entry point without needed libraries. */
    FPS_OBJECT_EXECUTABLE = 2,
    FPS_OBJECT_SHARED = 3,
    FPS_OBJECT_CORE = 4,
} fps_object_type;

/* What the bytes of a region are. Literals are read from CODE, DATA and READ_ONLY; the rest never holds
 * literals. */
typedef enum fps_region_kind {
    FPS_REGION_OTHER = 0,
    FPS_REGION_CODE = 1,
    FPS_REGION_READ_ONLY = 2,
    FPS_REGION_DATA = 3,
    FPS_REGION_STRING_TABLE =
        4, /* .dynstr .strtab .shstrtab .comment; DT_STRTAB where there are no sections */
    FPS_REGION_SYMBOL_TABLE = 5, /* symbols, symbol versions, hash tables */
    FPS_REGION_RELOCATION = 6,
    FPS_REGION_UNWIND = 7,
    FPS_REGION_NOTE = 8,
    FPS_REGION_DEBUG = 9,
    FPS_REGION_RESOURCE = 10, /* PE .rsrc */
} fps_region_kind;

/* A run of file bytes of one kind. Regions do not overlap and are sorted by file offset. They come from the
 * section table; without one, from the segments, with the tables that the dynamic section names carved out.
 */
typedef struct fps_region {
    const char *name; /* section name, "" when it comes from a segment; never NULL; not trusted text */
    /* Virtual address of the first byte; RVA in PE; 0 in relocatable objects and if not loaded. */
    uint64_t address;
    uint64_t offset; /* bytes from the start of the object's data */
    uint64_t size;   /* bytes present in the file, already clipped to it */
    fps_region_kind kind;
    bool loaded; /* mapped at run time (SHF_ALLOC, PT_LOAD, PE section) */
    bool writable;
    bool executable;
    bool from_segment;  /* no section names these bytes: an executable region may hold read-only data */
    bool merge_strings; /* SHF_MERGE | SHF_STRINGS with entry size 1 */
    uint32_t section;   /* ELF section index, 0 when it comes from a segment, and in PE */
} fps_region;

/* A run of file bytes that no region covers: behind the last section, or between others. Runs of one byte alone and short
 * ones are padding and left out. */
typedef struct fps_gap {
    uint64_t offset; /* bytes from the start of the object's data */
    uint64_t size;
    /* The headers say that these bytes are a table of the format: section headers, certificates, symbols. */
    bool table;
} fps_gap;

typedef enum fps_symbol_type {
    FPS_SYMBOL_OTHER = 0,
    FPS_SYMBOL_FUNCTION = 1,
    FPS_SYMBOL_OBJECT = 2,
    FPS_SYMBOL_TLS = 3,
    FPS_SYMBOL_IFUNC = 4,
} fps_symbol_type;

typedef struct fps_symbol {
    const char *name;    /* never NULL; ordinal-only PE imports are "#ORDINAL" */
    const char *version; /* symbol version without @, or NULL */
    const char *library; /* PE: the DLL that an import comes from, else NULL */
    uint64_t address;    /* virtual address (ELF, Mach-O), RVA (PE), offset in its section (relocatable) */
    uint64_t size;       /* bytes, 0 when unknown */
    fps_symbol_type type;
    bool defined; /* false: an import */
    bool global;  /* global, weak or unique: visible to other objects */
    bool weak;
    bool dynamic;     /* from .dynsym or a PE export/import table, so it survives strip */
    bool hidden;      /* STV_HIDDEN or STV_INTERNAL */
    uint32_t section; /* ELF st_shndx, 0 otherwise */
} fps_symbol;

/* A relocation: what the linker, or the loader of a PE file, will change. */
typedef struct fps_relocation {
    uint64_t offset; /* of the field, bytes from the start of the object's data */
    uint32_t type;   /* as the format numbers them: R_X86_64_PLT32, IMAGE_REL_AMD64_REL32 ... */
} fps_relocation;

/* Lists of texts that an object carries. */
typedef enum fps_text_list {
    FPS_TEXT_NEEDED = 0,          /* DT_NEEDED, PE imported DLLs, dylibs of Mach-O */
    FPS_TEXT_VERSION_DEFINED = 1, /* .gnu.version_d names, without the base definition (the soname) */
    FPS_TEXT_VERSION_NEEDED = 2,  /* "FILE:VERSION" of .gnu.version_r */
    FPS_TEXT_COMMENT =
        3, /* each string of .comment; "Rich: product N, build N, objects N" of the linker of PE files */
    FPS_TEXT_RUNPATH = 4,   /* DT_RPATH, DT_RUNPATH */
    FPS_TEXT_REFERENCE = 5, /* "NAME 1.2.3.4": assemblies that a .NET assembly uses */
    FPS_TEXT_LISTS
} fps_text_list;

typedef struct fps_note {
    const char *owner; /* "GNU", "FDO", "Go" ...; never NULL */
    uint32_t type;
    const uint8_t *data;
    size_t size;
} fps_note;

/* A name and a value of a PE version resource ("ProductVersion"), UTF-8. */
typedef struct fps_version_string {
    const char *name;
    const char *value;
} fps_version_string;

typedef struct fps_object_info {
    fps_format format;
    fps_object_type type;
    uint8_t bits; /* 32 or 64 */
    bool big_endian;
    bool has_sections;     /* a usable section table was found */
    bool has_symbol_table; /* .symtab: not stripped */
    bool has_debug_data;  /* the symbols of .gnu_debugdata are among the symbols, and nothing else is in it */
    bool has_interpreter; /* PT_INTERP */
    uint16_t machine;     /* ELF e_machine; PE numbers are mapped to those of ELF where both exist */
    const char *machine_name; /* "x86-64", "aarch64", "i386", "arm", "riscv64", ... or "machine-NUMBER" */
    uint64_t entry;           /* virtual address, RVA in PE, 0 for none */
    uint64_t executed_room; /* bytes of executable segments and PE sections that have no bytes in the file */
    const char *soname;     /* DT_SONAME or the PE export directory's DLL name, NULL for none */
    const char *package_note; /* JSON text of .note.package, NULL for none */
    const char *debug_link;   /* .gnu_debuglink file name or the PE's PDB path, NULL for none */
    const uint8_t *build_id;  /* NT_GNU_BUILD_ID, the PE CodeView GUID+age or LC_UUID, NULL for none */
    size_t build_id_size;
    const char *assembly; /* "NAME 1.2.3.4" of a .NET assembly, NULL for none; the file says so */
    bool has_certificate; /* of a PE file; whether it is valid is not looked at */
} fps_object_info;

/* Bounds on what one object may make the reader do; a zero value means the default. */
typedef struct fps_object_limits {
    size_t symbols;  /* most symbols kept (default 4,000,000) */
    size_t sections; /* most sections or segments read (default 65,536) */
    size_t memory;   /* most bytes allocated for one object (default 512 MiB) */
} fps_object_limits;

/* Names of enum values, as reports use them: static storage, never NULL. Thread-safe. */
FPS_API const char *fps_format_name(fps_format format);         /* "none", "elf", "pe", "ar", "macho" */
FPS_API const char *fps_object_type_name(fps_object_type type); /* "executable", "shared" ... */

/* Recognises a format by the first bytes of data[0..size); any size is allowed. Thread-safe. A PE has "MZ"
 * and a valid offset of the PE header, whatever the file is called. */
FPS_API fps_format fps_object_identify(const void *data, size_t size);

/* Opens an ELF, PE or Mach-O file. `data` may be NULL only when `size` is 0; `limits` and `error` may be NULL.
 * *object is the caller's, to be freed by fps_object_free; NULL on failure. FPS_OK also for a damaged file
 * whose header can be read: see the diagnostics. FPS_ERROR_FORMAT: none of these; FPS_ERROR_CORRUPT: the
 * header itself cannot be used; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_object_open(fps_object **object, const void *data, size_t size,
                                   const fps_object_limits *limits, fps_error *error);
/* The same for bytes of no object format that are loaded as they are: firmware, the memory of a program. All of them are one
 * region of data. Of a WebAssembly module the segments of data are regions, the functions that have names are symbols, and what
 * made it is a comment. The format is FPS_FORMAT_NONE. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_object_open_flat(fps_object **object, const void *data, size_t size,
                                        const fps_object_limits *limits, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_object_free(fps_object *object);

/* Never NULL. */
FPS_API const fps_object_info *fps_object_get_info(const fps_object *object);

/* Each of the following pairs counts what an object has and gives item `index`, NULL when `index` is out of
 * range. */
FPS_API size_t fps_object_region_count(const fps_object *object);
FPS_API const fps_region *fps_object_region(const fps_object *object, size_t index);
/* Ascending by offset. */
FPS_API size_t fps_object_gap_count(const fps_object *object);
FPS_API const fps_gap *fps_object_gap(const fps_object *object, size_t index);
/* .symtab and .dynsym merged, the dynamic ones first. There is one symbol for each (name, address, defined),
 * and one more for each further version of the name or library that it comes from. */
FPS_API size_t fps_object_symbol_count(const fps_object *object);
FPS_API const fps_symbol *fps_object_symbol(const fps_object *object, size_t index);
/* Relocations of executable sections of a relocatable object, and base relocations of code in 32-bit PE files; none in other
 * objects. Ascending by offset.
 * They lie in one array, which starts at relocation 0. */
FPS_API size_t fps_object_relocation_count(const fps_object *object);
FPS_API const fps_relocation *fps_object_relocation(const fps_object *object, size_t index);
FPS_API size_t fps_object_text_count(const fps_object *object, fps_text_list list);
FPS_API const char *fps_object_text(const fps_object *object, fps_text_list list, size_t index);
FPS_API size_t fps_object_note_count(const fps_object *object);
FPS_API const fps_note *fps_object_note(const fps_object *object, size_t index);
FPS_API size_t fps_object_version_string_count(const fps_object *object);
FPS_API const fps_version_string *fps_object_version_string(const fps_object *object, size_t index);
/* The path of these diagnostics is NULL. */
FPS_API size_t fps_object_diagnostic_count(const fps_object *object);
FPS_API const fps_diagnostic *fps_object_diagnostic(const fps_object *object, size_t index);

/* Writes the whole object as stable text for golden files, one fact per line. Returns FPS_OK, or what `write`
 * returned. */
FPS_API fps_status fps_object_dump(const fps_object *object, fps_write_callback write, void *user);

/* One member of an ar archive: System V, with long names of GNU or BSD. The members of a thin archive have no
 * bytes and are not listed. */
typedef struct fps_ar_member {
    const char *name; /* valid until the next call */
    const uint8_t *data;
    size_t size;
    uint64_t offset; /* of the member's data in the archive */
} fps_ar_member;

typedef struct fps_ar fps_ar;
/* Opens an archive over data[0..size), which stays the caller's and must outlive it. *ar is the caller's, to
 * be freed by fps_ar_free; NULL on failure. FPS_ERROR_FORMAT: not an ar archive; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_ar_open(fps_ar **ar, const void *data, size_t size, fps_error *error);
/* FPS_OK: *member is the next member. FPS_ERROR_NOT_FOUND: there are no more. FPS_ERROR_CORRUPT: the rest
 * cannot be read. Symbol and long-name tables are not members. A last member that is cut off is given as far
 * as it goes; the next call returns FPS_ERROR_CORRUPT. */
FPS_API fps_status fps_ar_next(fps_ar *ar, fps_ar_member *member, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_ar_free(fps_ar *ar);

FPS_END_DECLS

#endif
