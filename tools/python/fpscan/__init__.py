"""Names the open-source components inside binaries: runs the program fpscan and gives its report as frozen dataclasses.

    import fpscan

    report = fpscan.scan("app.tar", fail_on=["critical"])
    for component in report.components:
        print(component.id, component.version, [file.path for file in component.files])
    if report.partial or report.gate_closed:
        raise SystemExit(1)
"""
from fpscan._report import (
    Component,
    Diagnostic,
    Drift,
    Evidence,
    File,
    Finding,
    Package,
    Patch,
    PatchFunction,
    Place,
    Report,
    Target,
    Vulnerability,
)
from fpscan._run import EmptyTargetError, Option, ScanError, program_path, scan

__all__ = [
    "Component", "Diagnostic", "Drift", "EmptyTargetError", "Evidence", "File", "Finding", "Option", "Package", "Patch", "PatchFunction",
    "Place", "Report", "ScanError", "Target", "Vulnerability", "program_path", "scan",
]
