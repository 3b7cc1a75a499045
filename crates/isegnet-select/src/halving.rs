use crate::{SelectError, Settings};
use serde::{Deserialize, Serialize};

/// Successive halving: all combinations get a small budget, the best part of them a
/// larger one, and so on (Jamieson and Talwalkar 2016).
///
/// The budget is a setting, so it serves every family that knows how to spend one: epochs
/// of a network, trees of a forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halving {
    /// The setting that is the budget.
    pub budget: String,
    /// What every combination gets in the first round.
    pub least: usize,
    /// What the last ones get.
    pub most: usize,
    /// By how much the budget grows from round to round, and the number of combinations
    /// falls; 3 is usual.
    pub factor: usize,
}

impl Halving {
    /// The budget of each round: the last is the most, and each one before it smaller by
    /// the factor, as long as it is not below the least.
    ///
    /// # Errors
    /// A factor below 2, or no budget that grows from 1 or more.
    pub fn rounds(&self) -> Result<Vec<usize>, SelectError> {
        if self.factor < 2 || self.least < 1 || self.most < self.least {
            return Err(SelectError::Setting {
                name: format!("halving by {}", self.budget),
                value: format!("{} to {} by {}", self.least, self.most, self.factor),
                allowed: "a least budget of 1 or more, a most that is not below it, and a \
                          factor of 2 or more"
                    .to_owned(),
            });
        }
        let mut rounds: Vec<usize> =
            std::iter::successors(Some(self.most), |budget| Some(budget / self.factor))
                .take_while(|budget| *budget >= self.least)
                .collect();
        rounds.reverse();
        Ok(rounds)
    }

    /// How many combinations are kept after a round.
    pub(crate) fn kept(&self, tried: usize) -> usize {
        tried.div_ceil(self.factor)
    }

    pub(crate) fn with(&self, combination: &Settings, budget: usize) -> Settings {
        combination.clone().with(&self.budget, budget)
    }

    /// Says how many fits each round has.
    ///
    /// # Errors
    /// As [`rounds`](Self::rounds).
    pub fn describe(&self, combinations: usize, divisions: usize) -> Result<String, SelectError> {
        let mut tried = combinations;
        let mut rounds = Vec::new();
        for budget in self.rounds()? {
            rounds.push(format!("{} fits with {} = {budget}", tried * divisions, self.budget));
            tried = self.kept(tried);
        }
        Ok(format!("successive halving: {}", rounds.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_grow_and_combinations_fall() {
        let halving =
            |least, most, factor| Halving { budget: "epochs".into(), least, most, factor };
        assert_eq!(halving(3, 60, 3).rounds().unwrap(), [6, 20, 60]);
        assert_eq!(halving(1, 8, 2).rounds().unwrap(), [1, 2, 4, 8]);
        assert_eq!(halving(5, 5, 3).rounds().unwrap(), [5]);
        assert!(halving(0, 5, 3).rounds().is_err());
        assert!(halving(6, 5, 3).rounds().is_err());
        assert!(halving(1, 5, 1).rounds().is_err());
        let text = halving(6, 54, 3).describe(10, 5).unwrap();
        let expected = "successive halving: 50 fits with epochs = 6, 20 fits with epochs = 18, \
                        10 fits with epochs = 54";
        assert_eq!(text, expected);
    }
}
