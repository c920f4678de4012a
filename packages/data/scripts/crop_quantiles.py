"""What both fixture scripts store about many random crops: tests compare only the distribution."""

import numpy as np


def crop_quantiles(crops, width, height):
    """`crops` has rows of x, y, width and height, for an image of that size."""
    x, y, wide, high = np.array(crops, float).T
    values = {"area": wide * high / (height * width), "ratio": wide / high, "x": x, "y": y}
    at = np.linspace(0, 1, 41)
    return {
        "width": width,
        "height": height,
        "draws": len(crops),
        "quantiles": {name: np.round(np.quantile(value, at), 5).tolist() for name, value in values.items()},
    }
