"""status.py N COMMAND...: succeeds if the command exits with status N."""

import subprocess
import sys

found = subprocess.run(sys.argv[2:], check=False).returncode
if found != int(sys.argv[1]):
    sys.exit(f"expected status {sys.argv[1]}, got {found}")
