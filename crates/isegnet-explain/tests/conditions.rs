//! Two conditions against slow references, and their laws.
#![allow(clippy::unwrap_used)]

mod noise;

use isegnet_core::Random;
use isegnet_explain::{
    By, Contrast, Cutoff, Cutoffs, FoldChange, Mean, RegionRule, Scope, SeedSpread, Segments,
    differential_regions, listed_genes,
};
use ndarray::{Array2, Array3, array, s};
use noise::{Values, all_of, everywhere, noise, samples};
use proptest::prelude::*;

/// Small whole numbers, so that many heights are equal; some are missing, some masked.
fn masked_values() -> impl Strategy<Value = (Values, Array2<bool>)> {
    (1_usize..5, 1_usize..30, 1_usize..4, 1_i32..20, 0_u64..1000).prop_map(
        |(rows, positions, columns, largest, seed)| {
            let random = Random::new(seed, "values");
            let whole = |at: u64, n: i32| random.below(at, 0, n as u64) as i32;
            let mut at = 0;
            let values = Array3::from_shape_simple_fn((rows, positions, columns), || {
                at += 1;
                let value = whole(at, 2 * largest + 2) - largest;
                if value > largest { f32::NAN } else { value as f32 * 0.1 }
            });
            let mask = Array2::from_shape_simple_fn((rows, positions), || {
                at += 1;
                whole(at, 4) > 0
            });
            (values, mask)
        },
    )
}

/// By sorting all heights.
fn slow_cutoff(mut heights: Vec<f32>, share: f64) -> Cutoff {
    heights.sort_by(|a, b| b.total_cmp(a));
    let sites = heights.len() as u64;
    // Shares of the tests are hundredths, so that no rounding decides.
    let wanted = sites * (share * 100.0).round() as u64 / 100;
    heights.retain(|&height| height > 0.0);
    let above_zero = heights.len() as u64;
    let last = wanted.min(above_zero).checked_sub(1);
    let threshold = last.map_or(f32::INFINITY, |last| heights[last as usize]);
    let found = heights.iter().filter(|&&height| height >= threshold).count() as u64;
    Cutoff { threshold, sites, above_zero, wanted, found }
}

