/* The bill of materials in a native image of GraalVM (GraalVM Native Image, "Software Bill of Materials"): CycloneDX in JSON, packed
 * by gzip, at the symbol "sbom", with its size as a number of 8 bytes at "sbom_length". */
#include "program/program_reading.h"

fps__span fps__native_bill(const fps__program_reading *reading)
{
    uint64_t bill = 0, length = 0;
    for (size_t i = 0; i < fps_object_symbol_count(reading->object); i++) {
        const fps_symbol *symbol = fps_object_symbol(reading->object, i);
        if (!symbol->defined || strncmp(symbol->name, "sbom", 4) != 0)
            continue;
        if (strcmp(symbol->name, "sbom") == 0)
            bill = symbol->address;
        else if (strcmp(symbol->name, "sbom_length") == 0)
            length = symbol->address;
    }
    if (!bill || !length)
        return (fps__span){NULL, 0};
    fps__span number = fps__program_at(reading, length + reading->image_base, 8);
    if (number.size < 8)
        return number;
    fps__span packed = fps__program_at(reading, bill + reading->image_base, fps__get64le(number.data));
    bool gzip = packed.size > 18 && packed.data[0] == 0x1f && packed.data[1] == 0x8b;
    return gzip ? packed : (fps__span){NULL, 0};
}
