//! What is random in a tree.

use isegnet_core::Random;

/// How often each row was drawn, of as many draws as there are rows; once each
/// without bootstrap.
pub(crate) fn counts(random: &Random, rows: usize, bootstrap: bool) -> Vec<u32> {
    if !bootstrap {
        return vec![1; rows];
    }
    let random = random.part(0);
    let mut counts = vec![0; rows];
    for draw in 0..rows {
        counts[random.below(0, draw as u64, rows as u64) as usize] += 1;
    }
    counts
}

/// Features in random order, drawn anew for every node.
pub(crate) struct Deck {
    random: Random,
    features: Vec<u32>,
    node: u64,
    drawn: usize,
    words: [u32; 4],
}

impl Deck {
    pub fn new(random: &Random, features: usize) -> Self {
        let features = (0..features as u32).collect();
        Self { random: random.part(1), features, node: 0, drawn: 0, words: [0; 4] }
    }

    /// Shuffles the deck for the next node.
    pub fn next_node(&mut self) {
        self.node += 1;
        self.drawn = 0;
    }
}

impl Iterator for Deck {
    type Item = usize;

    /// Draws one that was not drawn at this node.
    fn next(&mut self) -> Option<usize> {
        let left = self.features.len().checked_sub(self.drawn).filter(|&left| left > 0)?;
        if self.drawn.is_multiple_of(4) {
            self.words = self.random.block(self.node, (self.drawn / 4) as u64);
        }
        // By multiplication: the bias is below features / 2^32.
        let word = u64::from(self.words[self.drawn % 4]);
        let chosen = self.drawn + ((word * left as u64) >> 32) as usize;
        self.features.swap(self.drawn, chosen);
        self.drawn += 1;
        Some(self.features[self.drawn - 1] as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_sees_every_feature_once_in_an_order_of_its_own() {
        let mut deck = Deck::new(&Random::new(1, "test"), 10);
        let mut first = [0; 10];
        for _ in 0..1000 {
            deck.next_node();
            let mut order: Vec<usize> = deck.by_ref().collect();
            first[order[0]] += 1;
            order.sort_unstable();
            assert!(order.into_iter().eq(0..10));
        }
        assert!(first.iter().all(|n| (60..150).contains(n)), "{first:?}");
    }

    #[test]
    fn a_bootstrap_leaves_out_a_third_of_the_rows() {
        let counts = counts(&Random::new(1, "test"), 10_000, true);
        assert_eq!(counts.iter().sum::<u32>(), 10_000);
        let out = counts.iter().filter(|&&n| n == 0).count();
        assert!((3600..3760).contains(&out), "{out}");
    }
}
