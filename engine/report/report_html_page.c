/* The style sheet and the scripts of HTML reports, as bytes of the library. */
#include "report/report_html.h"

#include <openssl/evp.h>
#include <string.h>

/* The assembler finds the files in FPS_PAGE_FOLDER, which CMakeLists.txt names; it also lets this file depend on them. The names
 * are hidden: they are no part of the library's face. */
#define PAGE_START(name)                                                                                     \
    ".globl " #name "\n"                                                                                     \
    ".hidden " #name "\n" #name ":\n"
#define PAGE_FILE(name) ".incbin \"" FPS_PAGE_FOLDER "/" name "\"\n"

__asm__(".pushsection .rodata.page, \"a\"\n" /* clang-format off */
        PAGE_START(fps__page_style_start)
        PAGE_FILE("page.css")
        PAGE_START(fps__page_script_start)
        PAGE_FILE("model.js")
        PAGE_FILE("window.js")
        PAGE_FILE("tables.js")
        PAGE_FILE("tree.js")
        PAGE_FILE("treemap.js")
        PAGE_FILE("details.js")
        PAGE_FILE("page.js")
        PAGE_START(fps__page_script_end)
        ".popsection\n"); /* clang-format on */

extern const uint8_t fps__page_style_start[], fps__page_script_start[], fps__page_script_end[];

fps__span fps__page_style(void)
{
    return (fps__span){fps__page_style_start,
                       (size_t)((uintptr_t)fps__page_script_start - (uintptr_t)fps__page_style_start)};
}

fps__span fps__page_script(void)
{
    return (fps__span){fps__page_script_start,
                       (size_t)((uintptr_t)fps__page_script_end - (uintptr_t)fps__page_script_start)};
}

bool fps__page_hash(fps__span bytes, char text[FPS__PAGE_HASH_SIZE])
{
    static const char prefix[] = "'sha256-";
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned char base64[48]; /* 44 of 32 bytes, and the NUL */
    *text = '\0';
    if (EVP_Digest(bytes.data, bytes.size, digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    int length = EVP_EncodeBlock(base64, digest, 32);
    memcpy(text, prefix, sizeof prefix - 1);
    memcpy(text + sizeof prefix - 1, base64, (size_t)length);
    memcpy(text + sizeof prefix - 1 + length, "'", 2);
    return true;
}

const char *fps__page_link(const char *link)
{
    static const char scheme[] = "https://";
    if (!link || strncmp(link, scheme, sizeof scheme - 1) != 0)
        return "";
    for (const char *p = link; *p; p++)
        if (*p <= ' ' || *p > '~' || strchr("\"'<>\\`{}|^", *p))
            return "";
    return link;
}
