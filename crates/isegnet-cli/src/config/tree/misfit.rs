//! What does not fit, where it stands, and what would.

use super::Step;
use serde::de;

/// Something that does not fit, and the way to it.
#[derive(Debug)]
pub(in crate::config) struct Misfit {
    what: What,
    path: Vec<Step>,
    pub(super) line: Option<usize>,
}

#[derive(Debug)]
enum What {
    UnknownField(String, &'static [&'static str]),
    Other(String),
}

impl Misfit {
    pub(super) fn within(mut self, step: Step, line: usize) -> Self {
        self.path.insert(0, step);
        self.line.get_or_insert(line);
        self
    }

    /// Names the section and the field: `[[track]] 2, scale`.
    pub(super) fn place(&self, top: &str) -> String {
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
    pub(super) fn message(&self, also: &[&'static str]) -> String {
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
    pub(super) fn removable(&self) -> &[Step] {
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
pub(in crate::config) fn unknown(what: &str, given: &str, valid: &[&str]) -> String {
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
