//! Two conditions against slow references, their laws, and planted differences found again.
#![allow(clippy::unwrap_used)]

use isegnet_core::Random;
use isegnet_explain::{
    By, Contrast, Cutoff, Cutoffs, Evidence, FoldChange, Mean, RegionRule, Scope, SeedSpread,
    Segments, SignFlips, SignTest, Significance, SiteValues, SummaryError, Untested,
    differential_regions, listed_genes,
};
use isegnet_stats::{Alternative, Correction, PValue, sign_flip_test};
use ndarray::{Array2, Array3, array, s};
use proptest::prelude::*;

type Values = Array3<f32>;

/// Independent standard normal numbers.
fn noise(shape: (usize, usize, usize), seed: u64, sample: u64) -> Values {
    let random = Random::new(seed, "noise");
    let mut element = 0;
    Array3::from_shape_simple_fn(shape, || {
        element += 1;
        random.normal(sample, element) as f32
    })
}

fn samples(shape: (usize, usize, usize), seed: u64, number: usize) -> Vec<Values> {
    (0..number).map(|sample| noise(shape, seed, sample as u64)).collect()
}

fn everywhere(values: &impl SiteValues) -> Array2<bool> {
    let [rows, positions, _] = values.shape();
    Array2::from_elem((rows, positions), true)
}

fn all_of(values: &impl SiteValues) -> Values {
    let mut all = Array3::zeros(values.shape());
    for (row, to) in all.outer_iter_mut().enumerate() {
        values.row_into(row, to).unwrap();
    }
    all
}

fn tested(evidence: Evidence) -> SignTest {
    match evidence {
        Evidence::Tested(test) => test,
        Evidence::EffectSizes(why) => panic!("{why}"),
    }
}

/// Every site's test, in the order of the sites.
fn significances(test: &SignTest, contrast: &Contrast<Values>, scope: Scope) -> Vec<Significance> {
    let allowed = everywhere(contrast);
    let [rows, positions, columns] = contrast.shape();
    let mut all = Vec::new();
    for row in 0..rows {
        let row = test.of_row(contrast, row, allowed.row(row)).unwrap();
        for (position, column) in (0..positions).flat_map(|p| (0..columns).map(move |c| (p, c))) {
            all.extend(row.site(position, column, scope));
        }
    }
    all
}

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

    #[test]
    fn all_signs_give_what_going_through_them_by_hand_does(
        pairs in 5_usize..8, seed in 0_u64..1000, whole in prop::bool::ANY,
    ) {
        let shape = (2, 70, 2);
        // Whole numbers tie with each other, and some sites do not differ at all.
        let round = |v: Values| if whole { v.mapv(f32::round) } else { v };
        let first: Vec<Values> = samples(shape, seed, pairs).into_iter().map(round).collect();
        let second: Vec<Values> = samples(shape, seed + 1, pairs).into_iter().map(round).collect();
        let contrast = Contrast::paired(first.clone(), second.clone()).unwrap();
        let mut allowed = everywhere(&contrast);
        allowed.slice_mut(s![0, 3..9]).fill(false);
        let test = tested(SignFlips::default().test(&contrast, allowed.view()).unwrap());
        prop_assert!(test.is_exact());
        prop_assert_eq!(test.arrangements(), 1 << (pairs - 1));

        // Sums of whole numbers are exact; others tie only with their own arrangement.
        let found: Vec<_> = (0..2)
            .map(|row| test.of_row(&contrast, row, allowed.row(row)).unwrap())
            .collect();
        let slack = if whole { 0.0 } else { 1e-9 };
        let arrangements: Vec<Vec<f64>> = (0..1_u32 << pairs)
            .map(|bits| (0..pairs).map(|i| if bits >> i & 1 == 1 { -1.0 } else { 1.0 }).collect())
            .collect();
        for column in 0..2 {
            let mut sites = Vec::new();
            for (row, position) in (0..2).flat_map(|r| (0..70).map(move |p| (r, p))) {
                let at = [row, position, column];
                let d: Vec<f64> = first.iter().zip(&second)
                    .map(|(a, b)| f64::from(a[at]) - f64::from(b[at])).collect();
                if allowed[[row, position]] && d.iter().any(|&d| d != 0.0) {
                    sites.push((row, position, d));
                } else {
                    prop_assert_eq!(found[row].site(position, column, Scope::Column), None);
                }
            }
            prop_assert_eq!(test.tested(Some(column)), sites.len() as u64);
            let sum = |signs: &[f64], d: &[f64]| {
                signs.iter().zip(d).map(|(s, d)| s * d).sum::<f64>().abs()
            };
            let largest: Vec<f64> = arrangements.iter()
                .map(|signs| sites.iter().map(|(_, _, d)| sum(signs, d)).fold(0.0, f64::max))
                .collect();
            let share = |hits: usize| hits as f64 / arrangements.len() as f64;
            let p: Vec<f64> = sites.iter().map(|(_, _, d)| {
                let observed = sum(&arrangements[0], d);
                share(arrangements.iter().filter(|a| sum(a, d) >= observed - slack).count())
            }).collect();
            let q = Correction::BenjaminiHochberg.adjust(&PValue::all(&p).unwrap());
            for (i, (row, position, d)) in sites.iter().enumerate() {
                let found = found[*row].site(*position, column, Scope::Column).unwrap();
                let observed = sum(&arrangements[0], d);
                let family = share(largest.iter().filter(|&&l| l >= observed - slack).count());
                prop_assert!((found.p - p[i]).abs() < 1e-12);
                prop_assert!((found.q - q[i].p()).abs() < 1e-12, "{} {}", found.q, q[i].p());
                prop_assert!((found.family_wise - family).abs() < 1e-12);
                prop_assert!(found.p <= found.q + 1e-12 && found.p <= found.family_wise + 1e-12);
            }
        }
    }
}

