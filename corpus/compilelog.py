"""What a compiler was called with in a build, and the same calls again: records, words of a call, functions of assembly."""

import os
import re
from collections import namedtuple

import patchseries

LOGGER = """#!/bin/sh
# Notes each call of a compiler that reads source, then makes the object quickly: its code is not wanted, only that the build goes on.
real=/usr/bin/${0##*/} source= object=
for word; do
    case $word in
    *conftest* | *CMakeTmp* | *CMakeScratch* | *TryCompile* | *meson-private* | *testfile.c*) exec "$real" "$@" ;;
    -c) object=1 ;;
    *.c | *.cc | *.cpp | *.cxx) source=1 ;;
    esac
done
[ "$source" ] || exec "$real" "$@"
{ printf '%s\\0' "$PWD" "${0##*/}" "$@"; printf '\\n'; } >> "$COMPILE_LOG/$$"
if [ "$object" ]; then "$real" "$@" -O0 -g0 -w -fno-lto 2>/dev/null && exit 0; fi
exec "$real" "$@"
"""
COMPILERS = re.compile(r"(?:x86_64-linux-gnu-)?(?:gcc|g\+\+|cc|c\+\+)(?:-\d+)?")

TAKE_A_WORD = {"-MF", "-MT", "-MQ", "-o"}
DROPPED = re.compile(r"-g\d?$|-ggdb|-gdwarf|-gz|-M[DMPG]*$|-save-temps|-pipe$|-f(?:file|debug|macro)-prefix-map="
                     r"|-Werror|-l\w|-Wl,|-L|-Wp,-M|-f(?:no-)?(?:lto|fat-lto)|-fuse-linker")
# Words that a compiler for another machine does not know or that mean something else there.
OF_X86 = re.compile(r"-m(?!abi=)|-fcf-protection|-f(?:no-)?(?:omit-frame-pointer-leaf)")

# folder: where the compiler ran; compiler: its name; words: without source and output; source: absolute path
Call = namedtuple("Call", "folder compiler words source")


def read_log(data):
    """The calls that the records of a log give, one for each source file."""
    calls = []
    for record in data.split(b"\0\n"):
        words = record.decode("utf-8", "surrogateescape").split("\0")
        if len(words) > 2:
            calls += _calls(*words[:2], words[2:])
    return calls


def _calls(folder, compiler, words):
    kept, sources, at = [], [], 0
    while at < len(words):
        word = words[at]
        if word in TAKE_A_WORD:
            at += 1
        elif word in ("-I", "-D", "-U", "-include", "-isystem", "-idirafter", "-iquote", "-x") and at + 1 < len(words):
            kept += words[at:at + 2]
            at += 1
        elif word.endswith(patchseries.UNITS) and not word.startswith("-"):
            sources.append(os.path.normpath(os.path.join(folder, word)))
        elif word in ("-E", "-S"):
            return []
        elif word != "-c" and not DROPPED.match(word) and (word.startswith(("-", "@"))) and not re.match(r"-o.", word):
            kept.append(word)
        at += 1
    return [Call(folder, compiler, tuple(kept), source) for source in sources]


def distinct(calls):
    """The calls that differ in words that change code; the first of each, in order."""
    seen = {}
    for call in calls:
        words = tuple(word for word in call.words if not word.startswith(("-W", "-I")) or word.startswith("-Wa,"))
        seen.setdefault((call.source, call.compiler, words), call)
    return list(seen.values())


POSITION = re.compile(r"-f(?:pic|PIC|pie|PIE)$|-DPIC$")


def chosen(calls, most):
    """At most so many of the calls for one file: those with the fewest words, with and without position independent code."""
    def rest(call):
        return [word for word in call.words if not POSITION.match(word)]
    return sorted(calls, key=lambda call: (len(rest(call)), rest(call), call.source))[:most]


def for_machine(call, compiler):
    """The call for the compiler of another machine, whose name is given."""
    words = tuple(word for word in call.words if not OF_X86.match(word))
    return call._replace(compiler=compiler, words=words + ("-idirafter", "/usr/include/x86_64-linux-gnu"))


def optimisation(call):
    """The last optimisation option of a call, -O0 where it has none."""
    return next((word for word in reversed(call.words) if re.match(r"-O(?:\d|s|g|fast|z)?$", word)), "-O0")


FUNCTION = re.compile(r"^\t\.type\t([^,\s]+), ?[@%]function\n(.*?)^\t\.size\t\1,", re.M | re.S)
LABEL = re.compile(r"\.L[A-Z]*\d+|\.LANCHOR\d+|\.Lubsan\w+")
CLONE = re.compile(r"\.(?:isra|constprop|part|lto_priv|cold)\b.*")


def assembly_functions(text):
    """{function: {symbol: its instructions}} of assembly. The symbols of a function are those of its clones, without cold parts;
    the numbers of labels are left out, so that only real changes differ."""
    found = {}
    for symbol, body in FUNCTION.findall(text):
        if ".cold" not in symbol:
            found.setdefault(CLONE.sub("", symbol), {})[symbol] = LABEL.sub(".L", body)
    return found


