"""Reads what `isegnet explain` wrote: python read_attributions.py FOLDER

Needs numpy and safetensors. Rows of the arrays are the lines of genes.tsv.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open


def main(folder: Path) -> None:
    with open(folder / "genes.tsv") as lines:
        genes = list(csv.DictReader(lines, delimiter="\t"))
    manifest = json.loads((folder / "explain.json").read_text())

    # The file is mapped: a slice reads the rows asked for, not the gigabytes around them.
    with safe_open(folder / "attributions.safetensors", framework="numpy") as arrays:
        tracks = json.loads(arrays.metadata()["tracks"])
        epi = arrays.get_slice("epi")  # (rows, tracks, positions)
        dna = arrays.get_slice("dna") if "dna" in arrays.keys() else None  # (rows, positions, 4)

        total = dict.fromkeys([*tracks, "DNA"], 0.0)
        for row, gene in enumerate(genes):
            of_tracks = epi[row].astype(np.float64)
            of_dna = 0.0 if dna is None else dna[row].astype(np.float64)
            for track, values in zip(tracks, of_tracks):
                total[track] += np.abs(values).sum()
            total["DNA"] += np.abs(of_dna).sum()
            # Attributions add up to what genes.tsv says.
            found, told = of_tracks.sum() + np.sum(of_dna), float(gene["sum"])
            assert abs(found - told) < 1e-4 * (1 + abs(told)), (gene["gene_id"], found, told)

    print(f"{len(genes)} rows, {manifest['flagged']} flagged; the TTS window begins at "
          f"position {manifest['seam']}")
    for name, magnitude in sorted(total.items(), key=lambda item: -item[1]):
        print(f"{name:24}{magnitude / len(genes):10.4f} mean |attribution| a row")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
