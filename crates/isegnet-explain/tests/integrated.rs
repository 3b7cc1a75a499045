//! Integrated gradients on models whose attributions have a closed form.

mod models;

use isegnet_core::Inputs;
use isegnet_explain::{
    DnaBaseline, ExplainError, IntegratedGradients, MixedBaseline, Quadrature, Rule, Steps,
    TrackBaseline,
};
use models::{Model, flat, numbers, rows, shape, width};
use ndarray::{Array1, Axis};
use proptest::prelude::*;

fn fixed(steps: usize) -> IntegratedGradients {
    let steps = Steps::Fixed(Rule::GaussLegendre, steps);
    IntegratedGradients { steps, ..Default::default() }
}

fn ids(rows: usize) -> Vec<u64> {
    (100..100 + rows as u64).collect()
}

fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert!((got - expected).abs() <= tolerance, "number {i}: {got}, expected {expected}");
    }
}

proptest! {
    #[test]
    fn a_linear_model_is_explained_exactly(
        seed in 0u64..1000, positions in 1usize..12, tracks in 0usize..4, steps in 1usize..20,
    ) {
        let shape = shape(positions, tracks, seed % 3 > 0 || tracks == 0);
        let weights = numbers(width(&shape), seed, "weights");
        let mut model = Model::linear(&shape, weights.clone());
        let (inputs, from) = (rows(4, &shape, seed), rows(1, &shape, seed + 1));
        let explained = fixed(steps).attribute(&mut model, &inputs, &ids(4), &from).unwrap();
        for row in 0..4 {
            let ends = flat(&inputs, row).into_iter().zip(flat(&from, 0));
            let expected: Vec<f64> = ends.zip(&weights).map(|((x, f), w)| (x - f) * w).collect();
            assert_close(&flat(&explained.values, row), &expected, 1e-7);
            let completeness = explained.completeness[row];
            prop_assert!(completeness.delta().abs() < 1e-12, "{:?}", completeness);
            prop_assert_eq!(completeness.steps, steps);
        }
    }

    /// Two functions of the same values have the same attributions, whatever their form; and
    /// numbers that the function treats alike have the same.
    #[test]
    fn equal_functions_and_equal_roles_get_equal_attributions(seed in 0u64..1000) {
        let shape = shape(2, 1, false);
        let mut square = Model::new(&shape, |x| {
            let sum = x[0] + x[1];
            (sum * sum, vec![2.0 * sum; 2])
        });
        let mut terms = Model::new(&shape, |x| {
            let value = x[0] * x[0] + 2.0 * x[0] * x[1] + x[1] * x[1];
            (value, vec![2.0 * x[0] + 2.0 * x[1], 2.0 * x[0] + 2.0 * x[1]])
        });
        let (mut inputs, zero) = (rows(1, &shape, seed), Inputs::zeros(1, &shape));
        let [a, b] = [&mut square, &mut terms].map(|model| {
            flat(&fixed(3).attribute(model, &inputs, &[1], &zero).unwrap().values, 0)
        });
        assert_close(&a, &b, 1e-6);
        inputs.tracks.fill(inputs.tracks[[0, 0, 0]]);
        let alike = flat(&fixed(3).attribute(&mut square, &inputs, &[1], &zero).unwrap().values, 0);
        prop_assert_eq!(alike[0], alike[1]);
    }

    #[test]
    fn what_equals_its_baseline_gets_nothing(seed in 0u64..1000) {
        let shape = shape(6, 2, true);
        let mut model = Model::sigmoid(&shape, numbers(width(&shape), seed, "weights"));
        let (inputs, mut from) = (rows(1, &shape, seed), Inputs::zeros(1, &shape));
        from.tracks.index_axis_mut(Axis(2), 1).assign(&inputs.tracks.index_axis(Axis(2), 1));
        let explained = fixed(10).attribute(&mut model, &inputs, &[3], &from).unwrap();
        prop_assert!(explained.values.tracks.index_axis(Axis(2), 1).iter().all(|&v| v == 0.0));
        let same = fixed(10).attribute(&mut model, &inputs, &[3], &inputs).unwrap();
        prop_assert!(same.values.tracks.iter().chain(&same.values.dna).all(|&v| v == 0.0));
        prop_assert_eq!(same.completeness[0].relative(0.0), 0.0);
    }

    #[test]
    fn chunks_do_not_change_a_bit(seed in 0u64..100, cut in 1usize..6) {
        let shape = shape(20, 2, true);
        let weights = numbers(width(&shape), seed, "weights");
        let mut model = Model::sigmoid(&shape, weights.iter().map(|w| 4.0 * w).collect());
        let (inputs, ids) = (rows(6, &shape, seed), ids(6));
        let dna = DnaBaseline::Shuffles { count: 3, seed, seams: vec![8] };
        let baseline = MixedBaseline::constant(&[0.0, 0.5], dna);
        let steps = Steps::Adaptive { rule: Rule::Midpoint, first: 2, tolerance: 1e-3, limit: 9 };
        let method = IntegratedGradients { steps, spread: 0.1, centre_bases: false };
        let whole = method.attribute(&mut model, &inputs, &ids, &baseline).unwrap();
        for range in [0..cut, cut..6] {
            let at: Vec<usize> = range.clone().collect();
            let part = inputs.select(&at);
            let part = method.attribute(&mut model, &part, &ids[range.clone()], &baseline).unwrap();
            prop_assert_eq!(part.values, whole.values.select(&at));
            prop_assert_eq!(&part.completeness[..], &whole.completeness[range]);
        }
    }
}

