#!/usr/bin/python3
"""Reads a compiled set (.fpdb) and prints it as text; written from signatures/FORMAT.md alone, slow, without checksums."""
import struct
import sys

NONE = 0xFFFFFFFF
CODE = 0x40000000  # of a unit's totals: over code builds
UNIT_KINDS = 8
ROLES = ["library", "program", "runtime"]


class Set:
    """The sections of a file, taken apart."""

    def __init__(self, data):
        self.data = data
        if data[:8] != bytes.fromhex("8946504442 0d0a1a"):
            raise ValueError("not a set")
        self.major, self.minor, count, size, table = struct.unpack_from("<HHIQQ", data, 8)
        if self.major != 2:
            raise ValueError(f"format version {self.major}.{self.minor}")
        if size != len(data) or table + count * 40 != size:
            raise ValueError("cut off")
        self.digest = data[32:48]
        self.sections, self.directories, self.keys = {}, {}, {}
        for i in range(count):
            kind, feature, _, item, offset, items, _ = struct.unpack_from("<IIIIQQQ", data, table + i * 40)
            section = (data[offset:offset + item * items], item, items)
            if kind == 14:
                self.directories[feature] = section
            elif kind == 15:
                self.keys[feature] = section
            else:
                self.sections[kind] = section

    def records(self, kind, layout):
        content, item, items = self.sections[kind]
        return [struct.unpack_from("<" + layout, content, i * item) for i in range(items)]

    def numbers(self, section, letter):
        content, item, items = section
        assert item == struct.calcsize(letter)
        return struct.unpack(f"<{items}{letter}", content)

    def raw_text(self, offset):
        strings = self.sections[2][0]
        return strings[offset:strings.index(0, offset)].decode("latin-1")

    def text(self, offset):
        return quoted(self.raw_text(offset).encode("latin-1"))


def quoted(raw):
    out = ""
    for byte in raw:
        if byte in b'"\\':
            out += "\\" + chr(byte)
        elif 0x20 <= byte <= 0x7E:
            out += chr(byte)
        else:
            out += f"\\x{byte:02x}"
    return f'"{out}"'


def read_totals(totals, field, fingerprinted):
    if field == NONE:
        return [0] * fingerprinted
    first = field & 0x3FFFFFFF
    if not field >> 31:
        return totals[first:first + fingerprinted]
    pairs = totals[first:first + 2 * fingerprinted]
    return [pairs[i] | pairs[i + 1] << 16 for i in range(0, len(pairs), 2)]


def kind_by_name(name, code):
    """The kind of a unit of a set of minor version 0."""
    if name.endswith(")"):
        return 1
    if name.endswith("!"):
        return 2 if name.endswith(")!") else 5
    body = name.rstrip("0123456789")
    if body == name:
        return 0
    if body.endswith("#"):
        return 4 if code else 3
    if body.endswith("+"):
        return 7 if body.endswith("!+") else 6
    return 0


def read_units(fpdb):
    """Component, name, totals and kind of each unit."""
    content, item, items = fpdb.sections[5]
    for i in range(items):
        component, name, totals = struct.unpack_from("<III", content, i * item)
        code = totals != NONE and totals & CODE
        if item >= 16:
            kind, = struct.unpack_from("<I", content, i * item + 12)
            kind = kind if kind < UNIT_KINDS else 0
        else:
            kind = kind_by_name(fpdb.raw_text(name), code)
        yield component, name, totals, kind


def print_components(fpdb):
    releases = fpdb.records(4, "II")
    builds = fpdb.records(16, "IIIII")
    units = list(read_units(fpdb))
    totals = fpdb.numbers(fpdb.sections[6], "H")
    names = ["id", "name", "purl", "cpe", "license", "family", "sources"]
    for number, fields in enumerate(fpdb.records(3, "16I")):
        texts = " ".join(f"{name} {fpdb.text(field)}" for name, field in zip(names, fields))
        role, since, first_release, release_count, first_unit, unit_count, first_build, build_count, sample = fields[7:]
        print(f"component {number} {texts} role {ROLES[role]} since {since} samples {sample & 255} {sample >> 8 & 255}")
        fingerprinted = 0
        for i in range(first_release, first_release + release_count):
            version, rank = releases[i]
            assert rank in (NONE, fingerprinted)
            fingerprinted += rank != NONE
            print(f"release {i} {fpdb.text(version)}" + (" fingerprinted" if rank != NONE else ""))
        for i in range(first_build, first_build + build_count):
            release, machine, toolchain, origin, archives = builds[i]
            print(f"code-build {i} release {release} machine {machine} toolchain {fpdb.text(toolchain)}"
                  f" origin {fpdb.text(origin)}{' archives' if archives & 1 else ''}")
        for i in range(first_unit, first_unit + unit_count):
            component, name, field, kind = units[i]
            code = field != NONE and field & CODE
            sums = "".join(f" {total}" for total in read_totals(totals, field, build_count if code else fingerprinted))
            print(f"unit {i} component {component} name {fpdb.text(name)} kind {kind}{' code' if code else ''} totals{sums}")


