"""Mutations of real files that know the format: header fields, tables, names, sizes, offsets; checksums and digests are made to
fit again, so that a reader gets behind them. Every mutation is a function of (rng, bytes) and says what it did."""
import bz2
import gzip
import hashlib
import io
import json
import lzma
import re
import struct
import tarfile
import zlib

MOST_FIELDS = 4  # changed in one mutation


def odd_number(rng, old, width, size):
    """A number that breaks things: an edge, a neighbour of the old one or of the file's size, or any."""
    mask = (1 << 8 * width) - 1
    return rng.choice([0, 1, 2, 7, 8, old + 1, old - 1, old * 2, old // 2, old ^ 1 << rng.randrange(8 * width), mask, mask >> 1,
                       (mask >> 1) + 1, mask - rng.randrange(64), size, size - 1, size + 1, size // 2, size - 16, 0x1000,
                       rng.getrandbits(8 * width), rng.getrandbits(8), rng.getrandbits(16)]) & mask


def set_fields(rng, data, fields, kind, little=True):
    """Changes some of the fields (offset, width, name)."""
    out = bytearray(data)
    fields = [field for field in fields if 0 <= field[0] and field[0] + field[1] <= len(out)]
    if not fields:
        return flip(rng, data)
    changed = []
    for offset, width, name in rng.sample(fields, min(len(fields), rng.choice([1, 1, 1, 2, 3, MOST_FIELDS]))):
        order = "little" if little else "big"
        old = int.from_bytes(out[offset:offset + width], order)
        out[offset:offset + width] = odd_number(rng, old, width, len(out)).to_bytes(width, order)
        changed.append(name)
    return bytes(out), f"{kind}:{changed[0]}"


# ---- any bytes ----

def flip(rng, data):
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16]) if out else 0):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out), "any:flip"


def truncate(rng, data):
    return data[:rng.choice([0, 1, len(data) - 1, rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)]) or 0], "any:truncate"


def duplicate(rng, data):
    a, b = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[a:min(b, a + 65536)] + data[at:], "any:duplicate"


def splice(rng, data, other):
    a, b = rng.randrange(len(data) + 1), rng.randrange(len(other) + 1)
    return rng.choice([data[:a] + other[b:b + 65536], data + other[:65536], data[:a] + other[b:b + 4096] + data[a + 4096:]]), "any:splice"


def anyhow(rng, data, other):
    return rng.choice([flip, truncate, duplicate, lambda r, d: splice(r, d, other)])(rng, data)


# ---- ELF ----

