"""Reads what the version functions of a library return, from the code of the functions: no foreign code runs.

A version function is exported and loads a constant: a text ("1.2.13" of zlibVersion) or a number (WebPGetDecoderVersion). So the
same reader does for ELF and PE, x86-64 and AArch64. versions(data) gives (component, version, function) for each that it can read.
"""
import re
import struct

DOTS = r"v?(\d+(?:\.\d+)+)"
PLAIN = DOTS + r"([a-z]?)$"
ELF_MACHINES, PE_MACHINES = {62: "x86-64", 183: "aarch64"}, {0x8664: "x86-64", 0xaa64: "aarch64"}


def bytes3(number):
    return f"{number >> 16}.{number >> 8 & 255}.{number & 255}"


def thousands(number):
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def openssl(number):
    if number >> 28 >= 3:
        return f"{number >> 28}.{number >> 20 & 255}.{number >> 4 & 65535}"
    letter = number >> 4 & 255
    return f"{number >> 28}.{number >> 20 & 255}.{number >> 12 & 255}" + (chr(96 + letter) if letter else "")


# function or variable: (component, pattern of the text, or how the number is read)
FUNCTIONS = {
    "zlibVersion": ("zlib", DOTS + "$"), "zlibng_version": ("zlib-ng", DOTS + "$"), "BZ2_bzlibVersion": ("bzip2", DOTS + ","),
    "ZSTD_versionString": ("zstd", PLAIN), "ZSTD_versionNumber": ("zstd", thousands), "LZ4_versionString": ("lz4", PLAIN),
    "LZ4_versionNumber": ("lz4", thousands), "lzma_version_string": ("xz", PLAIN), "lzo_version_string": ("lzo", PLAIN),
    "BrotliDecoderVersion": ("brotli", lambda number: f"{number >> 24}.{number >> 12 & 4095}.{number & 4095}"),
    "BrotliEncoderVersion": ("brotli", lambda number: f"{number >> 24}.{number >> 12 & 4095}.{number & 4095}"),
    "XXH_versionNumber": ("xxhash", thousands), "archive_version_string": ("libarchive", r"libarchive " + DOTS),
    "hb_version_string": ("harfbuzz", PLAIN), "png_get_header_ver": ("libpng", PLAIN), "png_get_libpng_ver": ("libpng", PLAIN),
    "sqlite3_libversion": ("sqlite", PLAIN), "sqlite3_version": ("sqlite", PLAIN),
    "OpenSSL_version": ("openssl", r"OpenSSL (\d[^ -]+)[ -]"), "SSLeay_version": ("openssl", r"OpenSSL (\d[^ -]+)[ -]"),
    "OpenSSL_version_num": ("openssl", openssl), "curl_version": ("curl", "libcurl/" + PLAIN), "curl_version_info": ("curl", PLAIN),
    "nghttp2_version": ("nghttp2", PLAIN), "nghttp3_version": ("nghttp3", PLAIN), "ngtcp2_version": ("ngtcp2", PLAIN),
    "XML_ExpatVersion": ("expat", "expat_" + PLAIN), "xmlParserVersion": ("libxml2", thousands), "xsltEngineVersion": ("libxslt", thousands),
    "av_version_info": ("ffmpeg", r"n?" + PLAIN), "__gmp_version": ("gmp", PLAIN), "mpfr_get_version": ("mpfr", PLAIN),
    "mpc_get_version": ("mpc", PLAIN), "WebPGetDecoderVersion": ("libwebp", bytes3), "WebPGetEncoderVersion": ("libwebp", bytes3),
    "WebPGetDemuxVersion": ("libwebp", bytes3), "WebPGetMuxVersion": ("libwebp", bytes3),
    "JxlDecoderVersion": ("libjxl", lambda number: f"{number // 1000000}.{number // 1000 % 1000}.{number % 1000}"),
    "opj_version": ("openjpeg", PLAIN), "TIFFGetVersion": ("libtiff", "LIBTIFF, Version " + DOTS), "gdVersionString": ("libgd", PLAIN),
    "avifVersion": ("libavif", PLAIN), "heif_get_version": ("libheif", PLAIN), "de265_get_version": ("libde265", PLAIN),
    "cmsGetEncodedCMMversion": ("lcms2", lambda number: f"{number // 1000}.{number // 10 % 100}" + (f".{number % 10}" if number % 10 else "")),
    "dav1d_version": ("dav1d", DOTS + "(?:-0-g.*)?$"), "aom_codec_version_str": ("aom", PLAIN), "vpx_codec_version_str": ("libvpx", PLAIN),
    "svt_av1_get_version": ("svt-av1", PLAIN), "x265_version_str": ("x265", PLAIN), "srt_getversion": ("srt", bytes3),
    "opus_get_version_string": ("opus", "libopus " + PLAIN), "vorbis_version_string": ("libvorbis", r"Xiph\.Org libVorbis " + PLAIN),
    "FLAC__VERSION_STRING": ("flac", PLAIN), "sf_version_string": ("libsndfile", "libsndfile-" + PLAIN), "get_lame_version": ("lame", PLAIN),
    "gnutls_check_version": ("gnutls", PLAIN), "libssh2_version": ("libssh2", PLAIN), "ares_version": ("c-ares", PLAIN),
    "sodium_version_string": ("libsodium", PLAIN), "event_get_version": ("libevent", DOTS), "uv_version_string": ("libuv", PLAIN),
    "pcre_version": ("pcre", DOTS + " "), "cairo_version_string": ("cairo", PLAIN), "pixman_version_string": ("pixman", PLAIN),
    "FcGetVersion": ("fontconfig", thousands), "mdb_version": ("lmdb", "LMDB " + DOTS), "rd_kafka_version_str": ("librdkafka", PLAIN),
    "yaml_get_version_string": ("libyaml", PLAIN), "cmark_version_string": ("cmark", PLAIN),
 "idn2_check_version": ("libidn2", PLAIN), "json_c_version": ("json-c", PLAIN),
    "gsl_version": ("gsl", PLAIN), "fftw_version": ("fftw", "fftw-" + DOTS), "fftwf_version": ("fftw", "fftw-" + DOTS),
    "blosc_get_version_string": ("c-blosc", PLAIN), "blosc2_get_version_string": ("c-blosc2", PLAIN),
    "gcry_check_version": ("libgcrypt", PLAIN), "gpg_error_check_version": ("libgpg-error", PLAIN), "isl_version": ("isl", "isl-" + PLAIN),
    "utf8proc_version": ("utf8proc", PLAIN), "pcap_lib_version": ("libpcap", "libpcap version " + DOTS)}


