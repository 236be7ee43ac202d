"""Checks the include graph: a stage includes its own headers, util/ and stages to its left; tools only the public ones."""
import re
import sys

import tree

ROW = ["source", "object", "code", "feature", "index", "match", "report"]
SIDE_ROOMS = {"inventory", "advisory"}          # opened by match, report and scan alone
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def allowed_stages(stage):
    """Stages whose headers a file of `stage` may include, None for any."""
    if stage == "scan":
        return None
    if stage == "include":
        return set()
    if stage == "util":
        return {"util"}
    if stage in SIDE_ROOMS:
        return {"util", stage, "source", "object"}
    allowed = {"util"} | set(ROW[: ROW.index(stage) + 1])
    return allowed | SIDE_ROOMS if stage in ("match", "report") else allowed


def engine_faults(path, quoted):
    stage = path.parts[1]
    if stage not in ROW and stage not in SIDE_ROOMS | {"scan", "util", "include"}:
        return [f"{path}: engine/{stage} is not a stage"]
    allowed = allowed_stages(stage)
    faults = []
    for name in quoted:
        target = name.split("/")[0] if "/" in name else stage
        if allowed is not None and target not in allowed:
            faults.append(f"{path}: {stage} must not include \"{name}\"")
    return faults


def tool_faults(path, quoted):
    own = path.parts[1]
    faults = []
    for name in quoted:
        if "/" in name and name.split("/")[0] not in ("common", own):
            faults.append(f"{path}: a program includes <fpscan/...> and \"common/...\" alone, not \"{name}\"")
    return faults


def main():
    root = sys.argv[1]
    faults = []
    for path, text in tree.files(root, ".c", ".h", folders=("engine", "tools")):
        found = INCLUDE.findall(text)
        quoted = [name for mark, name in found if mark == '"']
        if path.parts[0] == "engine":
            faults += engine_faults(path, quoted)
        else:
            faults += tool_faults(path, quoted)
    tree.finish(faults)


main()
