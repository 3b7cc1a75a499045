//! Reads expression tables and joins them to genes.
//!
//! Any TSV or CSV (plain or gzip) with a header, a column of gene ids and a
//! column of values: RSEM's gene quantification, featureCounts, salmon, or a
//! table of one's own.

mod join;
mod table;

pub use join::{JoinError, Joined, join, join_key};

use crate::text::{self, TextFile, quote};
use crate::{Error, sniff::Kind};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::BufRead;
use std::path::Path;
use table::Table;

/// Which columns of a table hold ids and values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Name of the column of gene ids.
    pub id: String,
    /// Name of the column of values.
    pub value: String,
}

impl Columns {
    /// Names the two columns.
    pub fn new(id: impl Into<String>, value: impl Into<String>) -> Self {
        Self { id: id.into(), value: value.into() }
    }

    /// The columns of RSEM's gene quantification: `gene_id` and `TPM`.
    pub fn rsem() -> Self {
        Self::new("gene_id", "TPM")
    }
}

/// Expression of genes, in the order of their table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expression {
    ids: Vec<String>,
    values: Vec<f64>,
    by_id: HashMap<String, usize>,
}

impl Expression {
    /// Number of genes.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Tells whether there is no gene.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Ids as the table writes them, in its order.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Values, one an id.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Gives the value of an id written as in the table.
    pub fn get(&self, id: &str) -> Option<f64> {
        self.by_id.get(id).map(|&at| self.values[at])
    }

    /// Gives (id, value) in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.ids.iter().map(String::as_str).zip(self.values.iter().copied())
    }

    /// Adds a gene; gives the place of an earlier one with the same id instead.
    fn push(&mut self, id: &str, value: f64) -> Option<usize> {
        if let Some(&before) = self.by_id.get(id) {
            return Some(before);
        }
        self.by_id.insert(id.to_owned(), self.ids.len());
        self.ids.push(id.to_owned());
        self.values.push(value);
        None
    }
}

impl<S: Into<String>> FromIterator<(S, f64)> for Expression {
    /// Collects (id, value); of an id that comes again the first value counts.
    fn from_iter<I: IntoIterator<Item = (S, f64)>>(pairs: I) -> Self {
        let mut all = Self::default();
        for (id, value) in pairs {
            all.push(&id.into(), value);
        }
        all
    }
}

/// Reads an expression table; lines that begin with `#` are passed over.
///
/// ```
/// use isegnet_io::expression::{Columns, from_reader};
///
/// let table = "gene_id\tTPM\nENSG1.2\t1.16\nENSG2.1\t0\n";
/// let expression = from_reader(table.as_bytes(), "a.tsv", &Columns::rsem())?;
/// assert_eq!(expression.get("ENSG1.2"), Some(1.16));
/// # Ok::<(), isegnet_io::Error>(())
/// ```
///
/// # Errors
/// The file cannot be read or is of another kind, it has no such column, a
/// value is missing, negative or not finite, an id is empty or stands twice, or
/// there is no row.
pub fn read(path: impl AsRef<Path>, columns: &Columns) -> Result<Expression, Error> {
    let path = path.as_ref();
    from_reader(open(path)?, path, columns)
}

/// Reads an expression table; `name` stands for its path in messages.
///
/// # Errors
/// As [`read`].
pub fn from_reader(
    input: impl BufRead,
    name: impl AsRef<Path>,
    columns: &Columns,
) -> Result<Expression, Error> {
    let path = name.as_ref();
    let mut table = Table::open(input, path)?;
    let (id, value) = (table.column(&columns.id)?, table.column(&columns.value)?);
    let (mut expression, mut lines) = (Expression::default(), Vec::new());
    while let Some((line, record)) = table.next()? {
        let (id, text) =
            (record.get(id).unwrap_or_default(), record.get(value).unwrap_or_default());
        let failed = |message: String| Error::line(path, line, message);
        let value = number(text, id, &columns.value).map_err(failed)?;
        if id.is_empty() {
            return Err(failed(format!("no id in column {:?}; every row needs one", columns.id)));
        }
        if let Some(before) = expression.push(id, value) {
            return Err(failed(format!(
                "id {} stands on line {} already, with {} there and {value} here; keep one of them",
                quote(id),
                lines[before],
                expression.values[before]
            )));
        }
        lines.push(line);
    }
    match expression.is_empty() {
        false => Ok(expression),
        true => Err(Error::Nothing {
            path: path.into(),
            what: "row",
            remedy: "a header and one row a gene are needed".into(),
        }),
    }
}

