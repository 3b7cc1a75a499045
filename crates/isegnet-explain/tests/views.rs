//! Gradients, mutagenesis and occlusion against loops that say what they are.
#![allow(clippy::single_range_in_vec_init)] // stretches, of which there may be one

mod models;

use isegnet_core::Inputs;
use isegnet_explain::{
    DnaBaseline, ExplainError, IntegratedGradients, MixedBaseline, gradient, gradient_times_input,
    mutate_bases, mutate_tracks, occlude, stretches,
};
use models::{Model, flat, numbers, rows, shape, width};
use ndarray::{Axis, s};

fn model(seed: u64) -> Model {
    let shape = shape(8, 2, true);
    let weights = numbers(width(&shape), seed, "weights");
    Model::sigmoid(&shape, weights.iter().map(|w| 2.0 * w).collect())
}

#[test]
fn gradients_are_finite_differences() {
    let mut model = model(1);
    let inputs = rows(5, &model.shape, 2);
    let found = gradient(&mut model, &inputs).unwrap();
    for row in 0..5 {
        assert_eq!(found.values[row], model.value(&inputs, row));
        let (x, slopes) = (flat(&inputs, row), flat(&found.slopes, row));
        for (i, slope) in slopes.iter().enumerate() {
            let [above, below] = [1e-5, -1e-5].map(|step| {
                let mut x = x.clone();
                x[i] += step;
                (model.function)(&x).0
            });
            assert!((slope - (above - below) / 2e-5).abs() < 1e-6);
        }
    }
}

#[test]
fn gradient_times_input_is_integrated_gradients_of_a_linear_model() {
    let shape = shape(6, 2, true);
    let mut model = Model::linear(&shape, numbers(width(&shape), 1, "weights"));
    let inputs = rows(4, &shape, 2);
    let product = gradient_times_input(&mut model, &inputs).unwrap();
    let zero = Inputs::zeros(1, &shape);
    let method = IntegratedGradients::default();
    let integrated = method.attribute(&mut model, &inputs, &[1, 2, 3, 4], &zero).unwrap();
    for row in 0..4 {
        for (a, b) in flat(&product, row).iter().zip(flat(&integrated.values, row)) {
            assert!((a - b).abs() < 1e-6);
        }
    }
}

#[test]
#[should_panic(expected = "slopes of another input")]
fn slopes_are_not_multiplied_with_one_row_for_all() {
    let mut model = model(1);
    let inputs = rows(3, &model.shape, 2);
    gradient(&mut model, &inputs).unwrap().times(&inputs.select(&[0]));
}

#[test]
fn centred_slopes_of_dna_sum_to_0_and_tell_the_same_bases_apart() {
    let mut model = model(3);
    let inputs = rows(2, &model.shape, 4);
    let plain = gradient(&mut model, &inputs).unwrap();
    let centred = plain.clone().centred();
    assert_eq!(plain.slopes.tracks, centred.slopes.tracks);
    let lanes = plain.slopes.dna.lanes(Axis(2)).into_iter();
    for (plain, centred) in lanes.zip(centred.slopes.dna.lanes(Axis(2))) {
        assert!(centred.sum().abs() < 1e-6);
        for base in 1..4 {
            assert!((plain[base] - plain[0] - centred[base] + centred[0]).abs() < 1e-6);
        }
    }
}

#[test]
fn every_base_is_put_in_every_place() {
    let mut model = model(5);
    let inputs = rows(3, &model.shape, 6);
    let positions = [7, 0, 3, 4];
    let mutations = mutate_bases(&mut model, &inputs, &positions).unwrap();
    let mut absent = 0;
    for row in 0..3 {
        for (index, &position) in positions.iter().enumerate() {
            let there = inputs.dna.slice(s![row, position, ..]).sum() == 1.0;
            absent += usize::from(!there);
            let mut sum = 0.0;
            for base in 0..4 {
                let mut mutant = inputs.select(&[row]);
                mutant.dna.slice_mut(s![0, position, ..]).fill(0.0);
                mutant.dna[[0, position, base]] = 1.0;
                let expected = model.value(&mutant, 0) - model.value(&inputs, row);
                let expected = if there { expected } else { 0.0 };
                assert_eq!(mutations.differences[[row, index, base]], expected);
                sum += expected;
            }
            assert!((mutations.importance()[[row, index]] + sum / 3.0).abs() < 1e-15);
        }
    }
    assert!(absent > 0, "no absent base was tried");
}

