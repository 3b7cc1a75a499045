"""Scanning with memelite: `memelite_scan.py FOLDER SETTING scan windows|genome`."""

import sys

import contestant
import scanning

import numpy as np
from memelite import fimo


def one_hot(sequences):
    """(sequence, base, position)"""
    letters = np.frombuffer("".join(sequences).encode(), np.uint8).reshape(len(sequences), -1)
    return np.stack([letters == ord(base) for base in scanning.BASES], 1).astype(np.int8)


def main(folder, _setting, _task, what):
    motifs = {name: rows.T for name, rows in scanning.motifs(folder).items()}
    sequences = one_hot(scanning.sequences(folder, what))

    def scan():
        return fimo(motifs, sequences, eps=0.0, threshold=scanning.P)

    def found():
        for rows, hits in zip(motifs.values(), scan()):
            strand, score = hits["strand"].to_numpy(), hits["score"].to_numpy()
            yield rows.shape[1], score[strand == "+"], score[strand == "-"]

    contestant.serve(check=lambda: scanning.numbers(found()), run=scan)


main(*sys.argv[1:])
