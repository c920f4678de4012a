"""Shared by the Python sides: the same images as in Node, and rounds on request."""
import json
import resource
import sys
import time

import numpy


def images(size, batch):
    state, count = 12345, batch * size * size * 3
    pixels = numpy.empty(count, 'uint8')
    for i in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        pixels[i] = (state >> 16) & 255
    return pixels.reshape(batch, size, size, 3), numpy.arange(batch) % 5


def take_turns(step, started, version):
    """Answers each line on stdin, a number of steps, with their milliseconds."""
    step()
    print(json.dumps({'readySeconds': time.perf_counter() - started, 'version': version}), flush=True)
    for line in sys.stdin:
        ms = []
        for _ in range(int(line)):
            began = time.perf_counter()
            step()
            ms.append((time.perf_counter() - began) * 1e3)
        # ru_maxrss is in KiB on Linux.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(json.dumps({'ms': ms, 'peakRssMb': peak}), flush=True)