proptest! {
    #[test]
    fn cutoffs_are_those_of_sorted_heights(
        (values, allowed) in masked_values(), hundredths in 1_u32..=100, signed in prop::bool::ANY,
    ) {
        let by = if signed { By::Value } else { By::Magnitude };
        let share = f64::from(hundredths) / 100.0;
        let cutoffs = Cutoffs::find(&values, by, share, allowed.view()).unwrap();
        let columns = values.dim().2;
        let heights = |columns: &[usize]| -> Vec<f32> {
            let there = values.indexed_iter().filter(|((row, position, column), value)| {
                allowed[[*row, *position]] && columns.contains(column) && !value.is_nan()
            });
            there.map(|(_, &value)| by.height(value)).collect()
        };
        for (column, &cutoff) in cutoffs.columns.iter().enumerate() {
            prop_assert_eq!(cutoff, slow_cutoff(heights(&[column]), share));
        }
        let all: Vec<usize> = (0..columns).collect();
        prop_assert_eq!(cutoffs.all, slow_cutoff(heights(&all), share));
        prop_assert_eq!(cutoffs.thresholds(Scope::All), vec![cutoffs.all.threshold; columns]);
    }

    #[test]
    fn a_share_of_distinct_differences_is_exact_in_any_order_of_rows(
        rows in 1_usize..6, positions in 1_usize..60, hundredths in 1_u32..=100, seed in 0_u64..100,
    ) {
        let values = noise((rows, positions, 2), seed, 0);
        let share = f64::from(hundredths) / 100.0;
        let of = |values: &Values| {
            Cutoffs::find(values, By::Magnitude, share, everywhere(values).view()).unwrap()
        };
        let cutoffs = of(&values);
        for cutoff in cutoffs.columns.iter().chain([&cutoffs.all]) {
            prop_assert_eq!(cutoff.found, cutoff.sites * u64::from(hundredths) / 100);
        }
        let mut turned = values.clone();
        turned.invert_axis(ndarray::Axis(0));
        prop_assert_eq!(&of(&turned), &cutoffs);
        prop_assert_eq!(&of(&values.mapv(|v| -v)), &cutoffs);
    }

    #[test]
    fn swapped_conditions_turn_the_differences(
        numbers in (1_usize..5, 1_usize..5), seed in 0_u64..100,
    ) {
        let shape = (3, 8, 2);
        let (first, second) = (samples(shape, seed, numbers.0), samples(shape, seed + 7, numbers.1));
        let mean = |of: &[Values], at| {
            of.iter().map(|v| f64::from(v[at])).sum::<f64>() / of.len() as f64
        };
        let there = Contrast::unpaired(first.clone(), second.clone()).unwrap();
        let back = Contrast::unpaired(second.clone(), first.clone()).unwrap();
        let (there, back) = (all_of(&there), all_of(&back));
        for (at, &difference) in there.indexed_iter() {
            let at = [at.0, at.1, at.2];
            prop_assert_eq!(difference, (mean(&first, at) - mean(&second, at)) as f32);
            prop_assert_eq!(difference, -back[at]);
        }
        // Mean of means, for as many seeds a replicate.
        let means = Mean::new(vec![
            Mean::new(first.clone()).unwrap(), Mean::new(first.clone()).unwrap(),
        ]).unwrap();
        let once = Mean::new(first).unwrap();
        prop_assert!(all_of(&means).iter().zip(&all_of(&once)).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}

#[test]
fn a_column_without_signal_has_no_signal_difference() {
    let difference = noise((2, 30, 3), 1, 0);
    let signal = noise((2, 30, 2), 2, 0);
    let allowed = everywhere(&difference);
    let segments = Segments::new(&[30]).unwrap();
    let rule = RegionRule::default();
    let mut columns = [0; 3];
    let how = (&rule, &[1.0_f32; 3][..], &segments);
    differential_regions(&difference, Some(&signal), allowed.view(), how, |found| {
        assert_eq!(found.signal.is_none(), found.region.column == 2);
        columns[found.region.column] += 1;
        Ok(())
    })
    .unwrap();
    assert!(columns.iter().all(|&regions| regions > 0));
    let wider = noise((2, 30, 4), 2, 0);
    let error = differential_regions(&difference, Some(&wider), allowed.view(), how, |_| Ok(()));
    assert!(error.unwrap_err().to_string().contains("columns of the signal: 4 where 3"));
}

#[test]
fn seeds_alone_differ_by_chance_and_a_condition_by_more() {
    let shape = (60, 40, 2);
    let first = samples(shape, 31, 3);
    let mut second: Vec<Values> = samples(shape, 32, 4);
    let alike = SeedSpread::of(&first, &second).unwrap();
    for column in 0..2 {
        let ratio = alike.ratio(column).unwrap();
        assert!((ratio - 1.0).abs() < 0.06, "{ratio}");
    }
    second.iter_mut().for_each(|v| v.slice_mut(s![.., .., 1]).mapv_inplace(|v| v + 3.0));
    let apart = SeedSpread::of(&first, &second).unwrap();
    assert_eq!(apart.ratio(0), alike.ratio(0));
    let expected = f64::sqrt(1.0 + 9.0 / (1.0 / 3.0 + 1.0 / 4.0));
    assert!((apart.ratio(1).unwrap() - expected).abs() < 0.2);

    // One site, by the definitions.
    let root = |of: fn([f64; 2], [f64; 2]) -> f64| {
        let moments = |of: &[Values], row| {
            let values: Vec<f64> = of.iter().map(|v| f64::from(v[[row, 7, 1]])).collect();
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            [mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)]
        };
        let rows = (0..60).map(|row| of(moments(&first, row), moments(&second, row)));
        (rows.sum::<f64>() / 60.0).sqrt()
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * b, "{a} {b}");
    near(apart.conditions[[7, 1]], root(|a, b| (a[0] - b[0]).powi(2)));
    near(apart.seeds[[7, 1]], root(|a, b| (a[1] + b[1]) / 2.0));
    near(apart.by_chance[[7, 1]], root(|a, b| a[1] / 3.0 + b[1] / 4.0));
}

#[test]
fn two_seeds_are_too_few() {
    let shape = (1, 2, 1);
    let error = SeedSpread::of(&samples(shape, 1, 3), &samples(shape, 2, 2)).unwrap_err();
    assert!(error.to_string().contains("2 seeds of the second condition where at least 3"));
    let same = vec![noise(shape, 1, 0); 3];
    assert_eq!(SeedSpread::of(&same, &same).unwrap().ratio(0), None);
}

#[test]
fn differential_genes_change_or_are_listed() {
    let (first, second) = (array![[0.0, 0.0], [9.0, 5.0], [3.0, 3.0]], array![[0.0], [1.0], [7.0]]);
    let rule = FoldChange::default();
    let changes = rule.changes(first.view(), second.view()).unwrap();
    let log2: Vec<f64> = changes.iter().map(|change| change.log2).collect();
    assert_eq!(log2, [0.0, 2.0, -1.0]);
    let back = rule.changes(second.view(), first.view()).unwrap();
    assert!(back.iter().zip(&log2).all(|(change, log2)| change.log2 == -log2));
    let rows = |least| -> Vec<usize> {
        let rule = FoldChange { least, ..rule };
        rule.genes(first.view(), second.view()).unwrap().iter().map(|gene| gene.row).collect()
    };
    assert_eq!((rows(1.0), rows(1.5)), (vec![1, 2], vec![1]));
    let bad = array![[0.0], [-1.0], [7.0]];
    let error = rule.genes(first.view(), bad.view()).unwrap_err().to_string();
    assert!(error.contains("gene 1 is expressed at -1"), "{error}");
    assert!(FoldChange { least: 0.0, ..rule }.genes(first.view(), second.view()).is_err());

    let ids = ["a", "b", "c"];
    assert_eq!(listed_genes(&ids, &["c", "a", "c"]).unwrap(), [2, 0]);
    let error = listed_genes(&ids, &["c", "x", "y"]).unwrap_err().to_string();
    assert!(error.contains("2 genes") && error.contains("\"x\""), "{error}");
}
