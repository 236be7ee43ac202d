"""`python -m fpscan` is the program fpscan."""
from fpscan._program import fpscan

fpscan()
