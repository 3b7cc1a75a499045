//! A TOML document with the line of every key, and serde's way into it.
//!
//! serde stops at the first thing that does not fit. [`Tree::read`] takes what
//! offends out of the document and reads again, so that one reading names
//! everything that is wrong.

use super::Problem;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and the line it stands on.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    line: usize,
    value: Value,
}

#[derive(Clone, Debug)]
enum Value {
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
        let tree = Self { line: 1, value: convert.table(document.into_inner()) };
        (tree, problems)
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
    pub(super) fn over(&self, base: toml::Table) -> Self {
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

    fn plain(value: toml::Value, line: usize) -> Self {
        let value = match value {
            toml::Value::String(text) => Value::Text(text),
            toml::Value::Integer(n) => Value::Integer(n),
            toml::Value::Float(x) => Value::Float(x),
            toml::Value::Boolean(b) => Value::Boolean(b),
            toml::Value::Datetime(date) => Value::Text(date.to_string()),
            toml::Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| Self::plain(item, line)).collect())
            }
            toml::Value::Table(table) => Value::Table(
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
    fn value(&mut self, value: Spanned<DeValue<'_>>, key_line: usize) -> Option<Tree> {
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

/// Something that does not fit, and the way to it.
#[derive(Debug)]
pub(super) struct Misfit {
    what: What,
    path: Vec<Step>,
    line: Option<usize>,
}

#[derive(Debug)]
enum What {
    UnknownField(String, &'static [&'static str]),
    Other(String),
}

impl Misfit {
    fn within(mut self, step: Step, line: usize) -> Self {
        self.path.insert(0, step);
        self.line.get_or_insert(line);
        self
    }

    /// Names the section and the field: `[[track]] 2, scale`.
    fn place(&self, top: &str) -> String {
        let mut place = top.to_owned();
        let unknown = matches!(self.what, What::UnknownField(..));
        let named = self.path.len() - usize::from(unknown);
        for (i, step) in self.path[..named].iter().enumerate() {
            match step {
                Step::Index(n) => place.push_str(&format!(" {}", n + 1)),
                Step::Key(key) if !place.is_empty() => place.push_str(&format!(", {key}")),
                Step::Key(key) if matches!(self.path.get(i + 1), Some(Step::Index(_))) => {
                    place = format!("[[{key}]]");
                }
                Step::Key(key) => place = format!("[{key}]"),
            }
        }
        place
    }

    /// Says what is wrong; `also` are fields of the section that serde does not know.
    fn message(&self, also: &[&'static str]) -> String {
        match &self.what {
            What::Other(message) => message.clone(),
            What::UnknownField(field, valid) => {
                let top = self.path.len() == 1;
                let valid = if top { [also, *valid].concat() } else { valid.to_vec() };
                unknown("field", field, &valid)
            }
        }
    }

    /// The field to take away so that the rest can be read: a list goes whole.
    fn removable(&self) -> &[Step] {
        let n = self.path.iter().rposition(|s| matches!(s, Step::Key(_))).map_or(0, |i| i + 1);
        &self.path[..n]
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(&[]))
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self { what: What::Other(message.to_string()), path: Vec::new(), line: None }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let what = What::UnknownField(field.to_owned(), expected);
        Self { what, path: vec![Step::Key(field.to_owned())], line: None }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(unknown("value", variant, expected))
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("{found} stands where {expected} belongs"))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("{found} stands where {expected} belongs"))
    }
}

/// Says what is not known, the nearest that is, and all that are.
pub(super) fn unknown(what: &str, given: &str, valid: &[&str]) -> String {
    let near = match nearest(given, valid) {
        Some(near) => format!("did you mean {near:?}? "),
        None => String::new(),
    };
    format!("unknown {what} {given:?}; {near}valid here: {}", valid.join(", "))
}

/// Gives the known name that is most like `given`, if one is like it at all.
fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let given = given.to_lowercase();
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(&given, &name.to_lowercase()), *name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.75)
        .map(|(_, name)| name)
}

impl<'de> de::Deserializer<'de> for &Tree {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.value {
            Value::Text(text) => visitor.visit_str(text),
            Value::Integer(n) => visitor.visit_i64(*n),
            Value::Float(x) => visitor.visit_f64(*x),
            Value::Boolean(b) => visitor.visit_bool(*b),
            Value::Array(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            Value::Table(entries) => visitor.visit_map(Entries { rest: entries.iter(), at: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match &self.value {
            Value::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Table(entries) => {
                let map = Entries { rest: entries.iter(), at: None };
                visitor.visit_enum(de::value::MapAccessDeserializer::new(map))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'a>(std::iter::Enumerate<std::slice::Iter<'a, Tree>>);

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        let Some((i, item)) = self.0.next() else { return Ok(None) };
        seed.deserialize(item).map(Some).map_err(|e| e.within(Step::Index(i), item.line))
    }
}

struct Entries<'a> {
    rest: std::slice::Iter<'a, (String, usize, Tree)>,
    at: Option<&'a (String, usize, Tree)>,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        self.at = self.rest.next();
        let Some((key, line, _)) = self.at else { return Ok(None) };
        let key = StrDeserializer::<Misfit>::new(key);
        seed.deserialize(key).map(Some).map_err(|mut e| {
            e.line.get_or_insert(*line);
            e
        })
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        let Some((key, line, value)) = self.at.take() else {
            return Err(de::Error::custom("a value without a key"));
        };
        seed.deserialize(value).map_err(|e| e.within(Step::Key(key.clone()), *line))
    }
}