#[test]
fn one_site_has_the_p_of_the_sign_flip_test() {
    for pairs in 5..9_u32 {
        let (first, second) = (samples((1, 1, 1), 3, 8), samples((1, 1, 1), 11, 8));
        let (first, second) = (&first[..pairs as usize], &second[..pairs as usize]);
        let value = |of: &[Values]| of.iter().map(|v| v[[0, 0, 0]]).collect::<Vec<f32>>();
        let all = 1_u64 << pairs;
        let bit = |repeat: u64, pair: u64, _| repeat >> pair & 1;
        let by_mean =
            sign_flip_test(&value(first), &value(second), Alternative::TwoSided, all, bit);
        let contrast = Contrast::paired(first.to_vec(), second.to_vec()).unwrap();
        let allowed = everywhere(&contrast);
        let test = tested(SignFlips::default().test(&contrast, allowed.view()).unwrap());
        let found = significances(&test, &contrast, Scope::All)[0].p;
        // There the observed arrangement counts once more, and the smaller tail twice.
        let tail = by_mean.unwrap().p.p() * (all + 1) as f64 / 2.0 - 1.0;
        assert!((found - (2.0 * tail / all as f64).min(1.0)).abs() < 1e-12, "{pairs} pairs");
    }
}

#[test]
fn p_is_uniform_and_no_family_errs_too_often_where_nothing_differs() {
    for (pairs, repeats) in [(7, 1023), (14, 199)] {
        let flips = SignFlips { repeats, seed: 5 };
        let (mut p, mut q_errs, mut family_errs) = (Vec::new(), 0, 0);
        let families = 150;
        for seed in 0..families {
            let shape = (2, 40, 1);
            let (first, second) =
                (samples(shape, 1000 + seed, pairs), samples(shape, 5000 + seed, pairs));
            let contrast = Contrast::paired(first, second).unwrap();
            let allowed = everywhere(&contrast);
            let test = tested(flips.test(&contrast, allowed.view()).unwrap());
            let all = significances(&test, &contrast, Scope::All);
            assert_eq!(all.len(), 80);
            q_errs += i32::from(all.iter().any(|site| site.q <= 0.1));
            family_errs += i32::from(all.iter().any(|site| site.family_wise <= 0.1));
            p.extend(all.iter().map(|site| site.p));
        }
        for t in [0.05, 0.1, 0.25, 0.5, 0.75] {
            // Where p can be t exactly, it is at most t with that chance.
            let steps = if pairs == 7 { 64.0 } else { 200.0 };
            let t = (t * steps as f64).floor() / steps;
            let below = p.iter().filter(|&&p| p <= t + 1e-12).count() as f64 / p.len() as f64;
            let deviation = (t * (1.0 - t) / p.len() as f64).sqrt();
            // Sites of a family share their arrangements, so they spread somewhat wider.
            assert!((below - t).abs() < 5.0 * deviation + 0.005, "{pairs} pairs: {below} of {t}");
        }
        let most = (0.1 + 3.0 * (0.09 / families as f64).sqrt()) * families as f64;
        assert!(f64::from(family_errs) <= most, "{family_errs} of {families} families");
        assert!(f64::from(q_errs) <= most, "{q_errs} of {families} families");
    }
}

