use crate::{SelectError, Settings};
use isegnet_core::Random;
use std::collections::HashSet;

/// The most combinations that a search holds.
const MOST: usize = 100_000;

/// The values that a setting may take.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// These.
    Among(Vec<String>),
    /// Numbers from the first up to the second, all alike likely.
    Uniform(f64, f64),
    /// Positive numbers, each power of ten alike likely.
    LogUniform(f64, f64),
    /// Whole numbers from the first to the second, both included.
    Whole(i64, i64),
}

/// The settings that a search looks through.
///
/// ```
/// use isegnet_select::{Space, Values};
///
/// let space = Space::new().among("C", [1, 10]).with("gamma", Values::LogUniform(1e-3, 1.0));
/// let drawn = space.random(5, 7)?;
/// assert_eq!(drawn.len(), 5);
/// assert_eq!(drawn, space.random(5, 7)?);
///
/// let grid = Space::new().among("C", [1, 10]).among("epsilon", ["0.1", "0.5"]).grid()?;
/// assert_eq!(grid[1].to_string(), "C=1 epsilon=0.5");
/// assert_eq!(grid.len(), 4);
/// # Ok::<(), isegnet_select::SelectError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Space(Vec<(String, Values)>);

impl Space {
    /// Nothing to look through: the one empty combination.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a setting.
    pub fn with(mut self, name: impl Into<String>, values: Values) -> Self {
        self.0.push((name.into(), values));
        self
    }

    /// Adds a setting that takes one of some values.
    pub fn among<T: ToString>(
        self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        self.with(name, Values::Among(values.into_iter().map(|v| v.to_string()).collect()))
    }

    /// Every combination, the last setting changing fastest.
    ///
    /// # Errors
    /// A setting has a range instead of values, no value, or was added twice, or there are
    /// more than 100,000 combinations.
    pub fn grid(&self) -> Result<Vec<Settings>, SelectError> {
        self.check_names()?;
        let mut all = vec![Settings::new()];
        for (name, values) in &self.0 {
            let values = match values {
                Values::Among(values) if !values.is_empty() => values,
                _ => return Err(refused(name, values, "a list of values for a grid")),
            };
            check_count(all.len().saturating_mul(values.len()))?;
            let each = |so_far: &Settings| {
                values.iter().map(|value| so_far.clone().with(name, value)).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(each).collect();
        }
        Ok(all)
    }

    /// `count` different combinations drawn at random, fewer where there are no more.
    ///
    /// # Errors
    /// A setting has no value, a range that is none, or was added twice, or more than
    /// 100,000 combinations are asked for.
    pub fn random(&self, count: usize, seed: u64) -> Result<Vec<Settings>, SelectError> {
        self.check_names()?;
        check_count(count)?;
        let random = Random::new(seed, "random search");
        let (mut drawn, mut known) = (Vec::new(), HashSet::new());
        // A small space may be exhausted: then draws only repeat each other.
        for draw in 0..100 * count as u64 {
            if drawn.len() == count {
                break;
            }
            let mut settings = Settings::new();
            for (at, (name, values)) in self.0.iter().enumerate() {
                settings = settings.with(name, value(name, values, random, draw, at as u64)?);
            }
            if known.insert(settings.clone()) {
                drawn.push(settings);
            }
        }
        Ok(drawn)
    }

    /// Refuses a setting that was added twice: one of them would be lost.
    fn check_names(&self) -> Result<(), SelectError> {
        let mut known = HashSet::new();
        match self.0.iter().find(|(name, _)| !known.insert(name)) {
            Some((name, values)) => Err(refused(name, values, "all its values at once")),
            None => Ok(()),
        }
    }
}

fn check_count(combinations: usize) -> Result<(), SelectError> {
    if combinations <= MOST {
        return Ok(());
    }
    Err(SelectError::Setting {
        name: "number of combinations".to_owned(),
        value: combinations.to_string(),
        allowed: format!("fewer values, or draw at random; {MOST} are the most"),
    })
}

fn value(
    name: &str,
    values: &Values,
    random: Random,
    draw: u64,
    at: u64,
) -> Result<String, SelectError> {
    let share = random.uniform(draw, at);
    Ok(match values {
        Values::Among(values) if !values.is_empty() => {
            values[random.below(draw, at, values.len() as u64) as usize].clone()
        }
        Values::Uniform(low, high) if low < high => (low + (high - low) * share).to_string(),
        Values::LogUniform(low, high) if 0.0 < *low && low < high => {
            (low.ln() + (high.ln() - low.ln()) * share).exp().to_string()
        }
        Values::Whole(low, high) if low <= high => {
            let count = high.abs_diff(*low).saturating_add(1);
            low.wrapping_add_unsigned(random.below(draw, at, count)).to_string()
        }
        _ => return Err(refused(name, values, "at least one value, or a range that ascends")),
    })
}

fn refused(name: &str, values: &Values, allowed: &str) -> SelectError {
    let (name, allowed) = (name.to_owned(), allowed.to_owned());
    SelectError::Setting { name, value: format!("{values:?}"), allowed }
}
