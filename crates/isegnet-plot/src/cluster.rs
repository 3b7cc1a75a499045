//! Hierarchical clustering with average linkage.

use crate::Error;
use crate::error::same_length;

/// The tree that joins items, nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    items: usize,
    merges: Vec<Merge>,
}

/// Two groups that become one.
///
/// A number below the number of items is an item; the k-th merge makes group
/// `items + k`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merge {
    /// The groups, the one that holds the first item first.
    pub parts: (usize, usize),
    /// How far they are apart: the mean distance of their items.
    pub height: f64,
}

/// Joins items by the mean distance between the items of two groups (average
/// linkage, UPGMA; Sokal and Michener 1958), by chains of nearest neighbours
/// (Murtagh 1983) in O(n²).
///
/// `distances` is symmetric, (items, items) row by row. Of equal distances the
/// one to the earlier item counts.
///
/// # Errors
/// There are not `items` x `items` distances, or one is not finite.
pub fn average_linkage(items: usize, distances: &[f64]) -> Result<Tree, Error> {
    same_length(("the matrix of distances", distances.len()), ("items x items", items * items))?;
    crate::error::all_finite("distances", distances)?;
    let mut groups = Groups {
        items,
        apart: distances.to_vec(),
        size: vec![1; items],
        id: (0..items).collect(),
        first: (0..items).collect(),
        height: vec![0.0; items],
    };
    let mut merges = Vec::with_capacity(items.saturating_sub(1));
    let mut chain: Vec<usize> = Vec::new();
    while merges.len() + 1 < items {
        if chain.is_empty() {
            chain.extend((0..items).find(|&i| groups.size[i] > 0));
        }
        let Some(&last) = chain.last() else { break };
        let before = chain.len().checked_sub(2).map(|i| chain[i]);
        let Some(nearest) = groups.nearest(last, before) else { break };
        if before == Some(nearest) {
            chain.truncate(chain.len() - 2);
            merges.push(groups.merge(last, nearest, items + merges.len()));
        } else {
            chain.push(nearest);
        }
    }
    Ok(Tree { items, merges })
}

/// The groups that are not yet joined, each in the slot of one of its items.
struct Groups {
    items: usize,
    apart: Vec<f64>,
    /// Number of items; 0 for a slot whose group has been joined.
    size: Vec<usize>,
    id: Vec<usize>,
    /// The first item.
    first: Vec<usize>,
    height: Vec<f64>,
}

impl Groups {
    /// Gives the group nearest to `to`; `before` where others are not nearer.
    fn nearest(&self, to: usize, before: Option<usize>) -> Option<usize> {
        let row = &self.apart[to * self.items..][..self.items];
        let others = (0..self.items).filter(|&i| i != to && self.size[i] > 0);
        before.into_iter().chain(others).min_by(|&a, &b| row[a].total_cmp(&row[b]))
    }

    /// Joins two groups in the slot of the first.
    fn merge(&mut self, a: usize, b: usize, id: usize) -> Merge {
        let (a, b) = if self.first[a] < self.first[b] { (a, b) } else { (b, a) };
        let n = self.items;
        // Rounding must not put a group below one of its parts.
        let height = self.apart[a * n + b].max(self.height[a]).max(self.height[b]);
        let merge = Merge { parts: (self.id[a], self.id[b]), height };
        let (of_a, of_b) = (self.size[a] as f64, self.size[b] as f64);
        for other in (0..n).filter(|&i| i != a && i != b) {
            let mean = (of_a * self.apart[a * n + other] + of_b * self.apart[b * n + other])
                / (of_a + of_b);
            self.apart[a * n + other] = mean;
            self.apart[other * n + a] = mean;
        }
        self.size[a] += self.size[b];
        self.size[b] = 0;
        self.id[a] = id;
        self.height[a] = height;
        merge
    }
}

impl Tree {
    /// Gives the merges, each after those of its parts.
    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// Gives the items in an order in which every group stands together.
    pub fn order(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.items);
        let mut waiting = vec![(self.items + self.merges.len()).saturating_sub(1)];
        while let Some(group) = waiting.pop() {
            match group.checked_sub(self.items) {
                None => order.push(group),
                Some(merge) => {
                    if let Some(Merge { parts, .. }) = self.merges.get(merge) {
                        waiting.extend([parts.1, parts.0]);
                    }
                }
            }
        }
        order
    }

    /// Gives the tree's lines: a bracket a merge, with NaN between brackets.
    ///
    /// The first list runs along the items in their [`order`](Self::order), the
    /// k-th at k + 1/2; the second holds heights.
    pub(crate) fn brackets(&self) -> (Vec<f64>, Vec<f64>) {
        let mut at = vec![0.0; self.items];
        for (place, item) in self.order().into_iter().enumerate() {
            at[item] = place as f64 + 0.5;
        }
        let mut height = vec![0.0; self.items];
        let (mut along, mut up) = (Vec::new(), Vec::new());
        for merge in &self.merges {
            let (a, b) = merge.parts;
            along.extend([at[a], at[a], at[b], at[b], f64::NAN]);
            up.extend([height[a], merge.height, merge.height, height[b], f64::NAN]);
            at.push(0.5 * (at[a] + at[b]));
            height.push(merge.height);
        }
        (along, up)
    }
}

