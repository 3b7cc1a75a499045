//! DeepChrome's layers, written as slowly and plainly as they can be, against the engine.

use super::*;
use crate::config::NetworkConfig;
use crate::engine::Loss;
use crate::weights::Role;
use isegnet_core::{InputShape, Random};
use ndarray::Array3;
use std::sync::Arc;

const BINS: usize = 100;
const MARKS: usize = 5;
const TAPS: usize = 10;
const MAPS: usize = 50;
const POOL: usize = 5;
const POOLED: usize = (BINS - TAPS + 1) / POOL;
const ROWS: usize = 3;

struct Case {
    plan: Plan,
    weights: Weights<f64>,
    tracks: Array3<f32>,
    target: [f32; ROWS],
}

impl Case {
    fn new() -> Self {
        let tracks = (0..MARKS).map(|mark| format!("mark{mark}")).collect();
        let shape = InputShape { positions: BINS, tracks, dna: false };
        let plan = Plan::new(&NetworkConfig::deepchrome().classifier(), &shape).unwrap();
        let layout = Arc::new(Layout::new(&plan));
        let mut weights: Weights<f64> = Weights::initial(&layout, 3);
        let random = Random::new(4, "case");
        for (i, p) in layout.parameters().iter().enumerate() {
            for (j, v) in weights.get_mut(&p.name).iter_mut().enumerate() {
                if p.role == Role::Shift {
                    *v = 0.2 * random.part(i as u64).normal(0, j as u64);
                }
            }
        }
        let tracks = Array3::from_shape_fn((ROWS, BINS, MARKS), |(row, bin, mark)| {
            random.part(90 + row as u64).uniform(mark as u64, bin as u64) as f32
        });
        Self { plan, weights, tracks, target: [1.0, 0.0, 1.0] }
    }

    fn input(&self) -> Input<'_> {
        Input { tracks: self.tracks.view(), dna: Dna::Absent }
    }

    fn row(&self, row: usize) -> Vec<f64> {
        self.tracks.index_axis(Axis(0), row).iter().map(|&v| f64::from(v)).collect()
    }
}

/// What a row becomes in the layers.
struct Values {
    x: Vec<f64>,
    /// The convolution, and the row in which each pool finds its largest value.
    z: Vec<f64>,
    places: Vec<usize>,
    /// What dropout multiplies each pooled value with, and what that gives.
    kept: Vec<f64>,
    flat: Vec<f64>,
    hidden: [Vec<f64>; 2],
    last: f64,
}

fn dense(weights: &Weights<f64>, name: &str, x: &[f64]) -> Vec<f64> {
    let kernel = weights.get(&format!("{name}.kernel"));
    let bias = weights.get(&format!("{name}.bias"));
    let product = |o: usize| (0..x.len()).map(|i| x[i] * kernel[i * bias.len() + o]).sum::<f64>();
    (0..bias.len()).map(|o| bias[o] + product(o)).collect()
}

fn relu(x: &[f64]) -> Vec<f64> {
    x.iter().map(|&v| if v > 0.0 { v } else { 0.0 }).collect()
}

fn forward(weights: &Weights<f64>, x: Vec<f64>, kept: Vec<f64>) -> Values {
    let (kernel, bias) = (weights.get("epi.conv1.kernel"), weights.get("epi.conv1.bias"));
    let mut z = Vec::new();
    for bin in 0..=BINS - TAPS {
        for map in 0..MAPS {
            let mut sum = bias[map];
            for tap in 0..TAPS {
                for mark in 0..MARKS {
                    sum +=
                        x[(bin + tap) * MARKS + mark] * kernel[(tap * MARKS + mark) * MAPS + map];
                }
            }
            z.push(sum);
        }
    }
    let (a, mut places, mut flat) = (relu(&z), Vec::new(), Vec::new());
    for pooled in 0..POOLED {
        for map in 0..MAPS {
            let mut place = pooled * POOL;
            for bin in pooled * POOL..(pooled + 1) * POOL {
                if a[bin * MAPS + map] > a[place * MAPS + map] {
                    place = bin;
                }
            }
            places.push(place);
            flat.push(a[place * MAPS + map] * kept[pooled * MAPS + map]);
        }
    }
    let first = relu(&dense(weights, "dense1", &flat));
    let second = relu(&dense(weights, "dense2", &first));
    let last = dense(weights, "out", &second)[0];
    Values { x, z, places, kept, flat, hidden: [first, second], last }
}

