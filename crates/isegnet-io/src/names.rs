//! Chromosome names: whether the files of a study agree, and what to do where
//! one writes `chr1` and another `1`.

mod renamed;

pub use renamed::{genes, regions, sequence, signal};

use isegnet_core::{Chromosome, Gene, Interval};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// How chromosomes are to be called, whatever the files call them.
///
/// The main chromosomes are known: numbers, letters and Roman numerals, `chr1`
/// or `1`, and the mitochondrion, `chrM` or `MT`. Any other name stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aliases {
    /// As each file calls them.
    #[default]
    None,
    /// `chr1`, `chrX`, `chrM`.
    Ucsc,
    /// `1`, `X`, `MT`.
    Ensembl,
}

impl Aliases {
    /// Gives the name that a chromosome is to be called by.
    ///
    /// ```
    /// use isegnet_io::names::Aliases;
    ///
    /// assert_eq!(Aliases::Ucsc.apply("MT"), "chrM");
    /// assert_eq!(Aliases::Ensembl.apply("chr2L"), "2L");
    /// assert_eq!(Aliases::Ucsc.apply("Pf3D7_01_v3"), "Pf3D7_01_v3");
    /// ```
    pub fn apply<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let bare = match name.get(..3) {
            Some(prefix) if prefix.eq_ignore_ascii_case("chr") => &name[3..],
            _ => name,
        };
        let mitochondrion = matches!(bare, "M" | "MT" | "Mt" | "Mito" | "MtDNA");
        match self {
            _ if !mitochondrion && !is_main(bare) => Cow::Borrowed(name),
            Self::None => Cow::Borrowed(name),
            Self::Ucsc if mitochondrion => Cow::Borrowed("chrM"),
            Self::Ensembl if mitochondrion => Cow::Borrowed("MT"),
            Self::Ucsc if name.starts_with("chr") => Cow::Borrowed(name),
            Self::Ucsc => Cow::Owned(format!("chr{bare}")),
            Self::Ensembl => Cow::Borrowed(bare),
        }
    }

    /// Tells which of the two ways a file calls its chromosomes.
    pub fn of(chromosomes: &[Chromosome]) -> Self {
        let written = |way: Self| {
            chromosomes.iter().filter(|c| way.apply(&c.name) == c.name.as_str()).count()
        };
        if written(Self::Ucsc) >= written(Self::Ensembl) { Self::Ucsc } else { Self::Ensembl }
    }

    /// The word for it in a configuration.
    fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ucsc => "ucsc",
            Self::Ensembl => "ensembl",
        }
    }
}

/// Tells whether a name without `chr` is that of a main chromosome: `7`, `2L`, `X`, `XIV`.
fn is_main(bare: &str) -> bool {
    let digits = bare.trim_end_matches(['L', 'R', 'A', 'B', 'a', 'b']);
    let numbered = (1..=2).contains(&digits.len())
        && bare.len() <= digits.len() + 1
        && digits.bytes().all(|b| b.is_ascii_digit());
    let roman =
        (1..=5).contains(&bare.len()) && bare.bytes().all(|b| matches!(b, b'I' | b'V' | b'X'));
    numbered || roman || matches!(bare, "Y" | "Z" | "W" | "U")
}

/// What one file calls the chromosomes, and how long it says they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The file.
    pub file: String,
    /// Its chromosomes.
    pub chromosomes: Vec<Chromosome>,
}

impl Names {
    /// Takes the chromosomes of a genome or a track.
    pub fn new(file: impl Into<String>, chromosomes: &[Chromosome]) -> Self {
        Self { file: file.into(), chromosomes: chromosomes.to_vec() }
    }

    /// Takes the chromosomes that genes lie on.
    pub fn of_genes(file: impl Into<String>, genes: &[Gene]) -> Self {
        Self::of_places(file, genes.iter().map(|g| &g.body))
    }

    /// Takes the chromosomes that regions lie on.
    pub fn of_regions(file: impl Into<String>, regions: &[Interval]) -> Self {
        Self::of_places(file, regions)
    }

    fn of_places<'a>(
        file: impl Into<String>,
        places: impl IntoIterator<Item = &'a Interval>,
    ) -> Self {
        let mut seen = HashSet::new();
        let new = places.into_iter().filter(|p| seen.insert(p.chrom.as_str()));
        let chromosomes = new.map(|p| Chromosome { name: p.chrom.clone(), length: None });
        Self { file: file.into(), chromosomes: chromosomes.collect() }
    }

    /// Gives the names that the chromosomes have once mapped.
    pub fn mapped(&self, aliases: Aliases) -> Self {
        let map =
            |c: &Chromosome| Chromosome { name: aliases.apply(&c.name).into(), length: c.length };
        Self { file: self.file.clone(), chromosomes: self.chromosomes.iter().map(map).collect() }
    }

    fn has(&self, name: &str) -> bool {
        self.chromosomes.iter().any(|c| c.name == name)
    }
}

