"""Bin means around every gene with pyBigWig: `pybigwig_extract.py FOLDER SETTING extract`.

As many processes as threads, each with its share of the genes.
"""

import multiprocessing
import sys
from pathlib import Path

import contestant

import numpy as np
import pyBigWig

BIN = 20
SPLIT, MOST = 1500 // BIN + 1, 1000 // BIN + 1  # most bins that the two windows touch
EVERY = 100, 250  # one gene of so many is compared, at one position of so many


def windows(folder):
    """(chromosome, strand, ((start, end) around the TSS, (start, end) around the TTS)) a gene."""
    for line in (folder / "windows.tsv").read_text().splitlines():
        chrom, strand, *ends = line.split("\t")
        start, end, other, last = map(int, ends)
        yield chrom, strand, ((start, end), (other, last))


def bins(start, end):
    """Bins of the genome's grid that a window touches."""
    return start // BIN, -(-end // BIN)


def means(file, chrom, length, window):
    """Mean of each bin of a window; off the chromosome there is 0."""
    first, last = bins(*window)
    values = np.zeros((last - first) * BIN, np.float32)
    start, end = max(first * BIN, 0), min(last * BIN, length)
    if start < end:
        read = file.values(chrom, start, end, numpy=True)
        values[start - first * BIN : end - first * BIN] = np.nan_to_num(read, copy=False)
    return values.reshape(-1, BIN).mean(1)


def extract(paths, genes):
    """Means, (track, gene, bin): the bins of the TSS window, from SPLIT on those of the TTS window."""
    table = np.zeros((len(paths), len(genes), SPLIT + MOST), np.float32)
    for path, rows in zip(paths, table):
        with pyBigWig.open(str(path)) as file:
            lengths = file.chroms()
            for row, (chrom, _, both) in zip(rows, genes):
                for window, part in zip(both, (row[:SPLIT], row[SPLIT:])):
                    read = means(file, chrom, lengths[chrom], window)
                    part[: len(read)] = read
    return table


def positions(row, strand, both):
    """Values of the positions of a row, in transcript orientation."""
    parts = []
    for part, (start, end) in zip((row[:SPLIT], row[SPLIT:]), both):
        skipped = start - bins(start, end)[0] * BIN
        bases = np.repeat(part, BIN)[skipped : skipped + end - start]
        parts.append(bases if strand == "+" else bases[::-1])
    return np.concatenate(parts)


def main(folder, _setting, _task):
    folder = Path(folder)
    paths = sorted(folder.glob("track*.bigWig"))
    genes = list(windows(folder))
    cuts = np.linspace(0, len(genes), contestant.THREADS + 1).astype(int)
    shares = [(paths, genes[a:b]) for a, b in zip(cuts, cuts[1:])]

    with multiprocessing.Pool(contestant.THREADS) as pool:

        def check():
            some = genes[:: EVERY[0]]
            table = extract(paths, some)
            for i, (_, strand, both) in enumerate(some):
                for rows in table:
                    yield from positions(rows[i], strand, both)[:: EVERY[1]]

        contestant.serve(check, run=lambda: pool.starmap(extract, shares, chunksize=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
