"""Runs the tests of the corpus programs and the check of the catalogue."""
import pathlib
import subprocess
import sys


def main():
    corpus = pathlib.Path(sys.argv[1]).resolve() / "corpus"
    tests = subprocess.run([sys.executable, "-B", "-m", "unittest", "-q"], cwd=corpus, check=False)
    catalogue = subprocess.run([sys.executable, "-B", corpus / "check-catalogue"], check=False)
    sys.exit(tests.returncode or catalogue.returncode)


main()
