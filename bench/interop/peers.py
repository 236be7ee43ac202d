"""Programs that bench/interop runs: commands, and how the peers are had."""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GO = {"syft": "github.com/anchore/syft/cmd/syft", "grype": "github.com/anchore/grype/cmd/grype",
      "trivy": "github.com/aquasecurity/trivy/cmd/trivy", "osv-scanner": "github.com/google/osv-scanner/v2/cmd/osv-scanner"}
# The newest release that Go 1.26 builds.
VERSIONS = {"osv-scanner": "v2.5.0"}
JAVA = "org.cyclonedx:cyclonedx-core-java:12.2.0"
PYTHON = ["cyclonedx-python-lib[validation]", "spdx-tools", "spdx-python-model"]


def run(command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


def must(command, **options):
    done = run(command, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:4]))}: {done.stderr.strip()[-400:]}")
    return done.stdout


def quiet():
    """Peers ask nobody for updates."""
    os.environ.update(SYFT_CHECK_FOR_APP_UPDATE="false", GRYPE_CHECK_FOR_APP_UPDATE="false", GRYPE_DB_AUTO_UPDATE="false",
                      TRIVY_SKIP_VERSION_CHECK="true", TRIVY_DISABLE_TELEMETRY="true")


def find_tool(work, peer):
    """The program of a peer, or the Python that has the libraries; None where it is not installed."""
    if peer in GO or peer == "grype_database":
        local = work / "peers" / peer
        return local if local.exists() else shutil.which(peer)
    if peer == "cyclonedx-core-java":
        return shutil.which("java") if (work / "peers/java").exists() else None
    python = work / "peers/python/bin/python"
    return python if python.exists() else None


def go_environment(folder):
    return {**os.environ, "GOBIN": str(folder), "GOEXPERIMENT": "jsonv2", "GOFLAGS": "-p=1"}


def install_go(work, peers):
    folder = work / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    for peer in peers:
        if find_tool(work, peer):
            continue
        done = run(["go", "install", f"{GO[peer]}@{VERSIONS.get(peer, 'latest')}"], env=go_environment(folder))
        if done.returncode:
            print(f"{peer}: not to be had: {done.stderr.strip().splitlines()[-1][:200]}", file=sys.stderr)


def install_python(work):
    if not find_tool(work, "spdx-tools"):
        must([sys.executable, "-m", "venv", work / "peers/python"])
        must([work / "peers/python/bin/pip", "install", "-q", *PYTHON])


def install_java(work):
    """The library that Dependency-Track reads bills with, and what it needs."""
    folder = work / "peers/java"
    if folder.exists() or not shutil.which("mvn"):
        return
    source = work / "java-source"
    source.mkdir(exist_ok=True)
    group, name, version = JAVA.split(":")
    (source / "pom.xml").write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId><artifactId>bills</artifactId><version>1</version><dependencies>"
        f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency></dependencies></project>",
        encoding="utf-8")
    must(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"], cwd=source)


def install_builder(work):
    """The builder of grype's database, of the same release as grype, so that grype reads what it writes."""
    if find_tool(work, "grype_database"):
        return
    source = work / "grype-database"
    source.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "grype_database/main.go", source)
    (source / "go.mod").write_text("module example.org/grype_database\n\ngo 1.26\n", encoding="utf-8")
    environment = go_environment(work / "peers")
    release = must(["go", "version", "-m", find_tool(work, "grype")]).partition("mod\tgithub.com/anchore/grype\t")[2].split()[0]
    must(["go", "get", f"github.com/anchore/grype@{release}"], cwd=source, env=environment)
    must(["go", "mod", "tidy"], cwd=source, env=environment)
    must(["go", "build", "-o", work / "peers/grype_database", "."], cwd=source, env=environment)
