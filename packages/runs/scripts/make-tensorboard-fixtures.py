"""Writes src/fixtures/tensorboard.json: event records from TensorBoard's own protocol buffers and record writer.

    pip install tensorboard
    python scripts/make-tensorboard-fixtures.py
"""
import base64
import io
import json
import pathlib

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def record(event: Event) -> str:
    class Kept(io.BytesIO):
        def close(self) -> None:
            pass

    kept = Kept()
    writer = RecordWriter(kept)
    writer.write(event.SerializeToString())
    writer.flush()
    return base64.b64encode(kept.getvalue()).decode()


histogram = HistogramProto(
    min=-1, max=2.5, num=4, sum=3, sum_squares=8.5, bucket_limit=[0.0, 1.0, 2.5], bucket=[1, 2, 1]
)
fixtures = {
    "version": record(Event(wall_time=1.5, file_version="brain.Event:2")),
    "restart": record(Event(wall_time=2.25, step=300, session_log=SessionLog(status=SessionLog.START))),
    "scalars": record(
        Event(
            wall_time=3.125,
            step=70000,
            summary=Summary(
                value=[
                    Summary.Value(tag="train/loss", simple_value=0.1),
                    Summary.Value(tag="speed/images_per_second", simple_value=1234.5),
                ]
            ),
        )
    ),
    "characters": record(Event(wall_time=5, step=1, summary=Summary(value=[Summary.Value(tag="é漢😀𠮷", simple_value=1)]))),
    "histogram": record(Event(wall_time=4, step=1, summary=Summary(value=[Summary.Value(tag="conv1/kernel", histo=histogram)]))),
}
target = pathlib.Path(__file__).parent.parent / "src" / "fixtures" / "tensorboard.json"
target.parent.mkdir(exist_ok=True)
target.write_text(json.dumps(fixtures, indent=2) + "\n")