def elf(rng, data):
    wide, little = data[4:5] != b"\1", data[5:6] != b"\2"
    order, end = ("little" if little else "big"), ("<" if little else ">")

    def number(offset, width):
        return int.from_bytes(data[offset:offset + width], order)

    head = {"e_type": (16, 2), "e_machine": (18, 2), "e_version": (20, 4)}
    if wide:
        head |= {"e_entry": (24, 8), "e_phoff": (32, 8), "e_shoff": (40, 8), "e_flags": (48, 4), "e_ehsize": (52, 2),
                 "e_phentsize": (54, 2), "e_phnum": (56, 2), "e_shentsize": (58, 2), "e_shnum": (60, 2), "e_shstrndx": (62, 2)}
        program = [("p_type", 0, 4), ("p_flags", 4, 4), ("p_offset", 8, 8), ("p_vaddr", 16, 8), ("p_filesz", 32, 8), ("p_memsz", 40, 8),
                   ("p_align", 48, 8)]
        section = [("sh_name", 0, 4), ("sh_type", 4, 4), ("sh_flags", 8, 8), ("sh_addr", 16, 8), ("sh_offset", 24, 8), ("sh_size", 32, 8),
                   ("sh_link", 40, 4), ("sh_info", 44, 4), ("sh_entsize", 56, 8)]
        symbol, dynamic, entry = [("st_name", 0, 4), ("st_info", 4, 1), ("st_shndx", 6, 2), ("st_value", 8, 8), ("st_size", 16, 8)], 8, 64
    else:
        head |= {"e_entry": (24, 4), "e_phoff": (28, 4), "e_shoff": (32, 4), "e_flags": (36, 4), "e_ehsize": (40, 2),
                 "e_phentsize": (42, 2), "e_phnum": (44, 2), "e_shentsize": (46, 2), "e_shnum": (48, 2), "e_shstrndx": (50, 2)}
        program = [("p_type", 0, 4), ("p_offset", 4, 4), ("p_vaddr", 8, 4), ("p_filesz", 16, 4), ("p_memsz", 20, 4), ("p_flags", 24, 4)]
        section = [("sh_name", 0, 4), ("sh_type", 4, 4), ("sh_flags", 8, 4), ("sh_addr", 12, 4), ("sh_offset", 16, 4), ("sh_size", 20, 4),
                   ("sh_link", 24, 4), ("sh_info", 28, 4), ("sh_entsize", 36, 4)]
        symbol, dynamic, entry = [("st_name", 0, 4), ("st_value", 4, 4), ("st_size", 8, 4), ("st_info", 12, 1), ("st_shndx", 14, 2)], 4, 40
    groups = {"header": [(at, width, name) for name, (at, width) in head.items()] + [(i, 1, "e_ident") for i in (4, 5, 6)]}
    programs, sections = number(*head["e_phoff"]), number(*head["e_shoff"])
    groups["program header"] = [(programs + i * number(*head["e_phentsize"]) + at, width, name)
                                for i in range(min(number(*head["e_phnum"]), 64)) for name, at, width in program]
    groups["section header"] = []
    for i in range(min(number(*head["e_shnum"]), 256)):
        base = sections + i * entry
        groups["section header"] += [(base + at, width, name) for name, at, width in section]
        if base + entry > len(data):
            break
        kind, offset, size = (number(base + at, width) for at, width in [(4, 4), (24, 8) if wide else (16, 4), (32, 8) if wide else (20, 4)])
        if kind in (2, 11):
            step = 24 if wide else 16
            groups["symbol"] = groups.get("symbol", []) + [(offset + rng.randrange(max(size // step, 1)) * step + at, width, name)
                                                            for name, at, width in symbol]
        elif kind == 6:
            groups["dynamic"] = [(offset + j * 2 * dynamic + half * dynamic, dynamic, ("d_tag", "d_val")[half])
                                 for j in range(min(size // (2 * dynamic), 64)) for half in (0, 1)]
        elif kind == 7:
            groups["note"] = groups.get("note", []) + [(offset + at, 4, name) for name, at in [("namesz", 0), ("descsz", 4), ("type", 8)]]
        elif kind in (4, 9, 0x6ffffffe, 0x6ffffffd, 0x6fffffff, 5, 0x6ffffff6, 3) or (kind == 1 and size < 8192):
            groups["table"] = groups.get("table", []) + [(offset + rng.randrange(max(size, 1)), rng.choice([1, 2, 4, 8]), f"type {kind:x}")
                                                          for _ in range(8)]
    name = rng.choice(sorted(name for name, fields in groups.items() if fields))
    del end
    return set_fields(rng, data, groups[name], f"elf {name}", little)


# ---- PE ----

def pe(rng, data):
    if len(data) < 64:
        return flip(rng, data)
    base = struct.unpack_from("<I", data, 60)[0]
    if base + 256 > len(data):
        return flip(rng, data)
    sections, optional = struct.unpack_from("<H", data, base + 6)[0], struct.unpack_from("<H", data, base + 20)[0]
    wide = struct.unpack_from("<H", data, base + 24)[0] == 0x20b
    directories = base + 24 + (112 if wide else 96)
    table = base + 24 + optional
    groups = {
        "header": [(60, 4, "e_lfanew")] + [(base + 4 + at, width, name) for name, at, width in [
            ("machine", 0, 2), ("sections", 2, 2), ("symbols", 8, 4), ("symbol count", 12, 4), ("optional size", 16, 2), ("flags", 18, 2)]],
        "optional header": [(base + 24 + at, width, name) for name, at, width in [
            ("magic", 0, 2), ("code size", 4, 4), ("entry", 16, 4), ("image base", 24, 8 if wide else 4), ("alignment", 32, 4),
            ("file alignment", 36, 4), ("image size", 56, 4), ("header size", 60, 4), ("directories", 108 if wide else 92, 4)]],
        "directory": [(directories + 8 * i + at, 4, f"directory {i}") for i in range(16) for at in (0, 4)],
        "section": [(table + 40 * i + at, width, name) for i in range(min(sections, 32)) for name, at, width in [
            ("name", 0, 8), ("virtual size", 8, 4), ("address", 12, 4), ("size", 16, 4), ("offset", 20, 4), ("flags", 36, 4)]],
    }
    # what directories point to: imports, exports, resources, versions, unwind, debug
    content = []
    for i in range(16):
        address, size = struct.unpack_from("<II", data, directories + 8 * i) if directories + 8 * i + 8 <= len(data) else (0, 0)
        for k in range(min(sections, 32)):
            at = table + 40 * k
            if at + 40 > len(data):
                break
            start, raw, offset = (struct.unpack_from("<I", data, at + n)[0] for n in (12, 16, 20))
            if start <= address < start + raw:
                content += [(offset + address - start + rng.randrange(max(min(size, 4096), 1)), rng.choice([2, 4]), f"in directory {i}")
                            for _ in range(4)]
    groups["directory content"] = content or groups["directory"]
    name = rng.choice(sorted(groups))
    return set_fields(rng, data, groups[name], f"pe {name}")


# ---- texts in headers ----

ODD_NAMES = [b"../../etc/passwd", b"/", b"", b".", b"..", b"a" * 90, b"a/../../b", b"\x1b[2J", b"\xff\xfe", b"new\nline", b"a\0b", b".wh.a",
             b".wh..wh..opq", b"//a", b"a/", b"./a", b"var/lib/dpkg/status", b"manifest.json", b"oci-layout", b"META-INF/MANIFEST.MF"]


def odd_text(rng, old, width, base):
    number = int(old.strip(b"\0 ") or b"0", base) if re.fullmatch(rb"[\0 ]*[0-9a-fA-F]*[\0 ]*", old) and base <= 16 else 0
    form = {8: "o", 10: "d", 16: "x"}[base]
    value = rng.choice([0, 1, number + 1, number - 1, number * 2, (1 << 31) - 1, 1 << 32, (1 << 63) - 1, number ^ 1 << rng.randrange(16),
                        rng.getrandbits(16)])
    text = rng.choice([format(abs(value), form).encode(), b"-1", b"", b"x" * width, format(abs(value), form).encode().rjust(width, b"0"),
                       b"9" * width, b"\xff" * width])
    return text[:width].ljust(width, rng.choice([b" ", b"\0"]) if base != 16 else b"0")


# ---- ar, cpio ----

def ar(rng, data):
    out, at, heads = bytearray(data), 8, []
    while at + 60 <= len(data) and data[at + 58:at + 60] == b"`\n":
        heads.append(at)
        size = data[at + 48:at + 58].strip()
        at += 60 + (int(size) + 1 & ~1 if size.isdigit() else 0)
    if not heads:
        return flip(rng, data)
    at = rng.choice(heads)
    name, offset, width = rng.choice([("name", 0, 16), ("date", 16, 12), ("owner", 28, 6), ("mode", 40, 8), ("size", 48, 10), ("size", 48, 10),
                                      ("end", 58, 2), ("table", 60, 4), ("table", 60 + 4 * rng.randrange(64), 4)])
    if name == "name":
        value = rng.choice([b"/", b"//", b"/99999999", b"/0", b"#1/200", b"#1/0", b"#1/99999999999", b"/SYM64/", b"__.SYMDEF", *ODD_NAMES])
        out[at:at + 16] = value[:16].ljust(16)
    elif name == "table" or name == "end":
        return set_fields(rng, data, [(at + offset, width, name)], "ar", False)
    else:
        out[at + offset:at + offset + width] = odd_text(rng, data[at + offset:at + offset + width], width, 10)
    return bytes(out), f"ar:{name}"


def cpio(rng, data):
    out, at, heads = bytearray(data), 0, []
    while data[at:at + 6] in (b"070701", b"070702") and at + 110 <= len(data):
        heads.append(at)
        try:
            size, name = int(data[at + 54:at + 62], 16), int(data[at + 94:at + 102], 16)
        except ValueError:
            break
        at = (at + 110 + name + 3 & ~3) + (size + 3 & ~3)
    if not heads:
        return flip(rng, data)
    at = rng.choice(heads)
    field = rng.randrange(14)
    if field == 13:
        name = rng.choice(ODD_NAMES)
        out[at + 110:at + 110 + len(name)] = name
    else:
        where = at + 6 + 8 * field
        out[where:where + 8] = odd_text(rng, data[where:where + 8], 8, 16)
    return bytes(out), f"cpio:field {field}"


# ---- tar ----

TAR_FIELDS = [("name", 0, 100), ("mode", 100, 8), ("uid", 108, 8), ("size", 124, 12), ("size", 124, 12), ("mtime", 136, 12), ("type", 156, 1),
              ("type", 156, 1), ("link", 157, 100), ("magic", 257, 8), ("prefix", 345, 155), ("checksum", 148, 8), ("pax", 512, 0)]


def tar_sum(out, at):
    out[at + 148:at + 156] = b" " * 8
    out[at + 148:at + 156] = b"%06o\0 " % (sum(out[at:at + 512]) & 0o777777)


def tar(rng, data):
    out, at, heads = bytearray(data), 0, []
    while at + 512 <= len(data) and data[at + 257:at + 262] == b"ustar":
        heads.append(at)
        size = data[at + 124:at + 136].strip(b"\0 ")
        at += 512 + (int(size, 8) + 511 & ~511 if re.fullmatch(rb"[0-7]+", size) else 0)
    if not heads:
        return flip(rng, data)
    how = rng.randrange(10)
    at = rng.choice(heads)
    if how == 0:  # an entry more than once, or in another place
        next_at = next((head for head in heads if head > at), at + 512)
        to = rng.choice(heads)
        return bytes(out[:to] + out[at:next_at] + out[to:]), "tar:entry"
    if how == 1:  # what describes the next entry, with odd values
        record = rng.choice([b"path=%s\n" % rng.choice(ODD_NAMES).replace(b"\n", b""), b"size=%d\n" % rng.getrandbits(rng.choice([8, 32, 64])),
                             b"linkpath=%s\n" % rng.choice(ODD_NAMES).replace(b"\n", b""), b"GNU.sparse.major=1\nGNU.sparse.minor=0\n",
                             b"GNU.sparse.map=0,1,99999999999,5\n", b"comment=" + b"x" * 2000 + b"\n"])
        body = b"%d %s" % (rng.choice([len(record) + 3, len(record), 0, 999999]), record)
        body = body.ljust(len(body) + 511 & ~511, b"\0")
        head = bytearray(out[at:at + 512])
        head[124:136], head[156:157] = b"%011o\0" % len(body), rng.choice([b"x", b"g", b"L", b"K", b"S"])
        extra = head + body
        tar_sum(extra, 0)
        return bytes(out[:at] + extra + out[at:]), "tar:extended header"
    name, offset, width = rng.choice(TAR_FIELDS[:-1])
    where = at + offset
    if name in ("name", "link", "prefix"):
        out[where:where + width] = rng.choice(ODD_NAMES)[:width].ljust(width, b"\0")
    elif name == "type":
        out[where] = rng.choice(b"01234567LKxgSVMND\0A\xff")
    elif name == "magic":
        out[where:where + 8] = rng.choice([b"ustar  \0", b"ustar\00000", b"\0" * 8, b"xxxxxxxx"])
    elif name == "size" and rng.randrange(3) == 0:  # the other way to write a number
        out[where:where + 12] = b"\x80" + rng.getrandbits(88).to_bytes(11, "big")
    else:
        out[where:where + width] = odd_text(rng, bytes(out[where:where + width]), width, 8)
    if name != "checksum":
        tar_sum(out, at)
    return bytes(out), f"tar:{name}"


PACKERS = {"gz": (lambda data: gzip.compress(data, 1, mtime=0), gzip.decompress), "xz": (lambda data: lzma.compress(data, preset=0), lzma.decompress),
           "bz2": (lambda data: bz2.compress(data, 1), bz2.decompress)}


def packed_tar(kind):
    def mutate(rng, data):
        pack, unpack = PACKERS[kind]
        out, what = tar(rng, unpack(data))
        return pack(out), f"{kind} {what}"
    return mutate


def deb(rng, data):
    """The members of a package, its inner tars unpacked, changed and packed again."""
    if rng.randrange(4) == 0:
        return ar(rng, data)
    at, members = 8, []
    while at + 60 <= len(data):
        size = int(data[at + 48:at + 58])
        members.append([data[at:at + 60], data[at + 60:at + 60 + size]])
        at += 60 + (size + 1 & ~1)
    chosen = [member for member in members if b".tar." in member[0][:16]]
    if not chosen:
        return ar(rng, data)
    member = rng.choice(chosen)
    kind = member[0][:16].strip().rstrip(b"/").split(b".")[-1].decode()
    if kind not in PACKERS:
        return ar(rng, data)
    member[1], what = packed_tar(kind)(rng, member[1])
    out = b"!<arch>\n"
    for head, body in members:
        out += head[:48] + b"%-10d" % len(body) + head[58:] + body + b"\n" * (len(body) & 1)
    return out, f"deb {what}"


# ---- zip ----

def zip_file(rng, data):
    end = data.rfind(b"PK\5\6")
    if end < 0 or end + 22 > len(data):
        return flip(rng, data)
    count, start = struct.unpack_from("<H", data, end + 10)[0], struct.unpack_from("<I", data, end + 16)[0]
    groups = {"end": [(end + at, width, name) for name, at, width in [
        ("disk", 4, 2), ("here", 8, 2), ("count", 10, 2), ("size", 12, 4), ("offset", 16, 4), ("comment", 20, 2)]], "central": [], "local": []}
    at, locals_, names = start, [], []
    for _ in range(min(count, 200)):
        if data[at:at + 4] != b"PK\1\2" or at + 46 > len(data):
            break
        groups["central"] += [(at + offset, width, name) for name, offset, width in [
            ("version", 6, 2), ("flags", 8, 2), ("method", 10, 2), ("crc", 16, 4), ("packed", 20, 4), ("size", 24, 4), ("name", 28, 2),
            ("extra", 30, 2), ("comment", 32, 2), ("attributes", 38, 4), ("offset", 42, 4)]]
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        names.append((at + 46, name))
        locals_.append(struct.unpack_from("<I", data, at + 42)[0])
        at += 46 + name + extra + comment
    for local in locals_:
        groups["local"] += [(local + offset, width, name) for name, offset, width in [
            ("flags", 6, 2), ("method", 8, 2), ("crc", 14, 4), ("packed", 18, 4), ("size", 22, 4), ("name", 26, 2), ("extra", 28, 2)]]
    choice = rng.randrange(6)
    if choice == 0 and names:  # a name in the directory, or in the local header, or in both
        where, length = rng.choice(names)
        name, out = rng.choice(ODD_NAMES)[:length], bytearray(data)
        out[where:where + len(name)] = name
        return bytes(out), "zip:name"
    if choice == 1 and locals_:  # content that is stored: its checksum made to fit
        out, local = bytearray(data), rng.choice(locals_)
        method, = struct.unpack_from("<H", data, local + 8)
        size, = struct.unpack_from("<I", data, local + 18)
        begin = local + 30 + sum(struct.unpack_from("<HH", data, local + 26))
        if method == 0 and size and begin + size <= len(data):
            out[begin + rng.randrange(size)] ^= 1 << rng.randrange(8)
            struct.pack_into("<I", out, local + 14, zlib.crc32(bytes(out[begin:begin + size])))
            return bytes(out), "zip:content"
        return flip(rng, data)
    if choice == 2:
        junk = bytes(rng.getrandbits(8) for _ in range(rng.choice([1, 30, 300])))
        return rng.choice([junk + data, data + junk, data[:end] + junk + data[end:]]), "zip:junk"
    name = rng.choice(sorted(name for name, fields in groups.items() if fields))
    return set_fields(rng, data, groups[name], f"zip {name}")


# ---- texts: databases of packages, documents ----

ODD_WORDS = ["", " ", "x" * 5000, "../../etc/passwd", "\x1b[31m", "\u202e", "1:2:3", "~", "999999999999999999999", "=cmd|x", "@SUM(1)", "\t", "a (>= 1), b |",
             "install ok half-installed", "deinstall ok config-files", "\xff"]


def text_database(rng, data, name):
    """Fields, lines and records of dpkg's and apk's databases."""
    lines = data.split(b"\n")
    how = rng.randrange(9)
    at = rng.randrange(len(lines))
    if how == 0:
        del lines[at]
    elif how == 1:
        lines.insert(rng.randrange(len(lines)), lines[at])
    elif how == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif how in (3, 4, 5):
        key, colon, _ = lines[at].partition(b":")
        lines[at] = key + colon + b" " * (colon != b"") + rng.choice(ODD_WORDS).encode("latin-1", "replace")
    elif how == 6:
        records = data.split(b"\n\n")
        one, two = rng.randrange(len(records)), rng.randrange(len(records))
        records[one] = records[two] if rng.randrange(2) else records[one] + b"\n" + records[two]
        return b"\n\n".join(records), f"{name}:record"
    elif how == 7:
        return anyhow(rng, data, data)
    else:
        lines[at] = rng.choice([b"\0" + lines[at], lines[at] * 50, b" " + lines[at], lines[at].lower(), lines[at].replace(b":", b""), b"\r" + lines[at],
                                lines[at] + b"\0x"])
    return b"\n".join(lines), f"{name}:{('line', 'line', 'line', 'field', 'field', 'field', '', '', 'line')[how]}"


def odd_value(rng, old):
    return rng.choice([None, True, -1, 0, 1 << 62, 1e300, "", "x" * 3000, "../../x", "sha256:" + "0" * 64, [], {}, [old] * 3, {"a": old}, [[[[[[old]]]]]],
                       "\u0000", "\ud7ff\u202e"])


def json_places(value, found):
    if isinstance(value, dict):
        for key in value:
            found.append((value, key))
            json_places(value[key], found)
    elif isinstance(value, list):
        for index in range(len(value)):
            found.append((value, index))
            json_places(value[index], found)
    return found


def json_document(rng, data):
    value = json.loads(data)
    places = json_places(value, [])
    if not places or rng.randrange(8) == 0:
        return anyhow(rng, data, data)[0], "json:bytes"
    holder, key = rng.choice(places)
    how = rng.randrange(4)
    if how == 0:
        del holder[key]
    elif how == 1 and isinstance(holder, list):
        holder.append(holder[key])
    elif how == 2 and isinstance(holder, dict):
        return json.dumps(value).replace(json.dumps(key), json.dumps(key) + ": 1, " + json.dumps(key), 1).encode(), "json:key twice"
    else:
        holder[key] = odd_value(rng, holder[key])
    return json.dumps(value).encode(), "json:value"


# ---- OCI layouts: a dict of names and bytes ----

def oci(rng, files):
    """Changes a document or a layer; the digests above it are made to fit, or one of them is not."""
    files = dict(files)
    index = json.loads(files["index.json"])
    blob = "blobs/sha256/"

    def store(data):
        digest = hashlib.sha256(data).hexdigest()
        files[blob + digest] = data
        return {"digest": "sha256:" + digest, "size": len(data)}

    name = index["manifests"][0]["digest"][7:]
    manifest = json.loads(files.pop(blob + name))
    how = rng.randrange(8)
    if how == 0:
        files["index.json"], what = json_document(rng, files["index.json"])
        files[blob + name] = json.dumps(manifest).encode()
        return files, f"oci index {what}"
    if how == 1:
        data, what = json_document(rng, json.dumps(manifest).encode())
        index["manifests"][0] |= store(data)
        files["index.json"] = json.dumps(index).encode()
        return files, f"oci manifest {what}"
    if how == 2:
        data, what = json_document(rng, files[blob + manifest["config"]["digest"][7:]])
        manifest["config"] |= store(data)
        what = f"oci config {what}"
    elif how == 3:  # a digest or size that is wrong
        layer = rng.choice(manifest["layers"] + [manifest["config"]])
        layer[rng.choice(["digest", "size", "mediaType"])] = rng.choice(["sha256:" + "f" * 64, 5, "", None, "sha512:00", 1 << 40])
        what = "oci:wrong digest"
    elif how == 4:
        files["oci-layout"], what = json_document(rng, files["oci-layout"])
        what = f"oci layout {what}"
    else:
        place = rng.randrange(len(manifest["layers"]))
        layer = manifest["layers"][place]
        packed = files[blob + layer["digest"][7:]]
        plain, what = tar(rng, gzip.decompress(packed))
        data = gzip.compress(plain, 1, mtime=0)
        if how == 5:
            data, what = anyhow(rng, packed, packed)
        manifest["layers"][place] = layer | store(data)
        config = json.loads(files[blob + manifest["config"]["digest"][7:]])
        if how == 6:  # the config knows the bytes too
            config["rootfs"]["diff_ids"][place] = "sha256:" + hashlib.sha256(plain).hexdigest()
            manifest["config"] |= store(json.dumps(config).encode())
        what = f"oci layer {what}"
    index["manifests"][0] |= store(json.dumps(manifest).encode())
    files["index.json"] = json.dumps(index).encode()
    return files, what


def docker(rng, data):
    """A tar as docker save writes it: the tar's headers, or its documents."""
    if rng.randrange(2):
        return tar(rng, data)
    out = io.BytesIO()
    what = "docker:none"
    with tarfile.open(fileobj=io.BytesIO(data)) as source, tarfile.open(fileobj=out, mode="w") as target:
        members = [(info, source.extractfile(info).read() if info.isreg() else b"") for info in source]
        chosen = rng.randrange(len(members))
        for i, (info, body) in enumerate(members):
            if i == chosen:
                body, what = json_document(rng, body) if info.name.endswith(".json") else tar(rng, body) if body else (body, what)
                info.size = len(body)
            target.addfile(info, io.BytesIO(body))
    return out.getvalue(), f"docker {what}"


# ---- rpm ----

def rpm_header(rng, data, at=0):
    """The index of a header blob: tags, types, offsets and counts. `at`: where its counts stand."""
    count = int.from_bytes(data[at:at + 4], "big")
    fields = [(at, 4, "index count"), (at + 4, 4, "data size")]
    for i in range(min(count, 400)):
        fields += [(at + 8 + 16 * i + 4 * k, 4, name) for k, name in enumerate(("tag", "type", "offset", "count"))]
    fields += [(at + 8 + 16 * count + rng.randrange(max(len(data) - at - 8 - 16 * count, 1)), rng.choice([1, 4]), "data") for _ in range(20)]
    return set_fields(rng, data, fields, "rpm header", False)


def rpm_file(rng, data):
    """Lead, signature header and header of a package."""
    magic = b"\x8e\xad\xe8\x01"
    places = [match.start() + 8 for match in re.finditer(re.escape(magic), data[:65536])]
    if not places or rng.randrange(8) == 0:
        return set_fields(rng, data, [(i, rng.choice([1, 2, 4]), "lead") for i in range(96)], "rpm", False)
    return rpm_header(rng, data, rng.choice(places))


def sqlite(rng, data):
    """Pages of a database: the file's header, and the headers and cells of b-trees."""
    page = int.from_bytes(data[16:18], "big") or 4096
    fields = [(at, width, f"header {at}") for at, width in [(16, 2), (18, 1), (19, 1), (20, 1), (28, 4), (32, 4), (36, 4), (44, 4), (52, 4), (56, 4)]]
    for number in range(min(len(data) // page, 64)):
        base = number * page + (100 if number == 0 else 0)
        fields += [(base, 1, "page type"), (base + 1, 2, "free block"), (base + 3, 2, "cells"), (base + 5, 2, "content"), (base + 8, 4, "right page")]
        fields += [(base + 8 + 2 * k, 2, "cell") for k in range(4)] + [(base + page - 200 + rng.randrange(200), 2, "record") for _ in range(4)]
    return set_fields(rng, data, fields, "sqlite", False)


def berkeley_db(rng, data):
    fields = [(at, 4, f"header {at}") for at in range(8, 80, 4)]
    page = int.from_bytes(data[20:24], "little")
    if page not in (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536):
        page = 4096
    for number in range(min(len(data) // page, 64)):
        fields += [(number * page + at, 4, "page") for at in (8, 12, 16)] + [(number * page + 20, 2, "entries"), (number * page + 22, 2, "offset"),
                                                                           (number * page + 25, 1, "type"), (number * page + 26, 2, "item")]
    return set_fields(rng, data, fields, "berkeley db")


def ndb(rng, data):
    fields = [(at, 4, f"header {at}") for at in range(0, 32, 4)] + [(32 + 16 * i + 4 * k, 4, "slot") for i in range(64) for k in range(4)]
    fields += [(match.start() + 4 * k, 4, "blob") for match in re.finditer(b"BlbS", data) for k in range(4)]
    return set_fields(rng, data, fields, "ndb")