/// Adds a layer's gradients for one row, and gives the gradient at its input.
fn dense_backward(
    weights: &Weights<f64>,
    name: &str,
    (x, dy): (&[f64], &[f64]),
    gradient: &mut Weights<f64>,
) -> Vec<f64> {
    let name = |part: &str| format!("{name}.{part}");
    let of_bias = gradient.get_mut(&name("bias")).iter_mut();
    of_bias.zip(dy).for_each(|(g, dy)| *g += dy);
    let (kernel, of_kernel) = (weights.get(&name("kernel")), gradient.get_mut(&name("kernel")));
    let mut dx = vec![0.0; x.len()];
    for i in 0..x.len() {
        for o in 0..dy.len() {
            dx[i] += kernel[i * dy.len() + o] * dy[o];
            of_kernel[i * dy.len() + o] += x[i] * dy[o];
        }
    }
    dx
}

fn gated(dy: Vec<f64>, y: &[f64]) -> Vec<f64> {
    dy.iter().zip(y).map(|(&dy, &y)| if y > 0.0 { dy } else { 0.0 }).collect()
}

fn backward(weights: &Weights<f64>, row: &Values, slope: f64, gradient: &mut Weights<f64>) {
    let [first, second] = &row.hidden;
    let dy = dense_backward(weights, "out", (second, &[slope]), gradient);
    let dy = dense_backward(weights, "dense2", (first, &gated(dy, second)), gradient);
    let dy = dense_backward(weights, "dense1", (&row.flat, &gated(dy, first)), gradient);
    for (at, dy) in dy.iter().enumerate() {
        let (bin, map) = (row.places[at], at % MAPS);
        if row.z[bin * MAPS + map] <= 0.0 {
            continue;
        }
        let dz = dy * row.kept[at];
        gradient.get_mut("epi.conv1.bias")[map] += dz;
        let kernel = gradient.get_mut("epi.conv1.kernel");
        for tap in 0..TAPS {
            for mark in 0..MARKS {
                kernel[(tap * MARKS + mark) * MAPS + map] += dz * row.x[(bin + tap) * MARKS + mark];
            }
        }
    }
}

/// What dropout multiplies the pooled values of a row with.
fn kept(dropout: Option<Dropout>, row: usize) -> Vec<f64> {
    let Some(dropout) = dropout else { return vec![1.0; POOLED * MAPS] };
    let mut words = vec![0; (POOLED * MAPS).div_ceil(64)];
    KeepBits::new(dropout, "epi.conv1", 0.5).fill(row, POOLED * MAPS, &mut words);
    let bit = |at: usize| words[at / 64] >> (at % 64) & 1;
    (0..POOLED * MAPS).map(|at| 2.0 * bit(at) as f64).collect()
}

fn assert_close(what: &str, ours: &[f64], plain: &[f64]) {
    assert_eq!(ours.len(), plain.len());
    let largest = plain.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    assert!(largest > 0.0, "{what} is nothing");
    for (i, (ours, plain)) in ours.iter().zip(plain).enumerate() {
        assert!((ours - plain).abs() < 1e-11 * largest, "{what} {i}: {ours} for {plain}");
    }
}

#[test]
fn a_step_is_that_of_the_plain_layers() {
    let case = Case::new();
    let layout = case.weights.layout();
    for dropout in [None, Some(Dropout { seed: 5, step: 7 })] {
        let (mut loss, mut last, mut plain) = (0.0, Vec::new(), Weights::zeros(layout));
        for (row, &target) in case.target.iter().enumerate() {
            let values = forward(&case.weights, case.row(row), kept(dropout, row));
            let dropped = values.kept.iter().filter(|&&factor| factor == 0.0).count();
            assert_eq!(dropout.is_some(), (300..600).contains(&dropped), "{dropped}");
            let (value, slope) = Loss::CrossEntropy.value_and_slope(values.last, f64::from(target));
            backward(&case.weights, &values, slope / ROWS as f64, &mut plain);
            loss += value / ROWS as f64;
            last.push(values.last);
        }
        let (mut output, mut gradient) = ([0.0; ROWS], Weights::zeros(layout));
        let step = Step { target: &case.target, loss: Loss::CrossEntropy, dropout };
        let mut engine = CpuEngine::new(case.plan.clone());
        let ours = engine
            .train_step(&case.weights, &case.input(), step, &mut gradient, &mut output)
            .unwrap();
        assert_close("loss", &[ours], &[loss]);
        assert_close("output", &output, &last);
        for p in layout.parameters() {
            assert_close(&p.name, gradient.get(&p.name), plain.get(&p.name));
        }
    }
}

#[test]
fn predictions_are_those_of_the_plain_layers() {
    let case = Case::new();
    let last = |row| forward(&case.weights, case.row(row), kept(None, row)).last;
    let mut output = [0.0; ROWS];
    let mut engine = CpuEngine::new(case.plan.clone());
    engine.infer(&case.weights, &case.input(), &mut output).unwrap();
    assert_close("prediction", &output, &(0..ROWS).map(last).collect::<Vec<f64>>());
}
