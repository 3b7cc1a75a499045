//! A trained model as a function: its values are its predictions, and engines, ensembles and
//! ways along a path agree.
#![allow(clippy::unwrap_used)]

mod point_by_point;

use isegnet_core::{Differentiable, InputShape, Inputs, Path, Random};
use isegnet_model::{
    Dna, EngineKind, Ensemble, Explained, Input, Network, NetworkConfig, NetworkFunction, Output,
    Plan, Role, TargetScale,
};
use ndarray::{Array3, Axis};
use point_by_point::PointByPoint;

const ENGINES: [EngineKind; 2] = [EngineKind::Cpu, EngineKind::Candle];

fn network(preset: &str, output: Output, seed: u64) -> Network {
    let small = NetworkConfig {
        k1: 5,
        k2: 6,
        kernel: 7,
        dense: vec![12, 8],
        pool: 3,
        output,
        ..NetworkConfig::preset(preset).unwrap()
    };
    let tracks = vec!["a".into(), "b".into()];
    let shape = InputShape { positions: 131, tracks, dna: true };
    let mut network = Network::initial(Plan::new(&small, &shape).unwrap(), seed);
    let random = Random::new(seed, "network");
    for (i, p) in network.weights.layout().clone().parameters().iter().enumerate() {
        for (j, v) in network.weights.get_mut(&p.name).iter_mut().enumerate() {
            if p.role != Role::Kernel && p.role != Role::MovingVariance {
                *v += 0.3 * random.part(i as u64).normal(0, j as u64) as f32;
            }
        }
    }
    network.target = TargetScale { offset: 0.2, scale: 1.5 };
    network
}

fn rows(count: usize, shape: &InputShape, seed: u64) -> Inputs {
    let mut inputs = Inputs::zeros(count, shape);
    let random = Random::new(seed, "rows");
    let mut next = 0..;
    for part in [&mut inputs.tracks, &mut inputs.dna] {
        part.mapv_inplace(|_| random.uniform(0, next.next().unwrap()) as f32);
    }
    inputs
}

fn gradient(model: &mut NetworkFunction, inputs: &Inputs) -> (Vec<f64>, Inputs) {
    let mut gradient = Inputs::zeros(inputs.rows(), model.shape());
    let mut values = vec![0.0; inputs.rows()];
    model.gradient_into(inputs, &mut values, &mut gradient).unwrap();
    (values, gradient)
}

/// The largest difference, as a share of the largest number.
fn apart(a: &Inputs, b: &Inputs) -> f32 {
    let largest = |x: &Array3<f32>| x.iter().fold(0.0, |m: f32, v| m.max(v.abs()));
    let differ = largest(&(&a.tracks - &b.tracks)).max(largest(&(&a.dna - &b.dna)));
    if differ == 0.0 { 0.0 } else { differ / largest(&b.tracks).max(largest(&b.dna)) }
}

#[test]
fn values_are_predictions_and_engines_give_the_same_slopes() {
    let mut shut = 0;
    for preset in NetworkConfig::PRESETS {
        for output in [Output::Relu, Output::Linear, Output::Logit] {
            for seed in [1, 2, 3] {
                let network = network(preset, output, seed);
                let inputs = rows(3, &network.plan.shape, seed);
                let input =
                    Input { tracks: inputs.tracks.view(), dna: Dna::Columns(inputs.dna.view()) };
                let mut last = vec![0.0; 3];
                let mut engine = network.engine(EngineKind::Cpu).unwrap();
                engine.infer(&network.weights, &input, &mut last).unwrap();
                let linear = ENGINES.map(|engine| {
                    let model = network.clone().into_function(engine, Explained::Linear);
                    gradient(&mut model.unwrap(), &inputs)
                });
                let predicted = ENGINES.map(|engine| {
                    let model = network.clone().into_function(engine, Explained::Prediction);
                    gradient(&mut model.unwrap(), &inputs)
                });
                for (row, &last) in last.iter().enumerate() {
                    let [before, after] = [&linear, &predicted].map(|both| both[0].0[row]);
                    assert!((before - network.target.restore(f64::from(last))).abs() < 1e-5);
                    assert!((after - f64::from(network.prediction(last))).abs() < 1e-5);
                    // The slope of the last step, by its definition.
                    let slope = match output {
                        Output::Relu => f64::from(before > 0.0),
                        Output::Linear => 1.0,
                        Output::Logit => after * (1.0 - after),
                    };
                    shut += usize::from(slope == 0.0);
                    let [mut scaled, found] =
                        [&linear, &predicted].map(|both| both[0].1.select(&[row]));
                    assert!(scaled.tracks.iter().chain(&scaled.dna).any(|&v| v != 0.0));
                    scaled.tracks *= slope as f32;
                    scaled.dna *= slope as f32;
                    assert!(apart(&found, &scaled) < 1e-5, "{preset} {output:?} {row}");
                }
                for [cpu, candle] in [&linear, &predicted] {
                    let differ = cpu.0.iter().zip(&candle.0).map(|(a, b)| (a - b).abs());
                    assert!(differ.fold(0.0, f64::max) < 1e-5);
                    assert!(apart(&cpu.1, &candle.1) < 1e-4, "{preset} {output:?}");
                }
            }
        }
    }
    assert!(shut > 0, "no final ReLU was shut");
}