def plain(name):
    """The name of the function that a JNI function wraps (Java_..._Zstd_nZSTD_1versionString), or the name itself."""
    if not name.startswith("Java_"):
        return name
    last = name.replace("_1", "\0").rsplit("_", 1)[-1].replace("\0", "_")
    return last if last in FUNCTIONS else last.removeprefix("n")


class Elf:
    """The exported symbols of an ELF file, and its bytes and pointers by address."""

    def __init__(self, data):
        self.data, self.pointers, self.symbols = data, {}, {}
        self.machine = ELF_MACHINES[struct.unpack_from("<H", data, 18)[0]]
        programs, sections = struct.unpack_from("<QQ", data, 32)
        program_size, programs_count, section_size, sections_count = struct.unpack_from("<HHHH", data, 54)
        self.segments = []
        for index in range(programs_count):
            kind, _, offset, address, _, size = struct.unpack_from("<IIQQQQ", data, programs + index * program_size)
            if kind == 1:
                self.segments.append((address, offset, size))
        rows = [struct.unpack_from("<IIQQQQIIQQ", data, sections + index * section_size) for index in range(sections_count)]
        for _, kind, _, _, offset, size, link, *_ in rows:
            if kind == 11:
                self.read_symbols(offset, size, rows[link][4])
        for _, kind, _, _, offset, size, *_ in rows:
            if kind == 4:
                self.read_relocations(offset, size)

    def read_symbols(self, offset, size, texts):
        self.names = []
        for name, _, _, section, address, length in struct.iter_unpack("<IBBHQQ", self.data[offset:offset + size]):
            text = self.data[texts + name:self.data.find(b"\0", texts + name)].decode("ascii", "replace")
            self.names.append(address if section else 0)
            if section and plain(text) in FUNCTIONS:
                self.symbols[plain(text)] = address, length

    def read_relocations(self, offset, size):
        for place, info, addend in struct.iter_unpack("<QQq", self.data[offset:offset + size - size % 24]):
            symbol = info >> 32
            self.pointers[place] = addend + (self.names[symbol] if symbol and symbol < len(self.names) else 0)

    def read(self, address, size):
        for start, offset, length in self.segments:
            if start <= address < start + length:
                return self.data[offset + address - start:offset + min(address - start + size, length)]
        return b""

    def pointer(self, address):
        return self.pointers.get(address, 0)


