#!/usr/bin/python3
"""Takes the section headers off an ELF file: drop-sections.py IN OUT. What lies behind the last segment goes too."""
import struct
import sys


def drop(data):
    wide, order = data[4] == 2, ">" if data[5] == 2 else "<"
    data = bytearray(data)
    phoff, = struct.unpack_from(order + ("Q" if wide else "I"), data, 32 if wide else 28)
    phentsize, phnum = struct.unpack_from(order + "HH", data, 54 if wide else 42)
    end = phoff + phentsize * phnum
    for i in range(phnum):
        at = phoff + i * phentsize
        if wide:
            kind, _, offset, _, _, size = struct.unpack_from(order + "IIQQQQ", data, at)
        else:
            kind, offset, _, _, size = struct.unpack_from(order + "IIIII", data, at)
        if kind != 0:
            end = max(end, offset + size)
    struct.pack_into(order + ("Q" if wide else "I"), data, 40 if wide else 32, 0)
    struct.pack_into(order + "HHH", data, 58 if wide else 46, 0, 0, 0)
    return bytes(data[:end])


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as source:
        result = drop(source.read())
    with open(sys.argv[2], "wb") as target:
        target.write(result)
