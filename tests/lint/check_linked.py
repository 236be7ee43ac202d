"""Checks the libraries that the programs and the shared library link: the licence of each is known, and none is only the GPL."""
import pathlib
import re
import subprocess
import sys

import tree

LICENCES = {
    "libelf": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libarchive": "BSD-2-Clause",
    "libsqlite3": "blessing",
    "libjansson": "MIT",
    "libxxhash": "BSD-2-Clause",
    "libhs": "BSD-3-Clause",
    "libcrypto": "Apache-2.0",
    "libyara": "BSD-3-Clause",
    "libcapstone": "BSD-3-Clause",
    "libisal": "BSD-3-Clause",
    "libgit2": "GPL-2.0-only WITH GCC-exception-2.0",  # its linking exception: programs of any licence
    "libyaml-0": "MIT",
    "libexpat": "MIT",
    "liblzma": "0BSD",  # its files are in the public domain or under this
    "libzstd": "BSD-3-Clause OR GPL-2.0-only",
    "libc": "LGPL-2.1-or-later",
    "libm": "LGPL-2.1-or-later",
    "libgcc_s": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libstdc++": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "ld-linux-x86-64": "LGPL-2.1-or-later",
    "ld-linux-aarch64": "LGPL-2.1-or-later",
    "libpthread": "LGPL-2.1-or-later",
    # what packages with all libraries carry besides, because one of the above links it; tests/package asks this table
    "libacl": "LGPL-2.1-or-later",
    "libbz2": "bzip2-1.0.6",
    "libcom_err": "MIT",
    "libgssapi_krb5": "MIT",
    "libhttp_parser": "MIT",
    "libicudata": "Unicode-DFS-2016",
    "libicuuc": "Unicode-DFS-2016",
    "libk5crypto": "MIT",
    "libkeyutils": "LGPL-2.1-or-later",
    "libkrb5": "MIT",
    "libkrb5support": "MIT",
    "liblz4": "BSD-2-Clause",
    "libmagic": "BSD-2-Clause",
    "libmbedcrypto": "Apache-2.0 OR GPL-2.0-or-later",
    "libmbedtls": "Apache-2.0 OR GPL-2.0-or-later",
    "libmbedx509": "Apache-2.0 OR GPL-2.0-or-later",
    "libnettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libpcre2-8": "BSD-3-Clause",
    "libresolv": "LGPL-2.1-or-later",
    "libssh2": "BSD-3-Clause",
    "libssl": "Apache-2.0",
    "libxml2": "MIT",
    "libz": "Zlib",
    "libasan": "Apache-2.0 WITH LLVM-exception",
    "libubsan": "Apache-2.0 WITH LLVM-exception",
    "libtsan": "Apache-2.0 WITH LLVM-exception",
}


def main():
    faults = []
    programs = pathlib.Path(sys.argv[2])
    for path in [programs / "fpscan", programs / "sigbuild", programs / "vulnbuild", *sorted(programs.parent.glob("libfpscan.so"))]:
        if not path.exists():
            continue
        text = subprocess.run(["readelf", "-d", str(path)], capture_output=True, text=True, check=True).stdout
        for needed in re.findall(r"\(NEEDED\).*\[(.+?)\]", text):
            if needed.split(".so")[0] not in LICENCES:
                faults.append(f"{path.name}: links {needed}, whose licence is not listed in tests/lint/check_linked.py")
    tree.finish(faults)


main()
