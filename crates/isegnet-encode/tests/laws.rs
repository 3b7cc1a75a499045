//! Laws that hold for any genes, windows and values.
#![allow(clippy::unwrap_used)]

mod common;

use common::{MemoryGenome, MemorySignal, Study, gene, same};
use isegnet_core::bins::covered_mean;
use isegnet_core::{Batch, Cancel, Examples, Gene, SignalSource, Silent, Strand, base_code};
use isegnet_encode::{
    Dataset, DatasetBuilder, LeakageReport, Missing, Part, SampleInput, Scale, ScaledView, Scaler,
    ScalerConfig, Split, SplitConfig, Target, TargetTransform, TrackKind, TrackScaling, TrackSpec,
    Transform, View, ViewConfig, Windows, dna,
};
use proptest::prelude::*;
use std::collections::HashMap;

const LENGTH: i64 = 6000;

fn windows() -> impl Strategy<Value = Windows> {
    let window = || (-900i64..600, 0i64..900);
    (window(), window()).prop_filter_map("both are empty", |((a, n), (b, m))| {
        Windows::new([a, a + n], [b, b + m]).ok()
    })
}

fn genes() -> impl Strategy<Value = Vec<Gene>> {
    let gene = |i: usize, (start, length, reverse): (i64, i64, bool)| {
        let strand = if reverse { Strand::Reverse } else { Strand::Forward };
        gene(&format!("g{i}"), "c", strand, start, (start + length).min(LENGTH))
    };
    prop::collection::vec((0..LENGTH - 1, 1i64..3000, any::<bool>()), 1..8)
        .prop_map(move |all| all.into_iter().enumerate().map(|(i, g)| gene(i, g)).collect())
}

/// Letters and whole-number values, so that sums are exact in any order.
fn chromosome() -> impl Strategy<Value = (Vec<u8>, Vec<f32>)> {
    any::<u64>().prop_map(|seed| {
        let random = isegnet_core::Random::new(seed, "chromosome");
        let letter = |i| b"ACGTN"[random.below(0, i, 5) as usize];
        let value = |i| match random.below(1, i / 30, 4) {
            0 => f32::NAN,
            _ => random.below(2, i, 100) as f32,
        };
        ((0..LENGTH as u64).map(letter).collect(), (0..LENGTH as u64).map(value).collect())
    })
}

fn build(windows: Windows, genes: &[Gene], letters: &[u8], values: &[f32]) -> Option<Dataset> {
    let folder = tempfile::tempdir().unwrap();
    let signal = MemorySignal::new(HashMap::from([("c".to_owned(), values.to_vec())]));
    let specs = [
        TrackSpec::signal("binned"),
        TrackSpec { name: "single".into(), kind: TrackKind::Signal, bin_bp: 1 },
        TrackSpec::methylation("meth"),
    ];
    let mut builder = DatasetBuilder::new(windows, genes.to_vec())
        .sequence(Box::new(MemoryGenome::new(vec![("c".into(), letters.to_vec())])));
    let mut tracks: Vec<(String, Box<dyn SignalSource>)> = Vec::new();
    for spec in specs {
        tracks.push((spec.name.clone(), Box::new(signal.clone())));
        builder = builder.track(spec);
    }
    let expression = Some((0..genes.len()).map(|i| Some(i as f64)).collect());
    let sample = SampleInput { name: "s".into(), condition: None, group: None, expression, tracks };
    // Windows may all lie where nothing was measured: such a data set is refused.
    builder.sample(sample).write(&folder.path().join("set"), &Silent, &Cancel::default()).ok()
}

fn rows_of(view: &View, row: usize) -> (Vec<u8>, Vec<Vec<f32>>) {
    let mut codes = vec![9; if view.dna() { view.positions() } else { 0 }];
    if view.dna() {
        view.dna_into(row, &mut codes);
    }
    let values = (0..view.tracks().len()).map(|track| {
        let mut values = vec![0.0; view.positions()];
        view.values_into(row, track, &mut values);
        values
    });
    (codes, values.collect())
}

