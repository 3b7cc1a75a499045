//! Deletion and insertion, where the best order is known.
#![allow(clippy::unwrap_used)]

mod models;

use isegnet_core::Inputs;
use isegnet_explain::{ExplainError, Faithfulness, FaithfulnessCurves, IntegratedGradients};
use models::{Model, flat, numbers, rows, shape, width};
use ndarray::Axis;
use proptest::prelude::*;

/// A linear model in which every site adds to the value, its rows, and their attributions.
fn additive(seed: u64) -> (Model, Inputs, Inputs) {
    let shape = shape(12, 2, true);
    let mut inputs = rows(2, &shape, seed);
    inputs.tracks.mapv_inplace(f32::abs);
    let weights = numbers(width(&shape), seed, "weights").into_iter().map(f64::abs).collect();
    let mut model = Model::linear(&shape, weights);
    let zero = Inputs::zeros(1, &shape);
    let method = IntegratedGradients::default();
    let values = method.attribute(&mut model, &inputs, &[1, 2], &zero).unwrap().values;
    (model, inputs, values)
}

fn measure(model: &mut Model, inputs: &Inputs, values: &Inputs) -> FaithfulnessCurves {
    let zero = Inputs::zeros(1, &model.shape);
    Faithfulness::default().curves(model, inputs, &[1, 2], &zero, values).unwrap()
}

proptest! {
    #[test]
    fn no_order_beats_the_attributions_of_an_additive_model(seed in 0u64..200) {
        let (mut model, inputs, values) = additive(seed);
        let curves = measure(&mut model, &inputs, &values);
        let (deletion, insertion) = (&curves.deletion, &curves.insertion);
        for row in 0..2 {
            let value = model.value(&inputs, row);
            // By the definition: what is left after the largest are taken away.
            let mut parts: Vec<f64> = flat(&values, row).into_iter().filter(|&v| v != 0.0).collect();
            parts.sort_by(|a, b| b.total_cmp(a));
            for (share, &at) in deletion.shares.iter().enumerate() {
                let gone = (at * parts.len() as f64).round() as usize;
                let left: f64 = parts[gone..].iter().sum();
                let [down, up] = [deletion.top[[row, share]], insertion.top[[row, share]]];
                prop_assert!((down - left).abs() < 1e-5, "{} {}", down, left);
                prop_assert!((down + up - value).abs() < 1e-9);
                for draw in 0..5 {
                    prop_assert!(down <= deletion.random[[row, draw, share]] + 1e-9);
                    prop_assert!(up >= insertion.random[[row, draw, share]] - 1e-9);
                }
            }
        }
        for gain in deletion.gains().into_iter().chain(insertion.gains()) {
            prop_assert!(gain.unwrap() > 0.0);
        }
    }
}

#[test]
fn attributions_turned_round_are_worse_than_random() {
    let (mut model, inputs, mut values) = additive(1);
    values.tracks.mapv_inplace(|value| 1.0 / (value + 1e-3));
    values.dna.mapv_inplace(|value| if value > 0.0 { 1.0 / value } else { 0.0 });
    let curves = measure(&mut model, &inputs, &values);
    assert!(curves.deletion.gains().into_iter().all(|gain| gain.unwrap() < 0.0));
    assert!(curves.insertion.gains().into_iter().all(|gain| gain.unwrap() < 0.0));
}

#[test]
fn random_attributions_gain_nothing_on_the_whole() {
    let mut gains = Vec::new();
    for seed in 0..60 {
        let (mut model, inputs, _) = additive(seed);
        let mut random = rows(2, &model.shape, seed + 1000);
        random.dna.fill(0.0);
        for (bases, value) in
            random.dna.lanes_mut(Axis(2)).into_iter().zip(numbers(24, seed, "dna"))
        {
            bases.into_iter().take(1).for_each(|base| *base = value as f32);
        }
        let curves = measure(&mut model, &inputs, &random);
        gains.extend(curves.deletion.gains().into_iter().flatten());
    }
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    assert!(mean.abs() < 0.02, "{mean}");
}

#[test]
fn sites_like_their_baseline_take_no_part() {
    let shape = shape(10, 1, false);
    let mut model = Model::linear(&shape, vec![1.0; 10]);
    let mut inputs = Inputs::zeros(1, &shape);
    inputs.tracks[[0, 2, 0]] = 3.0;
    inputs.tracks[[0, 7, 0]] = 1.0;
    let values = inputs.clone();
    let method = Faithfulness { shares: vec![0.0, 0.5, 1.0], draws: 40, seed: 1 };
    let zero = Inputs::zeros(1, &shape);
    let curves = method.curves(&mut model, &inputs, &[4], &zero, &values).unwrap();
    assert_eq!(curves.deletion.top.as_slice().unwrap(), [4.0, 1.0, 0.0]);
    assert_eq!(curves.insertion.top.as_slice().unwrap(), [0.0, 3.0, 4.0]);
    assert_eq!(curves.deletion.top_areas()[0], 0.5 * 2.5 + 0.5 * 0.5);
    // Half of two sites is one of them, either as probable.
    let halves: Vec<f64> = (0..40).map(|draw| curves.deletion.random[[0, draw, 1]]).collect();
    assert!(halves.contains(&1.0) && halves.contains(&3.0));
    assert!(halves.iter().all(|&half| half == 1.0 || half == 3.0));
    let same = method.curves(&mut model, &inputs, &[4], &inputs, &values).unwrap();
    assert_eq!(same.deletion.gains(), [None]);
}

#[test]
fn what_makes_no_curve_is_refused() {
    let (mut model, inputs, values) = additive(1);
    let zero = Inputs::zeros(1, &model.shape);
    let mut refused = |method: Faithfulness, values: &Inputs| {
        method.curves(&mut model, &inputs, &[1, 2], &zero, values).unwrap_err()
    };
    for shares in
        [vec![], vec![0.0], vec![0.0, 0.5], vec![0.0, 0.6, 0.5, 1.0], vec![0.0, f64::NAN, 1.0]]
    {
        let error = refused(Faithfulness { shares, ..Default::default() }, &values);
        assert!(matches!(error, ExplainError::Shares(_)));
    }
    let error = refused(Faithfulness { draws: 0, ..Default::default() }, &values);
    assert!(matches!(error, ExplainError::NoDraws));
    let error = refused(Faithfulness::default(), &values.select(&[0]));
    assert!(error.to_string().contains("1 rows where 2 belong"), "{error}");
}
