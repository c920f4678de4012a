"""Shared by both Python sides: the photos, and a pass over them for each line on stdin."""

import json
import resource
import sys
import time
from pathlib import Path


def chosen_photos(folder, count):
    """Every n-th photo, so that all classes are included."""
    paths = sorted(str(path) for path in Path(folder).glob("*/*.jpg"))
    step = len(paths) / count
    return [paths[int(i * step)] for i in range(count)]


def cpu_seconds():
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usage)


def take_turns(version, one_pass, cpu=cpu_seconds):
    print(json.dumps({"version": version}), flush=True)
    for line in sys.stdin:
        if line.strip() != "go":
            continue
        cpu_before, start = cpu(), time.perf_counter()
        images = one_pass()
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"images": images, "seconds": seconds, "cpuSeconds": cpu() - cpu_before, "peakRssMiB": peak}), flush=True)
