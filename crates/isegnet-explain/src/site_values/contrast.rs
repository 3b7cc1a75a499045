use super::{Mean, SiteValues, check_row, check_shape, read};
use crate::SummaryError;
use ndarray::{Array3, ArrayViewMut2, Axis, Zip};

/// Two conditions side by side; as values of sites, the mean of the first less the mean of
/// the second.
///
/// Signals are contrasted as attributions are. The mean over replicates is the paper's
/// (section 3.6); sums are in f64.
///
/// ```
/// use isegnet_explain::{By, Contrast, Cutoffs, Evidence, Scope, SignFlips};
/// use ndarray::{Array2, Array3};
///
/// // One patient of both: 2 genes, 10 positions, 1 track, of which one site differs.
/// let normal = Array3::from_shape_fn((2, 10, 1), |(gene, position, _)| (gene + position) as f32);
/// let mut tumour = normal.clone();
/// tumour[[1, 4, 0]] += 3.0;
///
/// let contrast = Contrast::paired(vec![tumour.view()], vec![normal.view()])?;
/// let allowed = Array2::from_elem((2, 10), true);
/// let cutoffs = Cutoffs::find(&contrast, By::Magnitude, 0.1, allowed.view())?;
/// assert_eq!(cutoffs.thresholds(Scope::All), [3.0]);
/// // Two of twenty sites make up a tenth, but one differs at all.
/// assert_eq!((cutoffs.all.wanted, cutoffs.all.found), (2, 1));
/// // One pair cannot be tested, and gives no p-value to read.
/// let evidence = SignFlips::default().test(&contrast, allowed.view())?;
/// assert!(matches!(evidence, Evidence::EffectSizes(_)));
/// # Ok::<(), isegnet_explain::SummaryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Contrast<T> {
    first: Mean<T>,
    second: Mean<T>,
    paired: bool,
}

impl<T: SiteValues> Contrast<T> {
    /// Contrasts samples that belong together two by two, in order: tumour and normal
    /// tissue of one patient.
    ///
    /// # Errors
    /// A condition has no sample, the numbers of samples differ, or their shapes do.
    pub fn paired(first: Vec<T>, second: Vec<T>) -> Result<Self, SummaryError> {
        if first.len() != second.len() {
            let (first, second) = (first.len(), second.len());
            return Err(SummaryError::Unpaired { first, second });
        }
        Ok(Self { paired: true, ..Self::unpaired(first, second)? })
    }

    /// Contrasts samples of which none belongs to another.
    ///
    /// # Errors
    /// A condition has no sample, or shapes differ.
    pub fn unpaired(first: Vec<T>, second: Vec<T>) -> Result<Self, SummaryError> {
        let (first, second) = (Mean::new(first)?, Mean::new(second)?);
        check_shape("of the second condition", second.shape(), first.shape())?;
        Ok(Self { first, second, paired: false })
    }

    /// Numbers of samples of the first and the second condition.
    pub fn samples(&self) -> [usize; 2] {
        [self.first.0.len(), self.second.0.len()]
    }

    /// Number of pairs; none where samples are not paired.
    pub fn pairs(&self) -> Option<usize> {
        self.paired.then_some(self.first.0.len())
    }

    /// The differences of each pair at the sites of a row, `(pair, column, position)`.
    pub(crate) fn pair_differences(&self, row: usize) -> Result<Array3<f64>, SummaryError> {
        let [_, positions, columns] = self.shape();
        let mut differences = Array3::zeros((self.first.0.len(), columns, positions));
        let pairs = self.first.0.iter().zip(&self.second.0);
        for (mut to, (first, second)) in differences.axis_iter_mut(Axis(0)).zip(pairs) {
            let (first, second) = (read(first, row)?, read(second, row)?);
            let pair = Zip::from(&mut to).and(first.t()).and(second.t());
            pair.for_each(|to, &a, &b| *to = f64::from(a) - f64::from(b));
        }
        Ok(differences)
    }
}

impl<T: SiteValues> SiteValues for Contrast<T> {
    fn shape(&self) -> [usize; 3] {
        self.first.shape()
    }

    fn row_into(&self, row: usize, mut values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        check_row(self, row, values.view())?;
        let (first, second) = (self.first.row(row)?, self.second.row(row)?);
        let sites = Zip::from(&mut values).and(&first).and(&second);
        sites.for_each(|to, &a, &b| *to = (a - b) as f32);
        Ok(())
    }
}