/// Gives the Euclidean distances between vectors, (vectors, vectors) row by row.
///
/// Two vectors are compared where neither misses a value (NaN), and the sum is
/// scaled up to all places; two that share no place are as far apart as the
/// farthest that do.
pub(crate) fn euclidean(vectors: &[Vec<f64>]) -> Vec<f64> {
    let count = vectors.len();
    let mut apart = vec![0.0; count * count];
    for (i, a) in vectors.iter().enumerate() {
        for (j, b) in vectors.iter().enumerate().skip(i + 1) {
            let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).filter(|d| d.is_finite());
            let (sum, shared) = squares.fold((0.0, 0.0), |(s, n), d| (s + d, n + 1.0));
            let distance = (sum / shared * a.len() as f64).sqrt();
            apart[i * count + j] = distance;
            apart[j * count + i] = distance;
        }
    }
    let farthest = apart.iter().copied().fold(0.0, f64::max);
    apart.iter().map(|d| if d.is_nan() { farthest } else { *d }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Joins the two nearest groups by the mean over all pairs of items, again
    /// and again. Gives the heights.
    fn slowly(items: usize, distances: &[f64]) -> Vec<(Vec<usize>, f64)> {
        let mut groups: Vec<Vec<usize>> = (0..items).map(|i| vec![i]).collect();
        let mut made = Vec::new();
        while groups.len() > 1 {
            let mean = |a: &[usize], b: &[usize]| {
                let pairs = a.iter().flat_map(|i| b.iter().map(move |j| distances[i * items + j]));
                pairs.sum::<f64>() / (a.len() * b.len()) as f64
            };
            let mut best = (f64::INFINITY, 0, 0);
            for a in 0..groups.len() {
                for b in a + 1..groups.len() {
                    let d = mean(&groups[a], &groups[b]);
                    if d < best.0 {
                        best = (d, a, b);
                    }
                }
            }
            let gone = groups.remove(best.2);
            groups[best.1].extend(gone);
            groups[best.1].sort_unstable();
            made.push((groups[best.1].clone(), best.0));
        }
        made
    }

    /// The groups of a tree with their heights, lowest first.
    fn groups(tree: &Tree) -> Vec<(Vec<usize>, f64)> {
        let mut members: Vec<Vec<usize>> = (0..tree.items).map(|i| vec![i]).collect();
        let mut made = Vec::new();
        for merge in tree.merges() {
            let mut both = [&members[merge.parts.0][..], &members[merge.parts.1]].concat();
            both.sort_unstable();
            made.push((both.clone(), merge.height));
            members.push(both);
        }
        made.sort_by(|a, b| a.1.total_cmp(&b.1));
        made
    }

    #[test]
    fn points_on_a_line_join_nearest_first() {
        let points = [0.0, 10.0, 1.0, 11.5, 30.0].map(|x| vec![x]);
        let tree = average_linkage(5, &euclidean(&points)).unwrap();
        let heights: Vec<f64> = groups(&tree).iter().map(|g| g.1).collect();
        assert_eq!(heights, [1.0, 1.5, 10.25, (30.0 + 29.0 + 20.0 + 18.5) / 4.0]);
        assert_eq!(tree.order(), [0, 2, 1, 3, 4]);
        let (along, up) = tree.brackets();
        assert_eq!((along.len(), up.len()), (20, 20));
        assert_eq!((&along[..4], &up[..4]), (&[0.5, 0.5, 1.5, 1.5][..], &[0.0, 1.0, 1.0, 0.0][..]));
    }

    #[test]
    fn few_items_and_bad_distances() {
        assert_eq!(average_linkage(1, &[0.0]).unwrap().order(), [0]);
        assert_eq!(average_linkage(0, &[]).unwrap().order(), [0; 0]);
        assert!(matches!(average_linkage(2, &[0.0; 3]), Err(Error::LengthsDiffer { .. })));
        let bad = average_linkage(2, &[0.0, f64::NAN, f64::NAN, 0.0]).unwrap_err();
        assert!(bad.to_string().contains("value 1 (from 0) is NaN"), "{bad}");
        assert_eq!(average_linkage(9, &[1.0; 81]).unwrap().order().len(), 9);
    }

    #[test]
    fn missing_places_are_left_out_of_distances() {
        let nan = f64::NAN;
        let rows = [vec![0.0, 0.0, nan], vec![3.0, nan, 1.0], vec![nan, nan, 1.0], vec![9.0; 3]];
        let d = euclidean(&rows);
        assert_eq!((d[1], d[4], d[6]), (27f64.sqrt(), 27f64.sqrt(), 0.0));
        // Rows 0 and 2 share no place.
        assert_eq!(d[2], d.iter().copied().fold(0.0, f64::max));
    }

    proptest! {
        #[test]
        fn chains_find_what_the_slow_way_finds(
            points in prop::collection::vec(prop::collection::vec(-10f64..10.0, 3), 2..14)
        ) {
            let distances = euclidean(&points);
            let tree = average_linkage(points.len(), &distances).unwrap();
            let (found, wanted) = (groups(&tree), slowly(points.len(), &distances));
            prop_assert_eq!(found.len(), wanted.len());
            for (f, w) in found.iter().zip(&wanted) {
                prop_assert_eq!(&f.0, &w.0);
                prop_assert!((f.1 - w.1).abs() < 1e-9);
            }
            let mut order = tree.order();
            order.sort_unstable();
            prop_assert_eq!(order, (0..points.len()).collect::<Vec<_>>());
        }
    }
}
