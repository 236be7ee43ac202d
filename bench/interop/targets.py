"""Targets of bench/interop/matchers: packages of several ecosystems in old versions, which have advisories."""
import json
import os
import pathlib
import shutil
import zlib

from peers import must

PYTHON = ("aiohttp==3.8.3 babel==2.8.0 bleach==3.1.0 bottle==0.12.18 cairosvg==2.5.0 celery==4.4.0 certifi==2020.4.5.1 cryptography==3.2 "
          "django==3.2 djangorestframework==3.11.0 ecdsa==0.13 eventlet==0.30.0 fastapi==0.64.0 flask==0.12 flask-cors==3.0.8 "
          "gitpython==3.1.26 gunicorn==19.9.0 html5lib==0.999999999 httplib2==0.18.0 httpx==0.22.0 idna==2.8 ipython==7.16.1 jinja2==2.10 "
          "joblib==1.1.0 jupyter-core==4.6.0 lxml==4.9.2 mako==1.1.2 markdown2==2.3.9 mistune==0.8.4").split()
NODE = "express@4.16.0 flowise-embed@1.3.14 libxmljs2@0.30.0 lodash@4.17.11 micromatch@4.0.5".split()
GO = {"github.com/dgrijalva/jwt-go": "v3.2.0+incompatible", "github.com/gin-gonic/gin": "v1.6.3", "github.com/go-chi/chi/v5": "v5.0.8",
      "github.com/gogo/protobuf": "v1.3.1", "github.com/golang-jwt/jwt/v4": "v4.4.2", "github.com/gorilla/handlers": "v1.3.0",
      "github.com/gorilla/websocket": "v1.4.0", "github.com/labstack/echo/v4": "v4.1.17", "github.com/miekg/dns": "v1.1.24",
      "golang.org/x/crypto": "v0.0.0-20200622213623-75b288015ac9", "golang.org/x/net": "v0.0.0-20210520170846-37e1c6afe023",
      "golang.org/x/text": "v0.3.5", "gopkg.in/yaml.v2": "v2.2.3"}
GO_IMPORTS = {"golang.org/x/crypto": "golang.org/x/crypto/ssh", "golang.org/x/net": "golang.org/x/net/http2",
              "golang.org/x/text": "golang.org/x/text/language", "github.com/gogo/protobuf": "github.com/gogo/protobuf/proto"}
RUST = {"arrayvec": "0.4.10", "atty": "0.2.14", "bumpalo": "3.11.0", "chrono": "0.4.19", "crossbeam-channel": "0.5.0",
        "crossbeam-deque": "0.8.0", "crossbeam-utils": "0.8.0", "cookie": "0.7.0", "ed25519-dalek": "1.0.1", "flatbuffers": "0.8.3",
        "futures-task": "0.3.5", "generic-array": "0.12.3", "h2": "0.3.15", "hyper": "0.14.9", "idna": "0.3.0", "image": "0.21.2",
        "libgit2-sys": "0.13.4", "lock_api": "0.4.1", "lru": "0.6.0", "memoffset": "0.5.0", "mio": "0.7.5"}
JAVA = ("commons-io:commons-io:2.13.0 org.apache.avro:avro:1.11.2 org.apache.camel:camel-sql:3.20.0 org.apache.commons:commons-compress:1.25.0 "
        "org.apache.commons:commons-configuration2:2.9.0 org.apache.hive:hive-jdbc:3.1.3 org.apache.james:apache-mime4j-dom:0.8.9 "
        "org.apache.lucene:lucene-replicator:9.11.1 org.eclipse.jetty:jetty-http:9.4.50.v20221201 "
        "org.eclipse.jetty:jetty-server:9.4.50.v20221201 org.eclipse.jetty:jetty-servlets:11.0.15 "
        "io.vertx:vertx-grpc-server:4.5.1").split()