#[test]
fn drawn_signs_come_near_to_all_of_them_and_depend_on_the_seed_alone() {
    let shape = (3, 50, 2);
    let contrast = Contrast::paired(samples(shape, 1, 9), samples(shape, 2, 9)).unwrap();
    let allowed = everywhere(&contrast);
    let of = |repeats, seed| {
        let test = tested(SignFlips { repeats, seed }.test(&contrast, allowed.view()).unwrap());
        (test.is_exact(), significances(&test, &contrast, Scope::Column))
    };
    let (exact, all) = of(255, 0);
    let (drawn, some) = of(254, 3);
    assert!(exact && !drawn);
    for (a, b) in all.iter().zip(&some) {
        assert!((a.p - b.p).abs() < 5.0 * (0.25_f64 / 255.0).sqrt(), "{} {}", a.p, b.p);
    }
    assert_eq!(some, of(254, 3).1);
    assert_ne!(some, of(254, 4).1);
    let threads = |number| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(number).build().unwrap();
        pool.install(|| of(100, 1).1)
    };
    assert_eq!(threads(1), threads(5));
}

#[test]
fn planted_differences_are_found_with_their_places_and_directions() {
    let (shape, pairs) = ((40, 60, 2), 9);
    let second: Vec<Values> =
        samples(shape, 21, pairs).into_iter().map(|v| v.mapv(|v| 0.2 * v)).collect();
    let mut first: Vec<Values> =
        samples(shape, 22, pairs).into_iter().map(|v| v.mapv(|v| 0.2 * v)).collect();
    // Up on both sides of the seam of one gene, down in another; nothing in column 1.
    for sample in &mut first {
        sample.slice_mut(s![3, 36..44, 0]).mapv_inplace(|v| v + 2.0);
        sample.slice_mut(s![17, 10..20, 0]).mapv_inplace(|v| v - 2.0);
    }
    let signal = noise((shape.0, shape.1, 1), 23, 0);
    let contrast = Contrast::paired(first, second).unwrap();
    let allowed = everywhere(&contrast);
    let segments = Segments::new(&[40, 20]).unwrap();

    let test = tested(SignFlips::default().test(&contrast, allowed.view()).unwrap());
    let planted = |row, position, column| {
        column == 0
            && ((row == 3 && (36..44).contains(&position))
                || (row == 17 && (10..20).contains(&position)))
    };
    let (mut wrong, mut called) = (0, 0);
    for row in 0..40 {
        let sites = test.of_row(&contrast, row, allowed.row(row)).unwrap();
        for (position, column) in (0..60).flat_map(|p| [(p, 0), (p, 1)]) {
            let site = sites.site(position, column, Scope::All).unwrap();
            if planted(row, position, column) {
                assert!(site.family_wise <= 2.0 / 256.0 && site.p == test.smallest_p(), "{site:?}");
            } else {
                assert!(site.family_wise > 0.05, "{row} {position} {column}: {site:?}");
            }
            if site.q <= 0.05 {
                called += 1;
                wrong += usize::from(!planted(row, position, column));
            }
        }
    }
    // With p of 1/256 at best, 18 of 4800 sites are too few for a share of false findings.
    assert_eq!((called, wrong), (0, 0));

    let share = 18.0 / 4800.0;
    let cutoffs = Cutoffs::find(&contrast, By::Magnitude, share, allowed.view()).unwrap();
    assert_eq!((cutoffs.all.wanted, cutoffs.all.found), (18, 18));
    let thresholds = cutoffs.thresholds(Scope::All);
    let rule = RegionRule { gap: 2, ..RegionRule::default() };
    let mut found = Vec::new();
    let how = (&rule, thresholds.as_slice(), &segments);
    differential_regions(&contrast, Some(&signal), allowed.view(), how, |region| {
        found.push(region);
        Ok(())
    })
    .unwrap();
    let places: Vec<_> =
        found.iter().map(|f| (f.region.row, f.region.positions.clone(), f.region.column)).collect();
    assert_eq!(places, [(3, 36..40, 0), (3, 40..44, 0), (17, 10..20, 0)]);
    for (found, mean) in found.iter().zip([2.0, 2.0, -2.0]) {
        assert!((found.region.mean - mean).abs() < 0.2, "{found:?}");
        let over = signal.slice(s![found.region.row, found.region.positions.clone(), 0]);
        let expected = over.iter().map(|&v| f64::from(v)).sum::<f64>() / over.len() as f64;
        assert!((found.signal.unwrap() - expected).abs() < 1e-9);
        let best = test.of_row(&contrast, found.region.row, allowed.row(found.region.row)).unwrap();
        assert!(best.region(&found.region, Scope::All).unwrap().family_wise <= 2.0 / 256.0);
    }
}

