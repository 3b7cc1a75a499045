//! Profiles, sites and regions against slow references, and their laws.
#![allow(clippy::unwrap_used)]

use isegnet_core::{Cancel, Progress, Random};
use isegnet_explain::{
    Beside, By, Count, Profiles, Region, RegionRule, Rows, Segments, SiteValues, SummaryError,
    TopSite, TopSites, Total, Watched, quantiles,
};
use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, s};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Values of few distinct sizes, so that many are equal or 0; some are missing.
fn values(missing: bool) -> impl Strategy<Value = Array3<f32>> {
    (1_usize..6, 1_usize..40, 1_usize..4).prop_flat_map(move |shape| {
        let (rows, positions, columns) = shape;
        let value = (-9_i32..=if missing { 10 } else { 9 })
            .prop_map(|v| if v == 10 { f32::NAN } else { v as f32 * 0.25 });
        prop::collection::vec(value, rows * positions * columns)
            .prop_map(move |values| Array3::from_shape_vec(shape, values).unwrap())
    })
}

/// A mask that leaves out one position in five.
fn mask(values: &Array3<f32>, seed: u64) -> Array2<bool> {
    let random = Random::new(seed, "mask");
    let (rows, positions, _) = values.dim();
    Array2::from_shape_fn((rows, positions), |(r, p)| random.below(r as u64, p as u64, 5) > 0)
}

/// Splits positions at one place, which may be an end.
fn segments(positions: usize, seed: u64) -> Segments {
    let first = Random::new(seed, "seam").below(0, 0, positions as u64 + 1) as usize;
    Segments::new(&[first, positions - first]).unwrap()
}

/// All that a column of sites holds over rows.
fn over_rows(values: &Array3<f32>, position: usize, column: usize) -> Vec<f64> {
    let there = values.slice(s![.., position, column]);
    there.iter().filter(|v| !v.is_nan()).map(|&v| f64::from(v)).collect()
}

fn near(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-12 * (1.0 + b.abs())
}

/// By its definition: the place (n - 1) q among the sorted, between two in proportion.
fn slow_quantile(mut values: Vec<f64>, q: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    let place = q * (values.len() - 1) as f64;
    let share = place.fract();
    let above = values[place.ceil() as usize];
    values[place as usize] * (1.0 - share) + above * share
}

/// The highest of what is left, taken one after the other.
fn slow_top(values: &Array3<f32>, allowed: &Array2<bool>, by: By, count: Count) -> Vec<TopSite> {
    let (rows, positions, columns) = values.dim();
    let mut sites = Vec::new();
    for (row, column) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
        let value = |p: usize| values[[row, p, column]];
        let mut left: Vec<usize> =
            (0..positions).filter(|&p| allowed[[row, p]] && !value(p).is_nan()).collect();
        let count = match count {
            Count::Number(number) => number,
            Count::Share(share) => (share * left.len() as f64).ceil() as usize,
        };
        for rank in 1..=count.min(left.len()) {
            let mut best = 0;
            for i in 1..left.len() {
                if by.height(value(left[i])) > by.height(value(left[best])) {
                    best = i;
                }
            }
            let position = left.remove(best);
            if value(position) != 0.0 {
                sites.push(TopSite { row, column, position, value: value(position), rank });
            }
        }
    }
    sites
}

/// Joins every two sites that nothing keeps apart, then reads off stretches.
fn slow_regions(
    values: ArrayView2<'_, f32>,
    allowed: &[bool],
    rule: RegionRule,
    threshold: f32,
    segments: &Segments,
) -> Vec<(usize, std::ops::Range<usize>, usize)> {
    let mut found = Vec::new();
    for column in 0..values.ncols() {
        let value = |p: usize| values[[p, column]];
        let sites: Vec<usize> = (0..values.nrows())
            .filter(|&p| allowed[p] && rule.by.height(value(p)) >= threshold)
            .collect();
        let joined = |a: usize, b: usize| {
            segments.holding(a) == segments.holding(b)
                && b - a - 1 <= rule.gap
                && (a..b).all(|p| allowed[p] && !value(p).is_nan())
                && value(a).signum() == value(b).signum()
        };
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (i, &site) in sites.iter().enumerate() {
            match groups.last_mut().filter(|_| i > 0 && joined(sites[i - 1], site)) {
                Some(group) => group.push(site),
                None => groups.push(vec![site]),
            }
        }
        for group in groups {
            let positions = group[0]..group[group.len() - 1] + 1;
            if positions.len() >= rule.shortest {
                found.push((column, positions, group.len()));
            }
        }
    }
    found
}

fn rules() -> impl Strategy<Value = RegionRule> {
    (prop::bool::ANY, 0_usize..5, 1_usize..4).prop_map(|(signed, gap, shortest)| RegionRule {
        by: if signed { By::Value } else { By::Magnitude },
        gap,
        shortest,
    })
}

