use crate::SelectError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Names and values, in order: what a learner or an input set follows from.
///
/// ```
/// use isegnet_select::Settings;
///
/// let settings = Settings::new().with("C", 10).with("gamma", 0.01);
/// assert_eq!(settings.to_string(), "C=10 gamma=0.01");
/// assert_eq!(settings.value::<f64>("gamma", "a positive number")?, 0.01);
/// # Ok::<(), isegnet_select::SelectError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Settings(Vec<(String, String)>);

impl Settings {
    /// No settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value; one of that name keeps its place and gets the new value.
    pub fn with(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        let (name, value) = (name.into(), value.to_string());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
        self
    }

    /// The text of a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A value as a number, or whatever else is written so.
    ///
    /// # Errors
    /// It is not set, or is none of `allowed`.
    pub fn value<T: FromStr>(&self, name: &str, allowed: &str) -> Result<T, SelectError> {
        let text = self.get(name).unwrap_or_default();
        text.parse().map_err(|_| SelectError::Setting {
            name: name.to_owned(),
            value: text.to_owned(),
            allowed: allowed.to_owned(),
        })
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Tells whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.iter().enumerate() {
            let space = if i == 0 { "" } else { " " };
            write!(f, "{space}{name}={value}")?;
        }
        Ok(())
    }
}
