use crate::{SelectError, store};
use isegnet_stats::PValue;
use std::path::Path;

/// A table, to be written as TSV with every digit or as Markdown for people.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<String>,
    lines: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub enum Cell {
    /// A name.
    Text(String),
    /// A whole number.
    Count(u64),
    /// A number.
    Number(f64),
    /// A p-value, which may be too small for a float.
    P(PValue),
    /// No value: `NA` in TSV, `n/a` in Markdown.
    Missing,
}

impl Cell {
    /// A cell with a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The value for people: three decimals.
    fn short(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Number(number) => format!("{number:.3}"),
            Self::P(p) => probability(*p, 2),
            Self::Missing => "n/a".to_owned(),
        }
    }

    pub(crate) fn of(number: &Option<f64>) -> Self {
        Self::from(*number)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<PValue> for Cell {
    fn from(p: PValue) -> Self {
        Self::P(p)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

impl Table {
    /// A table without lines.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), lines: Vec::new() }
    }

    /// Adds a line, one cell a column.
    pub fn line(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut line: Vec<Cell> = cells.into_iter().collect();
        line.resize(self.columns.len(), Cell::Missing);
        self.lines.push(line);
    }

    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The lines, one cell a column.
    pub fn lines(&self) -> &[Vec<Cell>] {
        &self.lines
    }

    /// Tab-separated values under a header, numbers so that they can be read back exactly.
    pub fn tsv(&self) -> String {
        let plain = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        let cell = |cell: &Cell| match cell {
            Cell::Text(text) => plain(text),
            Cell::Count(count) => count.to_string(),
            Cell::Number(number) => number.to_string(),
            Cell::P(p) => probability(*p, 17),
            Cell::Missing => "NA".to_owned(),
        };
        let header = self.columns.iter().map(|name| plain(name)).collect::<Vec<_>>().join("\t");
        let line = |line: &Vec<Cell>| line.iter().map(cell).collect::<Vec<_>>().join("\t");
        std::iter::once(header).chain(self.lines.iter().map(line)).fold(String::new(), end_line)
    }

    /// A Markdown table, numbers with three decimals and aligned to the right.
    pub fn markdown(&self) -> String {
        let plain = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
        let cell = |cell: &Cell| plain(&cell.short());
        let framed = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let rule = (0..self.columns.len()).map(|c| if self.is_text(c) { "---" } else { "--:" });
        let rule = rule.map(str::to_owned).collect();
        let header = self.columns.iter().map(|name| plain(name)).collect();
        let lines = self.lines.iter().map(|line| line.iter().map(cell).collect());
        [header, rule].into_iter().chain(lines).map(framed).fold(String::new(), end_line)
    }

    /// The table for a screen: columns under each other, numbers with three decimals. What is
    /// the same on every line is said once, below.
    pub fn plain(&self) -> String {
        let cells: Vec<Vec<String>> =
            self.lines.iter().map(|line| line.iter().map(Cell::short).collect()).collect();
        let same = |column: &usize| {
            cells.len() > 1 && cells.iter().all(|line| line[*column] == cells[0][*column])
        };
        let (constant, shown): (Vec<usize>, Vec<usize>) = (0..self.columns.len()).partition(same);
        let padded = |line: &Vec<String>| {
            let text = |&column: &usize| {
                let all = std::iter::once(&self.columns).chain(&cells);
                let width = all.map(|line| line[column].chars().count()).max().unwrap_or(0);
                match self.is_text(column) {
                    true => format!("{:<width$}", line[column]),
                    false => format!("{:>width$}", line[column]),
                }
            };
            shown.iter().map(text).collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let mut lines: Vec<String> =
            std::iter::once(&self.columns).chain(&cells).map(padded).collect();
        let said: Vec<String> = constant
            .iter()
            .map(|&column| format!("{} {}", self.columns[column], cells[0][column]))
            .collect();
        if !said.is_empty() {
            lines.push(format!("everywhere: {}", said.join(", ")));
        }
        lines.join("\n")
    }

    fn is_text(&self, column: usize) -> bool {
        self.lines.iter().any(|line| matches!(line[column], Cell::Text(_)))
    }

    /// Writes `<path>.tsv` and `<path>.md`, each as a whole or not at all.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), SelectError> {
        store::write(&path.with_added_extension("tsv"), &self.tsv())?;
        store::write(&path.with_added_extension("md"), &self.markdown())
    }
}

fn end_line(text: String, line: String) -> String {
    text + &line + "\n"
}

/// A probability in scientific notation, from its logarithm where it underflows.
fn probability(p: PValue, digits: usize) -> String {
    if p.p() >= 1e-3 {
        return if digits > 15 { p.p().to_string() } else { format!("{:.3}", p.p()) };
    }
    if p.p() > 1e-300 || p.ln() == f64::NEG_INFINITY {
        return if digits > 15 { format!("{:e}", p.p()) } else { format!("{:.1e}", p.p()) };
    }
    let power = -p.minus_log10();
    let exponent = power.floor();
    format!("{:.*}e{exponent}", digits.min(6) - 1, 10f64.powf(power - exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_in_tsv_and_short_in_markdown() {
        let mut table = Table::new(["model", "R2", "p", "rows"]);
        let tiny = PValue::from_ln(-1000.0 * std::f64::consts::LN_10 + 3.0_f64.ln()).unwrap();
        table.line([Cell::text("a|b\tc"), Cell::from(0.1 + 0.2), tiny.into(), 7.into()]);
        table.line([Cell::text("d"), None::<f64>.into(), PValue::ONE.into()]);
        let tsv =
            "model\tR2\tp\trows\na|b c\t0.30000000000000004\t3.00000e-1000\t7\nd\tNA\t1\tNA\n";
        assert_eq!(table.tsv(), tsv);
        let markdown = "| model | R2 | p | rows |\n| --- | --: | --: | --: |\n\
                        | a\\|b\tc | 0.300 | 3.0e-1000 | 7 |\n| d | n/a | 1.000 | n/a |\n";
        assert_eq!(table.markdown(), markdown);
        let plain = "model     R2          p  rows\na|b\tc  0.300  3.0e-1000     7\nd        n/a      1.000   n/a";
        assert_eq!(table.plain(), plain);
        let mut alike = Table::new(["model", "rows"]);
        alike.line([Cell::text("a"), 7.into()]);
        alike.line([Cell::text("b"), 7.into()]);
        assert_eq!(alike.plain(), "model\na\nb\neverywhere: rows 7");
    }
}
