//! Which gene stands in which part.

use super::file::{FoldTable, Unit};
use super::neighbours::{Groups, Neighbourhood};
use super::{Part, SplitConfig, SplitError};
use crate::View;
use isegnet_core::Random;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The part of each gene of a data set; none for a gene that is left out.
type Parts = Vec<Option<Part>>;

/// Genes to be assigned to parts.
pub(super) struct Assignment<'a> {
    view: &'a View,
    /// Genes that have rows, ascending.
    genes: Vec<usize>,
    random: Random,
}

impl<'a> Assignment<'a> {
    pub fn new(view: &'a View, rows: &[usize], seed: u64) -> Self {
        let mut genes: Vec<usize> =
            rows.iter().map(|&row| view.dataset().rows()[row].gene).collect();
        genes.sort_unstable();
        genes.dedup();
        Self { view, genes, random: Random::new(seed, "split") }
    }

    pub fn make(&self, config: &SplitConfig) -> Result<Parts, SplitError> {
        match config {
            &SplitConfig::Folds { folds, test, validation } => self.folds(folds, test, validation),
            SplitConfig::Chromosomes { test, validation } => self.chromosomes(test, validation),
            SplitConfig::File { path, test, validation } => {
                let table = FoldTable::read(path)?;
                table.check(test)?;
                table.check(validation)?;
                if test == validation {
                    let fold = test.to_string();
                    let message = format!("fold {fold:?} is both test and validation; name two");
                    return Err(SplitError::Table { path: path.clone(), line: 1, message });
                }
                self.file(&table, &test.0, &validation.0)
            }
            &SplitConfig::Groups { test, validation } => {
                self.shares(test, validation, self.groups())
            }
            &SplitConfig::Random { test, validation } => {
                self.shares(test, validation, self.genes.iter().map(|&gene| vec![gene]).collect())
            }
        }
    }

    fn chrom(&self, gene: usize) -> &str {
        self.view.dataset().genes().get(gene).map_or("", |gene| gene.body.chrom.as_str())
    }

    /// Gives each gene the part of its chromosome.
    fn by_chromosome(&self, part: impl Fn(&str) -> Option<Part>) -> Parts {
        let mut parts = vec![None; self.view.dataset().genes().len()];
        for &gene in &self.genes {
            if let Some(place) = parts.get_mut(gene) {
                *place = part(self.chrom(gene));
            }
        }
        parts
    }