/// Where two files do not agree on chromosomes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// One chromosome under two names.
    #[error(
        "chromosome {reference_name:?} of {reference} is not in {file}, which has {file_name:?} \
         ({count} such names); map the names with chrom_alias = {:?}", aliases.word()
    )]
    Spelling {
        /// The file.
        file: String,
        /// What the file calls the chromosome.
        file_name: String,
        /// The file it is compared with.
        reference: String,
        /// What that one calls it.
        reference_name: String,
        /// How many chromosomes have two names.
        count: usize,
        /// The mapping that gives all files the reference's names.
        aliases: Aliases,
    },
    /// No chromosome in common.
    #[error(
        "{file} and {reference} have no chromosome in common: {file_names} there, {reference_names} here; use files of one assembly"
    )]
    NoneShared {
        /// The file.
        file: String,
        /// Its first names.
        file_names: String,
        /// The file it is compared with.
        reference: String,
        /// That one's first names.
        reference_names: String,
    },
    /// One chromosome with two lengths.
    #[error(
        "chromosome {name:?} has {length} bases in {file} and {reference_length} in {reference}; use files of one assembly"
    )]
    Length {
        /// The chromosome.
        name: String,
        /// The file.
        file: String,
        /// The length it says.
        length: u64,
        /// The file it is compared with.
        reference: String,
        /// The length that one says.
        reference_length: u64,
    },
    /// Two chromosomes of one file with one name.
    #[error(
        "{file} has the chromosome {name:?} twice, once mapped; set chrom_alias = \"none\", or a file with distinct names"
    )]
    Twice {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
}

/// Compares what files call their chromosomes, and gives every problem there is.
///
/// The first file is the one that the others are held against: the genome, or
/// the genes where there is none. A chromosome that a file lacks altogether is no
/// problem, it has no data there. Give [`Names::mapped`] ones where names are
/// mapped.
pub fn compare(files: &[Names]) -> Vec<Problem> {
    let mut problems: Vec<_> = files.iter().flat_map(twice).collect();
    if let Some((reference, others)) = files.split_first() {
        for file in others {
            problems.extend(spelling(reference, file).or_else(|| none_shared(reference, file)));
        }
    }
    problems.extend(lengths(files));
    problems
}

fn twice(file: &Names) -> Vec<Problem> {
    let mut seen = HashSet::new();
    let again = file.chromosomes.iter().filter(|c| !seen.insert(c.name.as_str()));
    again.map(|c| Problem::Twice { file: file.file.clone(), name: c.name.clone() }).collect()
}

/// Finds names of the reference that the file lacks and has under the other way of writing.
fn spelling(reference: &Names, file: &Names) -> Option<Problem> {
    let aliases = Aliases::of(&reference.chromosomes);
    let (ours, theirs): (HashSet<_>, HashSet<_>) = (name_set(reference), name_set(file));
    let mapped = |c: &'_ Chromosome| aliases.apply(&c.name).into_owned();
    let by_mapped: HashMap<_, _> =
        reference.chromosomes.iter().map(|c| (mapped(c), &c.name)).collect();
    let mut pairs =
        file.chromosomes.iter().filter(|c| !ours.contains(c.name.as_str())).filter_map(|c| {
            let name = *by_mapped.get(&mapped(c))?;
            (!theirs.contains(name.as_str())).then_some((name, &c.name))
        });
    let (reference_name, file_name) = pairs.next()?;
    Some(Problem::Spelling {
        file: file.file.clone(),
        file_name: file_name.clone(),
        reference: reference.file.clone(),
        reference_name: reference_name.clone(),
        count: 1 + pairs.count(),
        aliases,
    })
}

fn name_set(names: &Names) -> HashSet<&str> {
    names.chromosomes.iter().map(|c| c.name.as_str()).collect()
}

fn none_shared(reference: &Names, file: &Names) -> Option<Problem> {
    let empty = file.chromosomes.is_empty() || reference.chromosomes.is_empty();
    if empty || file.chromosomes.iter().any(|c| reference.has(&c.name)) {
        return None;
    }
    let names = |n: &Names| list(n.chromosomes.iter().map(|c| c.name.as_str()));
    Some(Problem::NoneShared {
        file: file.file.clone(),
        file_names: names(file),
        reference: reference.file.clone(),
        reference_names: names(reference),
    })
}

/// Holds each length against the first one that any file gives.
fn lengths(files: &[Names]) -> Vec<Problem> {
    let mut known: HashMap<&str, (&str, u64)> = HashMap::new();
    let mut problems = Vec::new();
    for file in files {
        for c in &file.chromosomes {
            let Some(length) = c.length else { continue };
            let (reference, reference_length) =
                *known.entry(&c.name).or_insert((&file.file, length));
            if length != reference_length {
                problems.push(Problem::Length {
                    name: c.name.clone(),
                    file: file.file.clone(),
                    length,
                    reference: reference.into(),
                    reference_length,
                });
            }
        }
    }
    problems
}

