"""Runs the templates of tools/ci: each shell step as the CI server would, against an image that is made here, with the wheel.

Argument: BUILD, whose package-test/first holds the wheel. `docker` is a stand-in that gives the image. Each pipeline must fail with
a message that names the component and the gate, and must pass when the gate does not apply.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/images"))
import image_builder  # noqa: E402

try:
    import yaml
except ImportError:
    sys.exit(77)
CI = ROOT / "tools/ci"
GATE = "component=zlib"


def load(path):
    return yaml.safe_load((CI / path).read_text(encoding="utf-8"))


def github():
    """Environment and steps, each a shell script and whether it also runs after a failure."""
    job = load("github.yml")["jobs"]["fpscan"]
    return job["env"], [(step["run"], "if" in step) for step in job["steps"] if "run" in step]


def gitlab():
    document = load("gitlab.yml")
    job = document["fpscan"]
    kept = job["artifacts"]["paths"] + list(job["artifacts"]["reports"].values())
    return job["variables"], [(line, False) for line in document["build"]["script"] + job["script"]] + [(f"ls {' '.join(kept)}", True)]


def jenkins():
    text = (CI / "Jenkinsfile").read_text(encoding="utf-8")
    plain = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|//.*", "", text)
    assert plain.count("{") == plain.count("}") and plain.count("(") == plain.count(")"), "brackets of the Jenkinsfile"
    return dict(re.findall(r"^ +([A-Z_]+) = '([^']*)'", text, re.M)), [(line, False) for line in re.findall(r"\bsh '([^'\n]+)'", text)]


def run_steps(steps, folder, environment):
    """Exit code of the first step that fails, else 0, and all that was printed."""
    status, output = 0, ""
    for script, always in steps:
        if status and not always:
            continue
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        output += f"$ {script}\n{done.stdout}"
        status = status or done.returncode
    return status, output


def check_pipeline(name, variables, steps, work, environment):
    assert variables["FPSCAN_FAIL_ON"] == "high" and len(steps) >= 3, f"{name}: {variables}, {steps}"
    for gate, code in ((GATE, 2), ("component=zlib@<1.0", 0)):
        folder = work / f"{name}-{code}"
        folder.mkdir()
        summary = folder / "summary.md"
        status, output = run_steps(steps, folder, {**environment, "FPSCAN_FAIL_ON": gate, "GITHUB_STEP_SUMMARY": str(summary)})
        assert status == code, f"{name}: exit code {status}, not {code}\n{output}"
        assert code == 0 or re.search(rf"--fail-on {GATE}: component zlib [\d.]+ in /opt/app/libz", output), f"{name}: no message\n{output}"
        assert name != "github" or "| zlib |" in summary.read_text(), "github: no summary"


def check_readme(build, work, environment):
    """The commands of the README that lead from nothing to a failing pipeline; what makes the packages is a stand-in."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("From nothing to a pipeline that fails", 1)[1].split("\n\n")[1]
    commands = [line.strip() for line in block.splitlines()]
    assert 2 < len(commands) <= 5, commands
    folder = work / "readme"
    (folder / "tools").mkdir(parents=True)
    (folder / "build").mkdir()
    (folder / "build/dist").symlink_to(build / "package-test/first")
    (folder / "tools/dev").write_text("#!/bin/sh\n[ \"$1\" = package ]\n")
    (folder / "tools/dev").chmod(0o755)
    status, output = run_steps([(line, False) for line in commands], folder, environment)
    assert status == 2, f"README: exit code {status}, not 2\n{output}"
    said = re.search(r"`(fpscan: --fail-on high: [^`]*)`", text)[1].replace("\n", " ")
    assert said in output, f"README: the message is not {said!r}\n{output}"


def check_pre_commit(work, environment, library):
    """The hook in a repository of its own, by pre-commit where it is installed, else by its entry."""
    hook, = load("../../.pre-commit-hooks.yaml")
    assert hook["language"] == "script" and os.access(ROOT / hook["entry"], os.X_OK), hook
    source, user = work / "hooks", work / "user"
    environment = {**environment, "GIT_CONFIG_GLOBAL": str(work / "gitconfig"), "PRE_COMMIT_HOME": str(work / "pre-commit")}
    (work / "gitconfig").write_text("[user]\n name = a\n email = a@b.invalid\n[protocol \"file\"]\n allow = always\n")

    def git(folder, *arguments, code=0):
        done = subprocess.run(["git", "-C", str(folder), *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        assert done.returncode == code, f"git {arguments}: {done.returncode}\n{done.stdout}"
        return done.stdout.strip()

    for folder in (source, user):
        folder.mkdir()
        git(folder, "init", "-q")
    (source / "tools/ci").mkdir(parents=True)
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", source)
    shutil.copy(ROOT / hook["entry"], source / "tools/ci")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "hooks")
    text = (CI / "pre-commit-config.yaml").read_text(encoding="utf-8")
    text = text.replace("REPOSITORY", str(source)).replace("REVISION", git(source, "rev-parse", "HEAD"))
    (user / ".pre-commit-config.yaml").write_text(text.replace("--fail-on=critical", f"--fail-on={GATE}"))
    shutil.copyfile(library, user / "lib with blank.so")
    (user / "text").write_text("text\n")
    git(user, "add", ".pre-commit-config.yaml", "text")
    if not shutil.which("pre-commit"):
        done = subprocess.run([source / hook["entry"], f"--fail-on={GATE}", "lib with blank.so"], cwd=user, env=environment,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 1 and f"--fail-on {GATE}: component zlib" in done.stderr, done
        return
    subprocess.run(["pre-commit", "install"], cwd=user, env=environment, stdout=subprocess.DEVNULL, check=True)
    git(user, "commit", "-qm", "text alone passes")
    git(user, "add", "-A")
    said = git(user, "commit", "-qm", "a library", code=1)
    assert f"--fail-on {GATE}: component zlib" in said, said


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    wheel, = (build / "package-test/first").glob("*.whl")
    library = next(iter(sorted(pathlib.Path("/usr/lib").glob("*-linux-gnu/libz.so.1"))))
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        layer = image_builder.tar([image_builder.folder("opt"), image_builder.folder("opt/app"),
                                   image_builder.file("opt/app/libz", library.read_bytes(), 0o755)])
        image_builder.write_archive(str(work / "made.tar"), image_builder.Image([layer]).docker())
        (work / "bin").mkdir()
        docker = work / "bin/docker"
        docker.write_text(f"#!/bin/sh\n[ \"$1\" != save ] || cp '{work}/made.tar' \"$4\"\n")
        docker.chmod(0o755)
        subprocess.run(["/usr/bin/python3", "-m", "venv", work / "venv"], check=True)
        environment = {"PATH": f"{work}/venv/bin:{work}/bin:/usr/bin:/bin", "HOME": str(work), "PACKAGE": str(wheel), "LC_ALL": "C.UTF-8",
                       "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        for template in (github, gitlab, jenkins):
            check_pipeline(template.__name__, *template(), work, environment)
        check_readme(build, work, environment)
        check_pre_commit(work, environment, library)


main()
