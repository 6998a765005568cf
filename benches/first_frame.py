#!/usr/bin/env python3
"""How long until the terminal interface stands, and what it costs when nothing happens.   first_frame.py AIOPS

Starts `AIOPS demo` on a pseudo-terminal of 110 x 30, several times; prints the milliseconds from exec to the first whole frame (its last line,
the keys, has been drawn), then the processor time used in ten idle seconds.
"""
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time


def start(program):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(program, [program, "demo"])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
    return pid, fd


def until(fd, text, seconds=5.0):
    seen, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.05)[0]:
            seen += os.read(fd, 65536)
            if text in seen:
                return True
    return False


def ended(pid, fd):
    os.kill(pid, signal.SIGTERM)
    while select.select([fd], [], [], 0.2)[0]:
        try:
            if not os.read(fd, 65536):
                break
        except OSError:
            break
    os.waitpid(pid, 0)
    os.close(fd)


def ticks(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


program = os.path.abspath(sys.argv[1])
times = []
for _ in range(8):
    begun = time.monotonic()
    pid, fd = start(program)
    if not until(fd, b"quit"):
        sys.exit("no frame came")
    times.append((time.monotonic() - begun) * 1000)
    ended(pid, fd)
print(f"first frame, ms: median {statistics.median(times):.1f}, worst {max(times):.1f}")
pid, fd = start(program)
until(fd, b"quit")
time.sleep(3)
before = ticks(pid)
time.sleep(10)
used = (ticks(pid) - before) / os.sysconf("SC_CLK_TCK")
print(f"processor seconds in 10 idle seconds: {used:.2f}")
ended(pid, fd)
