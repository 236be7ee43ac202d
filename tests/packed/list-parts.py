"""Prints the parts of an ELF or PE file as rows of test_packed.c: list-parts.py NAME FILE."""
import struct
import sys
import zlib


def parts(data):
    """(offset, size) of each PT_LOAD of a little-endian ELF file, of each section of a PE file."""
    if data[:2] == b"MZ":
        start = struct.unpack_from("<I", data, 60)[0]
        count, optional = struct.unpack_from("<H", data, start + 6)[0], struct.unpack_from("<H", data, start + 20)[0]
        for i in range(count):
            size, offset = struct.unpack_from("<II", data, start + 24 + optional + 40 * i + 16)
            yield offset, size
        return
    table, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
    for i in range(count):
        kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", data, table + 56 * i)
        if kind == 1:
            yield offset, size


def main():
    name, path = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    for offset, size in parts(data):
        if size:
            print(f'    {{"{name}", {len(data)}, {offset}, {size}, {zlib.crc32(data[offset:offset + size]):#010x}}},')


main()
