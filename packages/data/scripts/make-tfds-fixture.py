"""Writes src/fixtures/tiny_shapes: a data set of a few computed pictures, as TensorFlow Datasets stores it.

    pip install tensorflow-cpu==2.21.0 tensorflow-datasets==4.9.10
    python scripts/make-tfds-fixture.py
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "tiny_shapes"


def picture(number):
    """Like `shapePicture` in src/node/readers/tfrecord/tfrecord-dataset.test.ts."""
    y, x, c = np.meshgrid(np.arange(6 + number), np.arange(9), np.arange(3), indexing="ij")
    return ((x * 20 + y * 11 + c * 40 + number * 7) % 256).astype(np.uint8)


class TinyShapes(tfds.core.GeneratorBasedBuilder):
    """Three classes in non-alphabetical order, so a reader must use the stored names."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(encoding_format="png"),
                    "label": tfds.features.ClassLabel(names=["square", "circle", "arrow"]),
                    "file_name": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "label"),
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(range(12)), "validation": self._generate_examples(range(12, 18))}

    def _generate_examples(self, numbers):
        for number in numbers:
            yield number, {"image": picture(number), "label": number % 3, "file_name": f"shape {number}.png"}


with tempfile.TemporaryDirectory() as folder:
    config = tfds.download.DownloadConfig(num_shards=2)
    builder = TinyShapes(data_dir=folder)
    builder.download_and_prepare(download_config=config)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    shutil.copytree(builder.data_dir, OUTPUT)
for file in sorted(OUTPUT.iterdir()):
    print(file.name, file.stat().st_size)
