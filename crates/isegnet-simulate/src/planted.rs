//! Reads back what was planted.

use crate::Error;
use isegnet_core::Interval;
use std::path::Path;

/// A row of `truth.tsv`: something that was planted, and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Planted {
    /// The gene it belongs to; none outside every window.
    pub gene: Option<String>,
    /// The motif, track or methylation.
    pub cause: String,
    /// `causal-`, `null-`, `neutral-`, `outside-`, `correlated-` or `unrelated-` with
    /// `motif`, `mark` or `methylation`.
    pub kind: String,
    /// Where it is.
    pub place: Interval,
    /// The condition it holds in; `all` for each.
    pub condition: String,
    /// What it adds to ln(TPM + 1).
    pub effect: f64,
}

impl Planted {
    /// Tells whether it is what a gene's expression is made of; where nothing acts, what it
    /// would be made of.
    pub fn is_cause(&self) -> bool {
        self.gene.is_some() && (self.kind.starts_with("causal-") || self.kind.starts_with("null-"))
    }

    /// Tells whether it is a motif of the DNA.
    pub fn is_motif(&self) -> bool {
        self.kind.ends_with("-motif")
    }
}

/// Reads a `truth.tsv`.
///
/// # Errors
/// The file cannot be read, or a line is none of such a table.
pub fn read_truth(path: &Path) -> Result<Vec<Planted>, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Error::Unreadable { path: path.to_owned(), cause })?;
    let mut lines = text.lines().enumerate();
    let broken = |line: usize| Error::NotTruth { path: path.to_owned(), line };
    match lines.next() {
        Some((_, header)) if header == crate::truth::COLUMNS => {}
        _ => return Err(broken(1)),
    }
    lines.map(|(i, line)| planted(line).ok_or_else(|| broken(i + 1))).collect()
}

fn planted(line: &str) -> Option<Planted> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [gene, cause, kind, chrom, start, end, _, effect, condition, _] = cells[..] else {
        return None;
    };
    Some(Planted {
        gene: (gene != ".").then(|| gene.to_owned()),
        cause: cause.to_owned(),
        kind: kind.to_owned(),
        place: Interval::new(chrom, start.parse().ok()?, end.parse().ok()?),
        condition: condition.to_owned(),
        effect: effect.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Scenario, simulate};
    use isegnet_core::Silent;

    #[test]
    fn what_was_planted_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { scenario: Scenario::Easy, genes: 50, ..Config::default() };
        simulate(&config, folder.path(), &Silent).unwrap();
        let path = folder.path().join("truth.tsv");
        let planted = read_truth(&path).unwrap();
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert_eq!(planted.len(), lines - 1);
        let causes: Vec<_> = planted.iter().filter(|p| p.is_cause()).collect();
        assert!(causes.iter().any(|p| p.is_motif()) && causes.iter().any(|p| !p.is_motif()));
        assert!(causes.iter().all(|p| p.effect != 0.0 && p.place.start < p.place.end));
        assert!(planted.iter().any(|p| p.gene.is_none() && !p.is_cause()));
    }

    #[test]
    fn what_is_no_truth_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("truth.tsv");
        assert!(matches!(read_truth(&path), Err(Error::Unreadable { .. })));
        for (text, line) in [("", 1), ("gene\tcause\n", 1)] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(read_truth(&path), Err(Error::NotTruth { line: l, .. }) if l == line));
        }
        std::fs::write(
            &path,
            format!("{}\ng\tc\tk\tchr1\tx\t5\t+\t0\tall\t1\n", crate::truth::COLUMNS),
        )
        .unwrap();
        let error = read_truth(&path).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