/// Writes the first few names of a list: `"chr1", "chr2", "chr3" and 21 more`.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 3;
    let mut names = names.into_iter();
    let shown: Vec<_> = names.by_ref().take(SHOWN).map(crate::text::quote).collect();
    match (shown.is_empty(), names.count()) {
        (true, _) => "none".into(),
        (_, 0) => shown.join(", "),
        (_, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(file: &str, chromosomes: &[(&str, u64)]) -> Names {
        let chromosome = |&(name, length): &(&str, u64)| Chromosome {
            name: name.into(),
            length: (length > 0).then_some(length),
        };
        Names { file: file.into(), chromosomes: chromosomes.iter().map(chromosome).collect() }
    }

    #[test]
    fn main_chromosomes_are_mapped_and_others_left() {
        let ucsc = |n| Aliases::Ucsc.apply(n).into_owned();
        assert_eq!(
            ["1", "X", "2L", "XIV", "Mito", "Chr3", "chr9"].map(ucsc).join(" "),
            "chr1 chrX chr2L chrXIV chrM chr3 chr9"
        );
        for other in ["GL000192.1", "chr1_KI270706v1_random", "chr", "", "scaffold_1", "100", "é12"]
        {
            assert_eq!(ucsc(other), other);
            assert_eq!(Aliases::Ensembl.apply(other), other);
        }
        assert_eq!(Aliases::Ensembl.apply("chrM"), "MT");
    }

    #[test]
    fn agreement_and_missing_chromosomes_are_no_problem() {
        let genome = names("g.fa", &[("chr1", 100), ("chr2", 50)]);
        let track = names("t.bw", &[("chr2", 50), ("chrUn", 7)]);
        let genes = names("g.gtf", &[("chr1", 0)]);
        assert_eq!(compare(&[genome, genes, track]), []);
        assert_eq!(compare(&[]), []);
    }

    #[test]
    fn another_spelling_is_told_with_the_remedy_and_gone_once_mapped() {
        let genome = names("g.fa", &[("chr1", 100), ("chr2", 50), ("chrM", 16)]);
        let track = names("t.bw", &[("1", 100), ("2", 50), ("MT", 16)]);
        let problems = compare(&[genome.clone(), track.clone()]);
        assert_eq!(problems.len(), 1);
        let text = problems[0].to_string();
        assert!(
            text.contains(
                "chromosome \"chr1\" of g.fa is not in t.bw, which has \"1\" (3 such names)"
            ),
            "{text}"
        );
        assert!(text.ends_with("chrom_alias = \"ucsc\""), "{text}");
        assert_eq!(compare(&[genome.mapped(Aliases::Ucsc), track.mapped(Aliases::Ucsc)]), []);
        let back = compare(&[track, genome]);
        assert!(back[0].to_string().ends_with("chrom_alias = \"ensembl\""), "{}", back[0]);
    }

    #[test]
    fn one_odd_name_among_equal_ones_is_found() {
        let genome = names("g.fa", &[("chr1", 100), ("chrM", 16)]);
        let track = names("t.bw", &[("chr1", 100), ("chrMT", 16)]);
        assert!(matches!(&compare(&[genome, track])[..], [Problem::Spelling { count: 1, .. }]));
    }

    #[test]
    fn lengths_and_strangers_are_all_told() {
        let genome = names("g.fa", &[("chr1", 100), ("chr2", 50)]);
        let track = names("t.bw", &[("chr1", 90), ("chr2", 51)]);
        let other = names("o.bw", &[("ctg1", 9)]);
        let problems = compare(&[genome, track, other]);
        assert_eq!(problems.len(), 3);
        assert!(problems[0].to_string().contains("o.bw and g.fa have no chromosome in common"));
        assert!(problems[1].to_string().contains("\"chr1\" has 90 bases in t.bw and 100 in g.fa"));
    }

    #[test]
    fn tracks_alone_are_held_against_each_other() {
        let genes = names("g.gtf", &[("chr1", 0)]);
        let tracks = [names("a.bw", &[("chr1", 10)]), names("b.bw", &[("chr1", 11)])];
        assert!(matches!(
            &compare(&[&[genes], &tracks[..]].concat())[..],
            [Problem::Length { .. }]
        ));
    }

    #[test]
    fn two_names_that_become_one_are_told() {
        let genome = names("g.fa", &[("chr1", 100), ("1", 100)]).mapped(Aliases::Ucsc);
        assert!(matches!(&compare(&[genome])[..], [Problem::Twice { .. }]));
    }
}