#[test]
fn each_stretch_of_each_track_and_of_all_becomes_its_baseline() {
    let mut model = model(7);
    let inputs = rows(3, &model.shape, 8);
    let dna = DnaBaseline::Shuffles { count: 2, seed: 1, seams: Vec::new() };
    let shuffled = MixedBaseline::constant(&[0.5, -0.5], dna);
    let background = rows(2, &model.shape, 9);
    let stretches = stretches(0..8, 3, 3);
    let tracks = mutate_tracks(&mut model, &inputs, &[1, 2, 3], &background, &stretches).unwrap();
    let all = occlude(&mut model, &inputs, &[1, 2, 3], &background, &stretches).unwrap();
    for row in 0..3 {
        for (index, stretch) in stretches.iter().enumerate() {
            let replaced = |replace: &dyn Fn(&mut Inputs, &Inputs)| {
                let value = |reference: usize| {
                    let mut changed = inputs.select(&[row]);
                    replace(&mut changed, &background.select(&[reference]));
                    model.value(&changed, 0) - model.value(&inputs, row)
                };
                (value(0) + value(1)) / 2.0
            };
            for track in 0..2 {
                let expected = replaced(&|to, from| {
                    let from = from.tracks.slice(s![.., stretch.clone(), track]);
                    to.tracks.slice_mut(s![.., stretch.clone(), track]).assign(&from);
                });
                assert!((tracks.differences[[row, index, track]] - expected).abs() < 1e-14);
            }
            let expected = replaced(&|to, from| {
                for (to, from) in [(&mut to.tracks, &from.tracks), (&mut to.dna, &from.dna)] {
                    let from = from.slice(s![.., stretch.clone(), ..]);
                    to.slice_mut(s![.., stretch.clone(), ..]).assign(&from);
                }
            });
            assert!((all[[row, index]] - expected).abs() < 1e-14);
        }
    }
    // A row occluded from end to end is its baseline.
    let ends = occlude(&mut model, &inputs, &[1, 2, 3], &shuffled, &[0..8]).unwrap();
    let method = IntegratedGradients::default();
    let explained = method.attribute(&mut model, &inputs, &[1, 2, 3], &shuffled).unwrap();
    for (difference, row) in ends.iter().zip(&explained.completeness) {
        assert!((difference - (row.baseline_value - row.value)).abs() < 1e-14);
    }
}

#[test]
fn attributions_of_a_linear_model_agree_with_mutagenesis() {
    let shape = shape(8, 2, true);
    let weights = numbers(width(&shape), 11, "weights");
    let mut model = Model::linear(&shape, weights);
    let mut inputs = rows(2, &shape, 12);
    inputs.dna.lanes_mut(Axis(2)).into_iter().enumerate().for_each(|(at, mut bases)| {
        bases.fill(0.0);
        bases[at % 4] = 1.0;
    });
    let baseline = MixedBaseline::constant(&[0.0, 0.25], DnaBaseline::UNIFORM);
    let method = IntegratedGradients::default();
    let mut values = method.attribute(&mut model, &inputs, &[1, 2], &baseline).unwrap().values;
    let positions: Vec<usize> = (0..8).collect();
    let bases = mutate_bases(&mut model, &inputs, &positions).unwrap();
    let bins = stretches(0..8, 3, 3);
    let tracks = mutate_tracks(&mut model, &inputs, &[1, 2], &baseline, &bins).unwrap();
    for agreement in [bases.agreement(&values).unwrap(), tracks.agreement(&values).unwrap()] {
        assert!(agreement.iter().all(|rho| (rho.unwrap() - 1.0).abs() < 1e-12), "{agreement:?}");
    }
    values.dna.mapv_inplace(|value| -value);
    values.tracks.fill(1.0);
    let reversed = bases.agreement(&values).unwrap();
    assert!(reversed.iter().all(|rho| (rho.unwrap() + 1.0).abs() < 1e-12), "{reversed:?}");
    let one = mutate_tracks(&mut model, &inputs, &[1, 2], &baseline, &[0..2]).unwrap();
    values.tracks.fill(0.0);
    assert_eq!(one.agreement(&values).unwrap(), [None, None], "nothing to rank");
    assert!(bases.agreement(&values.select(&[0])).is_err());
    assert!(tracks.agreement(&values.select(&[0])).is_err());
    let none = Inputs::zeros(0, &shape);
    let bases = mutate_bases(&mut model, &none, &positions).unwrap();
    let tracks = mutate_tracks(&mut model, &none, &[], &baseline, &bins).unwrap();
    assert_eq!(bases.agreement(&none).unwrap(), []);
    assert_eq!(tracks.agreement(&none).unwrap(), []);
}

#[test]
fn places_that_are_not_there_are_refused() {
    let mut model = model(1);
    let inputs = rows(1, &model.shape, 2);
    let zero = Inputs::zeros(1, &model.shape);
    let refused = mutate_bases(&mut model, &inputs, &[8]).unwrap_err();
    assert!(refused.to_string().contains("8 to 9 were asked for where the input has 8"));
    for stretch in [6..9, 3..3] {
        let refused = occlude(&mut model, &inputs, &[1], &zero, std::slice::from_ref(&stretch));
        assert!(matches!(refused, Err(ExplainError::Place { .. })));
        let refused = mutate_tracks(&mut model, &inputs, &[1], &zero, &[stretch]);
        assert!(matches!(refused, Err(ExplainError::Place { .. })));
    }
    let shape = shape(4, 1, false);
    let mut tracks = Model::linear(&shape, vec![1.0; 4]);
    let refused = mutate_bases(&mut tracks, &rows(1, &shape, 1), &[0]);
    assert!(matches!(refused, Err(ExplainError::NoDna)));
}

#[test]
fn stretches_cover_and_do_not_repeat_the_end() {
    assert_eq!(stretches(0..0, 5, 5), []);
    assert_eq!(stretches(0..4, 10, 1), [0..4]);
    assert_eq!(stretches(5..8, 0, 0), [5..6, 6..7, 7..8]);
    assert_eq!(stretches(0..50, 10, 30), [0..10, 30..40], "gaps, the last at the end");
}