def changed_functions(old, new, edited, source):
    """The symbols whose code shows a change, from two texts of assembly, the names of the edited functions and the new source.

    These are the edited functions that have a symbol, and those with a symbol into which an edited one without symbol must have been
    inlined. Where no function was edited (a macro or a table was), it is each function whose code differs; where one function alone
    differs, it must be that, whatever the source seems to say. Others that differ say nothing: an edited function is no longer inlined
    there, or a type has another layout.
    """
    differ = differing_functions(old, new)
    old, new = assembly_functions(old), assembly_functions(new)
    if edited and not (len(differ) == 1 and old.keys() == new.keys()):
        shown = _shown(edited, source, new)
        differ = {name for name in differ if any(is_symbol(function, name) for function in shown)}
    return sorted({symbol for name in differ for symbol in old[name].keys() | new[name].keys()})


def differing_functions(old, new):
    """The functions of two texts of assembly whose code differs."""
    old, new = assembly_functions(old), assembly_functions(new)
    return {name for name in old.keys() & new.keys() if sorted(old[name].values()) != sorted(new[name].values())}


def is_symbol(function, symbol):
    """Whether a symbol is that of a function in C, or may be that of one in C++."""
    return symbol == function or symbol.startswith("_Z") and f"{len(function)}{function}" in symbol


def _shown(edited, source, symbols):
    """The functions with a symbol in which edited ones must be: themselves, or who calls them where they have none."""
    texts = {name: set(re.findall(r"[A-Za-z_]\w*", text)) for name, text in source_functions(source).items()}
    shown, seen, todo = set(), set(), list(edited)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if any(is_symbol(name, symbol) for symbol in symbols):
            shown.add(name)
        else:
            todo += [caller for caller, words in texts.items() if name in words]
    return shown


def agreed(rows):
    """Rows of a list (component, CVE, functions, origin, unfixed, fixed) with the functions that the patch of each suite changes.

    A patch for an older release may bring along earlier changes that it builds on. A release with these alone would look patched; the
    patches of other suites show that they do not belong to the fix. Rows without a function are left out.
    """
    suites = {}
    for component, cve, functions, origin, *_ in rows:
        names = suites.setdefault((component, cve), {}).setdefault(origin.split()[1], set())
        names.update(CLONE.sub("", symbol) for symbol in functions.split(","))
    common = {key: set.intersection(*names.values()) for key, names in suites.items()}
    for component, cve, functions, *rest in rows:
        kept = [symbol for symbol in functions.split(",") if CLONE.sub("", symbol) in common[component, cve]]
        if kept:
            yield (component, cve, ",".join(kept), *rest)


SKIPPED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#(?:\\\n|[^\n])*', re.M | re.S)
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DEFINED = re.compile(r"([A-Za-z_]\w*)\s*\((?:[^(){};]|\((?:[^(){};]|\([^(){};]*\))*\))*\)[\w\s,;*\[\]]*$")
OLD_STYLE = re.compile(r"\)\s*[A-Za-z_][\w\s,*\[\]]*$")
NO_NAMES = {"if", "for", "while", "switch", "sizeof", "return", "__attribute__", "defined"}


def source_functions(text):
    """{name: text} of the functions that C or C++ source defines, as far as braces show; a brace in the first column ends one."""
    blank = SKIPPED.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    kept = COMMENT.sub(lambda m: m.group() if m.group()[0] in "\"'" else re.sub(r"[^\n]", " ", m.group()), text)
    found, depth, start, opened = {}, 0, 0, None
    for match in re.finditer(r"^\}|[{}]|;", blank, re.M):
        at = match.start()
        first = at == 0 or blank[at - 1] == "\n"
        if match.group() == "{":
            if depth == 0:
                opened = DEFINED.search(blank, start, at)
                opened = opened if opened and opened.group(1) not in NO_NAMES else None
                if not opened and re.search(r"\b(?:extern|namespace)\b[^;=()]*$", blank[start:at]):
                    start = at + 1
                    continue
            depth += 1
        elif match.group() == "}":
            depth = 0 if first else max(depth - 1, 0)
            if depth == 0:
                for name in _names(opened, blank[start:opened.start()]) if opened else ():
                    found[name] = found.get(name, "") + kept[start:at + 1]
                start, opened = at + 1, None
        elif depth == 0 and not OLD_STYLE.search(blank, start, at):
            start = at + 1
    return found


def _names(opened, before):
    """The names that the head of a function may define. One without a type is a macro, whose words may be the name."""
    words = re.findall(r"[A-Za-z_]\w*", opened.group()) if not before.strip() else []
    return {opened.group(1), *words}


def edited_functions(old, new):
    """The names of functions whose text differs between two states of a source file, or that only one has."""
    old, new = source_functions(old), source_functions(new)
    return sorted(name for name in old.keys() | new.keys() if old.get(name, "").split() != new.get(name, "").split())