class Pe:
    """The same of a PE32+ file; addresses are relative to the image's base."""

    def __init__(self, data):
        self.data, self.symbols, self.segments = data, {}, []
        head = struct.unpack_from("<I", data, 60)[0]
        machine, sections, _, _, _, optional = struct.unpack_from("<HHIIIH", data, head + 4)
        self.machine = PE_MACHINES[machine]
        self.base = struct.unpack_from("<Q", data, head + 48)[0]
        for index in range(sections):
            _, address, length, offset = struct.unpack_from("<IIII", data, head + 24 + optional + index * 40 + 8)
            self.segments.append((address, offset, length))
        table = struct.unpack_from("<I", data, head + 136)[0]
        if not table:
            return
        count, functions, names, ordinals = struct.unpack("<IIII", self.read(table + 24, 16))
        for index in range(count):
            name = plain(self.text(struct.unpack("<I", self.read(names + 4 * index, 4))[0]))
            if name in FUNCTIONS:
                ordinal = struct.unpack("<H", self.read(ordinals + 2 * index, 2))[0]
                self.symbols[name] = struct.unpack("<I", self.read(functions + 4 * ordinal, 4))[0], 0

    read = Elf.read

    def text(self, address):
        return self.read(address, 200).split(b"\0", 1)[0].decode("ascii", "replace")

    def pointer(self, address):
        value = self.read(address, 8)
        return struct.unpack("<Q", value)[0] - self.base if len(value) == 8 else 0


def text_at(image, address):
    return image.read(address, 200).split(b"\0", 1)[0].decode("ascii", "replace") if address > 0 else ""


def code_x86(image, address, size):
    """(addresses that the function's code forms, the number it returns or None)"""
    code = image.read(address, size or 96)
    if code[:1] == b"\xe9":
        address += 5 + struct.unpack_from("<i", code, 1)[0]
        code = image.read(address, size or 96)
    found, number, code = [], None, code + bytes(6)
    for at in range(len(code) - 6):
        if code[at] in (0x48, 0x4c) and code[at + 1] in (0x8d, 0x8b) and code[at + 2] & 0xc7 == 5:
            target = address + at + 7 + struct.unpack_from("<i", code, at + 3)[0]
            found.append(target if code[at + 1] == 0x8d else image.pointer(target))
        if code[at] == 0xb8 and number is None and re.fullmatch(rb"(\xf3\x0f\x1e\xfa)?(\x55\x48\x89\xe5)?", code[:at]):
            number = struct.unpack_from("<I", code, at + 1)[0]
        if code[at] == 0xc3 and not size:
            break
    return found, number


def code_arm(image, address, size):
    code = image.read(address, size or 96)
    words = [word for word, in struct.iter_unpack("<I", code[:len(code) & ~3])]
    if words and words[0] >> 26 == 5:
        address += ((words[0] & 0x3ffffff ^ 0x2000000) - 0x2000000) * 4
        code = image.read(address, size or 96)
        words = [word for word, in struct.iter_unpack("<I", code[:len(code) & ~3])]
    found, pages, number = [], {}, None
    for at, word in enumerate(words):
        into, source = word & 31, word >> 5 & 31
        if word & 0x1f000000 == 0x10000000:
            offset = ((word >> 3 & 0x1ffffc | word >> 29 & 3) ^ 0x100000) - 0x100000
            pages[into] = (address + 4 * at & ~0xfff) + (offset << 12) if word >> 31 else address + 4 * at + offset
            if not word >> 31:
                found.append(pages[into])
        elif word & 0xffc00000 == 0x91000000 and source in pages:
            found.append(pages[source] + (word >> 10 & 0xfff))
        elif word & 0xffc00000 == 0xf9400000 and source in pages:
            found.append(image.pointer(pages[source] + (word >> 10 & 0xfff) * 8))
        elif word & 0x7f80001f == 0x52800000:
            number = (word >> 5 & 0xffff) << (word >> 21 & 3) * 16
        elif word & 0x7f80001f == 0x72800000 and number is not None:
            number |= (word >> 5 & 0xffff) << (word >> 21 & 3) * 16
        elif word == 0xd65f03c0 and not size:
            break
    return found, number


def read_one(image, name):
    """The version that one exported function or variable gives, or None."""
    form, (address, size) = FUNCTIONS[name][1], image.symbols[name]
    pointed = image.pointer(address)
    places, number = (code_arm if image.machine == "aarch64" else code_x86)(image, address, size)
    if name in ("xmlParserVersion", "xsltEngineVersion"):
        text = text_at(image, pointed)
        return thousands(int(text[:5])) if re.match(r"\d{5}", text) else None
    if callable(form):
        return form(number) if number else None
    structures = [image.pointer(place + 8) for place in places]  # of nghttp2_version and curl_version_info
    for place in [address, pointed, *places, *map(image.pointer, places), *structures]:
        text = text_at(image, place)
        match = re.match(form, text)
        if match:
            return match.group(1) + match.group(2) if "[a-z]" in form else match.group(1)
    return None


def versions(data):
    """{(component, version): function} of a file's bytes; empty for what is neither ELF nor PE of a known machine."""
    try:
        image = Elf(data) if data[:5] == b"\x7fELF\2" else Pe(data) if data[:2] == b"MZ" else None
        found = {}
        for name in sorted(image.symbols) if image else []:
            version = read_one(image, name)
            if version:
                found.setdefault((FUNCTIONS[name][0], version), name)
        return found
    except (struct.error, KeyError, IndexError, AttributeError):
        return {}
