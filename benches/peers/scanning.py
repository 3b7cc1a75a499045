"""What is scanned, and the numbers that everybody must agree on."""

import math
from pathlib import Path

import numpy as np

P = 1e-4
BASES = "ACGT"  # each as frequent
COMPARED = 10  # positions of the narrowest motif that is compared by itself


def motifs(folder):
    """Probabilities by motif, (position, base); pseudocounts are mixed in."""
    with np.load(Path(folder) / "motifs.npz") as file:
        return dict(file)


def sequences(folder, what):
    lines = (Path(folder) / f"scan-{what}.fa").read_text().splitlines()
    return [line for line in lines if not line.startswith(">")]


def numbers(found):
    """What everybody must agree on, from (positions, scores on one strand, on the other) a motif.

    In bits: how many hits a motif has on either strand and what the best one scores; last, how
    many hits all motifs have.
    """
    everything = 0
    for width, *strands in found:
        counts = [len(scores) for scores in strands]
        everything += sum(counts)
        if width >= COMPARED:
            yield from map(bits, counts)
            yield max((max(scores) for scores in strands if len(scores)), default=0.0)
    yield bits(everything)


def bits(hits):
    return math.log2(1 + hits)
