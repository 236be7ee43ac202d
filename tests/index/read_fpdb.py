#!/usr/bin/python3
"""Reads a compiled set (.fpdb) and prints it as text; written from signatures/FORMAT.md alone, slow, without checksums."""
import struct
import sys

NONE = 0xFFFFFFFF
UNIT_KINDS = 8
ROLES = ["library", "program", "runtime"]


class Set:
    """The sections of a file, taken apart."""

    def __init__(self, data):
        self.data = data
        if data[:8] != bytes.fromhex("8946504442 0d0a1a"):
            raise ValueError("not a set")
        self.major, self.minor, count, size, table = struct.unpack_from("<HHIQQ", data, 8)
        if self.major != 3:
            raise ValueError(f"format version {self.major}.{self.minor}")
        if size != len(data) or table + count * 40 != size:
            raise ValueError("cut off")
        self.digest = data[32:48]
        self.sections, self.directories, self.keys, self.hash_bits = {}, {}, {}, {}
        for i in range(count):
            kind, feature, hash_bits, width, _, item, offset, items, _ = struct.unpack_from(
                "<IBBHIIQQQ", data, table + i * 40)
            size = (items * width + 7) // 8 if width else items * item
            section = (data[offset:offset + size], width or item, items)
            if kind == 14:
                self.directories[feature] = section
            elif kind == 15:
                self.keys[feature] = section
                self.hash_bits[feature] = hash_bits
            else:
                self.sections[kind] = section
            if kind == 22:
                self.hash_bits["histories"] = hash_bits

    def records(self, kind, layout):
        content, item, items = self.sections[kind]
        return [struct.unpack_from("<" + layout, content, i * item) for i in range(items)]

    def numbers(self, section, letter):
        content, item, items = section
        assert item == struct.calcsize(letter)
        return struct.unpack(f"<{items}{letter}", content)

    def bits(self, *kinds):
        """The bits of a field that names an item of these sections together."""
        return sum(self.sections[kind][2] for kind in kinds).bit_length()

    def packed(self, kind, *fields):
        """The fields of each item of a packed section, from the low bit up."""
        for value in packed_items(self.sections[kind]):
            values = []
            for bits in fields:
                values.append(value & (1 << bits) - 1)
                value >>= bits
            yield values

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


def packed_items(section):
    content, width, items = section
    for i in range(items):
        first, last = i * width // 8, ((i + 1) * width + 7) // 8
        yield int.from_bytes(content[first:last], "little") >> i * width % 8 & (1 << width) - 1


def read_totals(totals, first, wide, numbers):
    if first is None:
        return [0] * numbers
    if not wide:
        return totals[first:first + numbers]
    pairs = totals[first:first + 2 * numbers]
    return [pairs[i] | pairs[i + 1] << 16 for i in range(0, len(pairs), 2)]


def read_units(fpdb):
    """Component, kind, name, first of the totals, wide and code of each unit."""
    bits = fpdb.bits(6)
    for component, kind, name, first, wide, code in fpdb.packed(5, fpdb.bits(3), 4, fpdb.bits(2), bits, 1, 1):
        none = first == (1 << bits) - 1
        yield component, kind if kind < UNIT_KINDS else 0, name, None if none else first, wide, code and not none


def print_components(fpdb):
    releases = fpdb.records(4, "III" if fpdb.sections[4][1] >= 12 else "II")
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
            version, rank, *built = releases[i]
            assert rank in (NONE, fingerprinted)
            fingerprinted += rank != NONE
            print(f"release {i} {fpdb.text(version)}" + ("" if rank == NONE else " sources" if built == [0] else " built"))
        for i in range(first_build, first_build + build_count):
            release, machine, toolchain, origin, archives = builds[i]
            print(f"code-build {i} release {release} machine {machine} toolchain {fpdb.text(toolchain)}"
                  f" origin {fpdb.text(origin)}{' archives' if archives & 1 else ''}")
        for i in range(first_unit, first_unit + unit_count):
            component, kind, name, first, wide, code = units[i]
            numbers = read_totals(totals, first, wide, build_count if code else fingerprinted)
            sums = "".join(f" {total}" for total in numbers)
            print(f"unit {i} component {component} name {fpdb.text(name)} kind {kind}{' code' if code else ''} totals{sums}")


