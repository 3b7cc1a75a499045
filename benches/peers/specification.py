"""The network of the preset gao2022 in numbers, and the inputs of the race."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

POSITIONS, TRACKS, BASES = 2500, 7, 4
FIRST_PADDING, SECOND_PADDING, MERGED_PADDING = (10, 9), (5, 4), (1, 0)
MERGED_KERNELS = (126, 64)
DENSE = (256, 64, 16)
POOL = 5
DROPOUT = 0.5
EPSILON, MOMENTUM = 1e-3, 0.99  # batch norm; the momentum is the share of the old value
PENALTY = 1e-4  # times the sum of squares of all kernels
RATE, BETAS, ADAM_EPSILON = 1e-3, (0.9, 0.999), 1e-7
EXPLAINED, STEPS = 2, 200  # rows of the batch that are explained, and nodes of the integral
PUBLISHED_PARAMETERS = 2_056_379  # at k1 64, kernel size 20


@dataclass
class Race:
    """A task on one network: weights by name in the Keras layout, and a batch."""

    task: str  # train, infer or explain
    k1: int
    kernel: int
    weights: dict
    tracks: np.ndarray  # (rows, positions, tracks)
    dna: np.ndarray  # (rows, positions, bases), one-hot
    target: np.ndarray  # (rows,)

    @property
    def k2(self):
        return 2 * self.k1

    def attributed(self, tracks, dna):
        """The numbers that everybody must agree on: what each track of each row sums to, and its DNA."""
        return np.concatenate([tracks.sum(1), dna.sum((1, 2))[:, None]], 1).ravel()

    def flat(self):
        """Values that reach the dense layers."""
        first = POSITIONS + sum(FIRST_PADDING) - self.kernel + 1
        second = first + sum(SECOND_PADDING) - self.kernel + 1
        merged = second // POOL + sum(MERGED_PADDING) - 2 + 1
        return merged // POOL * MERGED_KERNELS[1]

    def check_parameters(self, trained):
        """Refuses a network of another size."""
        ours = sum(
            values.size
            for name, values in self.weights.items()
            if not name.endswith(("moving_mean", "moving_variance"))
        )
        published = (self.k1, self.kernel) == (64, 20)
        if trained != ours or published and trained != PUBLISHED_PARAMETERS:
            raise ValueError(f"this network trains {trained} numbers and ours {ours}")


def nodes():
    """Gauss-Legendre nodes in (0, 1) and their weights, which sum to 1."""
    places, weights = np.polynomial.legendre.leggauss(STEPS)
    return (places + 1) / 2, weights / 2


def read(folder, task, k1, kernel):
    """Reads what our worker wrote for a network."""
    with np.load(Path(folder) / f"network-{k1}-{kernel}.npz") as file:
        arrays = dict(file)
    batch = {name: arrays.pop(name) for name in ("tracks", "dna", "target")}
    batch["dna"] = np.eye(BASES, dtype=np.float32)[batch["dna"]]
    return Race(task=task, k1=int(k1), kernel=int(kernel), weights=arrays, **batch)
