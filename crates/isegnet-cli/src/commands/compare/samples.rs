//! What is compared: the samples of two conditions, over the genes that all of them have.

use super::signal::Signal;
use crate::commands::explain::Explanation;
use crate::failure::Refusal;
use isegnet_core::Gene;
use isegnet_explain::{Contrast, Mean, Rows, SiteValues, SummaryError};
use ndarray::Array2;
use std::collections::{HashMap, HashSet};

/// Numbers at sites, whatever they are made of.
pub type Sites<'a> = Box<dyn SiteValues + Send + 'a>;

/// One sample of an explanation.
#[derive(Clone)]
pub struct Sample<'a> {
    pub name: String,
    /// Such as the patient.
    pub group: Option<String>,
    pub explanation: &'a Explanation,
    /// Where the compared genes are among the explained rows.
    rows: Vec<usize>,
}

/// What stands for a condition: replicates under one model, or models of several seeds.
pub struct Condition<'a> {
    pub name: String,
    /// The samples of each replicate (one), or of each seed (all that it explained).
    pub units: Vec<Vec<Sample<'a>>>,
}

/// Two conditions over the same genes.
pub struct Comparison<'a> {
    pub first: Condition<'a>,
    pub second: Condition<'a>,
    /// The genes, in order.
    pub genes: Vec<Gene>,
    /// Whether samples belong together two by two, in order.
    pub paired: bool,
    /// Whether the conditions were trained apart, so that units are seeds.
    pub apart: bool,
}

impl<'a> Sample<'a> {
    /// All samples of an explanation; their genes are chosen later.
    pub fn of(explanation: &'a Explanation) -> Vec<Self> {
        let summaries = &explanation.view.dataset().manifest().samples;
        let sample = |name: String| {
            let group = summaries.iter().find(|s| s.name == name).and_then(|s| s.group.clone());
            Self { name, group, explanation, rows: Vec::new() }
        };
        explanation.samples().into_iter().map(sample).collect()
    }

    /// Where each gene of the sample is among the explained rows, by id.
    fn genes(&self) -> HashMap<&'a str, usize> {
        let dataset = self.explanation.view.dataset();
        let rows = self.explanation.rows.iter().enumerate();
        let own = rows.filter(|&(_, &row)| dataset.sample_of(row).name == self.name);
        own.map(|(i, &row)| (dataset.gene_of(row).id.as_str(), i)).collect()
    }

    /// What each site was given.
    pub fn attributions(&self) -> Result<Sites<'a>, SummaryError> {
        Ok(Box::new(Rows::new(self.explanation, self.rows.clone())?))
    }

    /// What was measured at each site of the tracks and masks.
    pub fn signal(&self) -> Result<Sites<'a>, SummaryError> {
        Ok(Box::new(Rows::new(Signal(self.explanation), self.rows.clone())?))
    }

    /// Expression of the compared genes; NaN where it was not measured.
    pub fn expression(&self) -> Vec<f64> {
        let dataset = self.explanation.view.dataset();
        let row = |&row: &usize| dataset.expression(self.explanation.rows[row]).unwrap_or(f64::NAN);
        self.rows.iter().map(row).collect()
    }

    /// The model's value of a compared gene.
    pub fn value(&self, gene: usize) -> f64 {
        self.explanation.completeness[self.rows[gene]].value
    }
}

impl<'a> Condition<'a> {
    /// Each replicate's, or each seed's mean.
    pub fn attributions(&self) -> Result<Vec<Sites<'a>>, SummaryError> {
        self.units.iter().map(|unit| mean(unit, Sample::attributions)).collect()
    }

    /// Each replicate's; seeds saw the same.
    fn signals(&self, apart: bool) -> Result<Vec<Sites<'a>>, SummaryError> {
        let units = if apart { &self.units[..1] } else { &self.units };
        units.iter().map(|unit| mean(unit, Sample::signal)).collect()
    }

    /// All its samples, each once.
    pub fn samples(&self) -> impl Iterator<Item = &Sample<'a>> {
        let mut seen = HashSet::new();
        self.units.iter().flatten().filter(move |sample| {
            let dataset = sample.explanation.view.dataset().fingerprint();
            seen.insert((dataset, sample.name.as_str()))
        })
    }
}

fn mean<'a>(
    unit: &[Sample<'a>],
    of: impl Fn(&Sample<'a>) -> Result<Sites<'a>, SummaryError>,
) -> Result<Sites<'a>, SummaryError> {
    let mut samples = unit.iter().map(of).collect::<Result<Vec<_>, _>>()?;
    match samples.len() {
        1 => Ok(samples.remove(0)),
        _ => Ok(Box::new(Mean::new(samples)?)),
    }
}

