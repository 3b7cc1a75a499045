use std::ops::Range;

/// Cuts `rows` rows into `folds` stretches, the first ones a row longer where
/// they do not come out even: scikit-learn's `KFold(folds)` without shuffling.
///
/// ```
/// assert_eq!(isegnet_baselines::contiguous_folds(7, 3), [0..3, 3..5, 5..7]);
/// ```
///
/// # Panics
/// `folds` is 0.
pub fn contiguous_folds(rows: usize, folds: usize) -> Vec<Range<usize>> {
    assert!(folds > 0, "there is at least one fold");
    let (size, longer) = (rows / folds, rows % folds);
    let start = |fold: usize| fold * size + fold.min(longer);
    (0..folds).map(|fold| start(fold)..start(fold + 1)).collect()
}
