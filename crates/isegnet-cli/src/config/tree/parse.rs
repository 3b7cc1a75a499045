//! From TOML to a tree.

use super::{Tree, Value};
use crate::config::Problem;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Parses a document; what cannot be parsed is left out and reported.
pub(super) fn parse(text: &str) -> (Tree, Vec<Problem>) {
    let lines = Lines::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = errors
        .iter()
        .map(|e| {
            let line = e.span().map(|span| lines.of(&span));
            Problem::new(line, "", format!("is not valid TOML here: {}", e.message()))
        })
        .collect();
    let mut convert = Convert { lines: &lines, problems: &mut problems };
    let tree = Tree { line: 1, value: convert.table(document.into_inner()) };
    (tree, problems)
}

/// Where each line begins, to turn an offset into a line number.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i).collect())
    }

    fn of(&self, span: &Range<usize>) -> usize {
        self.0.partition_point(|&end| end < span.start) + 1
    }
}

struct Convert<'a> {
    lines: &'a Lines,
    problems: &'a mut Vec<Problem>,
}

impl Convert<'_> {
    fn table(&mut self, table: DeTable<'_>) -> Value {
        let mut entries: Vec<_> = table
            .into_iter()
            .filter_map(|(key, value)| {
                let line = self.lines.of(&key.span());
                let value = self.value(value)?;
                Some((key.into_inner().into_owned(), line, value))
            })
            .collect();
        entries.sort_by_key(|(_, line, _)| *line);
        Value::Table(entries)
    }

    /// `None`, reported, for a number out of range.
    fn value(&mut self, value: Spanned<DeValue<'_>>) -> Option<Tree> {
        let line = self.lines.of(&value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Boolean(b) => Value::Boolean(b),
            DeValue::Datetime(date) => Value::Text(date.to_string()),
            DeValue::Array(items) => {
                Value::Array(items.into_iter().filter_map(|item| self.value(item)).collect())
            }
            DeValue::Table(table) => self.table(table),
            DeValue::Integer(n) => match i64::from_str_radix(n.as_str(), n.radix()) {
                Ok(n) => Value::Integer(n),
                Err(_) => return self.out_of_range(line, n.as_str()),
            },
            DeValue::Float(x) => match x.as_str().parse() {
                Ok(x) => Value::Float(x),
                Err(_) => return self.out_of_range(line, x.as_str()),
            },
        };
        Some(Tree { line, value })
    }

    fn out_of_range(&mut self, line: usize, text: &str) -> Option<Tree> {
        let message = format!("the number {text} is out of range; write a smaller one");
        self.problems.push(Problem::new(Some(line), "", message));
        None
    }
}
