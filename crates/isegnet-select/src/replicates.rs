use crate::division::{Parts, TEST};
use crate::{Division, Rows, SelectError};
use isegnet_core::Random;

/// How prediction grows with the number of samples that are trained on (Gao et al.,
/// Figure 6 A).
#[derive(Clone, Debug, PartialEq)]
pub struct Replicates {
    /// Numbers of samples.
    pub counts: Vec<usize>,
    /// How many times each number is drawn; more samples are drawn beside the same ones.
    pub repeats: usize,
    /// Which samples, and in the paper's way which rows, follows from it.
    pub seed: u64,
}

impl Replicates {
    /// Trains and validates on the rows of some samples only and tests on the same rows
    /// of genes whatever their number: `base`'s test genes in all samples.
    ///
    /// Rows of a gene never stand in two parts where they do not in `base`.
    ///
    /// # Errors
    /// More samples than there are, or none; samples without training rows.
    pub fn genes_apart(&self, rows: &Rows, base: &Division) -> Result<Vec<Division>, SelectError> {
        self.each(rows, |name, samples, _| {
            let chosen = |row: &usize| samples.contains(&rows.sample_of_row()[*row]);
            let of = |some: &[usize]| some.iter().copied().filter(chosen).collect();
            let parts = Parts {
                train: of(base.train()),
                validation: of(base.validation()),
                test: base.test().to_vec(),
            };
            Division::checked(rows, name, parts, base.genes())
        })
    }

    /// The paper's way: the rows of some samples are pooled and three fifths of them,
    /// drawn at random whatever their genes, are trained on, a fifth validates and a fifth
    /// is tested on.
    ///
    /// With more than one sample most test rows are of genes that were trained on in
    /// another sample, whose expression is much the same. What grows with the number of
    /// samples is then how many of the answers are known; put
    /// [`SameGene`](crate::SameGene) beside it.
    ///
    /// # Errors
    /// More samples than there are, or none; too few rows.
    pub fn straddling(&self, rows: &Rows) -> Result<Vec<Division>, SelectError> {
        let random = Random::new(self.seed, "rows of replicates");
        self.each(rows, |name, samples, draw| {
            let chosen = |row: &usize| samples.contains(&rows.sample_of_row()[*row]);
            let mut pool: Vec<usize> = (0..rows.len()).filter(chosen).collect();
            random.shuffle(draw, &mut pool);
            let fifth = pool.len() / 5;
            if fifth == 0 {
                let way = "pool samples of 5 rows or more";
                return Err(SelectError::Empty { division: name, part: TEST, way });
            }
            let test = pool.split_off(pool.len() - fifth);
            let validation = pool.split_off(pool.len() - fifth);
            Division::straddling(rows, name, Parts { train: pool, validation, test })
        })
    }

    /// Makes a division of each number of samples and each repeat.
    fn each(
        &self,
        rows: &Rows,
        divide: impl Fn(String, &[usize], u64) -> Result<Division, SelectError>,
    ) -> Result<Vec<Division>, SelectError> {
        let all = rows.samples().len();
        let random = Random::new(self.seed, "samples of replicates");
        let mut divisions = Vec::new();
        for repeat in 0..self.repeats {
            let mut order: Vec<usize> = (0..all).collect();
            random.shuffle(repeat as u64, &mut order);
            for &count in &self.counts {
                let Some(samples) = order.get(..count).filter(|samples| !samples.is_empty()) else {
                    let allowed = format!("1 to {all}: there are no more");
                    let (name, value) = ("number of samples".to_owned(), count.to_string());
                    return Err(SelectError::Setting { name, value, allowed });
                };
                let s = if count == 1 { "" } else { "s" };
                let name = format!("{count} sample{s}, draw {}", repeat + 1);
                let draw = (repeat * (all + 1) + count) as u64;
                divisions.push(divide(name, samples, draw)?);
            }
        }
        Ok(divisions)
    }
}