#[test]
fn where_many_sites_differ_few_of_those_called_do_not() {
    let (shape, pairs) = ((30, 40, 1), 9);
    let second = samples(shape, 51, pairs);
    let mut first = samples(shape, 52, pairs);
    for sample in &mut first {
        sample.slice_mut(s![.., ..10, ..]).mapv_inplace(|v| v - 4.0);
    }
    let contrast = Contrast::paired(first, second).unwrap();
    let allowed = everywhere(&contrast);
    let test = tested(SignFlips::default().test(&contrast, allowed.view()).unwrap());
    let (mut found, mut wrong) = (0, 0);
    for row in 0..30 {
        let sites = test.of_row(&contrast, row, allowed.row(row)).unwrap();
        for position in 0..40 {
            if sites.site(position, 0, Scope::Column).unwrap().q <= 0.05 {
                *if position < 10 { &mut found } else { &mut wrong } += 1;
            }
        }
    }
    assert!(found > 280 && wrong * 15 < found + wrong, "{found} of 300, and {wrong} besides");
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
fn few_pairs_give_effect_sizes_and_nothing_else() {
    let shape = (1, 4, 1);
    let evidence = |contrast: Contrast<Values>| {
        let allowed = everywhere(&contrast);
        SignFlips::default().test(&contrast, allowed.view()).unwrap()
    };
    let four = Contrast::paired(samples(shape, 1, 4), samples(shape, 2, 4)).unwrap();
    let Evidence::EffectSizes(why) = evidence(four) else { panic!("tested") };
    assert_eq!(why, Untested::FewPairs(4));
    assert!(why.to_string().contains("4 pairs of samples where 5 are tested"), "{why}");
    let many = Contrast::unpaired(samples(shape, 1, 9), samples(shape, 2, 9)).unwrap();
    assert!(matches!(evidence(many), Evidence::EffectSizes(Untested::Unpaired)));
    let odd = Contrast::paired(samples(shape, 1, 4), samples(shape, 2, 5));
    assert!(matches!(odd, Err(SummaryError::Unpaired { first: 4, second: 5 })));
    let none = Contrast::<Values>::paired(Vec::new(), Vec::new());
    assert!(matches!(none, Err(SummaryError::TooFew { .. })));
    let longer = Contrast::unpaired(samples(shape, 1, 1), samples((1, 5, 1), 1, 1)).unwrap_err();
    assert!(
        longer.to_string().contains("positions of the second condition: 5 where 4"),
        "{longer}"
    );
}

#[test]
fn a_missing_value_leaves_its_site_out() {
    let shape = (1, 4, 1);
    let (mut first, second) = (samples(shape, 1, 6), samples(shape, 2, 6));
    first[2][[0, 1, 0]] = f32::NAN;
    let contrast = Contrast::paired(first, second).unwrap();
    let allowed = everywhere(&contrast);
    assert!(all_of(&contrast)[[0, 1, 0]].is_nan());
    let cutoffs = Cutoffs::find(&contrast, By::Magnitude, 0.5, allowed.view()).unwrap();
    assert_eq!((cutoffs.all.sites, cutoffs.all.wanted), (3, 1));
    let test = tested(SignFlips::default().test(&contrast, allowed.view()).unwrap());
    assert_eq!((test.tested(None), test.tested(Some(0)), test.tested(Some(9))), (3, 3, 0));
    assert_eq!(test.of_row(&contrast, 0, allowed.row(0)).unwrap().site(1, 0, Scope::All), None);
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
    let moments = |of: &[Values], row| {
        let values: Vec<f64> = of.iter().map(|v| f64::from(v[[row, 7, 1]])).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0))
    };
    let rows: Vec<_> = (0..60).map(|row| (moments(&first, row), moments(&second, row))).collect();
    let root =
        |of: fn(&((f64, f64), (f64, f64))) -> f64| (rows.iter().map(of).sum::<f64>() / 60.0).sqrt();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * b, "{a} {b}");
    near(apart.conditions[[7, 1]], root(|(a, b)| (a.0 - b.0).powi(2)));
    near(apart.seeds[[7, 1]], root(|(a, b)| (a.1 + b.1) / 2.0));
    near(apart.by_chance[[7, 1]], root(|(a, b)| a.1 / 3.0 + b.1 / 4.0));
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