impl<'a> Comparison<'a> {
    /// Puts two conditions side by side, over the genes that all samples have.
    pub fn new(
        mut first: Condition<'a>,
        mut second: Condition<'a>,
        (paired, apart): (bool, bool),
    ) -> anyhow::Result<Self> {
        let all = || first.units.iter().chain(&second.units).flatten();
        let Some(reference) = all().next() else {
            return Err(Refusal::usage("there is no sample to compare; name some").into());
        };
        for sample in all() {
            alike(reference, sample)?;
        }
        let known: Vec<HashMap<&str, usize>> = all().map(Sample::genes).collect();
        let dataset = reference.explanation.view.dataset();
        let genes = reference.explanation.rows.iter().map(|&row| dataset.gene_of(row));
        let mut seen = HashSet::new();
        let genes: Vec<Gene> = genes
            .filter(|gene| known.iter().all(|known| known.contains_key(gene.id.as_str())))
            .filter(|gene| seen.insert(gene.id.as_str()))
            .cloned()
            .collect();
        if genes.is_empty() {
            let message = "no gene is explained in all samples; explain the same genes in each";
            return Err(Refusal::usage(message).into());
        }
        let samples = first.units.iter_mut().chain(&mut second.units).flatten();
        for (sample, known) in samples.zip(&known) {
            sample.rows = genes.iter().map(|gene| known[gene.id.as_str()]).collect();
            let places = sample.explanation.view.dataset();
            for (gene, &row) in genes.iter().zip(&sample.rows) {
                let other = places.gene_of(sample.explanation.rows[row]);
                if (&other.body, other.strand) != (&gene.body, gene.strand) {
                    return Err(Refusal::input(format!(
                        "gene {:?} is at {} ({}) in one data set and at {} ({}) in another; \
                         prepare both from one annotation",
                        gene.id, gene.body, gene.strand, other.body, other.strand
                    ))
                    .into());
                }
            }
        }
        Ok(Self { first, second, genes, paired, apart })
    }

    /// An explanation that says where sites lie.
    pub fn reference(&self) -> &'a Explanation {
        self.sample().explanation
    }

    fn sample(&self) -> &Sample<'a> {
        &self.first.units[0][0]
    }

    /// The row of the reference's data set that shows where a gene's positions lie.
    pub fn place(&self, gene: usize) -> usize {
        self.reference().rows[self.sample().rows[gene]]
    }

    /// Which positions of each gene are on the chromosome, `(gene, position)`.
    pub fn allowed(&self) -> Array2<bool> {
        let all = self.reference().allowed();
        all.select(ndarray::Axis(0), &self.sample().rows)
    }

    /// The difference of attributions.
    pub fn attributions(&self) -> Result<Contrast<Sites<'a>>, SummaryError> {
        self.contrast(self.first.attributions()?, self.second.attributions()?)
    }

    /// The difference of signals, of tracks and masks.
    pub fn signals(&self) -> Result<Contrast<Sites<'a>>, SummaryError> {
        self.contrast(self.first.signals(self.apart)?, self.second.signals(self.apart)?)
    }

    fn contrast(
        &self,
        first: Vec<Sites<'a>>,
        second: Vec<Sites<'a>>,
    ) -> Result<Contrast<Sites<'a>>, SummaryError> {
        match self.paired {
            true => Contrast::paired(first, second),
            false => Contrast::unpaired(first, second),
        }
    }
}

/// Refuses samples whose positions or columns mean other things.
fn alike(a: &Sample<'_>, b: &Sample<'_>) -> anyhow::Result<()> {
    let [x, y] = [a, b].map(|sample| (sample.explanation.view.windows(), sample.explanation));
    let columns = |e: &Explanation| {
        e.columns().into_iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    };
    let bins = [x, y].map(|(_, e)| e.view.bin_bp());
    let (what, there, here) = if x.0 != y.0 {
        ("windows", x.0.to_string(), y.0.to_string())
    } else if bins[0] != bins[1] {
        ("positions of bases", bins[0].to_string(), bins[1].to_string())
    } else if columns(x.1) != columns(y.1) {
        ("inputs", columns(x.1), columns(y.1))
    } else {
        return Ok(());
    };
    let names = (&a.name, &b.name);
    Err(Refusal::usage(format!(
        "{:?} is explained with {what} [{there}] and {:?} with [{here}]; compare explanations of \
         models with the same inputs",
        names.0, names.1
    ))
    .into())
}