#[test]
fn an_ensemble_is_its_mean_at_points_and_along_paths() {
    let nodes: Vec<f64> = (0..40).map(|step| (f64::from(step) + 0.5) / 40.0).collect();
    let weights: Vec<f64> = nodes.iter().map(|a| (1.0 - 0.3 * a) / 40.0).collect();
    for preset in ["gao2022", "gao2022-text", "deepchrome"] {
        for engine in ENGINES {
            let networks = [1, 2, 3].map(|seed| (seed, network(preset, Output::Relu, seed)));
            let shape = networks[0].1.plan.shape.clone();
            let (from, to) = (rows(2, &shape, 5), rows(2, &shape, 6));
            let path = Path { from: &from, to: &to, nodes: &nodes, weights: &weights };
            let follow = |model: &mut dyn Differentiable| {
                let (mut values, mut gradient) = (vec![0.0; 80], Inputs::zeros(2, &shape));
                model.path_gradient_into(&path, &mut values, &mut gradient).unwrap();
                (values, gradient)
            };
            let function = |network: &Network| {
                network.clone().into_function(engine, Explained::Linear).unwrap()
            };
            let ensemble = || {
                let ensemble = Ensemble::new(networks.to_vec()).unwrap();
                ensemble.into_function(engine, Explained::Linear).unwrap()
            };
            let followed = follow(&mut ensemble());
            let visited = follow(&mut PointByPoint(ensemble()));
            let each = networks.iter().map(|(_, network)| follow(&mut function(network)));
            let each: Vec<_> = each.collect();
            let mut mean = Inputs::zeros(2, &shape);
            for (_, gradient) in &each {
                mean.tracks.scaled_add(1.0 / 3.0, &gradient.tracks);
                mean.dna.scaled_add(1.0 / 3.0, &gradient.dna);
            }
            assert!(apart(&followed.1, &mean) < 1e-5, "{preset} {engine:?}");
            assert!(apart(&followed.1, &visited.1) < 1e-3, "{preset} {engine:?}");
            for (i, (a, b)) in followed.0.iter().zip(&visited.0).enumerate() {
                let mean = each.iter().map(|(values, _)| values[i]).sum::<f64>() / 3.0;
                assert!((a - mean).abs() < 1e-9 && (a - b).abs() < 1e-5, "{preset} {engine:?}");
            }
            let follows = engine == EngineKind::Cpu && preset == "gao2022";
            assert_eq!(ensemble().follows_paths(), follows);
        }
    }
}

#[test]
fn no_rows_have_no_values_and_what_does_not_fit_is_refused() {
    for preset in NetworkConfig::PRESETS {
        for engine in ENGINES {
            let network = network(preset, Output::Relu, 1);
            let mut model = network.into_function(engine, Explained::Linear).unwrap();
            let none = Inputs::zeros(0, model.shape());
            model.values_into(&none, &mut []).unwrap();
            assert_eq!(gradient(&mut model, &none), (Vec::new(), none));
            let inputs = rows(2, model.shape(), 1);
            assert!(model.values_into(&inputs, &mut [0.0]).is_err());
            let short = Inputs { dna: inputs.dna.select(Axis(1), &[0]), ..inputs.clone() };
            let error = model.values_into(&short, &mut [0.0; 2]).unwrap_err();
            assert!(error.to_string().contains("1 DNA positions where 131"), "{error}");
            let mut wrong = inputs.select(&[0]);
            assert!(model.gradient_into(&inputs, &mut [0.0; 2], &mut wrong).is_err());
        }
    }
}
