"""Scanning with MOODS: `moods_scan.py FOLDER SETTING scan windows|genome`.

SETTING is each, sequence by sequence, or joined, as one text with an N between two. As many
processes as threads, each with its share of the motifs; what they find stays with them.
"""

import multiprocessing
import sys

import contestant
import scanning

import MOODS.scan
import MOODS.tools
import numpy as np

BACKGROUND = MOODS.tools.flat_bg(len(scanning.BASES))
LOOKAHEAD = 7  # what its own command takes


def load(folder, setting, what):
    """Gives a process its texts and motifs."""
    global texts, motifs
    texts = scanning.sequences(folder, what)
    if setting == "joined":
        texts = ["N".join(texts)]
    motifs = list(scanning.motifs(folder).values())


def scan(share):
    """Hits by text, then by motif and strand."""
    matrices, thresholds = [], []
    for rows in motifs[share :: contestant.THREADS]:
        forward = MOODS.tools.log_odds(rows.T.tolist(), BACKGROUND, 0, 2)
        matrices += [forward, MOODS.tools.reverse_complement(forward)]
        thresholds += 2 * [MOODS.tools.threshold_from_p(forward, BACKGROUND, scanning.P)]
    scanner = MOODS.scan.Scanner(LOOKAHEAD)
    scanner.set_motifs(matrices, BACKGROUND, thresholds)
    return [scanner.scan(text) for text in texts]


def work(share):
    scan(share)


def scores(share):
    """(positions, scores on one strand, on the other) of each motif"""
    by_matrix = zip(*scan(share))
    by_matrix = [np.array([hit.score for hits in found for hit in hits]) for found in by_matrix]
    widths = [len(rows) for rows in motifs[share :: contestant.THREADS]]
    return list(zip(widths, by_matrix[::2], by_matrix[1::2]))


def main(folder, setting, _task, what):
    shares = range(contestant.THREADS)
    with multiprocessing.Pool(contestant.THREADS, load, (folder, setting, what)) as pool:

        def check():
            parts = pool.map(scores, shares, chunksize=1)
            found = sum(map(len, parts)) * [None]
            for share, part in zip(shares, parts):
                found[share :: contestant.THREADS] = part
            return scanning.numbers(found)

        contestant.serve(check, run=lambda: pool.map(work, shares, chunksize=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