# Source package, its version in the release, binary package, in the first release of Debian 11.
DEBIAN = """apache2 2.4.48-3.1 apache2-bin
avahi 0.8-5 libavahi-client3
bind9 1:9.16.15-1 bind9-libs
bluez 5.55-3.1 libbluetooth3
cups 2.3.3op2-3 libcups2
curl 7.74.0-1.3 libcurl4
cyrus-sasl2 2.1.27+dfsg-2.1 libsasl2-2
dpkg 1.20.9 dpkg
exim4 4.94.2-7 exim4-base
expat 2.2.10-2 libexpat1
ffmpeg 7:4.3.2-0+deb11u2 libavcodec58
flatpak 1.10.2-3 flatpak
freetype 2.10.4+dfsg-1 libfreetype6
fribidi 1.0.8-2 libfribidi0
ghostscript 9.53.3~dfsg-7 libgs9
git 1:2.30.2-1 git
glib2.0 2.66.8-1 libglib2.0-0
glibc 2.31-13 libc6
gnutls28 3.7.1-5 libgnutls30
gzip 1.10-4 gzip
haproxy 2.2.9-2 haproxy
imagemagick 8:6.9.11.60+dfsg-1.3 libmagickcore-6.q16-6
krb5 1.18.3-6 libkrb5-3
libarchive 3.4.3-2 libarchive13
libgcrypt20 1.8.7-6 libgcrypt20
libksba 1.5.0-3 libksba8
libtasn1-6 4.16.0-2 libtasn1-6
libxml2 2.9.10+dfsg-6.7 libxml2
libxpm 1:3.5.12-1 libxpm4
lxml 4.6.3+dfsg-0.1 python3-lxml
mariadb-10.5 1:10.5.11-1 libmariadb3"""


def make_python(folder):
    must(["python3", "-m", "pip", "install", "-q", "--no-deps", "--only-binary", ":all:", "--target", folder / "lib/python3/site-packages",
          *PYTHON])


def make_node(folder):
    folder.mkdir()
    must(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", folder, *NODE])


def make_go(folder):
    source = folder.with_name("go-source")
    source.mkdir(exist_ok=True)
    wants = "".join(f"\t{name} {version}\n" for name, version in GO.items())
    (source / "go.mod").write_text(f"module example.org/demo\n\ngo 1.20\n\nrequire (\n{wants})\n", encoding="utf-8")
    imports = "".join(f'\t_ "{GO_IMPORTS.get(name, name)}"\n' for name in GO)
    (source / "main.go").write_text(f"package main\n\nimport (\n{imports})\n\nfunc main() {{}}\n", encoding="utf-8")
    must(["go", "mod", "tidy"], cwd=source)
    must(["go", "build", "-p", "1", "-o", folder / "demo", "."], cwd=source)


def make_rust(folder):
    """A program with a list of crates as cargo-auditable embeds it. Many of the releases are yanked, so that cargo resolves none of them
    any more: the list is written as a build of their time would have it."""
    packages = [{"name": name, "version": version, "source": "registry"} for name, version in RUST.items()]
    packages.append({"name": "demo", "version": "0.1.0", "source": "local", "root": True})
    folder.mkdir()
    data = folder / "list"
    data.write_bytes(zlib.compress(json.dumps({"packages": packages}).encode()))
    must(["objcopy", "--add-section", f".dep-v0={data}", "--set-section-flags", ".dep-v0=readonly,noload", shutil.which("true"), folder / "demo"])
    data.unlink()


def make_java(folder):
    for name in JAVA:
        must(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={name}:jar", f"-DoutputDirectory={folder}"])


def make_debian(folder):
    """What dpkg says of a system that has never been updated."""
    (folder / "var/lib/dpkg").mkdir(parents=True)
    (folder / "etc").mkdir()
    (folder / "etc/os-release").write_text('PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nNAME="Debian GNU/Linux"\nVERSION_ID="11"\n'
                                           'VERSION="11 (bullseye)"\nVERSION_CODENAME=bullseye\nID=debian\n', encoding="utf-8")
    with open(folder / "var/lib/dpkg/status", "w", encoding="utf-8") as out:
        for line in DEBIAN.splitlines():
            source, version, name = line.split()
            origin = "" if source == name else f"Source: {source}\n"
            out.write(f"Package: {name}\nStatus: install ok installed\nMaintainer: Debian\nArchitecture: amd64\n{origin}Version: {version}\n"
                      "Description: a package\n\n")


TARGETS = {"python": make_python, "node": make_node, "go": make_go, "rust": make_rust, "java": make_java, "debian": make_debian}


def make(name, work):
    """The folder of a target, made where it is not there; one that could not be made leaves nothing."""
    folder = pathlib.Path(work) / "old" / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = folder.with_name(name + ".part")
        shutil.rmtree(half, ignore_errors=True)
        TARGETS[name](half)
        os.rename(half, folder)
    return folder
