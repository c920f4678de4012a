"""Runs a program in its own terminal and types scripted input.

    python3 in-pty.py COLUMNS STEPS PROGRAM [ARGUMENT...]

STEPS is a JSON list of [text to wait for, text to type]; null instead of a text to type closes the
terminal. Prints the output of the program, and exits with its exit code.
"""
import codecs
import fcntl
import json
import os
import pty
import struct
import sys
import termios

columns, steps, program = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
# The child waits until its terminal has a size.
gate, opened = os.pipe()
child, terminal = pty.fork()
if child == 0:
    os.read(gate, 1)
    os.execvp(program[0], program)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
os.write(opened, b"x")

decoder = codecs.getincrementaldecoder("utf-8")()
seen = ""
written = ""
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # Linux raises this when the other side is closed.
        break
    if not chunk:
        break
    text = decoder.decode(chunk)
    written += text
    seen += text
    while steps and steps[0][0] in seen:
        wait_for, answer = steps.pop(0)
        seen = seen[seen.index(wait_for) + len(wait_for):]
        if answer is None:
            os.close(terminal)
            break
        os.write(terminal, answer.encode())
_, status = os.waitpid(child, 0)
sys.stdout.write(written)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
