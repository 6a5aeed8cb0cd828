"""Does what measure.c does, where there is no C compiler: no peak can be below Python's own, 10 MB.

Usage: python3 measure.py COMMAND [ARGUMENT...]
"""

import json
import resource
import subprocess
import sys
import time

start = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss}))
sys.exit(code if code >= 0 else 128 - code)