def print_bit_sets(fpdb):
    starts = fpdb.numbers(fpdb.sections[7], "I")
    words = fpdb.numbers(fpdb.sections[8], "Q")
    for i in range(len(starts) - 1):
        own = words[starts[i]:starts[i + 1]]
        bits = [64 * w + b for w, word in enumerate(own) for b in range(64) if word >> b & 1]
        print(f"bits {i}:" + "".join(f" {bit}" for bit in bits))


def print_entries(fpdb):
    units = list(read_units(fpdb))
    attributes = fpdb.records(10, "IIHH")
    for i, (owner, attribute) in enumerate(fpdb.packed(9, fpdb.bits(5, 3), fpdb.bits(10))):
        is_unit = owner < len(units)
        place = f"component {units[owner][0]} unit {owner}" if is_unit else f"component {owner - len(units)}"
        some, every, weight, flags = attributes[attribute]
        print(f"entry {i} {place} any {some} all {every} weight {weight} flags {flags}")
    lists, at = list(packed_items(fpdb.sections[11])), 0
    while at < len(lists):
        end = at + 1 + lists[at]
        print(f"posting {fpdb.sections[9][2] + at}:" + "".join(f" {entry}" for entry in lists[at + 1:end]))
        at = end


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
    half = fpdb.sections[20][1] // 2
    pairs = list(fpdb.packed(20, half, half))
    ranges = list(fpdb.packed(19, fpdb.bits(20), 8, 16))
    owners = [component for component, _, _, _, count in fpdb.records(17, "5I") for _ in range(count)]
    for i, (first, texts, unit) in enumerate(ranges[:-1]):
        ends = "".join(f" {low}-{high}" for low, high in pairs[first:ranges[i + 1][0]])
        print(f"history-range {i} component {owners[i]} unit {unit} texts {texts} releases{ends}")
    index = fpdb.sections[21], fpdb.sections[22], fpdb.hash_bits["histories"], (len(ranges) - 1).bit_length()
    for key, posting in read_index(*index):
        print(f"history-key {key >> 20:011x} range {posting}")


def print_patches(fpdb):
    if 23 not in fpdb.sections:
        return
    for i, (component, cve, first, count) in enumerate(fpdb.records(23, "4I")):
        print(f"patch {i} component {component} functions {first} {count} cve {fpdb.text(cve)}")
    for i, (key, name, toolchain, origin, machine, state) in enumerate(fpdb.records(24, "QIIIHH")):
        print(f"patch-function {i} key {key:016x} {['unfixed', 'fixed'][state]} machine {machine} name {fpdb.text(name)}"
              f" toolchain {fpdb.text(toolchain)} origin {fpdb.text(origin)}")


def read_index(directory, keys, hash_bits, posting_bits):
    """The hash bits and the posting of each key."""
    content, item, groups = directory
    assert item == 21
    bits = (16 * groups).bit_length() - 1
    records = list(packed_items(keys))
    for group in range(groups):
        first, *bounds = struct.unpack_from("<I17B", content, group * item)
        for number, (start, end) in enumerate(zip(bounds, bounds[1:])):
            for record in records[first + start:first + end]:
                rest, posting = record >> posting_bits, record & (1 << posting_bits) - 1
                yield (16 * group + number) << (64 - bits) | rest << (64 - hash_bits), posting


def print_keys(fpdb):
    for feature in sorted(fpdb.keys):
        index = fpdb.directories[feature], fpdb.keys[feature], fpdb.hash_bits[feature], fpdb.bits(9, 11)
        for key, posting in read_index(*index):
            print(f"key {key | feature:016x} posting {posting}")


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
    print_patches(fpdb)
    print_keys(fpdb)


if __name__ == "__main__":
    main()
