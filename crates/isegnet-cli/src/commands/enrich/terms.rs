use crate::numbers::p_value;
use crate::report;
use isegnet_io::atomic;
use isegnet_plot::{Bar, Bars, bars};
use isegnet_stats::OverRepresentation;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

/// What the terms of both lists are called.
pub const BOTH: &str = "both";

/// Gene sets that a list meets, the most significant first.
pub struct Terms {
    pub name: String,
    pub rows: Vec<OverRepresentation>,
}

impl Terms {
    /// Sorts terms by p-value, equal ones as they come in the library.
    pub fn new(name: &str, mut rows: Vec<OverRepresentation>) -> Self {
        rows.sort_by(|a, b| a.p.ln().total_cmp(&b.p.ln()));
        Self { name: name.to_owned(), rows }
    }

    pub fn significant(&self, alpha: f64) -> impl Iterator<Item = &OverRepresentation> {
        self.rows.iter().filter(move |row| row.adjusted.p() <= alpha)
    }

    /// The terms that both of two lists reach, each with the larger of its two p-values.
    pub fn of_both(lists: &[Self], alpha: f64) -> Option<Self> {
        let [first, second] = lists else { return None };
        let others: HashMap<&str, &OverRepresentation> =
            second.significant(alpha).map(|row| (row.set.as_str(), row)).collect();
        let both = first.significant(alpha).filter_map(|row| {
            let other = *others.get(row.set.as_str())?;
            Some(if other.adjusted > row.adjusted { other } else { row }.clone())
        });
        Some(Self::new(BOTH, both.collect()))
    }

    /// Writes the columns of Enrichr.
    pub fn write(&self, gmt: &Path, path: &Path) -> anyhow::Result<()> {
        let library = gmt.file_stem().map(|name| name.to_string_lossy().into_owned());
        let library = library.unwrap_or_default();
        let write = |out: &mut dyn Write| {
            writeln!(
                out,
                "Gene_set\tTerm\tOverlap\tP-value\tAdjusted P-value\tOdds Ratio\tCombined Score\tGenes"
            )?;
            self.rows.iter().try_for_each(|row| {
                let (hits, size) = (row.hits.len(), row.set_size);
                let [p, adjusted] = [row.p, row.adjusted].map(exact);
                writeln!(
                    out,
                    "{library}\t{}\t{hits}/{size}\t{p}\t{adjusted}\t{}\t{}\t{}",
                    row.set,
                    row.odds_ratio,
                    row.combined_score,
                    row.hits.join(";")
                )
            })
        };
        Ok(atomic::write(path, write)?)
    }

    /// Draws the first terms as bars (Figure 6 C-E of the paper); nothing where there is none.
    ///
    /// Those with an adjusted p-value of at most `alpha` are drawn; where none has, the best.
    pub fn draw(
        &self,
        (alpha, top): (f64, usize),
        universe: &str,
        picture: &Path,
    ) -> anyhow::Result<()> {
        let significant = self.significant(alpha).count();
        let count = if significant > 0 { significant } else { self.rows.len() }.min(top);
        let shown = &self.rows[..count];
        if shown.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = shown.iter().map(|row| title(&row.set)).collect();
        let notes: Vec<String> =
            shown.iter().map(|row| format!("{} of {}", row.hits.len(), row.set_size)).collect();
        let texts = names.iter().zip(&notes);
        let drawn: Vec<Bar<'_>> = shown
            .iter()
            .zip(texts)
            .map(|(row, (name, note))| Bar { name, value: row.adjusted.minus_log10(), note })
            .collect();
        let limit = format!("adjusted p = {alpha}");
        let figure = bars(&Bars {
            title: &format!("{}: terms of its factors, among {universe}", self.name),
            value_label: "−log10 adjusted p",
            bars: &drawn,
            threshold: Some((-alpha.log10(), &limit)),
        })?;
        report::draw(picture, &figure)
    }

    /// How many terms, and the first of them.
    pub fn summary(&self, alpha: f64, universe: &str) -> String {
        let significant = self.significant(alpha).count();
        let mut text = format!(
            "{}: {significant} of {} terms with adjusted p <= {alpha}, among {universe}",
            self.name,
            self.rows.len()
        );
        for row in self.rows.iter().take(5) {
            let (hits, size) = (row.hits.len(), row.set_size);
            text += &format!("\n  {:>9}  {hits}/{size}  {}", p_value(row.adjusted), row.set);
        }
        text
    }
}

/// Writes a probability with all its digits.
fn exact(p: isegnet_stats::PValue) -> String {
    if p.p() > 1e-300 { format!("{:e}", p.p()) } else { p_value(p) }
}

/// A term without its number in a database, as in `gliogenesis (GO:0042063)`.
fn title(name: &str) -> &str {
    let apart = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    match apart {
        Some((title, number)) if number.contains(':') && !number.contains(' ') => title,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_databases_are_left_out_of_pictures() {
        assert_eq!(title("gliogenesis (GO:0042063)"), "gliogenesis");
        for other in ["p53 (human)", "a (GO:1) b", "x (see: y)", "(GO:1)", ""] {
            assert_eq!(title(other), other);
        }
    }
}