#[test]
fn a_quadratic_is_exact_with_one_gauss_legendre_step() {
    let shape = shape(5, 2, false);
    let weights = numbers(10, 1, "weights");
    let squares = weights.clone();
    let mut model = Model::new(&shape, move |x| {
        let terms = x.iter().zip(&squares);
        (terms.clone().map(|(x, q)| q * x * x).sum(), terms.map(|(x, q)| 2.0 * q * x).collect())
    });
    let (inputs, from) = (rows(3, &shape, 2), rows(1, &shape, 3));
    let explained = fixed(1).attribute(&mut model, &inputs, &ids(3), &from).unwrap();
    for row in 0..3 {
        let ends = flat(&inputs, row).into_iter().zip(flat(&from, 0));
        let expected: Vec<f64> =
            ends.zip(&weights).map(|((x, f), q)| q * (x * x - f * f)).collect();
        assert_close(&flat(&explained.values, row), &expected, 1e-6);
    }
}

/// From 0, a rectified sum turns on at the share b / (w x) of the way.
#[test]
fn a_rectified_sum_has_its_closed_form() {
    let shape = shape(3, 1, false);
    let (weights, threshold) = ([2.0, 1.0, -0.5], 0.7);
    let mut model = Model::new(&shape, move |x| {
        let sum: f64 = x.iter().zip(weights).map(|(x, w)| x * w).sum();
        let on = f64::from(sum > threshold);
        (on * (sum - threshold), weights.iter().map(|w| on * w).collect())
    });
    let mut inputs = Inputs::zeros(1, &shape);
    inputs.tracks.iter_mut().zip([1.0, 0.5, 1.0]).for_each(|(to, x)| *to = x);
    let zero = Inputs::zeros(1, &shape);
    let on = 1.0 - threshold / 2.0;
    for (rule, steps) in [(Rule::Midpoint, 4000), (Rule::GaussLegendre, 4000)] {
        let steps = Steps::Fixed(rule, steps);
        let method = IntegratedGradients { steps, ..Default::default() };
        let explained = method.attribute(&mut model, &inputs, &[1], &zero).unwrap();
        assert_close(&flat(&explained.values, 0), &[2.0 * on, 0.5 * on, -0.5 * on], 1e-3);
        assert!(explained.completeness[0].within(1e-3, 0.0));
    }
}