fn all_same(a: &[Vec<f32>], b: &[Vec<f32>]) -> bool {
    a.len() == b.len()
        && a.iter().flatten().zip(b.iter().flatten()).all(|(&a, &b)| same(a, b))
        && a.iter().zip(b).all(|(a, b)| a.len() == b.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_gene_and_its_mirror_image_give_the_same_rows(
        windows in windows(), genes in genes(), (letters, values) in chromosome()
    ) {
        let mirrored: Vec<Gene> = genes.iter().map(|g| {
            let strand = match g.strand {
                Strand::Forward => Strand::Reverse,
                Strand::Reverse => Strand::Forward,
            };
            gene(&g.id, "c", strand, LENGTH - g.body.end, LENGTH - g.body.start)
        }).collect();
        let mut codes: Vec<u8> = letters.iter().map(|&l| base_code(l)).collect();
        dna::orient(&mut codes, Strand::Reverse);
        let back: Vec<u8> = codes.iter().map(|&c| b"ACGTN"[usize::from(c)]).collect();
        let reversed: Vec<f32> = values.iter().rev().copied().collect();
        let here = build(windows, &genes, &letters, &values);
        let there = build(windows, &mirrored, &back, &reversed);
        prop_assert_eq!(here.is_some(), there.is_some());
        if let (Some(here), Some(there)) = (here, there) {
            let here = here.view(&ViewConfig::default()).unwrap();
            let there = there.view(&ViewConfig::default()).unwrap();
            for row in 0..here.dataset().rows().len() {
                let (a, b) = (rows_of(&here, row), rows_of(&there, row));
                prop_assert_eq!(a.0, b.0);
                prop_assert!(all_same(&a.1, &b.1));
            }
        }
    }

    #[test]
    fn a_view_of_a_view_is_a_view_and_a_crop_is_a_slice(
        windows in windows(), genes in genes(), (letters, values) in chromosome(),
        cuts in [0.0f64..1.0, 0.0..1.0, 0.0..1.0, 0.0..1.0],
    ) {
        let Some(dataset) = build(windows, &genes, &letters, &values) else { return Ok(()) };
        let crop = |w: isegnet_encode::Window, a: f64, b: f64| {
            let (a, b) = (a.min(b), a.max(b));
            let at = |share: f64| w.start() + (share * w.len() as f64) as i64;
            [at(a), at(b)]
        };
        let wide = dataset.view(&ViewConfig::default()).unwrap();
        let tss = crop(windows.tss(), cuts[0], cuts[1]);
        let tts = crop(windows.tts(), cuts[2], cuts[3]);
        let Ok(small) = Windows::new(tss, tts) else { return Ok(()) };
        let narrow = ViewConfig { windows: Some(small), ..ViewConfig::default() };
        let last = ViewConfig { tracks: Some(vec!["meth".into(), "binned".into()]), ..narrow.clone() };
        let direct = dataset.view(&last).unwrap();
        let through = dataset.view(&narrow).unwrap().view(&last).unwrap();
        prop_assert_eq!(direct.config(), through.config());
        for row in 0..dataset.rows().len() {
            let (codes, tracks) = rows_of(&direct, row);
            let again = rows_of(&through, row);
            prop_assert_eq!(&codes, &again.0);
            prop_assert!(all_same(&tracks, &again.1));
            let whole = rows_of(&wide, row);
            let slice = |from: &[f32]| {
                let first = (tss[0] - windows.tss().start()) as usize;
                let second = windows.tss().len() + (tts[0] - windows.tts().start()) as usize;
                let mut out = from[first..first + small.tss().len()].to_vec();
                out.extend_from_slice(&from[second..second + small.tts().len()]);
                out
            };
            prop_assert!(all_same(&tracks, &[slice(&whole.1[2]), slice(&whole.1[0])]));
        }
    }

    #[test]
    fn coarse_positions_are_means_of_covered_bases(
        (a, n, m) in (-500i64..200, 0i64..20, 1i64..20), bin_bp in 1usize..40, genes in genes(),
        (letters, values) in chromosome()
    ) {
        let b = bin_bp as i64;
        let windows = Windows::new([a, a + n * b], [-100, -100 + m * b]).unwrap();
        let Some(dataset) = build(windows, &genes, &letters, &values) else { return Ok(()) };
        let coarse = ViewConfig { bin_bp: Some(bin_bp), dna: Some(false), ..ViewConfig::default() };
        let coarse = dataset.view(&coarse).unwrap();
        let fine = dataset.view(&ViewConfig::default()).unwrap();
        for row in 0..dataset.rows().len() {
            let bases = rows_of(&fine, row).1;
            let means: Vec<Vec<f32>> = bases.iter().map(|values| {
                values.chunks(bin_bp).map(|bin| covered_mean(bin) as f32).collect()
            }).collect();
            prop_assert!(all_same(&rows_of(&coarse, row).1, &means));
        }
    }

    #[test]
    fn a_constant_stays_that_constant(
        windows in windows(), genes in genes(), (letters, mut values) in chromosome(),
        constant in 0.0f32..100.0, k in 1usize..8
    ) {
        values.iter_mut().filter(|v| !v.is_nan()).for_each(|v| *v = constant);
        let Some(dataset) = build(windows, &genes, &letters, &values) else { return Ok(()) };
        let divides = windows.both().iter().all(|w| w.len() % k == 0);
        for bin_bp in if divides { vec![1, k] } else { vec![1] } {
            let config = ViewConfig { bin_bp: Some(bin_bp), ..ViewConfig::default() };
            let view = dataset.view(&config).unwrap();
            for row in 0..dataset.rows().len() {
                for value in rows_of(&view, row).1.into_iter().flatten() {
                    prop_assert!(value.is_nan() || value == constant, "{value}");
                }
            }
        }
    }

    #[test]
    fn training_values_are_scaled_into_0_to_1(
        windows in windows(), genes in genes(), (letters, values) in chromosome(), minmax: bool,
        transform in prop::sample::select(vec![Transform::Identity, Transform::Ln1p, Transform::Arcsinh]),
        mean: bool,
    ) {
        let Some(dataset) = build(windows, &genes, &letters, &values) else { return Ok(()) };
        let view = dataset.view(&ViewConfig::default()).unwrap();
        let rows: Vec<usize> = (0..dataset.rows().len()).collect();
        let scaling = TrackScaling {
            transform,
            scale: if minmax { Scale::Minmax } else { Scale::Max },
            missing: if mean { Missing::Mean } else { Missing::Mask },
        };
        let tracks = ["binned", "single"].map(|name| (name.to_owned(), scaling)).into();
        let scaler = Scaler::fit(&view, &rows, &ScalerConfig { tracks, clip: false }).unwrap();
        for outside in scaler.outside(&view, &rows).unwrap() {
            prop_assert_eq!((outside.below, outside.above), (0, 0));
            prop_assert!(outside.measured > 0);
        }
        let target = Target::fit(TargetTransform::Ln1p, &dataset, &rows).unwrap();
        let examples = ScaledView::new(view, scaler, &target, rows.clone()).unwrap();
        let mut batch = Batch::default();
        examples.fill(&rows, &mut batch).unwrap();
        let lowest = if minmax && !mean { f32::NEG_INFINITY } else { 0.0 };
        prop_assert!(batch.tracks.iter().all(|v| (lowest..=1.0).contains(v)));
    }

    #[test]
    fn reverse_complement_twice_is_the_identity(codes in prop::collection::vec(0u8..5, 0..50)) {
        let mut twice = codes.clone();
        dna::orient(&mut twice, Strand::Reverse);
        dna::orient(&mut twice, Strand::Reverse);
        prop_assert_eq!(twice, codes);
    }

    #[test]
    fn splits_partition_rows_and_never_straddle(seed: u64, kind in 0usize..4, share in 0.1f64..0.4) {
        let study = Study::new(seed, Windows::default());
        let Ok(dataset) = study.build() else { return Ok(()) };
        let view = dataset.view(&ViewConfig::default()).unwrap();
        let rows: Vec<usize> = (0..dataset.rows().len()).filter(|row| row % 11 != 0).collect();
        let folds = study.folder.path().join("folds.tsv");
        let mut text = "gene_id\tfold\n".to_owned();
        for (i, gene) in study.genes.iter().enumerate() {
            text.push_str(&format!("{}\t{}\n", gene.id, i * 7 % 5));
        }
        std::fs::write(&folds, text).unwrap();
        let config = match kind {
            0 => SplitConfig::Folds { folds: 3, test: 1, validation: 2 },
            1 => SplitConfig::Groups { test: share, validation: share },
            2 => SplitConfig::Random { test: share, validation: share },
            _ => SplitConfig::File { path: folds, test: 1.into(), validation: 2.into() },
        };
        let Ok(split) = Split::make(&config, &view, &rows, seed) else { return Ok(()) };
        let mut all: Vec<usize> = Part::ALL.iter().flat_map(|&p| split.rows(p).to_vec()).collect();
        all.extend(&split.left_out);
        all.sort_unstable();
        prop_assert_eq!(&all, &rows);
        let report = LeakageReport::new(&view, &split);
        prop_assert!(report.pairs.iter().all(|pair| pair.shared_genes == 0));
        if kind != 2 {
            prop_assert!(report.is_clean(), "{report}");
        }
        let again = Split::make(&config, &view, &rows, seed).unwrap();
        prop_assert_eq!(&again, &split);
        let path = study.folder.path().join("split.tsv");
        split.write(&path, &dataset).unwrap();
        let read = Split::read(&path, &dataset).unwrap();
        prop_assert_eq!(read.hash(&dataset), split.hash(&dataset));
        prop_assert_eq!((read.train, read.validation, read.test), (split.train, split.validation, split.test));
    }
}
