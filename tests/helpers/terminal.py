"""Runs a program on a pseudo-terminal: a JSON request on standard input, a JSON answer on standard output.

Request: {"argv", "env", "columns", "rows", "steps": [{"send", "until", "pause"}], "hangUp"}. Each
step sends its text, then waits until what came since matches the pattern `until`, then for `pause`
seconds. Where `hangUp` is true, the terminal goes away after the last step, as with a closed ssh.
Answer: {"output": one text per step, "code": exit code}.
"""
import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PATIENCE = 20


def read_until(terminal, pattern, pause):
    text, deadline, end = "", time.time() + PATIENCE, None
    while time.time() < (deadline if end is None else end):
        if select.select([terminal], [], [], 0.02)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:  # Linux says so when the program has ended.
                data = b""
            if not data:
                return text
            text += data.decode("utf-8", "replace")
        if end is None and re.search(pattern, text):
            end = time.time() + pause
    if end is None:
        raise SystemExit(f"no /{pattern}/ within {PATIENCE} s in: {text!r}")
    return text


def main():
    request = json.load(sys.stdin)
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(request["env"])
        # The size must be there before the program asks for it.
        time.sleep(0.1)
        os.execvp(request["argv"][0], request["argv"])
    size = struct.pack("HHHH", request["rows"], request["columns"], 0, 0)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
    output = []
    for step in request["steps"]:
        os.write(terminal, step["send"].encode())
        output.append(read_until(terminal, step["until"], step.get("pause", 0)))
    if request.get("hangUp"):
        os.close(terminal)
    _, status = os.waitpid(child, 0)
    json.dump({"output": output, "code": os.waitstatus_to_exitcode(status)}, sys.stdout)


main()