/// The definition, a loop a number, in f64, with many equal steps.
#[test]
fn it_is_the_definition() {
    let shape = shape(4, 2, true);
    let weights: Vec<f64> = numbers(width(&shape), 4, "weights").iter().map(|w| 2.0 * w).collect();
    let mut model = Model::sigmoid(&shape, weights);
    let (inputs, from) = (rows(2, &shape, 5), rows(3, &shape, 6));
    let explained = fixed(40).attribute(&mut model, &inputs, &ids(2), &from).unwrap();
    for row in 0..2 {
        let to = flat(&inputs, row);
        let mut expected = vec![0.0; to.len()];
        for reference in 0..3 {
            let from = flat(&from, reference);
            for step in 0..2000 {
                let a = (f64::from(step) + 0.5) / 2000.0;
                let point: Vec<f64> = to.iter().zip(&from).map(|(x, f)| f + a * (x - f)).collect();
                let slopes = (model.function)(&point).1;
                for (i, slope) in slopes.into_iter().enumerate() {
                    expected[i] += (to[i] - from[i]) * slope / 2000.0 / 3.0;
                }
            }
        }
        assert_close(&flat(&explained.values, row), &expected, 1e-6);
        let values = (0..3).map(|reference| model.value(&from, reference));
        let completeness = explained.completeness[row];
        assert_eq!(completeness.value, model.value(&inputs, row));
        assert!((completeness.baseline_value - values.sum::<f64>() / 3.0).abs() < 1e-15);
        assert!((completeness.sum - expected.iter().sum::<f64>()).abs() < 1e-6);
    }
}

#[test]
fn steps_are_doubled_for_the_rows_that_need_it() {
    let shape = shape(2, 1, false);
    let mut model = Model::sigmoid(&shape, vec![1.0, 40.0]);
    let mut inputs = Inputs::zeros(3, &shape);
    inputs.tracks[[0, 0, 0]] = 1.0; // gentle
    inputs.tracks[[1, 1, 0]] = 1.0; // steep
    inputs.tracks[[2, 0, 0]] = 1.0; // as gentle
    let steps =
        Steps::Adaptive { rule: Rule::GaussLegendre, first: 4, tolerance: 1e-4, limit: 256 };
    let method = IntegratedGradients { steps, ..Default::default() };
    let zero = Inputs::zeros(1, &shape);
    let explained = method.attribute(&mut model, &inputs, &ids(3), &zero).unwrap();
    let taken: Vec<usize> = explained.completeness.iter().map(|row| row.steps).collect();
    assert_eq!((taken[0], taken[2]), (4, 4));
    assert!((16..=128).contains(&taken[1]), "{taken:?}");
    assert!(explained.completeness.iter().all(|row| row.within(1e-4, 0.0)));
    // 4 steps for three rows, then 8, 16 and so on for one.
    assert_eq!(model.gradients, 3 * 4 + (2 * taken[1] - 8));
    let once = fixed(taken[1]).attribute(&mut model, &inputs.select(&[1]), &[1], &zero).unwrap();
    assert_eq!(explained.values.select(&[1]), once.values);
}

#[test]
fn a_row_that_never_gets_there_stops_at_the_limit_and_is_told() {
    let shape = shape(1, 1, false);
    let mut step = Model::new(&shape, |x| (f64::from(x[0] > 0.3), vec![0.0]));
    let mut inputs = Inputs::zeros(1, &shape);
    inputs.tracks.fill(1.0);
    let steps = Steps::Adaptive { rule: Rule::Midpoint, first: 3, tolerance: 0.1, limit: 20 };
    let method = IntegratedGradients { steps, ..Default::default() };
    let zero = Inputs::zeros(1, &shape);
    let row = method.attribute(&mut step, &inputs, &[1], &zero).unwrap().completeness[0];
    assert_eq!((row.steps, row.delta(), row.within(0.1, 0.0)), (20, -1.0, false));
}

