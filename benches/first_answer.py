#!/usr/bin/env python3
"""How long until the built-in cluster answers, and what it takes.   first_answer.py AIOPS

Starts `AIOPS demo --serve` several times; prints the milliseconds from exec to the first answered request, and the resident memory then
beside the most that `AIOPS --version` has.
"""
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

program = os.path.abspath(sys.argv[1])
home = tempfile.mkdtemp()
environment = {**os.environ, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


times, memory = [], []
for _ in range(9):
    begun = time.monotonic()
    serving = subprocess.Popen([program, "demo", "--serve", "127.0.0.1:0"], stdout=subprocess.PIPE, env=environment)
    address = re.search(rb"http://[0-9.:]+", serving.stdout.readline()).group().decode()
    urllib.request.urlopen(f"{address}/api/v1/namespaces").read()
    times.append((time.monotonic() - begun) * 1000)
    memory.append(resident(serving.pid))
    serving.send_signal(signal.SIGINT)
    serving.wait()
print(f"demo --serve, exec to first answer, ms: median {statistics.median(times):.1f}, worst {max(times):.1f}")
# Through `time`: a child of this interpreter would be counted with this interpreter's own memory.
plain = subprocess.run(["/usr/bin/time", "-f", "%M", program, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
usual = int(plain.stderr.split()[-1]) / 1024
print(f"resident MiB: demo {statistics.median(memory):.1f}, the program without a cluster {usual:.1f}")
