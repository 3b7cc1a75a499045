//! The network against the authors' layers in Keras.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod point_by_point;

use isegnet_core::{Differentiable, InputShape, Inputs, testdata};
use isegnet_explain::{Attribution, IntegratedGradients, Rule, Steps};
use isegnet_model::{
    Adam, CandleEngine, CpuEngine, Device, Dna, Engine, EngineKind, Explained, Input, Layout, Loss,
    Network, NetworkConfig, Penalty, Plan, Step, TargetScale, Tensors, Weights, move_statistics,
    parse_safetensors, weights_from_tensors,
};
use ndarray::{Array1, Array2, Array3, ArrayD};
use ndarray_npy::NpzReader;
use point_by_point::PointByPoint;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

fn json(path: &Path) -> Value {
    serde_json::from_reader(File::open(path).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn shape(positions: usize, tracks: usize) -> InputShape {
    let tracks = (0..tracks).map(|i| format!("track{i}")).collect();
    InputShape { positions, tracks, dna: true }
}

/// The full network of the fixture, with its inputs in our order.
struct Fixture {
    plan: Plan,
    weights: Weights,
    tracks: Array3<f32>,
    dna: Array3<f32>,
}

impl Fixture {
    fn read(folder: &Path) -> Self {
        let mut bytes = Vec::new();
        let file = File::open(folder.join("weights.safetensors.gz")).unwrap();
        flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
        let (tensors, _) = parse_safetensors(&bytes).unwrap();
        let kernel = |name: &str| tensors[name].0.clone();
        let tracks = kernel("epi.conv1.kernel")[1];
        let mut npz = NpzReader::new(File::open(folder.join("inputs.npz")).unwrap()).unwrap();
        let epi: Array2<f32> = npz.by_name("epi_input").unwrap();
        let seq: Array2<f32> = npz.by_name("seq_input").unwrap();
        let (rows, positions) = (epi.nrows(), epi.ncols() / tracks);
        let epi = epi.into_shape_with_order((rows, tracks, positions)).unwrap();
        let config = NetworkConfig {
            k1: kernel("epi.conv1.kernel")[3],
            k2: kernel("epi.conv2.kernel")[3],
            kernel: kernel("epi.conv1.kernel")[0],
            ..NetworkConfig::gao2022()
        };
        let plan = Plan::new(&config, &shape(positions, tracks)).unwrap();
        let weights = weights_from_tensors(&Arc::new(Layout::new(&plan)), &tensors).unwrap();
        Self {
            plan,
            weights,
            tracks: epi.permuted_axes([0, 2, 1]).as_standard_layout().into_owned(),
            dna: seq.into_shape_with_order((rows, positions, 4)).unwrap(),
        }
    }

    fn input(&self) -> Input<'_> {
        Input { tracks: self.tracks.view(), dna: Dna::Columns(self.dna.view()) }
    }
}

fn engines(plan: &Plan) -> [(&'static str, Box<dyn Engine>); 2] {
    let candle = CandleEngine::new(plan.clone(), Device::Cpu).unwrap();
    [("cpu", Box::new(CpuEngine::<f32>::new(plan.clone()))), ("candle", Box::new(candle))]
}

#[test]
fn parity_keras_forward() {
    let Some(folder) = testdata::fixtures("keras") else { return };
    let fixture = Fixture::read(&folder);
    let mut npz = NpzReader::new(File::open(folder.join("outputs.npz")).unwrap()).unwrap();
    let before: ArrayD<f32> = npz.by_name("output_before_final_relu").unwrap();
    let after: ArrayD<f32> = npz.by_name("output").unwrap();
    for (name, mut engine) in engines(&fixture.plan) {
        let mut output = vec![0.0; before.len()];
        engine.infer(&fixture.weights, &fixture.input(), &mut output).unwrap();
        for ((&ours, &before), &after) in output.iter().zip(&before).zip(&after) {
            assert!((ours - before).abs() < 1e-4, "{name}: {ours} for {before} before the ReLU");
            assert!((ours.max(0.0) - after).abs() < 1e-4, "{name}: {ours} for {after} after it");
        }
    }
}

#[test]
fn parity_keras_loss() {
    let Some(folder) = testdata::fixtures("keras") else { return };
    let fixture = Fixture::read(&folder);
    let loss = json(&folder.join("loss.json"));
    let mut engine = CpuEngine::<f32>::new(fixture.plan.clone());
    let mut output = vec![0.0; fixture.tracks.dim().0];
    engine.infer(&fixture.weights, &fixture.input(), &mut output).unwrap();
    let truth: Vec<f64> = loss["y_true"].as_array().unwrap().iter().map(number).collect();
    let rows = output.iter().zip(&truth);
    let mse =
        rows.map(|(&p, &t)| Loss::SquaredErrorRelu.value_and_slope(f64::from(p), t).0).sum::<f64>()
            / truth.len() as f64;
    assert!((mse - number(&loss["mse"])).abs() < 1e-4 * mse, "{mse}");
    let mut gradient = Weights::zeros(fixture.weights.layout());
    let penalty = Penalty::Squares.add_gradient(1e-4, &fixture.weights, &mut gradient);
    let expected = number(&loss["l2_penalty_sum_1e-4"]);
    assert!((penalty - expected).abs() < 1e-4 * expected, "{penalty}");
    assert!((mse + penalty - number(&loss["keras_loss"])).abs() < 1e-3);
}

fn tensors(npz: &mut NpzReader<File>, prefix: &str) -> Tensors {
    let names: Vec<String> = npz.names().unwrap();
    let of_set = names.iter().filter_map(|name| {
        Some((name, name.trim_end_matches(".npy").strip_prefix(prefix)?.to_owned()))
    });
    let mut tensors = Tensors::new();
    for (file, name) in of_set {
        let values: ArrayD<f32> = npz.by_name(file.trim_end_matches(".npy")).unwrap();
        tensors.insert(name, (values.shape().to_vec(), values.iter().copied().collect()));
    }
    tensors
}

/// Distance between the two, as a share of how far theirs lies from `start`.
///
/// A largest difference would not do: the first steps of Adam have the size of
/// the learning rate whatever the gradient, so where a gradient is nearly 0 its
/// rounding decides on a visible step.
fn distance(ours: &[f32], theirs: &[f32], start: &[f32]) -> f64 {
    let norm = |a: &[f32], b: &[f32]| {
        a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
    };
    norm(ours, theirs) / norm(theirs, start).max(1e-6)
}

#[test]
fn parity_keras_train_steps() {
    let Some(folder) = testdata::fixtures("keras") else { return };
    let about = json(&folder.join("train_steps.json"));
    let mut npz = NpzReader::new(File::open(folder.join("train_steps.npz")).unwrap()).unwrap();
    let epi: Array3<f32> = npz.by_name("epi").unwrap();
    let dna: Array3<f32> = npz.by_name("dna").unwrap();
    let target: Array2<f32> = npz.by_name("target").unwrap();
    let target: Array1<f32> = target.column(0).to_owned();
    let size = |key: &str| about[key].as_u64().unwrap() as usize;
    let config = NetworkConfig {
        k1: size("k1"),
        k2: size("k2"),
        kernel: size("kernel"),
        dropout: 0.0,
        ..NetworkConfig::gao2022()
    };
    let plan = Plan::new(&config, &shape(size("positions"), size("tracks"))).unwrap();
    let layout = Arc::new(Layout::new(&plan));
    let w0 = weights_from_tensors(&layout, &tensors(&mut npz, "w0/")).unwrap();
    let inferred: ArrayD<f32> = npz.by_name("eval_after_3").unwrap();
    let (g1, w1, w3) =
        (tensors(&mut npz, "g1/"), tensors(&mut npz, "w1/"), tensors(&mut npz, "w3/"));
    for (name, mut engine) in engines(&plan) {
        let mut weights = w0.clone();
        let mut adam = Adam::new(&layout);
        let mut gradient = Weights::zeros(&layout);
        for step in about["steps"].as_array().unwrap() {
            let row = |i: usize| step["rows"][i].as_u64().unwrap() as usize;
            let rows = row(0)..row(1);
            let tracks = epi.slice(ndarray::s![rows.clone(), .., ..]);
            let dna = Dna::Columns(dna.slice(ndarray::s![rows.clone(), .., ..]));
            let target: Vec<f32> = target.slice(ndarray::s![rows]).to_vec();
            let input = Input { tracks, dna };
            let mut output = vec![0.0; target.len()];
            let step_of = Step { target: &target, loss: Loss::SquaredErrorRelu, dropout: None };
            let mse =
                engine.train_step(&weights, &input, step_of, &mut gradient, &mut output).unwrap();
            assert!((mse - number(&step["mse"])).abs() < 1e-4 * mse, "{name}: mse {mse}");
            for (ours, theirs) in output.iter().zip(step["prediction"].as_array().unwrap()) {
                assert!((f64::from(ours.max(0.0)) - number(theirs)).abs() < 1e-3, "{name}");
            }
            let lambda = number(&about["lambda"]);
            let penalty = Penalty::Squares.add_gradient(lambda, &weights, &mut gradient);
            assert!((penalty - number(&step["penalty"])).abs() < 1e-4 * penalty, "{name}");
            let first = adam.steps == 0;
            if first {
                compare(
                    &format!("{name}, gradients"),
                    &gradient,
                    &g1,
                    &Weights::zeros(&layout),
                    1e-4,
                );
            }
            adam.step(&mut weights, &gradient, number(&about["adam"]["lr"]));
            move_statistics(&mut weights, &gradient);
            if first {
                compare(&format!("{name}, after step 1"), &weights, &w1, &w0, 5e-2);
            }
        }
        compare(&format!("{name}, after step 3"), &weights, &w3, &w0, 5e-2);
        let all = Input { tracks: epi.view(), dna: Dna::Columns(dna.view()) };
        let mut output = vec![0.0; epi.dim().0];
        engine.infer(&weights, &all, &mut output).unwrap();
        for (ours, &theirs) in output.iter().zip(&inferred) {
            assert!((ours.max(0.0) - theirs).abs() < 1e-3, "{name}: {ours} for {theirs}");
        }
    }
}

/// Compares each parameter within `tolerance`, and all of them together within a tenth of it.
fn compare(what: &str, ours: &Weights, theirs: &Tensors, start: &Weights, tolerance: f64) {
    let (mut all, mut all_theirs, mut all_start) = (Vec::new(), Vec::new(), Vec::new());
    for p in ours.layout().parameters() {
        let keras = p.name.replace("out.", "output.");
        let Some((_, values)) = theirs.get(&keras) else { continue };
        let got = ours.get(&p.name);
        // A bias before a batch norm has gradient 0; Adam turns the rounding
        // that is left into steps of a random sign, which change nothing.
        if p.name.ends_with(".bias") && !p.name.starts_with("out") {
            assert!(got.iter().all(|v| v.abs() < 0.02), "{what}: {}", p.name);
            continue;
        }
        let share = distance(got, values, start.get(&p.name));
        assert!(share < tolerance, "{what}: {} differs by {share}", p.name);
        all.extend_from_slice(got);
        all_theirs.extend_from_slice(values);
        all_start.extend_from_slice(start.get(&p.name));
    }
    let share = distance(&all, &all_theirs, &all_start);
    assert!(share < tolerance / 10.0, "{what}: all differ by {share}");
}

impl Fixture {
    fn network(&self) -> Network {
        let (plan, weights) = (self.plan.clone(), self.weights.clone());
        Network { plan, weights, target: TargetScale::default() }
    }

    /// One of its inputs.
    fn row(&self, row: usize) -> Inputs {
        Inputs { tracks: self.tracks.clone(), dna: self.dna.clone() }.select(&[row])
    }
}

/// A reference attribution, in our order.
fn reference(npz: &mut NpzReader<File>, name: &str, shape: &InputShape) -> Inputs<f64> {
    let mut part = |part: &str| -> Vec<f64> {
        let name = format!("{name}.{part}");
        let wide: Result<Array1<f64>, _> = npz.by_name(&name);
        match wide {
            Ok(values) => values.to_vec(),
            Err(_) => {
                let values: Array1<f32> = npz.by_name(&name).unwrap();
                values.iter().map(|&v| f64::from(v)).collect()
            }
        }
    };
    let (tracks, positions) = (shape.tracks.len(), shape.positions);
    let epi = Array3::from_shape_vec((1, tracks, positions), part("epi")).unwrap();
    let dna = Array3::from_shape_vec((1, positions, 4), part("seq")).unwrap();
    Inputs { tracks: epi.permuted_axes([0, 2, 1]).as_standard_layout().into_owned(), dna }
}

/// Relative distance of two lists, and their correlation.
fn agreement(ours: &Array3<f32>, theirs: &Array3<f64>) -> (f64, f64) {
    let pairs = || ours.iter().map(|&v| f64::from(v)).zip(theirs.iter().copied());
    let apart: f64 = pairs().map(|(a, b)| (a - b).powi(2)).sum();
    let size: f64 = pairs().map(|(_, b)| b * b).sum();
    let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs().unzip();
    ((apart / size).sqrt(), isegnet_stats::pearson(&theirs, &ours).unwrap())
}

/// Checks one part of an attribution to the tolerances of the fixture.
fn check_part(name: &str, ours: &Array3<f32>, theirs: &Array3<f64>, relative: f64) {
    if theirs.iter().all(|&v| v == 0.0) {
        assert!(ours.iter().all(|&v| v == 0.0), "{name}: not 0 where the input is its baseline");
        return;
    }
    let (distance, pearson) = agreement(ours, theirs);
    assert!(distance <= relative, "{name}: relative distance {distance}");
    assert!(pearson >= 0.9999, "{name}: Pearson {pearson}");
    let sum = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>();
    let apart = sum(&mut ours.iter().map(|&v| f64::from(v))) - sum(&mut theirs.iter().copied());
    let size = sum(&mut theirs.iter().map(|v| v.abs()));
    assert!(apart.abs() <= 2e-3 * size, "{name}: sums {apart} apart");
}

fn explained(
    model: &mut dyn Differentiable,
    steps: usize,
    input: &Inputs,
    baseline: &Inputs,
) -> Attribution {
    let steps = Steps::Fixed(Rule::GaussLegendre, steps);
    let method = IntegratedGradients { steps, ..IntegratedGradients::default() };
    method.attribute(model, input, &[0], baseline).unwrap()
}

#[test]
fn parity_alibi_integrated_gradients() {
    let Some(folder) = testdata::fixtures("keras") else { return };
    let fixture = Fixture::read(&folder);
    let shape = &fixture.plan.shape;
    let mut npz = NpzReader::new(File::open(folder.join("ig.npz")).unwrap()).unwrap();
    let meta = json(&folder.join("meta.json"));
    let zero = Inputs::zeros(1, shape);
    // A quarter of each base; methylation, the last track, 1.
    let mut quarter = zero.clone();
    quarter.dna.fill(0.25);
    quarter.tracks.slice_mut(ndarray::s![.., .., 6]).fill(1.0);
    let mut model =
        fixture.network().into_function(EngineKind::Cpu, Explained::Prediction).unwrap();
    assert!(model.follows_paths());
    for (name, baseline, steps, rows) in [
        ("zero", &zero, 200, &[6, 4, 2][..]),
        ("quarter_meth1", &quarter, 200, &[6, 4, 2]),
        ("zero50", &zero, 50, &[6]),
    ] {
        for &row in rows {
            let name = format!("{name}.{row}");
            let ours = explained(&mut model, steps, &fixture.row(row), baseline);
            let theirs = reference(&mut npz, &name, shape);
            check_part(&format!("{name}.epi"), &ours.values.tracks, &theirs.tracks, 2e-3);
            check_part(&format!("{name}.seq"), &ours.values.dna, &theirs.dna, 2e-3);
            let completeness = ours.completeness[0];
            if let Some(meta) = meta["ig"].get(&name) {
                assert!((completeness.value - number(&meta["F_x"])).abs() < 1e-4, "{name}");
                let base = completeness.baseline_value;
                assert!((base - number(&meta["F_base"])).abs() < 1e-4, "{name}: {base}");
            }
        }
    }
}

#[test]
fn parity_keras_input_gradients() {
    let Some(folder) = testdata::fixtures("keras") else { return };
    let fixture = Fixture::read(&folder);
    let mut npz = NpzReader::new(File::open(folder.join("ig.npz")).unwrap()).unwrap();
    let theirs = reference(&mut npz, "grad.6", &fixture.plan.shape);
    for engine in [EngineKind::Cpu, EngineKind::Candle] {
        let mut model = fixture.network().into_function(engine, Explained::Prediction).unwrap();
        let input = fixture.row(6);
        let (mut values, mut gradient) = ([0.0], input.clone());
        model.gradient_into(&input, &mut values, &mut gradient).unwrap();
        check_part("epi", &gradient.tracks, &theirs.tracks, 1e-4);
        check_part("seq", &gradient.dna, &theirs.dna, 1e-4);
    }
}

#[test]
fn the_full_network_is_followed_as_it_is_visited_in_single_precision() {
    let Some(folder) = testdata::fixtures("keras") else { return };
    let fixture = Fixture::read(&folder);
    let zero = Inputs::zeros(1, &fixture.plan.shape);
    let function = |explained| fixture.network().into_function(EngineKind::Cpu, explained).unwrap();
    let input = fixture.row(4);
    let followed = explained(&mut function(Explained::Linear), 40, &input, &zero);
    let visited = explained(&mut PointByPoint(function(Explained::Linear)), 40, &input, &zero);
    for part in [|a: &Inputs| a.tracks.clone(), |a: &Inputs| a.dna.clone()] {
        let (followed, visited) = (part(&followed.values), part(&visited.values));
        let largest = visited.iter().fold(0.0, |m: f32, v| m.max(v.abs()));
        let apart = followed.iter().zip(&visited).fold(0.0, |m: f32, (a, b)| m.max((a - b).abs()));
        assert!(apart < 1e-3 * largest, "{apart} of {largest}");
    }
    let [a, b] = [&followed, &visited].map(|attribution| attribution.completeness[0].sum);
    assert!((a - b).abs() < 1e-3 * a.abs(), "{a} and {b}");
}