def print_bit_sets(fpdb):
    starts = fpdb.numbers(fpdb.sections[7], "I")
    words = fpdb.numbers(fpdb.sections[8], "Q")
    for i in range(len(starts) - 1):
        own = words[starts[i]:starts[i + 1]]
        bits = [64 * w + b for w, word in enumerate(own) for b in range(64) if word >> b & 1]
        print(f"bits {i}:" + "".join(f" {bit}" for bit in bits))


def print_entries(fpdb):
    units = fpdb.records(5, "III")
    for i, (owner, some, every, weight, flags) in enumerate(fpdb.records(9, "IIIHH")):
        place = f"component {owner}" if flags & 0x8000 else f"component {units[owner][0]} unit {owner}"
        print(f"entry {i} {place} any {some} all {every} weight {weight} flags {flags & 0x7fff}")
    lists = fpdb.numbers(fpdb.sections[11], "I")
    for i, posting in enumerate(fpdb.numbers(fpdb.sections[10], "I")):
        ids = [posting]
        if posting >> 31:
            start = posting & 0x7FFFFFFF
            ids = lists[start + 1:start + 1 + lists[start]]
        print(f"posting {i}:" + "".join(f" {entry}" for entry in ids))


def print_templates(fpdb):
    for i, (key, text, component, learnt_from, hits) in enumerate(fpdb.records(12, "QIIII")):
        print(f"template {i} key {key:016x} component {component} learnt-from {learnt_from} negative-hits {hits}"
              f" text {fpdb.text(text)}")
    if 13 in fpdb.sections:
        print("rules " + quoted(fpdb.sections[13][0][:-1]))


def print_histories(fpdb):
    if 17 not in fpdb.sections:
        return
    for component, release, releases, first, ranges in fpdb.records(17, "5I"):
        print(f"history component {component} releases {release} {releases} ranges {first} {ranges}")
    for i, (version, day) in enumerate(fpdb.records(18, "II")):
        print(f"history-release {i} day {day} {fpdb.text(version)}")
    pairs = fpdb.records(20, "HH")
    for i, (component, first, count, texts, unit) in enumerate(fpdb.records(19, "IIBBH")):
        ends = "".join(f" {low}-{high}" for low, high in pairs[first:first + count])
        print(f"history-range {i} component {component} unit {unit} texts {texts} releases{ends}")
    for record in fpdb.numbers(fpdb.sections[21], "Q"):
        print(f"history-key {record >> 20:011x} range {record & 0xfffff}")


def print_keys(fpdb):
    for feature in sorted(fpdb.keys):
        directory = fpdb.numbers(fpdb.directories[feature], "I")
        records = fpdb.numbers(fpdb.keys[feature], "Q")
        bits = (len(directory) - 1).bit_length() - 1
        for bucket in range(len(directory) - 1):
            for record in records[directory[bucket]:directory[bucket + 1]]:
                posting = record & (1 << (bits + 4)) - 1
                rest = record >> (bits + 4)
                key = bucket << (64 - bits) | rest << 4 | feature
                print(f"key {key:016x} posting {posting}")


def main():
    with open(sys.argv[1], "rb") as file:
        fpdb = Set(file.read())
    name, creator, parameters = (fpdb.text(field) for field in fpdb.records(1, "III")[0])
    print(f"set version {fpdb.major}.{fpdb.minor} digest {fpdb.digest.hex()} name {name} creator {creator}"
          f" parameters {parameters}")
    print_components(fpdb)
    print_bit_sets(fpdb)
    print_entries(fpdb)
    print_templates(fpdb)
    print_histories(fpdb)
    print_keys(fpdb)


if __name__ == "__main__":
    main()
