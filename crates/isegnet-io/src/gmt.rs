//! Reads libraries of gene sets: GMT, plain or gzip.

use crate::Error;
use crate::text::{self, Lines, quote};
use std::collections::HashMap;
use std::io::BufRead;
use std::path::Path;

/// A named set of genes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneSet {
    /// Its name; distinct within a library.
    pub name: String,
    /// What the second column says; often empty, or an address.
    pub description: String,
    /// The symbols, in the order of the file; at least one.
    pub genes: Vec<String>,
}

/// Reads a library: a set a line, its name, a description and genes, separated by tabs.
///
/// A weight after a gene, as in `MYC,1.0`, is left out.
///
/// # Errors
/// The file cannot be read, is of another kind or has no set; or a set has no name, no gene,
/// or the name of another.
pub fn read(path: impl AsRef<Path>) -> Result<Vec<GeneSet>, Error> {
    from_lines(text::open(path.as_ref(), "a GMT file")?)
}

/// Reads a library; `name` stands for the path in messages.
///
/// ```
/// let text = "cell cycle\t\tMYC\tE2F1\nheat shock\thttp://x.org\tHSF1,0.5\n";
/// let sets = isegnet_io::gmt::from_reader(text.as_bytes(), "pathways.gmt")?;
/// assert_eq!(sets[0].genes, ["MYC", "E2F1"]);
/// assert_eq!(sets[1].genes, ["HSF1"]);
/// # Ok::<(), isegnet_io::Error>(())
/// ```
///
/// # Errors
/// As [`read`].
pub fn from_reader(input: impl BufRead, name: impl AsRef<Path>) -> Result<Vec<GeneSet>, Error> {
    from_lines(Lines::new(input, name.as_ref()))
}

fn from_lines(mut lines: Lines<impl BufRead>) -> Result<Vec<GeneSet>, Error> {
    let (mut sets, mut known) = (Vec::new(), HashMap::new());
    while let Some((line, text)) = lines.next()? {
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        let set = set(text).and_then(|set| match known.insert(set.name.clone(), line) {
            None => Ok(set),
            Some(first) => Err(format!(
                "set {} stands on line {first} already; rename one or leave it out",
                quote(&set.name)
            )),
        });
        sets.push(set.map_err(|message| lines.error(message))?);
    }
    match sets.is_empty() {
        false => Ok(sets),
        true => Err(Error::Nothing {
            path: lines.path().into(),
            what: "gene set",
            remedy: "write one a line: name, description and genes, separated by tabs".into(),
        }),
    }
}

fn set(text: &str) -> Result<GeneSet, String> {
    let mut fields = text.split('\t').map(str::trim);
    let name = fields.next().unwrap_or_default().to_owned();
    let Some(description) = fields.next() else {
        return Err(format!(
            "{} has no tab; a set is a name, a description and genes, separated by tabs",
            quote(&name)
        ));
    };
    let symbol = |gene: &str| gene.split(',').next().unwrap_or_default().trim().to_owned();
    let genes: Vec<String> = fields.map(symbol).filter(|gene| !gene.is_empty()).collect();
    if name.is_empty() {
        return Err("a set without a name; write one in the first column".into());
    }
    if genes.is_empty() {
        return Err(format!(
            "set {} has no gene; genes begin in the third column, after a description that may \
             be empty",
            quote(&name)
        ));
    }
    Ok(GeneSet { name, description: description.to_owned(), genes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        from_reader(text.as_bytes(), "a.gmt").unwrap_err().to_string()
    }

    #[test]
    fn empty_columns_behind_the_genes_are_none() {
        let sets = from_reader(&b"a (GO:1)\t\tX\tY\t\t\r\n\n#x\nb\tsays\tZ \n"[..], "x").unwrap();
        assert_eq!(sets.len(), 2);
        assert_eq!(
            (sets[0].name.as_str(), &sets[0].genes[..]),
            ("a (GO:1)", &["X".into(), "Y".into()][..])
        );
        assert_eq!((sets[1].description.as_str(), &sets[1].genes[..]), ("says", &["Z".into()][..]));
    }

    #[test]
    fn wrong_lines_are_told() {
        assert!(message("MYC\n").contains("a.gmt, line 1: \"MYC\" has no tab"));
        assert!(message("a\t\tX\nb\tX\n").contains("line 2: set \"b\" has no gene"));
        assert!(message("a\t\tX\na\t\tY\n").contains("set \"a\" stands on line 1 already"));
        assert!(message("\tx\tX\n").contains("without a name"));
        assert!(message("\n").contains("has no gene set"));
        let long = format!("a\t\t{}", "X\t".repeat(1 << 20));
        assert!(message(&long).contains("longer than"));
    }
}
