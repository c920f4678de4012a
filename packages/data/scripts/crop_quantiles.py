"""What both fixture scripts keep of many random crops: only their distribution is compared."""

import numpy as np


def crop_quantiles(crops, width, height):
    """`crops` are rows of x, y, width and height in an image of that size."""
    x, y, wide, high = np.array(crops, float).T
    values = {"area": wide * high / (height * width), "ratio": wide / high, "x": x, "y": y}
    at = np.linspace(0, 1, 41)
    return {
        "width": width,
        "height": height,
        "draws": len(crops),
        "quantiles": {name: np.round(np.quantile(value, at), 5).tolist() for name, value in values.items()},
    }
