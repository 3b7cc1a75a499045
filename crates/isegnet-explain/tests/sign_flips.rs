//! The test of signs against going through them by hand, on noise, and on planted differences.
#![allow(clippy::unwrap_used)]

mod noise;

use isegnet_explain::{
    By, Contrast, Cutoffs, Evidence, RegionRule, Scope, Segments, SignFlips, SummaryError,
    Untested, differential_regions,
};
use isegnet_stats::{Alternative, Correction, PValue, sign_flip_test};
use ndarray::s;
use noise::{Values, all_of, everywhere, noise, samples, significances, tested};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

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
            let steps: f64 = if pairs == 7 { 64.0 } else { 200.0 };
            let t = (t * steps).floor() / steps;
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
