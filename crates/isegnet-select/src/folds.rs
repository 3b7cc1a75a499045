use crate::division::{Genes, Parts};
use crate::{Division, Rows, SelectError};

/// Rows cut into folds, each of which is tested or validated on in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Folds {
    folds: Vec<(String, Vec<usize>)>,
    genes: Genes,
}

impl Folds {
    /// Cuts the genes of all rows into stretches, in the order in which they appear,
    /// the first ones a gene longer where they do not come out even.
    ///
    /// With one row a gene this is scikit-learn's `KFold(folds)` without shuffling.
    ///
    /// ```
    /// use isegnet_select::{Folds, Rows};
    ///
    /// let rows = Rows::of_genes(&["a", "b", "c", "d", "e"]);
    /// let folds = Folds::kfold(&rows, 2)?;
    /// assert_eq!(folds.rows(0), [0, 1, 2]);
    /// assert_eq!(folds.rows(1), [3, 4]);
    /// # Ok::<(), isegnet_select::SelectError>(())
    /// ```
    ///
    /// # Errors
    /// Fewer than two folds, or fewer genes than folds.
    pub fn kfold(rows: &Rows, folds: usize) -> Result<Self, SelectError> {
        let all: Vec<usize> = (0..rows.len()).collect();
        Self::kfold_among(rows, &all, folds)
    }

    /// As [`kfold`](Self::kfold), of some of the rows, in their order.
    ///
    /// # Errors
    /// As [`kfold`](Self::kfold), or a row that is not there.
    pub fn kfold_among(rows: &Rows, among: &[usize], folds: usize) -> Result<Self, SelectError> {
        let mut place = vec![None; rows.genes().len()];
        let mut rows_of: Vec<Vec<usize>> = Vec::new();
        for &row in among {
            let Some(&gene) = rows.gene_of_row().get(row) else {
                let (division, rows) = ("k folds".to_owned(), rows.len());
                return Err(SelectError::NoSuchRow { division, row, rows });
            };
            let place = *place[gene].get_or_insert_with(|| {
                rows_of.push(Vec::new());
                rows_of.len() - 1
            });
            rows_of[place].push(row);
        }
        let folds = stretches(rows_of.len(), folds)?
            .map(|(name, genes)| {
                let mut rows = rows_of[genes].concat();
                rows.sort_unstable();
                (name, rows)
            })
            .collect();
        Ok(Self { folds, genes: Genes::Apart })
    }

    /// Cuts the rows themselves, whatever their genes: the paper's way with replicates.
    /// A test row's gene is then often known from another sample; see
    /// [`Division::straddling`].
    ///
    /// # Errors
    /// Fewer than two folds, or fewer rows than folds.
    pub fn straddling(rows: &Rows, folds: usize) -> Result<Self, SelectError> {
        let folds =
            stretches(rows.len(), folds)?.map(|(name, rows)| (name, rows.collect())).collect();
        Ok(Self { folds, genes: Genes::Straddling })
    }

    /// Takes the name of every row's fold, such as that of its chromosomes; rows
    /// without one are left out. Folds stand in the order of their names, numbers by
    /// their value and before words.
    ///
    /// # Errors
    /// Names for another number of rows.
    pub fn given<S: AsRef<str>>(rows: &Rows, names: &[Option<S>]) -> Result<Self, SelectError> {
        if names.len() != rows.len() {
            let (got, expected) = (names.len(), rows.len());
            return Err(SelectError::Count { what: "names of folds", got, expected });
        }
        let mut folds: Vec<(String, Vec<usize>)> = Vec::new();
        let named = names.iter().enumerate();
        let mut named: Vec<(&str, usize)> =
            named.filter_map(|(row, name)| Some((name.as_ref()?.as_ref(), row))).collect();
        named.sort_by_key(|&(name, row)| {
            let number = name.parse::<u64>();
            (number.is_err(), number.unwrap_or(0), name, row)
        });
        for (name, row) in named {
            match folds.last_mut() {
                Some((last, rows)) if last == name => rows.push(row),
                _ => folds.push((name.to_owned(), vec![row])),
            }
        }
        folds.iter_mut().for_each(|(name, _)| name.insert_str(0, "fold "));
        Ok(Self { folds, genes: Genes::Apart })
    }

    /// Number of folds.
    pub fn len(&self) -> usize {
        self.folds.len()
    }

    /// Tells whether there is no fold.
    pub fn is_empty(&self) -> bool {
        self.folds.is_empty()
    }

    /// The rows of a fold, from 0.
    ///
    /// # Panics
    /// There is no such fold.
    pub fn rows(&self, fold: usize) -> &[usize] {
        &self.folds[fold].1
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.folds.iter().map(|(name, rows)| (name.as_str(), rows.as_slice()))
    }

    pub(crate) fn genes(&self) -> Genes {
        self.genes
    }

    /// Tests on each fold in turn and trains on all others.
    ///
    /// # Errors
    /// A gene in two folds, or fewer than two folds.
    pub fn tested(&self, rows: &Rows) -> Result<Vec<Division>, SelectError> {
        self.divisions(rows, |_, _| false)
    }

    /// As [`tested`](Self::tested), with the next fold kept to decide when to stop.
    ///
    /// # Errors
    /// As [`tested`](Self::tested), or fewer than three folds.
    pub fn tested_and_validated(&self, rows: &Rows) -> Result<Vec<Division>, SelectError> {
        self.divisions(rows, |test, fold| fold == (test + 1) % self.len())
    }

    /// Validates on each fold in turn and trains on all others: what choices are made
    /// by, with nothing to test on.
    ///
    /// # Errors
    /// As [`tested`](Self::tested).
    pub fn validated(&self, rows: &Rows) -> Result<Vec<Division>, SelectError> {
        let tested = self.tested(rows)?.into_iter();
        let swapped = tested.map(|division| {
            let (train, validation) = (division.train().to_vec(), division.test().to_vec());
            let parts = Parts { train, validation, test: Vec::new() };
            Division::checked(rows, division.name().to_owned(), parts, self.genes)
        });
        swapped.collect()
    }

    fn divisions(
        &self,
        rows: &Rows,
        validates: impl Fn(usize, usize) -> bool,
    ) -> Result<Vec<Division>, SelectError> {
        let division = |test: usize| {
            let mut parts = Parts { test: self.rows(test).to_vec(), ..Parts::default() };
            for fold in (0..self.len()).filter(|fold| *fold != test) {
                let part = match validates(test, fold) {
                    true => &mut parts.validation,
                    false => &mut parts.train,
                };
                part.extend_from_slice(self.rows(fold));
            }
            parts.train.sort_unstable();
            Division::checked(rows, self.folds[test].0.clone(), parts, self.genes)
        };
        (0..self.len()).map(division).collect()
    }
}

/// `items` cut into stretches as even as can be, with their names.
fn stretches(
    items: usize,
    folds: usize,
) -> Result<impl Iterator<Item = (String, std::ops::Range<usize>)>, SelectError> {
    if folds < 2 || items < folds {
        return Err(SelectError::Folds { genes: items, folds });
    }
    let (size, longer) = (items / folds, items % folds);
    let start = move |fold: usize| fold * size + fold.min(longer);
    Ok((0..folds).map(move |fold| (format!("fold {}", fold + 1), start(fold)..start(fold + 1))))
}
