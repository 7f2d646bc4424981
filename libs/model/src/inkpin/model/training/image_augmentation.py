"""Random variations of images, in PyTorch."""

import torch
from torch import Tensor
from torch.nn import functional


def bent_images(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return grey images (n, 1, h, w) of 0..1, each randomly moved, and cut to zeros and ones.

    Rotation to 10 degrees, shear to 0.15, scale 0.89 to 1.12 for each side, shift to 5 % of the
    side, ink threshold 0.02 to 0.5 of full black.
    """
    n = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=generator) * (high - low) + low

    angle, shear = uniform(-0.175, 0.175), uniform(-0.15, 0.15)
    wide, tall = uniform(0.89, 1.12), uniform(0.89, 1.12)
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [
        torch.stack([cos * wide, (shear * cos - sin) * wide, uniform(-0.1, 0.1)], 1),
        torch.stack([sin * tall, (shear * sin + cos) * tall, uniform(-0.1, 0.1)], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    bent = functional.grid_sample(images, grid, align_corners=False)
    return bent > uniform(0.02, 0.5)[:, None, None, None]
