"""Checks sizes: except for tables, a file has at most 1,000 lines and a function at most 120. Every file begins with a comment."""
import re
import sys

import tree

FILE_LINES = 1000
FUNCTION_LINES = 120
COMMENT = {".c": "/*", ".h": "/*", ".css": "/*", ".js": "/*", ".py": ('"""', "#"), ".cmake": "#"}
DATA = re.compile(r"^(typedef|struct|union|enum|extern|static const|const)\b.*[={]|=\s*$|=\s*\{$")


def functions(lines):
    """Yields (first line, line count) of every function; a function is enclosed by two braces in column 0."""
    start = None
    for number, line in enumerate(lines):
        if line.rstrip() == "{" and number > 0 and not DATA.search(lines[number - 1]):
            start = number
        elif line.startswith("}") and start is not None:
            yield start, number - start + 1
            start = None


def script_functions(lines):
    """The same of a script, whose functions and methods begin in the first columns and end with a brace in the same one."""
    for number, line in enumerate(lines):
        head = re.match(r"( {0,2})(?:function \w+|\w+)\(.*\{$", line)
        if head and not line.strip().startswith(("if", "for", "while", "switch")):
            end = next((i for i in range(number, len(lines)) if lines[i].startswith(head[1] + "}")), len(lines))
            yield number, end - number + 1


def main():
    faults = []
    for path, text in tree.files(sys.argv[1], *COMMENT, folders=("engine", "tools", "tests", "bench", "corpus")):
        lines = text.splitlines()
        if not lines or not lines[0].startswith(COMMENT[path.suffix]) and not lines[0].startswith("#!"):
            faults.append(f"{path}: the first line must say what the file is for")
        if len(lines) > FILE_LINES and "_table" not in path.stem:
            faults.append(f"{path}: {len(lines)} lines, at most {FILE_LINES}")
        if path.suffix in (".c", ".js"):
            for start, length in functions(lines) if path.suffix == ".c" else script_functions(lines):
                if length > FUNCTION_LINES:
                    faults.append(f"{path}:{start + 1}: a function of {length} lines, at most {FUNCTION_LINES}")
    tree.finish(faults)


main()