proptest! {
    #[test]
    fn profiles_are_what_they_say(values in values(true)) {
        let profiles = Profiles::of(&values).unwrap();
        for ((position, column), &mean) in profiles.mean().indexed_iter() {
            let there = over_rows(&values, position, column);
            let n = there.len() as f64;
            let expected = there.iter().sum::<f64>() / n;
            let magnitude = there.iter().map(|v| v.abs()).sum::<f64>() / n;
            let squares: f64 = there.iter().map(|v| (v - expected).powi(2)).sum();
            let deviation = if n < 2.0 { f64::NAN } else { (squares / (n - 1.0)).sqrt() };
            prop_assert_eq!(profiles.rows()[[position, column]], there.len() as u64);
            prop_assert!(near(mean, expected));
            prop_assert!(near(profiles.mean_magnitude()[[position, column]], magnitude));
            prop_assert!(near(profiles.deviation()[[position, column]], deviation));
        }
    }

    #[test]
    fn quantiles_are_those_of_sorted_values_in_any_memory(
        values in values(true), memory in 0_usize..2000,
    ) {
        let q = [0.0, 0.05, 0.25, 0.5, 0.9, 1.0];
        let found = quantiles(&values, &q, memory).unwrap();
        for ((which, position, column), &quantile) in found.indexed_iter() {
            let expected = slow_quantile(over_rows(&values, position, column), q[which]);
            prop_assert!(near(quantile, expected), "{} {}", quantile, expected);
        }
    }

    #[test]
    fn the_order_of_rows_changes_no_profile(values in values(true)) {
        let rows = values.dim().0;
        let turned = Rows::new(values.view(), (0..rows).rev().collect()).unwrap();
        let [a, b] = [Profiles::of(&values).unwrap(), Profiles::of(&turned).unwrap()];
        for (a, b) in [(a.mean(), b.mean()), (a.deviation(), b.deviation())] {
            prop_assert!(a.iter().zip(&b).all(|(&a, &b)| near(a, b)));
        }
        let same = |values: &dyn SiteValues| {
            quantiles(values, &[0.5, 0.75], 100).unwrap().mapv(f64::to_bits)
        };
        prop_assert_eq!(same(&values), same(&turned));
    }

    #[test]
    fn top_sites_are_those_of_a_search(
        values in values(true), seed in 0_u64..1000, number in 0_usize..8, share in 0.01_f64..=1.0,
        magnitude in prop::bool::ANY,
    ) {
        let by = if magnitude { By::Magnitude } else { By::Value };
        let allowed = mask(&values, seed);
        for count in [Count::Number(number), Count::Share(share)] {
            let sites = TopSites::new(by, count).unwrap().of(&values, allowed.view()).unwrap();
            prop_assert!(sites.iter().all(|site| allowed[[site.row, site.position]]));
            prop_assert_eq!(sites, slow_top(&values, &allowed, by, count));
        }
    }

    #[test]
    fn regions_are_runs_of_sites_that_nothing_keeps_apart(
        values in values(true), seed in 0_u64..1000, rule in rules(), step in 1_i32..9,
    ) {
        let allowed = mask(&values, seed);
        let segments = segments(values.dim().1, seed);
        let threshold = step as f32 * 0.25;
        for (row, values) in values.outer_iter().enumerate() {
            let mask = allowed.row(row);
            let thresholds = vec![threshold; values.ncols()];
            let regions = rule.of_row(row, values, mask, &thresholds, &segments).unwrap();
            let found: Vec<_> =
                regions.iter().map(|r| (r.column, r.positions.clone(), r.sites)).collect();
            let slow = slow_regions(values, &mask.to_vec(), rule, threshold, &segments);
            prop_assert_eq!(found, slow);
            for region in &regions {
                let held = segments.holding(region.positions.start).unwrap();
                prop_assert!(region.positions.end <= held.end, "crosses the seam");
                prop_assert!(rule.by.height(region.summit_value) >= threshold);
                prop_assert_eq!(region.summit_value, values[[region.summit, region.column]]);
                let height = |p: usize| rule.by.height(values[[p, region.column]]);
                let summit = rule.by.height(region.summit_value);
                let highest = region.positions.clone().all(|p| height(p) <= summit);
                prop_assert!(highest && height(region.summit) == summit);
                prop_assert!(near(region.mean, region.mean_of(values).unwrap()));
            }
        }
    }

    #[test]
    fn turned_signs_give_the_same_regions_with_turned_means(
        values in values(false), rule in rules(), seed in 0_u64..1000,
    ) {
        let rule = RegionRule { by: By::Magnitude, ..rule };
        let values = values.index_axis(Axis(0), 0);
        let segments = segments(values.nrows(), seed);
        let allowed = Array1::from_elem(values.nrows(), true);
        let thresholds = vec![1.0; values.ncols()];
        let of = |values: ArrayView2<'_, f32>| {
            rule.of_row(0, values, allowed.view(), &thresholds, &segments).unwrap()
        };
        let turned: Vec<Region> = of(values.mapv(|v| -v).view())
            .into_iter()
            .map(|r| Region { mean: -r.mean, summit_value: -r.summit_value, ..r })
            .collect();
        prop_assert_eq!(of(values), turned);
    }
}

