//! Where the training rows of an epoch are read from.

use super::unsuitable;
use crate::training::TrainConfig;
use isegnet_core::{Examples, LearnError, Move, Random};

/// The moves of one epoch, a function of the row alone.
pub(super) struct Moves {
    shift: Random,
    reverse: Random,
    most: u64,
    mirrors: bool,
    epoch: u64,
}

impl Moves {
    /// The moves of an epoch; none where every row stays where it is.
    pub fn new(settings: &TrainConfig, seed: u64, epoch: usize) -> Option<Self> {
        let (most, mirrors) = (settings.shift as u64, settings.reverse);
        let [shift, reverse] = ["shift", "reverse"].map(|purpose| Random::new(seed, purpose));
        let moves = Self { shift, reverse, most, mirrors, epoch: epoch as u64 };
        (most > 0 || mirrors).then_some(moves)
    }

    /// Where a row is read.
    pub fn of(&self, row: usize) -> Move {
        let (epoch, row) = (self.epoch, row as u64);
        let shift = self.shift.below(epoch, row, 2 * self.most + 1) as i64 - self.most as i64;
        Move { shift, mirrored: self.mirrors && self.reverse.below(epoch, row, 2) == 1 }
    }
}

/// Refuses moves that the examples do not allow.
pub(super) fn check(settings: &TrainConfig, train: &dyn Examples) -> Result<(), LearnError> {
    let TrainConfig { shift, reverse, .. } = *settings;
    match train.margin() {
        None if shift > 0 || reverse => Err(unsuitable(format!(
            "shift = {shift} and reverse = {reverse} move training rows, and these examples \
             cannot be moved; leave both out"
        ))),
        Some(margin) if shift > margin => Err(unsuitable(format!(
            "shift = {shift} moves the windows beyond the prepared ones, which reach {margin} bases \
             farther; prepare the data set with windows that are {shift} bases longer on each \
             side, or make [windows] smaller here"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_is_as_likely_and_another_one_each_epoch() {
        let settings = TrainConfig { shift: 2, reverse: true, ..TrainConfig::isegnet() };
        let mut counts = [[0usize; 2]; 5];
        for epoch in 1..=20 {
            let moves = Moves::new(&settings, 3, epoch).unwrap();
            for row in 0..500 {
                let Move { shift, mirrored } = moves.of(row);
                counts[(shift + 2) as usize][usize::from(mirrored)] += 1;
            }
        }
        assert!(counts.as_flattened().iter().all(|n| (900..1100).contains(n)), "{counts:?}");
        assert!(Moves::new(&TrainConfig::isegnet(), 3, 1).is_none());
    }
}
