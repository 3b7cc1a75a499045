//! A TOML document with the line of every key, and serde's way into it.
//!
//! serde stops at the first thing that does not fit. [`Tree::read`] takes what
//! offends out of the document and reads again, so that one reading names
//! everything that is wrong.

mod de;
mod misfit;
mod parse;

pub(super) use misfit::unknown;

use super::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// A value and the line it stands on.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    line: usize,
    value: Value,
}

#[derive(Clone, Debug)]
enum Value {
    /// Of a base that sections are laid over; a file cannot say it.
    Nothing,
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Array(Vec<Tree>),
    Table(Vec<(String, usize, Tree)>),
}

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Tree {
    /// Parses a document; what cannot be parsed is left out and reported.
    pub(super) fn parse(text: &str) -> (Self, Vec<Problem>) {
        parse::parse(text)
    }

    /// Reads a section, reporting everything that does not fit.
    ///
    /// `T` must accept a section from which any field was taken away; `also`
    /// names fields of the section that are read elsewhere.
    pub(super) fn read<T: DeserializeOwned + Default>(
        &self,
        place: &str,
        also: &[&'static str],
        problems: &mut Vec<Problem>,
    ) -> T {
        let mut tree = self.clone();
        for key in also {
            tree.remove(&[Step::Key((*key).to_owned())]);
        }
        loop {
            match T::deserialize(&tree) {
                Ok(value) => return value,
                Err(misfit) => {
                    let message = misfit.message(also);
                    problems.push(Problem::new(misfit.line, misfit.place(place), message));
                    if !tree.remove(misfit.removable()) {
                        return T::default();
                    }
                }
            }
        }
    }

    /// The section or field called `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Table(entries) => {
                entries.iter().find(|(k, _, _)| k == key).map(|(_, _, tree)| tree)
            }
            _ => None,
        }
    }

    /// The element `index` of a list.
    pub(super) fn at(&self, index: usize) -> Option<&Self> {
        match &self.value {
            Value::Array(items) => items.get(index),
            _ => None,
        }
    }

    /// The line of a field of this section, else of the section itself.
    pub(super) fn line_of(&self, key: &str) -> usize {
        match &self.value {
            Value::Table(entries) => {
                entries.iter().find(|(k, _, _)| k == key).map_or(self.line, |(_, line, _)| *line)
            }
            _ => self.line,
        }
    }

    /// The text of a field, if it is one.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key).map(|tree| &tree.value) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// This section laid over `base`: a field set here wins.
    pub(super) fn over(&self, base: serde_json::Map<String, Json>) -> Self {
        let mut entries = match &self.value {
            Value::Table(entries) => entries.clone(),
            _ => Vec::new(),
        };
        for (key, value) in base {
            if entries.iter().all(|(k, _, _)| *k != key) {
                entries.push((key, self.line, Self::plain(value, self.line)));
            }
        }
        Self { line: self.line, value: Value::Table(entries) }
    }

    /// An empty section.
    pub(super) fn empty() -> Self {
        Self { line: 1, value: Value::Table(Vec::new()) }
    }

    fn plain(value: Json, line: usize) -> Self {
        let value = match value {
            Json::Null => Value::Nothing,
            Json::String(text) => Value::Text(text),
            Json::Bool(b) => Value::Boolean(b),
            Json::Number(n) => match n.as_i64() {
                Some(n) => Value::Integer(n),
                None => n.as_f64().map_or(Value::Nothing, Value::Float),
            },
            Json::Array(items) => {
                Value::Array(items.into_iter().map(|item| Self::plain(item, line)).collect())
            }
            Json::Object(table) => Value::Table(
                table.into_iter().map(|(k, v)| (k, line, Self::plain(v, line))).collect(),
            ),
        };
        Self { line, value }
    }

    /// Takes away what `path` leads to; false where there is no such thing.
    fn remove(&mut self, path: &[Step]) -> bool {
        let Some((step, rest)) = path.split_first() else { return false };
        match (&mut self.value, step) {
            (Value::Table(entries), Step::Key(key)) => {
                let Some(i) = entries.iter().position(|(k, _, _)| k == key) else { return false };
                if rest.is_empty() || !entries[i].2.remove(rest) {
                    entries.remove(i);
                }
                true
            }
            (Value::Array(items), Step::Index(i)) if *i < items.len() => {
                if rest.is_empty() || !items[*i].remove(rest) {
                    items.remove(*i);
                }
                true
            }
            _ => false,
        }
    }
}
