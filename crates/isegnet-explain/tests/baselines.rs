//! What a baseline puts in the place of a row.
#![allow(clippy::unwrap_used)]

mod models;

use isegnet_core::Inputs;
use isegnet_explain::{Baseline, DnaBaseline, MixedBaseline, TrackBaseline};
use models::{rows, shape};
use ndarray::{Array1, Array2, Axis, s};

fn reference(baseline: &dyn Baseline, which: usize, inputs: &Inputs, ids: &[u64]) -> Inputs {
    let mut out = inputs.clone();
    out.tracks.fill(0.0);
    out.dna.fill(0.0);
    baseline.reference_into(which, inputs, ids, &mut out).unwrap();
    out
}

#[test]
fn tracks_are_mixed_and_absent_bases_stay_absent() {
    let shape = shape(30, 3, true);
    let inputs = rows(4, &shape, 1);
    let profile = Array1::from_shape_fn(30, |at| at as f32);
    let tracks = vec![
        TrackBaseline::Constant(0.3),
        TrackBaseline::Profile(profile.clone()),
        TrackBaseline::Constant(1.0),
    ];
    let bases = Array2::from_shape_fn((30, 4), |(at, base)| (at * 4 + base) as f32);
    for (dna, expected) in [
        (DnaBaseline::ZERO, Array2::zeros((30, 4))),
        (DnaBaseline::UNIFORM, Array2::from_elem((30, 4), 0.25)),
        (DnaBaseline::Profile(bases.clone()), bases),
    ] {
        let baseline = MixedBaseline { tracks: tracks.clone(), dna };
        assert_eq!(baseline.references(), 1);
        let out = reference(&baseline, 0, &inputs, &[1, 2, 3, 4]);
        for row in 0..4 {
            assert!(out.tracks.slice(s![row, .., 0]).iter().all(|&value| value == 0.3));
            assert_eq!(out.tracks.slice(s![row, .., 1]), profile);
            assert!(out.tracks.slice(s![row, .., 2]).iter().all(|&value| value == 1.0));
            for position in 0..30 {
                let there = inputs.dna.slice(s![row, position, ..]).sum();
                let expected = &expected.row(position) * there;
                assert_eq!(out.dna.slice(s![row, position, ..]), expected);
            }
        }
    }
}

#[test]
fn each_row_of_an_array_is_a_reference() {
    let shape = shape(5, 2, true);
    let (inputs, background) = (rows(3, &shape, 1), rows(4, &shape, 2));
    assert_eq!(background.references(), 4);
    for which in 0..4 {
        let out = reference(&background, which, &inputs, &[1, 2, 3]);
        for row in 0..3 {
            assert_eq!(out.select(&[row]), background.select(&[which]));
        }
    }
}

#[test]
fn a_shuffle_is_a_function_of_seed_id_and_number() {
    let shape = shape(200, 0, true);
    let inputs = rows(1, &shape, 1).select(&[0, 0]);
    let shuffles = |seed| {
        let dna = DnaBaseline::Shuffles { count: 3, seed, seams: vec![120] };
        MixedBaseline { tracks: Vec::new(), dna }
    };
    assert_eq!(shuffles(1).references(), 3);
    let out = reference(&shuffles(1), 0, &inputs, &[8, 9]);
    assert_ne!(out.select(&[0]), out.select(&[1]), "other ids");
    assert_ne!(out, reference(&shuffles(1), 1, &inputs, &[8, 9]), "another number");
    assert_ne!(out, reference(&shuffles(2), 0, &inputs, &[8, 9]), "another seed");
    let swapped = reference(&shuffles(1), 0, &inputs, &[9, 8]);
    assert_eq!(out.select(&[1, 0]), swapped);
    for window in [0..120, 120..200] {
        let counts = |of: &Inputs| of.dna.slice(s![0, window.clone(), ..]).sum_axis(Axis(0));
        assert_eq!(counts(&out), counts(&inputs));
    }
}

#[test]
fn dna_that_is_not_there_needs_no_baseline() {
    let shape = shape(5, 1, false);
    let inputs = rows(2, &shape, 1);
    let bases = DnaBaseline::Profile(Array2::zeros((9, 4)));
    for dna in [DnaBaseline::UNIFORM, bases] {
        let out = reference(&MixedBaseline::constant(&[0.5], dna), 0, &inputs, &[1, 2]);
        assert!(out.tracks.iter().all(|&value| value == 0.5) && out.dna.is_empty());
    }
}
