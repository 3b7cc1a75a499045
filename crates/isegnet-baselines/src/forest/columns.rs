use ndarray::ArrayView2;
use rayon::prelude::*;

/// A row beside the rank of its value among those of a feature: both in one number,
/// which sorts by value and then by row. Equal values have equal ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ranked(u64);

impl Ranked {
    pub fn new(rank: u32, row: u32) -> Self {
        Self(u64::from(rank) << 32 | u64::from(row))
    }

    pub fn rank(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub fn row(self) -> usize {
        self.0 as u32 as usize
    }
}

/// The rows of each feature, a column each: sorted, or only ranked.
pub(crate) struct Columns {
    rows: usize,
    values: Vec<Ranked>,
    sorted: bool,
}

impl Columns {
    pub fn new(x: ArrayView2<'_, f64>, sorted: bool) -> Self {
        let (rows, features) = x.dim();
        let mut values = vec![Ranked::default(); rows * features];
        values.par_chunks_mut(rows).enumerate().for_each(|(feature, column)| {
            let mut order: Vec<(f64, u32)> = x.column(feature).iter().copied().zip(0..).collect();
            // Adding 0 makes -0 the 0 that it is equal to.
            order.sort_unstable_by(|a, b| (a.0 + 0.0).total_cmp(&(b.0 + 0.0)).then(a.1.cmp(&b.1)));
            let mut rank = 0;
            for (i, &(value, row)) in order.iter().enumerate() {
                rank += u32::from(i > 0 && value > order[i - 1].0);
                column[if sorted { i } else { row as usize }] = Ranked::new(rank, row);
            }
        });
        Self { rows, values, sorted }
    }

    pub fn features(&self) -> usize {
        self.values.len() / self.rows
    }

    fn of(&self, feature: usize) -> &[Ranked] {
        &self.values[feature * self.rows..][..self.rows]
    }
}

/// Rows of a tree's nodes in the order of a feature; a node is a stretch of rows.
///
/// They are either sorted once and kept in order as nodes are split, or sorted at every node.
pub(crate) struct Orders<'a> {
    columns: &'a Columns,
    /// A column of the tree's rows a feature, where they are kept.
    kept: Vec<Ranked>,
    rows: usize,
    /// The order that was asked for last, where they are not.
    asked: Vec<Ranked>,
    aside: Vec<Ranked>,
}

impl<'a> Orders<'a> {
    pub fn new(columns: &'a Columns) -> Self {
        Self { columns, kept: Vec::new(), rows: 0, asked: Vec::new(), aside: Vec::new() }
    }

    /// Begins a tree on the rows that were drawn.
    pub fn begin(&mut self, counts: &[u32]) {
        if !self.columns.sorted {
            return;
        }
        self.rows = counts.iter().filter(|&&n| n > 0).count();
        self.aside.resize(self.rows, Ranked::default());
        self.kept.clear();
        for feature in 0..self.columns.features() {
            let drawn = self.columns.of(feature).iter().filter(|ranked| counts[ranked.row()] > 0);
            self.kept.extend(drawn);
        }
    }

    /// The rows of the node, which are `rows[start..end]`, by `feature`; `None` where
    /// all have the same value.
    pub fn of(
        &mut self,
        feature: usize,
        rows: &[u32],
        start: usize,
        end: usize,
    ) -> Option<&[Ranked]> {
        if self.columns.sorted {
            let order = &self.kept[feature * self.rows..][start..end];
            return (order[0].rank() != order[order.len() - 1].rank()).then_some(order);
        }
        let column = self.columns.of(feature);
        self.asked.clear();
        self.asked.extend(rows[start..end].iter().map(|&row| column[row as usize]));
        if self.asked.iter().all(|ranked| ranked.rank() == self.asked[0].rank()) {
            return None;
        }
        self.asked.sort_unstable();
        Some(&self.asked)
    }

    /// Splits a node: rows that go left come first, each side in its order.
    pub fn split(&mut self, start: usize, end: usize, goes_left: &[bool]) {
        if !self.columns.sorted {
            return;
        }
        for order in self.kept.chunks_exact_mut(self.rows) {
            let goes = |ranked: Ranked| goes_left[ranked.row()];
            partition(&mut order[start..end], goes, &mut self.aside);
        }
    }
}

/// Puts what goes left first and keeps the order on each side.
pub(crate) fn partition<T: Copy>(rows: &mut [T], goes_left: impl Fn(T) -> bool, aside: &mut [T]) {
    let (mut left, mut right) = (0, 0);
    for i in 0..rows.len() {
        let row = rows[i];
        // Both are written and one counts: no branch to be mispredicted.
        rows[left] = row;
        aside[right] = row;
        let goes = usize::from(goes_left(row));
        left += goes;
        right += 1 - goes;
    }
    rows[left..].copy_from_slice(&aside[..right]);
}
