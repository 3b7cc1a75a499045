//! The frozen network against the engine that trains, and its gradients against differences.

mod path;

use super::*;
use crate::config::{Merge, NetworkConfig, Output, Padding, PoolAfter, Pooling};
use crate::engine::cpu::CpuEngine;
use crate::engine::{Dna, Engine, Input};
use crate::weights::{Layout, Role};
use isegnet_core::{InputShape, Path, Random};
use isegnet_ops::Real;
use ndarray::Array3;
use std::sync::Arc;

/// A network with every number random, and rows to run it on.
struct Case {
    plan: Plan,
    weights: Weights<f64>,
    from: Inputs<f64>,
    to: Inputs<f64>,
}

fn random(rows: usize, shape: &InputShape, random: &Random) -> Inputs<f64> {
    let mut inputs = Inputs::zeros(rows, shape);
    let mut i = 0;
    for part in [&mut inputs.tracks, &mut inputs.dna] {
        part.mapv_inplace(|_| {
            i += 1;
            // Kept in f32, so that every engine reads the same.
            f64::from(random.uniform(0, i) as f32)
        });
    }
    inputs
}

impl Case {
    fn new(
        config: &NetworkConfig,
        (positions, tracks, dna): (usize, usize, bool),
        seed: u64,
    ) -> Option<Self> {
        let names = (0..tracks).map(|i| format!("t{i}")).collect();
        let shape = InputShape { positions, tracks: names, dna };
        let plan = Plan::new(config, &shape).ok()?;
        let layout = Arc::new(Layout::new(&plan));
        let mut weights: Weights<f64> = Weights::initial(&layout, seed);
        let draws = Random::new(seed, "case");
        for (i, p) in layout.parameters().iter().enumerate() {
            let draws = draws.part(i as u64);
            for (j, v) in weights.get_mut(&p.name).iter_mut().enumerate() {
                match p.role {
                    Role::Kernel => {}
                    Role::MovingVariance => *v = 0.5 + draws.uniform(0, j as u64),
                    _ => *v += 0.3 * draws.normal(0, j as u64),
                }
            }
        }
        let (from, to) = (random(2, &shape, &draws.part(90)), random(2, &shape, &draws.part(91)));
        Some(Self { plan, weights, from, to })
    }

    fn frozen<T: Number>(&self) -> Frozen<T> {
        Frozen::new(&self.plan, &self.weights.cast())
    }

    fn zeros<V: ndarray::LinalgScalar>(&self) -> Inputs<V> {
        Inputs::zeros(2, &self.plan.shape)
    }
}

/// A head whose slope is not 1 everywhere.
const HEAD: Head<'_> = &|last: f64| (last.sin(), last.cos());

fn small(config: NetworkConfig) -> NetworkConfig {
    NetworkConfig { k1: 5, k2: 6, kernel: 7, dense: vec![12, 8], pool: 3, ..config }
}

fn largest<V: Real>(inputs: &Inputs<V>) -> f64 {
    let all = inputs.tracks.iter().chain(&inputs.dna);
    all.map(|v| v.to_f64().abs()).fold(0.0, f64::max)
}

/// The largest difference, as a share of the largest number.
fn difference<V: Real>(a: &Inputs<V>, b: &Inputs<f64>) -> f64 {
    let pairs = a.tracks.iter().zip(&b.tracks).chain(a.dna.iter().zip(&b.dna));
    let apart = pairs.map(|(a, b)| (a.to_f64() - b).abs()).fold(0.0, f64::max);
    apart / largest(b).max(1e-12)
}

fn presets() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in NetworkConfig::PRESETS {
        let config = small(NetworkConfig::preset(name).unwrap());
        for (tracks, dna) in [(3, true), (2, false), (0, true)] {
            cases.extend(Case::new(&config, (131, tracks, dna), 3));
        }
        for layers in [1, 3] {
            let config = NetworkConfig { layers, ..config.clone() };
            cases.extend(Case::new(&config, (160, 2, true), 4));
        }
    }
    let each = NetworkConfig {
        pooling: Pooling::Average,
        pool_after: PoolAfter::Each,
        merge: Merge::Dense,
        padding: Padding::Same,
        pool: 2,
        ..small(NetworkConfig::gao2022())
    };
    cases.extend(Case::new(&each, (90, 2, true), 5));
    assert!(cases.len() > 12);
    cases
}

#[test]
fn values_are_those_of_the_engine_that_trains() {
    for case in presets() {
        let mut values = [0.0; 2];
        case.frozen::<f64>().values(&case.to, &|last| (last, 1.0), &mut values);
        let mut expected = [0.0; 2];
        let narrow = |part: &Array3<f64>| part.mapv(|v| v as f32);
        let (tracks, dna) = (narrow(&case.to.tracks), narrow(&case.to.dna));
        let tracks = match tracks.dim() {
            (rows, 0, 0) => Array3::zeros((rows, case.plan.shape.positions, 0)),
            _ => tracks,
        };
        let dna = if case.plan.shape.dna { Dna::Columns(dna.view()) } else { Dna::Absent };
        let input = Input { tracks: tracks.view(), dna };
        let mut engine = CpuEngine::new(case.plan.clone());
        engine.infer(&case.weights, &input, &mut expected).unwrap();
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-10, "{:?}", case.plan.config);
        }
    }
}

#[test]
fn gradients_are_the_derivatives() {
    for case in presets() {
        let mut frozen = case.frozen::<f64>();
        let (mut values, mut gradient) = ([0.0; 2], case.zeros::<f64>());
        frozen.gradient(&case.to, HEAD, &mut values, &mut gradient);
        let h = 1e-6;
        let mut at = |part: usize, index: [usize; 3], by: f64| {
            let mut moved = case.to.clone();
            [&mut moved.tracks, &mut moved.dna][part][index] += by;
            let mut values = [0.0; 2];
            frozen.values(&moved, HEAD, &mut values);
            values[index[0]]
        };
        for part in 0..2 {
            let all = [&gradient.tracks, &gradient.dna][part];
            let scale = largest(&gradient);
            for (i, ((row, position, column), g)) in all.indexed_iter().enumerate() {
                if i % 37 != 0 {
                    continue;
                }
                let index = [row, position, column];
                let slope = (at(part, index, h) - at(part, index, -h)) / (2.0 * h);
                assert!((g - slope).abs() < 1e-5 * scale, "{:?} {index:?}", case.plan.config);
            }
        }
    }
}

#[test]
fn values_and_gradients_are_the_same_bits_in_any_groups() {
    for name in NetworkConfig::PRESETS {
        let config = small(NetworkConfig::preset(name).unwrap());
        let case = Case::new(&config, (131, 2, true), 8).unwrap();
        let many = random(61, &case.plan.shape, &Random::new(9, "rows"));
        let run = |threads: usize, rows: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let some = many.select(&(0..rows).collect::<Vec<usize>>());
            let mut gradient = Inputs::zeros(rows, &case.plan.shape);
            let (mut alone, mut values) = (vec![0.0; rows], vec![0.0; rows]);
            let mut frozen = case.frozen::<f32>();
            pool.install(|| frozen.values(&some, HEAD, &mut alone));
            pool.install(|| frozen.gradient(&some, HEAD, &mut values, &mut gradient));
            assert_eq!(alone, values);
            (values, gradient)
        };
        for rows in [1, 5, 61] {
            let one = run(1, rows);
            assert_eq!(one, run(3, rows));
            assert_eq!(one, run(64, rows));
            assert_eq!(one.1.select(&[0]), run(1, 1).1);
        }
    }
}
