"""Networks of keras.applications with a fraction of the channels."""


def narrow(K, name, shape, classes=5, factor=16, **options):
    """The configuration of the whole network, with smaller numbers.

    @param K keras or tf_keras
    """
    model = getattr(K.applications, name)(weights=None, input_shape=shape, classes=classes * factor, **options)

    def less(value):
        return max(2, value // factor) if isinstance(value, int) and value > 1 else value

    def narrowed(value, key=None):
        if isinstance(value, dict):
            # Shapes are found again.
            return {each: narrowed(item, each) for each, item in value.items() if each != "build_config"}
        if key in {"target_shape", "batch_shape", "batch_input_shape"}:
            return [*value[:-1], value[-1] if value[-1] == 3 else less(value[-1])]
        if isinstance(value, (list, tuple)):
            return [narrowed(item) for item in value]
        return less(value) if key in {"filters", "units", "groups", "projection_dim"} else value

    convnext = K.src.applications.convnext
    with K.utils.custom_object_scope({"LayerScale": convnext.LayerScale, "StochasticDepth": convnext.StochasticDepth}):
        return K.Model.from_config(narrowed(model.get_config()))
