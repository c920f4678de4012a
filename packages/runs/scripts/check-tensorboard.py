"""Reads the TensorBoard logs of a run with TensorBoard's own reader, and prints the tags with their steps.

    pip install tensorboard
    python scripts/check-tensorboard.py RUN/tensorboard
"""
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0})
    events.Reload()
    tags = events.Tags()
    print(folder.name)
    for tag in tags["scalars"]:
        points = events.Scalars(tag)
        steps = [point.step for point in points]
        assert steps == sorted(set(steps)), f"{tag}: a step is there twice"
        print(f"  {tag}: {len(points)} steps, {steps[0]} to {steps[-1]}, last value {points[-1].value:.4g}")
    for tag in tags["histograms"]:
        points = events.Histograms(tag)
        assert all(sum(point.histogram_value.bucket) == point.histogram_value.num for point in points), tag
    print(f"  {len(tags['histograms'])} histograms at steps {[point.step for point in points]}")