/// Tells whether a table is RSEM's gene quantification, and gives its columns then.
///
/// # Errors
/// The file cannot be read, or has no header.
pub fn detect(path: impl AsRef<Path>) -> Result<Option<Columns>, Error> {
    let path = path.as_ref();
    let table = Table::open(open(path)?, path)?;
    let rsem = ["gene_id", "expected_count", "TPM", "FPKM"];
    let has = |name: &&str| table.header().iter().any(|h| h == name);
    Ok(rsem.iter().all(has).then(Columns::rsem))
}

fn open(path: &Path) -> Result<TextFile, Error> {
    match text::open_any(path)? {
        (input, Kind::Text) => Ok(input),
        (_, other) => Err(Error::wrong_kind(path, "an expression table (TSV or CSV)", other)),
    }
}

fn number(text: &str, id: &str, column: &str) -> Result<f64, String> {
    let wrong = |what: &str, way_out: &str| {
        format!("{column} of {} is {}, {what}; {way_out}", quote(id), quote(text))
    };
    match text.parse::<f64>() {
        Ok(v) if v.is_nan() => Err(wrong("no value", "leave the row out, or write 0")),
        Ok(v) if v.is_infinite() => Err(wrong("not finite", "correct it or leave the row out")),
        Ok(v) if v < 0.0 => Err(wrong("below 0", "give expression such as TPM, not its logarithm")),
        // -0 is 0: their logarithms must not differ.
        Ok(v) => Ok(v + 0.0),
        Err(_) => {
            Err(wrong("no number", "name the column that holds the values, or leave the row out"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Columns {
        Columns::new("gene", "value")
    }

    fn message(text: &str) -> String {
        from_reader(text.as_bytes(), "e.tsv", &columns()).unwrap_err().to_string()
    }

    #[test]
    fn tables_of_any_delimiter_keep_their_order() {
        for d in ["\t", ",", ";"] {
            let text = format!("# remark\n\"gene\"{d}length{d}value\nb{d}5{d}1.5\n\na{d}6{d}-0\n");
            let table = from_reader(text.as_bytes(), "e", &columns()).unwrap();
            assert_eq!(table.iter().collect::<Vec<_>>(), [("b", 1.5), ("a", 0.0)]);
            assert!(table.get("a").unwrap().is_sign_positive());
        }
    }

    #[test]
    fn a_missing_column_is_answered_with_those_there_are() {
        let text = message("gene\tvalues\na\t1\n");
        assert!(
            text.contains(
                "no column \"value\" (did you mean \"values\"?); its columns are gene, values"
            ),
            "{text}"
        );
    }

    #[test]
    fn wrong_values_are_told_with_line_id_and_value() {
        let row = |value: &str| message(&format!("#x\ngene\tvalue\na\t1\nb\t{value}\n"));
        assert!(
            row("nan").contains("e.tsv, line 4: value of \"b\" is \"nan\", no value"),
            "{}",
            row("nan")
        );
        assert!(row("-0.5").contains("below 0"));
        assert!(row("1e999").contains("not finite"));
        assert!(row("NA").contains("no number"));
        assert!(
            message("gene\tvalue\na\t1\na\t2\n")
                .contains("line 3: id \"a\" stands on line 2 already, with 1 there and 2 here")
        );
        assert!(message("gene\tvalue\n\t2\n").contains("no id"));
        assert!(message("gene\tvalue\n").contains("has no row"));
    }

    #[test]
    fn rows_of_another_length_than_the_header_are_told() {
        let text = message("gene\tvalue\nr1\ta\t1\n");
        assert!(text.contains("line 2: 3 fields under a header of 2"), "{text}");
        assert!(message("gene\tgene\tvalue\na\tb\t1\n").contains("stands twice"));
    }
}
