"""Networks of keras.applications as Keras creates them for ImageNet's weights, without the weights."""

import keras


def without_weights(name, **options):
    """The model, and the address and checksum of the weights that Keras would load. Names of layers start at the same numbers."""
    keras.utils.clear_session()
    downloads = []

    def get_file(file, origin, **given):
        downloads.append((origin, given.get("file_hash") or given.get("md5_hash")))
        return file

    keras.Model.load_weights = lambda *_, **__: None
    keras.src.utils.file_utils.get_file = get_file
    model = getattr(keras.applications, name)(weights="imagenet", **options)
    [(url, checksum)] = downloads
    return model, url, checksum
