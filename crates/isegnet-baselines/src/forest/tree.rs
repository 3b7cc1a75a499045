use serde::{Deserialize, Serialize};

/// Stands for the feature of a leaf.
const LEAF: u32 = u32::MAX;

/// A regression tree: its nodes with each node's left child right after it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Node {
    feature: u32,
    right: u32,
    /// A row of at most this goes left; of a leaf, what it predicts.
    value: f64,
}

impl Tree {
    /// Adds a leaf and gives its number.
    pub fn leaf(&mut self, value: f64) -> usize {
        self.nodes.push(Node { feature: LEAF, right: 0, value });
        self.nodes.len() - 1
    }

    /// Adds a split, whose left child comes next, and gives its number.
    pub fn split(&mut self, feature: usize, threshold: f64) -> usize {
        self.nodes.push(Node { feature: feature as u32, right: 0, value: threshold });
        self.nodes.len() - 1
    }

    /// Says that the right child of a split comes next.
    pub fn right_of(&mut self, split: usize) {
        self.nodes[split].right = self.nodes.len() as u32;
    }

    pub fn predict(&self, row: &[f64]) -> f64 {
        let mut at = 0;
        loop {
            let Node { feature, right, value } = self.nodes[at];
            if feature == LEAF {
                return value;
            }
            at = if row[feature as usize] <= value { at + 1 } else { right as usize };
        }
    }

    pub fn leaves(&self) -> usize {
        self.nodes.iter().filter(|node| node.feature == LEAF).count()
    }

    /// Tells whether every way through the tree ends, and in bounds.
    pub fn is_sound(&self, features: usize) -> bool {
        let sound = |(at, node): (usize, &Node)| {
            let right = node.right as usize;
            let splits =
                (node.feature as usize) < features && at + 1 < right && right < self.nodes.len();
            node.value.is_finite() && (node.feature == LEAF || splits)
        };
        !self.nodes.is_empty() && self.nodes.iter().enumerate().all(sound)
    }
}
