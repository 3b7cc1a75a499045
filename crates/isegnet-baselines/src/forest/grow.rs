use super::columns::{Columns, Orders, partition};
use super::sample::Deck;
use super::split::{Cut, Ordered, Pull};
use super::tree::Tree;
use isegnet_core::Random;
use ndarray::ArrayView2;

/// Where a tree stops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// Splits above a leaf.
    pub depth: usize,
    /// Rows that a node needs to be split.
    pub split: usize,
    /// Rows that a leaf needs.
    pub leaf: usize,
}

impl Limits {
    /// Rows that a node needs to be split into two that may be leaves.
    fn rows_to_split(&self) -> usize {
        self.split.max(self.leaf.saturating_mul(2))
    }
}

/// Grows one tree after another with the same memory.
pub(crate) struct Grower<'a> {
    columns: &'a Columns,
    x: ArrayView2<'a, f64>,
    y: &'a [f64],
    limits: Limits,
    per_split: usize,
    orders: Orders<'a>,
    /// The tree's rows; a node is a stretch of them, ascending.
    rows: Vec<u32>,
    pulls: Vec<Pull>,
    goes_left: Vec<bool>,
    aside: Vec<u32>,
}

/// A node still to be made.
struct Job {
    start: usize,
    end: usize,
    depth: usize,
    /// The split that it is the right child of.
    right_of: Option<usize>,
}

/// A node's total weight and what it would predict.
struct Summary {
    weight: f64,
    mean: f64,
    varies: bool,
}

struct Split {
    feature: usize,
    cut: Cut,
    threshold: f64,
}

impl<'a> Grower<'a> {
    pub fn new(
        columns: &'a Columns,
        x: ArrayView2<'a, f64>,
        y: &'a [f64],
        limits: Limits,
        per_split: usize,
    ) -> Self {
        Self {
            columns,
            x,
            y,
            limits,
            per_split,
            orders: Orders::new(columns),
            rows: Vec::new(),
            pulls: vec![Pull::default(); y.len()],
            goes_left: vec![false; y.len()],
            aside: vec![0; y.len()],
        }
    }

    /// Grows a tree on rows that were drawn so often.
    pub fn grow(&mut self, counts: &[u32], random: Random) -> Tree {
        self.rows.clear();
        self.rows.extend((0..counts.len() as u32).filter(|&row| counts[row as usize] > 0));
        for (pull, &count) in self.pulls.iter_mut().zip(counts) {
            pull.weight = f64::from(count);
        }
        self.orders.begin(counts);
        let mut deck = Deck::new(&random, self.columns.features());
        let mut tree = Tree::default();
        let mut jobs = vec![Job { start: 0, end: self.rows.len(), depth: 0, right_of: None }];
        while let Some(Job { start, end, depth, right_of }) = jobs.pop() {
            if let Some(parent) = right_of {
                tree.right_of(parent);
            }
            let node = self.summarise(start, end);
            let rows = end - start;
            let may =
                node.varies && depth < self.limits.depth && rows >= self.limits.rows_to_split();
            let split = may.then(|| self.choose(&mut deck, start, end, &node)).flatten();
            let Some(Split { feature, cut, threshold }) = split else {
                tree.leaf(node.mean);
                continue;
            };
            self.part(start, end, cut.left, depth + 1);
            let (depth, middle) = (depth + 1, start + cut.left);
            let parent = Some(tree.split(feature, threshold));
            jobs.push(Job { start: middle, end, depth, right_of: parent });
            jobs.push(Job { start, end: middle, depth, right_of: None });
        }
        tree
    }

    /// Finds the node's mean and sets how far each of its rows is from it.
    fn summarise(&mut self, start: usize, end: usize) -> Summary {
        let (mut weight, mut sum) = (0.0, 0.0);
        let (mut least, mut largest) = (f64::INFINITY, f64::NEG_INFINITY);
        for &row in &self.rows[start..end] {
            let (w, y) = (self.pulls[row as usize].weight, self.y[row as usize]);
            weight += w;
            sum += w * y;
            least = least.min(y);
            largest = largest.max(y);
        }
        // Rounding must not carry the mean out of the targets' range.
        let mean = (sum / weight).clamp(least, largest);
        for &row in &self.rows[start..end] {
            let pull = &mut self.pulls[row as usize];
            pull.pull = pull.weight * (self.y[row as usize] - mean);
        }
        Summary { weight, mean, varies: least < largest }
    }

    /// Finds the best split among features drawn at random; features that do not vary
    /// count as drawn, and one that varies is looked for until there is one.
    fn choose(
        &mut self,
        deck: &mut Deck,
        start: usize,
        end: usize,
        node: &Summary,
    ) -> Option<Split> {
        deck.next_node();
        let mut best: Option<(usize, Cut)> = None;
        let mut some_vary = false;
        for (drawn, feature) in deck.enumerate() {
            if drawn >= self.per_split && some_vary {
                break;
            }
            let Some(rows) = self.orders.of(feature, &self.rows, start, end) else { continue };
            some_vary = true;
            let ordered = Ordered { rows, pulls: &self.pulls, weight: node.weight };
            let beaten = best.map_or(f64::NEG_INFINITY, |(_, cut)| cut.gain);
            if let Some(cut) = ordered.best_cut(self.limits.leaf, beaten) {
                best = Some((feature, cut));
            }
        }
        let (feature, cut) = best?;
        let order = self.orders.of(feature, &self.rows, start, end)?;
        let value = |at: usize| self.x[(order[at].row(), feature)];
        let threshold = between(value(cut.left - 1), value(cut.left));
        for (i, ranked) in order.iter().enumerate() {
            self.goes_left[ranked.row()] = i < cut.left;
        }
        Some(Split { feature, cut, threshold })
    }

    /// Parts the node's rows into those that go left and the others.
    fn part(&mut self, start: usize, end: usize, left: usize, depth: usize) {
        let goes = |row: u32| self.goes_left[row as usize];
        partition(&mut self.rows[start..end], goes, &mut self.aside);
        let least = self.limits.rows_to_split();
        let splits = |rows: usize| rows >= least && depth < self.limits.depth;
        if splits(left) || splits(end - start - left) {
            self.orders.split(start, end, &self.goes_left);
        }
    }
}

/// The middle of two different numbers; the lower where rounding gives the upper.
fn between(low: f64, high: f64) -> f64 {
    let middle = low / 2.0 + high / 2.0;
    if middle < high && middle >= low { middle } else { low }
}
