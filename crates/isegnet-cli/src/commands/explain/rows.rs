//! Which rows of a data set are explained.

use crate::failure::Refusal;
use crate::study::Lens;
use anyhow::Context;
use clap::ValueEnum;
use isegnet_encode::{Dataset, Part, RowFilter};
use std::collections::HashMap;
use std::path::Path;

/// The part of the model's split whose rows are explained.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PartName {
    Train,
    Validation,
    Test,
}

impl From<PartName> for Part {
    fn from(name: PartName) -> Self {
        match name {
            PartName::Train => Self::Train,
            PartName::Validation => Self::Validation,
            PartName::Test => Self::Test,
        }
    }
}

#[derive(clap::Args, Clone, Debug, Default)]
pub struct RowArgs {
    /// Explain these genes: ids or names separated by commas, or a file with one in the
    /// first column of each line [default: the test genes of the model's own split]
    #[arg(long, value_name = "FILE|LIST", conflicts_with_all = ["part", "all"])]
    pub genes: Option<String>,
    /// Explain the rows of this part of the model's own split
    #[arg(long, value_name = "PART", conflicts_with = "all")]
    pub part: Option<PartName>,
    /// Explain every row of the data set
    #[arg(long)]
    pub all: bool,
    /// Only these samples
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub sample: Vec<String>,
}

impl RowArgs {
    /// Chooses rows, in the data set's order. `parts` are those of the model's split.
    pub fn choose(
        &self,
        dataset: &Dataset,
        parts: &[Option<Part>],
        lens: &Lens,
    ) -> anyhow::Result<Vec<usize>> {
        let samples = (!self.sample.is_empty()).then(|| self.sample.clone());
        let mut rows = dataset.select(&RowFilter { zero_expression: true, samples })?;
        let ours = lens.dataset == dataset.fingerprint();
        let part = match (self.part, self.all) {
            _ if self.genes.is_some() => None,
            (Some(part), _) => Some(part.into()),
            (None, true) => None,
            (None, false) => ours.then_some(Part::Test),
        };
        if let Some(part) = part {
            if !ours {
                let place = dataset.folder().display();
                return Err(Refusal::usage(format!(
                    "{place} is another data set than that of the training, so the model's split \
                     has no {part} rows there; take --genes or --all"
                ))
                .into());
            }
            rows.retain(|&row| parts.get(row) == Some(&Some(part)));
        }
        if let Some(list) = &self.genes {
            let wanted = Wanted::of(dataset, &listed(list)?)?;
            rows.retain(|&row| wanted.0[dataset.rows()[row].gene]);
        }
        match rows.is_empty() {
            false => Ok(rows),
            true => Err(Refusal::usage(format!(
                "{} has no row of these genes, parts and samples; ask for others",
                dataset.folder().display()
            ))
            .into()),
        }
    }
}

/// Reads a list of genes: the first column of a file, or what stands between commas.
pub fn listed(list: &str) -> anyhow::Result<Vec<String>> {
    let path = Path::new(list);
    if !path.is_file() {
        return Ok(list.split(',').map(|id| id.trim().to_owned()).collect());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{list} cannot be read"))?;
    let ids = text.lines().map(|line| line.split('\t').next().unwrap_or_default().trim());
    let ids = ids.filter(|id| !id.is_empty() && !id.starts_with('#') && *id != "gene_id");
    let ids: Vec<String> = ids.map(str::to_owned).collect();
    match ids.is_empty() {
        false => Ok(ids),
        true => Err(Refusal::input(format!("{list} has no gene in its first column")).into()),
    }
}

/// Tells of each gene of a data set whether it is asked for.
pub struct Wanted(pub Vec<bool>);

impl Wanted {
    /// Finds genes by id, or by a name that only one has.
    pub fn of(dataset: &Dataset, ids: &[String]) -> anyhow::Result<Self> {
        let genes = dataset.genes();
        let mut numbers: HashMap<&str, Option<usize>> = HashMap::new();
        for (i, gene) in genes.iter().enumerate() {
            if let Some(name) = gene.name.as_deref() {
                numbers.entry(name).and_modify(|number| *number = None).or_insert(Some(i));
            }
        }
        numbers.extend(genes.iter().enumerate().map(|(i, gene)| (gene.id.as_str(), Some(i))));
        let mut wanted = vec![false; genes.len()];
        let mut unknown = Vec::new();
        for id in ids {
            match numbers.get(id.as_str()).copied().flatten() {
                Some(number) => wanted[number] = true,
                None => unknown.push(id.as_str()),
            }
        }
        let Some(first) = unknown.first() else { return Ok(Self(wanted)) };
        let near = crate::near::nearest(first, numbers.keys().copied(), 3);
        let near = match near.is_empty() {
            true => String::new(),
            false => format!("; did you mean {}?", near.join(", ")),
        };
        let more = match unknown.len() {
            1 => String::new(),
            n => format!(" (nor {} more of the genes asked for)", n - 1),
        };
        let place = dataset.folder().display();
        Err(Refusal::usage(format!("gene {first:?} is not in {place}{more}{near}")).into())
    }
}
