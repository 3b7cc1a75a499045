use ndarray::ArrayView2;
use rayon::prelude::*;

/// Features as ranks, a column each: equal numbers have equal ranks.
pub(crate) struct Columns {
    rows: usize,
    ranks: Vec<u32>,
    /// Rows ascending by rank and then by number, where they are kept.
    order: Option<Vec<u32>>,
}

impl Columns {
    pub fn new(x: ArrayView2<'_, f64>, presort: bool) -> Self {
        let (rows, features) = x.dim();
        let mut ranks = vec![0; rows * features];
        let mut order = vec![0; if presort { rows * features } else { 0 }];
        let columns = ranks.par_chunks_mut(rows).enumerate();
        let sorted = |feature: usize| {
            let column = x.column(feature);
            let mut sorted: Vec<(f64, u32)> = column.iter().copied().zip(0..).collect();
            // Adding 0 makes -0 the 0 that it is equal to.
            sorted.sort_unstable_by(|a, b| (a.0 + 0.0).total_cmp(&(b.0 + 0.0)).then(a.1.cmp(&b.1)));
            sorted
        };
        let rank = |sorted: &[(f64, u32)], ranks: &mut [u32]| {
            let mut rank = 0;
            for (i, &(value, row)) in sorted.iter().enumerate() {
                rank += u32::from(i > 0 && value > sorted[i - 1].0);
                ranks[row as usize] = rank;
            }
        };
        if presort {
            columns.zip(order.par_chunks_mut(rows)).for_each(|((feature, ranks), order)| {
                let sorted = sorted(feature);
                rank(&sorted, ranks);
                order.iter_mut().zip(sorted).for_each(|(to, (_, row))| *to = row);
            });
        } else {
            columns.for_each(|(feature, ranks)| rank(&sorted(feature), ranks));
        }
        Self { rows, ranks, order: presort.then_some(order) }
    }

    pub fn features(&self) -> usize {
        self.ranks.len() / self.rows
    }

    pub fn ranks(&self, feature: usize) -> &[u32] {
        &self.ranks[feature * self.rows..][..self.rows]
    }

    fn order(&self, feature: usize) -> Option<&[u32]> {
        self.order.as_ref().map(|order| &order[feature * self.rows..][..self.rows])
    }
}

/// Rows of a tree's nodes in the order of a feature; a node is a stretch of rows.
///
/// They are either sorted once and kept in order as nodes are split, or sorted at every node.
pub(crate) struct Orders<'a> {
    columns: &'a Columns,
    /// A column of rows a feature, where they are kept.
    kept: Vec<u32>,
    rows: usize,
    keys: Vec<u64>,
    asked: Vec<u32>,
    aside: Vec<u32>,
}

impl<'a> Orders<'a> {
    pub fn new(columns: &'a Columns) -> Self {
        let (kept, keys, asked, aside) = <(Vec<_>, Vec<_>, Vec<_>, Vec<_>)>::default();
        Self { columns, kept, rows: 0, keys, asked, aside }
    }

    /// Begins a tree on the rows that were drawn.
    pub fn begin(&mut self, counts: &[u32]) {
        self.rows = counts.iter().filter(|&&n| n > 0).count();
        self.aside.resize(self.rows, 0);
        self.kept.clear();
        for feature in 0..self.columns.features() {
            let Some(order) = self.columns.order(feature) else { return };
            self.kept.extend(order.iter().filter(|&&row| counts[row as usize] > 0));
        }
    }

    /// The rows of the node, which are `rows[start..end]`, by `feature`; `None` where
    /// all have the same value.
    pub fn of(&mut self, feature: usize, rows: &[u32], start: usize, end: usize) -> Option<&[u32]> {
        let ranks = self.columns.ranks(feature);
        let rank = |row: u32| ranks[row as usize];
        if !self.kept.is_empty() {
            let order = &self.kept[feature * self.rows..][start..end];
            return (rank(order[0]) != rank(order[order.len() - 1])).then_some(order);
        }
        let rows = &rows[start..end];
        if rows.iter().all(|&row| rank(row) == rank(rows[0])) {
            return None;
        }
        self.keys.clear();
        self.keys.extend(rows.iter().map(|&row| u64::from(rank(row)) << 32 | u64::from(row)));
        self.keys.sort_unstable();
        self.asked.clear();
        self.asked.extend(self.keys.iter().map(|&key| key as u32));
        Some(&self.asked)
    }

    /// Splits a node: rows that go left come first, each side in its order.
    pub fn split(&mut self, start: usize, end: usize, goes_left: &[bool]) {
        if self.kept.is_empty() {
            return;
        }
        for order in self.kept.chunks_exact_mut(self.rows) {
            partition(&mut order[start..end], goes_left, &mut self.aside);
        }
    }
}

/// Puts rows that go left first and keeps the order on each side.
pub(crate) fn partition(rows: &mut [u32], goes_left: &[bool], aside: &mut [u32]) {
    let (mut left, mut right) = (0, 0);
    for i in 0..rows.len() {
        let row = rows[i];
        // Both are written and one counts: no branch to be mispredicted.
        rows[left] = row;
        aside[right] = row;
        let goes = usize::from(goes_left[row as usize]);
        left += goes;
        right += 1 - goes;
    }
    rows[left..].copy_from_slice(&aside[..right]);
}
