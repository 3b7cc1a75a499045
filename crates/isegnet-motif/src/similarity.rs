use crate::{Background, Motif, Probabilities, Row};
use isegnet_core::Strand;
use rayon::prelude::*;

/// How two motifs lie on each other where they are most alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// The mean correlation of the positions that lie on each other, times their share of
    /// the positions that either motif covers: 1 for the same motif, about 0 for strangers.
    pub correlation: f64,
    /// Where the second motif begins, in positions of the first; negative before it.
    pub offset: isize,
    /// Whether the second is reversed and complemented.
    pub strand: Strand,
    /// How many positions lie on each other.
    pub overlap: usize,
}

/// Compares two motifs at every offset and on both strands, by Pearson's correlation of the
/// four probabilities of positions that lie on each other (Tomtom's `pearson`), weighted by the
/// shared part so that a short overlap does not make two motifs alike.
///
/// A position like the background of all bases correlates with nothing but its like.
pub fn similarity(first: &Probabilities, second: &Probabilities) -> Similarity {
    let (first, second) = (Columns::new(first), Columns::new(second));
    first.best(&second)
}

/// A group of motifs that are nearly the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its members, by their places among the motifs, ascending.
    pub members: Vec<usize>,
    /// The member most like the others, which stands for all.
    pub representative: usize,
}

/// Groups motifs whose mean [`similarity`] is at least `least` (0.75 tells near-identical
/// ones), by average linkage; each motif is in one family, and families are ordered by their
/// first members.
pub fn families(motifs: &[Motif], least: f64) -> Vec<Family> {
    let columns: Vec<Columns> = motifs.iter().map(|m| Columns::new(&m.matrix)).collect();
    let n = columns.len();
    let pair = |i: usize, j: usize| columns[i].best(&columns[j]).correlation;
    let later = (0..n).into_par_iter().map(|i| (i + 1..n).map(|j| pair(i, j)).collect());
    let later: Vec<Vec<f64>> = later.collect();
    let both = |i: usize, j: usize| if i == j { 1.0 } else { later[i.min(j)][i.abs_diff(j) - 1] };
    let alike: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| both(i, j)).collect()).collect();
    let mut families: Vec<Family> = linked(&alike, least)
        .into_iter()
        .map(|members| {
            let to_others =
                |i: usize| members.iter().filter(|&&j| j != i).map(|&j| alike[i][j]).sum::<f64>();
            let best = members
                .iter()
                .copied()
                .max_by(|&a, &b| to_others(a).total_cmp(&to_others(b)).then(b.cmp(&a)));
            Family { representative: best.unwrap_or_default(), members }
        })
        .collect();
    families.sort_by_key(|family| family.members[0]);
    families
}

/// Joins the two groups that are most alike on average, again and again, while they are at
/// least so much alike. Each group remembers its nearest later one.
fn linked(alike: &[Vec<f64>], least: f64) -> Vec<Vec<usize>> {
    let n = alike.len();
    let mut alike = alike.to_vec();
    let mut groups: Vec<Vec<usize>> = (0..n).map(|i| vec![i]).collect();
    let nearest = |alike: &[Vec<f64>], groups: &[Vec<usize>], i: usize| {
        let others = (i + 1..n).filter(|&j| !groups[j].is_empty());
        others.max_by(|&a, &b| alike[i][a].total_cmp(&alike[i][b]).then(b.cmp(&a)))
    };
    let mut next: Vec<Option<usize>> = (0..n).map(|i| nearest(&alike, &groups, i)).collect();
    loop {
        let pairs =
            (0..n).filter(|&i| !groups[i].is_empty()).filter_map(|i| next[i].map(|j| (i, j)));
        let best = pairs.max_by(|&(a, b), &(c, d)| {
            alike[a][b].total_cmp(&alike[c][d]).then((c, d).cmp(&(a, b)))
        });
        let Some((i, j)) = best.filter(|&(i, j)| alike[i][j] >= least) else { break };
        let (a, b) = (groups[i].len() as f64, groups[j].len() as f64);
        let joined: Vec<f64> =
            alike[i].iter().zip(&alike[j]).map(|(x, y)| (a * x + b * y) / (a + b)).collect();
        for (row, &to_joined) in alike.iter_mut().zip(&joined) {
            row[i] = to_joined;
        }
        alike[i] = joined;
        let mut moved = std::mem::take(&mut groups[j]);
        groups[i].append(&mut moved);
        next[j] = None;
        for k in 0..n {
            if !groups[k].is_empty() && (k == i || k < j) {
                next[k] = nearest(&alike, &groups, k);
            }
        }
    }
    groups.retain(|group| !group.is_empty());
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups
}