    /// Chromosomes with genes, and how many.
    fn gene_counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for &gene in &self.genes {
            *counts.entry(self.chrom(gene)).or_insert(0) += 1;
        }
        counts
    }

    fn chromosomes(&self, test: &[String], validation: &[String]) -> Result<Parts, SplitError> {
        let known = self.gene_counts();
        for chrom in test.iter().chain(validation) {
            if !known.contains_key(chrom.as_str()) {
                let known = known.keys().map(|&name| name.to_owned()).collect();
                return Err(SplitError::UnknownChromosome { chrom: chrom.clone(), known });
            }
        }
        if let Some(chrom) = test.iter().find(|chrom| validation.contains(chrom)) {
            return Err(SplitError::ChromosomeTwice { chrom: chrom.clone() });
        }
        let among = |names: &[String], chrom: &str| names.iter().any(|name| name == chrom);
        Ok(self.by_chromosome(|chrom| {
            Some(match (among(test, chrom), among(validation, chrom)) {
                (true, _) => Part::Test,
                (_, true) => Part::Validation,
                _ => Part::Train,
            })
        }))
    }

    /// Deals chromosomes, those with most genes first, each to the fold that has
    /// fewest genes so far.
    fn folds(&self, folds: usize, test: usize, validation: usize) -> Result<Parts, SplitError> {
        let valid = 1..=folds;
        if folds < 3 || test == validation || !valid.contains(&test) || !valid.contains(&validation)
        {
            return Err(SplitError::Folds { folds, test, validation });
        }
        let mut counts: Vec<(&str, usize)> = self.gene_counts().into_iter().collect();
        if counts.len() < folds {
            return Err(SplitError::FewChromosomes { chromosomes: counts.len(), folds });
        }
        counts.sort_by_key(|&(chrom, count)| (std::cmp::Reverse(count), chrom));
        let mut filled = vec![0; folds];
        let mut fold_of = HashMap::new();
        for (chrom, count) in counts {
            let emptiest = filled.iter_mut().enumerate().min_by_key(|(_, genes)| **genes);
            if let Some((fold, genes)) = emptiest {
                *genes += count;
                fold_of.insert(chrom, fold + 1);
            }
        }
        Ok(self.by_chromosome(|chrom| {
            let fold = fold_of.get(chrom).copied()?;
            Some(match fold {
                _ if fold == test => Part::Test,
                _ if fold == validation => Part::Validation,
                _ => Part::Train,
            })
        }))
    }

    fn file(&self, table: &FoldTable, test: &str, validation: &str) -> Result<Parts, SplitError> {
        let part = |fold: &str| match fold {
            _ if fold == test => Part::Test,
            _ if fold == validation => Part::Validation,
            _ => Part::Train,
        };
        let parts = match table.unit {
            Unit::Chromosome => self.by_chromosome(|chrom| table.fold(chrom).map(part)),
            Unit::Gene => {
                let genes = self.view.dataset().genes();
                let ids: Vec<&str> = genes.iter().map(|gene| gene.id.as_str()).collect();
                let folds = table.folds(&ids);
                let mut parts = vec![None; genes.len()];
                for &gene in &self.genes {
                    if let (Some(place), Some(fold)) = (parts.get_mut(gene), folds.get(gene)) {
                        *place = fold.map(part);
                    }
                }
                self.separate(parts)
            }
        };
        if parts.iter().all(Option::is_none) {
            let genes = self.genes.iter().filter_map(|&gene| match table.unit {
                Unit::Chromosome => Some(self.chrom(gene).to_owned()),
                Unit::Gene => self.view.dataset().genes().get(gene).map(|g| g.id.clone()),
            });
            let mut dataset: Vec<String> = genes.collect();
            dataset.dedup();
            dataset.truncate(3);
            let (path, table) = (table.path.clone(), table.some_names());
            return Err(SplitError::NoneJoins { path, table, dataset });
        }
        Ok(parts)
    }

    /// Leaves out validation genes near test genes, then training genes near either.
    fn separate(&self, mut parts: Parts) -> Parts {
        let near = Neighbourhood::new(self.view, &self.genes);
        for (part, others) in
            [(Part::Validation, &[Part::Test][..]), (Part::Train, &[Part::Test, Part::Validation])]
        {
            let is = |gene: usize, of: &[Part]| {
                parts.get(gene).copied().flatten().is_some_and(|part| of.contains(&part))
            };
            let cover = near.cover(|gene| is(gene, others));
            let mut leave = near.touching(&cover, |gene| is(gene, &[part]));
            for &(a, b) in near.divergent() {
                leave.extend((is(a, &[part]) && is(b, others)).then_some(a));
                leave.extend((is(b, &[part]) && is(a, others)).then_some(b));
            }
            for gene in leave {
                if let Some(part) = parts.get_mut(gene) {
                    *part = None;
                }
            }
        }
        parts
    }

    /// Genes connected by overlapping windows or divergent neighbourhood.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups = Groups::new(self.view.dataset().genes().len());
        Neighbourhood::new(self.view, &self.genes).connect(|a, b| groups.join(a, b));
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &gene in &self.genes {
            members.entry(groups.first(gene)).or_default().push(gene);
        }
        members.into_values().collect()
    }

    /// Deals shuffled groups to test while they fit, then to validation, else to training.
    fn shares(
        &self,
        test: f64,
        validation: f64,
        mut groups: Vec<Vec<usize>>,
    ) -> Result<Parts, SplitError> {
        if !(test > 0.0 && validation > 0.0 && test + validation < 1.0) {
            return Err(SplitError::Shares { test, validation });
        }
        self.random.shuffle(0, &mut groups);
        let share = |of: f64| (of * self.genes.len() as f64).round() as usize;
        let mut room = [(Part::Test, share(test)), (Part::Validation, share(validation))];
        let mut parts = vec![None; self.view.dataset().genes().len()];
        for group in groups {
            let fits = room.iter_mut().find(|(_, room)| *room >= group.len());
            let part = fits.map_or(Part::Train, |(part, room)| {
                *room -= group.len();
                *part
            });
            for gene in group {
                if let Some(place) = parts.get_mut(gene) {
                    *place = Some(part);
                }
            }
        }
        Ok(parts)
    }
}

/// Counts different genes among rows.
pub(super) fn genes_of(view: &View, rows: &[usize]) -> HashSet<usize> {
    rows.iter().map(|&row| view.dataset().rows()[row].gene).collect()
}