#[test]
fn a_row_without_attribution_has_no_highest_site() {
    let values = Array3::<f32>::zeros((2, 5, 1));
    let allowed = Array2::from_elem((2, 5), true);
    assert_eq!(TopSites::default().of(&values, allowed.view()).unwrap(), []);
    // All below 0: the least of them.
    let values = Array3::from_shape_fn((1, 5, 1), |(_, p, _)| -1.0 - p as f32);
    let sites = TopSites::default().of(&values, allowed.slice(s![..1, ..])).unwrap();
    assert_eq!((sites[0].position, sites[0].value), (0, -1.0));
}

#[test]
fn arrays_of_any_layout_give_the_same_and_dna_becomes_one_column() {
    let tracks = Array3::from_shape_fn((3, 2, 7), |(r, c, p)| (r * 100 + c * 10 + p) as f32);
    let dna = Array3::from_shape_fn((3, 7, 4), |(r, p, b)| (r + p * b) as f32);
    let both = Beside::new(tracks.view().permuted_axes([0, 2, 1]), Total(dna.view())).unwrap();
    assert_eq!(both.shape(), [3, 7, 3]);
    let mut row = Array2::zeros((7, 3));
    both.row_into(2, row.view_mut()).unwrap();
    assert_eq!(row.row(5).to_vec(), [205.0, 215.0, 8.0 + 5.0 * 6.0]);
    assert!(Beside::new(tracks.view(), dna.view()).is_err());
    assert!(matches!(
        both.row_into(3, row.view_mut()),
        Err(SummaryError::NoRow { row: 3, rows: 3 })
    ));
    assert!(Rows::new(&dna, vec![0, 3]).is_err());
}

#[test]
fn what_is_wrong_is_named() {
    let mut values = Array3::<f32>::zeros((2, 4, 2));
    values[[1, 3, 0]] = f32::INFINITY;
    let allowed = Array2::from_elem((2, 4), true);
    let error = TopSites::default().of(&values, allowed.view()).unwrap_err().to_string();
    assert!(error.contains("row 1, position 3, column 0 is inf"), "{error}");
    assert!(Profiles::of(&values).is_err());
    assert!(quantiles(&values, &[0.5], 1000).is_err());
    assert!(quantiles(&values, &[1.5], 1000).unwrap_err().to_string().contains("quantile = 1.5"));
    let narrow = Array2::from_elem((2, 3), true);
    let error = TopSites::default().of(&values, narrow.view()).unwrap_err().to_string();
    assert!(error.contains("positions of the mask: 3 where 4"), "{error}");
    for share in [0.0, 1.1, f64::NAN] {
        assert!(TopSites::new(By::Value, Count::Share(share)).is_err());
    }
    let (rule, segments) = (RegionRule::default(), Segments::new(&[4]).unwrap());
    let row = values.index_axis(Axis(0), 0);
    for thresholds in [vec![1.0], vec![1.0, 0.0], vec![f32::NAN, 1.0]] {
        assert!(rule.of_row(0, row, allowed.row(0), &thresholds, &segments).is_err());
    }
    let longer = Segments::new(&[3, 2]).unwrap();
    assert!(rule.of_row(0, row, allowed.row(0), &[1.0, 1.0], &longer).is_err());
}

#[test]
fn whoever_watches_sees_every_row_and_can_stop() {
    #[derive(Default)]
    struct Counted(AtomicU64);
    impl Progress for Counted {
        fn start(&self, _: &str, _: u64) {}
        fn advance(&self, steps: u64) {
            self.0.fetch_add(steps, Ordering::SeqCst);
        }
        fn finish(&self) {}
        fn line(&self, _: &str) {}
    }
    let (progress, cancel) = (Counted::default(), Cancel::default());
    let values = Array3::<f32>::zeros((5, 4, 2));
    let watched = Watched::new(&values, &progress, &cancel);
    Profiles::of(&watched).unwrap();
    assert_eq!(progress.0.load(Ordering::SeqCst), 5);
    cancel.cancel();
    assert!(matches!(Profiles::of(&watched), Err(SummaryError::Cancelled)));
}
