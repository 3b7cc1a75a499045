use crate::SelectError;
use std::collections::HashMap;

/// Whose rows these are: a gene and a sample each.
///
/// Genes and samples are numbered in the order in which they first appear.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    gene: Vec<usize>,
    sample: Vec<usize>,
    genes: Vec<String>,
    samples: Vec<String>,
}

impl Rows {
    /// Takes the gene and the sample of every row.
    ///
    /// # Errors
    /// A number of samples that is not that of the genes.
    pub fn new<G: AsRef<str>, S: AsRef<str>>(
        genes: &[G],
        samples: &[S],
    ) -> Result<Self, SelectError> {
        if genes.len() != samples.len() {
            let (got, expected) = (samples.len(), genes.len());
            return Err(SelectError::Count { what: "samples of rows", got, expected });
        }
        let (gene, genes) = number(genes);
        let (sample, samples) = number(samples);
        Ok(Self { gene, sample, genes, samples })
    }

    /// Takes the gene of every row of one sample.
    pub fn of_genes<G: AsRef<str>>(genes: &[G]) -> Self {
        let (gene, genes) = number(genes);
        let samples = if gene.is_empty() { Vec::new() } else { vec![String::new()] };
        Self { sample: vec![0; gene.len()], gene, genes, samples }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.gene.len()
    }

    /// Tells whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.gene.is_empty()
    }

    /// Ids of the genes.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// Names of the samples.
    pub fn samples(&self) -> &[String] {
        &self.samples
    }

    /// The number of each row's gene.
    pub fn gene_of_row(&self) -> &[usize] {
        &self.gene
    }

    /// The number of each row's sample.
    pub fn sample_of_row(&self) -> &[usize] {
        &self.sample
    }
}

/// The number of each name, and the names in the order of their numbers.
fn number<T: AsRef<str>>(names: &[T]) -> (Vec<usize>, Vec<String>) {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut distinct = Vec::new();
    let of = |name| {
        *numbers.entry(name).or_insert_with(|| {
            distinct.push(name.to_owned());
            distinct.len() - 1
        })
    };
    (names.iter().map(AsRef::as_ref).map(of).collect(), distinct)
}