/// The positions of a motif less their means, of length 1, so that a product is a correlation.
struct Columns {
    forward: Vec<Row>,
    reverse: Vec<Row>,
    /// Positions without information on one strand or the other lie on the same places.
    flat: Vec<bool>,
}

impl Columns {
    fn new(matrix: &Probabilities) -> Self {
        let information = matrix.information(&Background::uniform());
        let forward: Vec<Row> = matrix.rows().iter().map(standardised).collect();
        let reverse = forward.iter().rev().map(|&[a, c, g, t]| [t, g, c, a]).collect();
        Self { forward, reverse, flat: information.iter().map(|&bits| bits < 1e-9).collect() }
    }

    fn best(&self, other: &Self) -> Similarity {
        let mut best = Similarity {
            correlation: f64::NEG_INFINITY,
            offset: 0,
            strand: Strand::Forward,
            overlap: 0,
        };
        let (n, m) = (self.forward.len() as isize, other.forward.len() as isize);
        for (strand, rows) in [(Strand::Forward, &other.forward), (Strand::Reverse, &other.reverse)]
        {
            for offset in 1 - m..n {
                let range = offset.max(0)..n.min(offset + m);
                let overlap = range.len();
                let sum: f64 = range
                    .map(|i| self.at(i as usize, other, rows, (i - offset) as usize, strand))
                    .sum();
                let covered = n + m - overlap as isize;
                let correlation = sum / covered as f64;
                if correlation > best.correlation + 1e-12 {
                    best = Similarity { correlation, offset, strand, overlap };
                }
            }
        }
        best
    }

    fn at(&self, i: usize, other: &Self, rows: &[Row], j: usize, strand: Strand) -> f64 {
        let place = if strand == Strand::Forward { j } else { other.flat.len() - 1 - j };
        if self.flat[i] && other.flat[place] {
            return 1.0;
        }
        self.forward[i].iter().zip(&rows[j]).map(|(a, b)| a * b).sum()
    }
}

fn standardised(row: &Row) -> Row {
    let mean = row.iter().sum::<f64>() / 4.0;
    let length = row.iter().map(|p| (p - mean).powi(2)).sum::<f64>().sqrt();
    row.map(|p| if length > 1e-6 { (p - mean) / length } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn motif(pattern: &str) -> Motif {
        let row = |letter: char| match "ACGT".find(letter) {
            Some(base) => std::array::from_fn(|i| if i == base { 0.85 } else { 0.05 }),
            None => [0.25; 4],
        };
        let matrix = Probabilities::new(pattern.chars().map(row).collect(), 20.0).unwrap();
        Motif { id: pattern.into(), name: None, matrix }
    }

    #[test]
    fn a_motif_is_itself_on_either_strand_and_shifted() {
        let one = motif("ACGNTTGA");
        let itself = similarity(&one.matrix, &one.matrix);
        assert!((itself.correlation - 1.0).abs() < 1e-12 && itself.offset == 0);
        let other = similarity(&one.matrix, &one.reverse_complement().matrix);
        assert!((other.correlation - 1.0).abs() < 1e-12 && other.strand == Strand::Reverse);
        let shifted = similarity(&one.matrix, &motif("GNTTGAC").matrix);
        assert_eq!((shifted.offset, shifted.overlap), (2, 6));
        // Six of the nine positions that either covers are the same.
        assert!((shifted.correlation - 6.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn families_are_told_apart() {
        let motifs =
            ["CACGTG", "TTGACAAC", "ACACGTGT", "CACGTGA", "GTTGTCAA", "GGGCGGGG"].map(motif);
        let families = families(&motifs, 0.7);
        let members: Vec<Vec<usize>> = families.iter().map(|f| f.members.clone()).collect();
        assert_eq!(members, [vec![0, 2, 3], vec![1, 4], vec![5]]);
        assert_eq!(super::families(&motifs, 0.0).iter().map(|f| f.members.len()).sum::<usize>(), 6);
        assert_eq!(super::families(&motifs, 1.1).len(), 6);
        assert!(super::families(&[], 0.5).is_empty());
    }
}