#[test]
fn centred_bases_sum_to_nothing_and_leave_completeness() {
    let shape = shape(5, 1, true);
    let weights = numbers(width(&shape), 7, "weights");
    let mut model = Model::linear(&shape, weights.clone());
    let inputs = rows(2, &shape, 8);
    let zero = Inputs::zeros(1, &shape);
    let plain = fixed(2).attribute(&mut model, &inputs, &ids(2), &zero).unwrap();
    let centred = IntegratedGradients { centre_bases: true, ..fixed(2) };
    let centred = centred.attribute(&mut model, &inputs, &ids(2), &zero).unwrap();
    assert_eq!(plain.completeness, centred.completeness);
    assert_eq!(plain.values.tracks, centred.values.tracks);
    for ((row, position, base), &value) in centred.values.dna.indexed_iter() {
        let bases = &weights[5 + 4 * position..][..4];
        let expected = bases[base] - bases.iter().sum::<f64>() / 4.0;
        let expected = f64::from(inputs.dna[[row, position, base]]) * expected;
        assert!((f64::from(value) - expected).abs() < 1e-6);
    }
}

#[test]
fn what_does_not_fit_is_refused_with_both_shapes() {
    let shape = shape(4, 2, true);
    let mut model = Model::linear(&shape, vec![1.0; width(&shape)]);
    let inputs = rows(2, &shape, 1);
    let zero = Inputs::zeros(1, &shape);
    let mut refused = |inputs: &Inputs, ids: &[u64], baseline: &dyn isegnet_explain::Baseline| {
        fixed(2).attribute(&mut model, inputs, ids, baseline).unwrap_err().to_string()
    };
    let short = Inputs::zeros(1, &models::shape(3, 2, true));
    assert!(refused(&inputs, &[1, 2], &short).contains("tracks has the shape [3, 2] where [4, 2]"));
    let without = Inputs::zeros(1, &models::shape(4, 2, false));
    assert!(refused(&inputs, &[1, 2], &without).contains("DNA has the shape [0, 4] where [4, 4]"));
    let mut unlike = Inputs::zeros(3, &models::shape(4, 2, true));
    unlike.dna = zero.dna.clone();
    assert!(refused(&inputs, &[1, 2], &unlike).contains("[1, 4, 4] where [3, 4, 4]"));
    let one = MixedBaseline::constant(&[0.0], DnaBaseline::ZERO);
    assert!(refused(&inputs, &[1, 2], &one).contains("[4, 1] where [4, 2]"));
    let profile = TrackBaseline::Profile(Array1::zeros(5));
    let profile = MixedBaseline { tracks: vec![profile.clone(), profile], dna: DnaBaseline::ZERO };
    assert!(refused(&inputs, &[1, 2], &profile).contains("[5] where [4]"));
    let mut unknown = zero.clone();
    unknown.tracks[[0, 3, 1]] = f32::NAN;
    assert!(refused(&inputs, &[1, 2], &unknown).contains("NaN at position 3 of column 1"));
    let none = Inputs::zeros(0, &shape);
    assert!(refused(&inputs, &[1, 2], &none).contains("no reference"));
    assert!(refused(&inputs, &[1], &zero).contains("1 row ids came with 2 rows"));
    assert!(refused(&short, &[1], &zero).contains("3 positions where 4"));
    let spread = IntegratedGradients { spread: f64::NAN, ..fixed(2) };
    let spread = spread.attribute(&mut model, &inputs, &[1, 2], &zero);
    assert!(matches!(spread, Err(ExplainError::Spread(_))));
    let steps = fixed(0).attribute(&mut model, &inputs, &[1, 2], &zero);
    assert!(matches!(steps, Err(ExplainError::NoSteps)));
}

#[test]
fn no_rows_have_no_attributions() {
    let shape = shape(4, 2, true);
    let mut model = Model::linear(&shape, vec![1.0; width(&shape)]);
    let none = Inputs::zeros(0, &shape);
    let explained = fixed(2).attribute(&mut model, &none, &[], &Inputs::zeros(1, &shape)).unwrap();
    assert_eq!((explained.values, explained.completeness.len()), (none, 0));
}

/// The paper's 200 steps leave a smooth model no difference to speak of.
#[test]
fn the_papers_steps_are_the_default() {
    assert_eq!(IntegratedGradients::default().steps, Steps::Fixed(Rule::GaussLegendre, 200));
    assert_eq!(Quadrature::gauss_legendre(200).unwrap().steps(), 200);
}
