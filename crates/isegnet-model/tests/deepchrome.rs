//! The preset `deepchrome` against its layers in PyTorch 2.15: `Conv1d(5, 50, 10)`, `ReLU`,
//! `MaxPool1d(5)`, `Linear(900, 625)`, `ReLU`, `Linear(625, 125)`, `ReLU`, `Linear(125, 2)` and
//! `LogSoftmax`, in f64, with weights and inputs by the formulas here.
#![allow(clippy::unwrap_used)]

use isegnet_core::InputShape;
use isegnet_model::{
    CandleEngine, CpuEngine, Device, Dna, Engine, Input, Layout, Loss, NetworkConfig, Plan, Step,
    Weights,
};
use ndarray::Array3;
use std::sync::Arc;

/// Numbers between -size / 2 and size / 2.
fn numbers(layer: u64, count: usize, size: f64) -> Vec<f64> {
    let number = |i: u64| size * (((i * 7919 + layer * 104_729) % 2003) as f64 / 2003.0 - 0.5);
    (0..count as u64).map(number).collect()
}

fn weights(plan: &Plan) -> Weights<f64> {
    let mut weights = Weights::zeros(&Arc::new(Layout::new(plan)));
    let mut set = |name: &str, values: Vec<f64>| weights.get_mut(name).copy_from_slice(&values);
    set("epi.conv1.kernel", numbers(1, 10 * 5 * 50, 0.5));
    set("epi.conv1.bias", numbers(2, 50, 0.2));
    set("dense1.kernel", numbers(3, 900 * 625, 0.2));
    set("dense1.bias", numbers(4, 625, 0.2));
    set("dense2.kernel", numbers(5, 625 * 125, 0.2));
    set("dense2.bias", numbers(6, 125, 0.2));
    // Of two softmax outputs, low and high, only the difference counts.
    let (low, high) = (numbers(7, 125, 0.5), numbers(8, 125, 0.5));
    set("out.kernel", high.iter().zip(&low).map(|(high, low)| high - low).collect());
    set("out.bias", vec![-0.1 - 0.05]);
    weights
}

/// Probabilities of high expression.
const HIGH: [f64; 4] =
    [0.5401594498806734, 0.46064725912791765, 0.47939049317280913, 0.35275401642614373];
/// Mean cross-entropy against high, low, high, low.
const LOSS: f64 = 0.6008862613544063;
/// Elements of the gradient of the convolution's kernel (tap, mark, map), and norms of others.
const KERNEL: [(usize, f64); 3] =
    [(0, -0.030003476646924116), (777, -0.05228353909570202), (2499, -0.005666282347756489)];
const NORMS: [(&str, f64); 3] = [
    ("epi.conv1.kernel", 2.4840134673128156),
    ("epi.conv1.bias", 0.4834586962374564),
    ("dense1.kernel", 9.417470795672735),
];

#[test]
fn parity_torch() {
    let tracks = ["H3K4me3", "H3K4me1", "H3K36me3", "H3K9me3", "H3K27me3"].map(str::to_owned);
    let shape = InputShape { positions: 100, tracks: tracks.to_vec(), dna: false };
    let plan = Plan::new(&NetworkConfig::deepchrome().classifier(), &shape).unwrap();
    let weights = weights(&plan);
    let tracks = Array3::from_shape_fn((4, 100, 5), |(row, bin, mark)| {
        (((row * 100 + bin) * 5 + mark) * 37 % 64 * (row + 1)) as f32 / 256.0
    });
    let input = Input { tracks: tracks.view(), dna: Dna::Absent };
    let cpu: Box<dyn Engine<f64>> = Box::new(CpuEngine::<f64>::new(plan.clone()));
    let candle: Box<dyn Engine<f64>> = Box::new(CandleEngine::new(plan, Device::Cpu).unwrap());
    for mut engine in [cpu, candle] {
        let mut logits = [0.0; 4];
        engine.infer(&weights, &input, &mut logits).unwrap();
        for (logit, high) in logits.iter().zip(HIGH) {
            assert!((1.0 / (1.0 + (-logit).exp()) - high).abs() < 1e-12, "{logit}");
        }
        let mut gradient = Weights::zeros(weights.layout());
        let target = [1.0, 0.0, 1.0, 0.0];
        let step = Step { target: &target, loss: Loss::CrossEntropy, dropout: None };
        let loss = engine.train_step(&weights, &input, step, &mut gradient, &mut logits).unwrap();
        assert!((loss - LOSS).abs() < 1e-12, "{loss}");
        for (at, expected) in KERNEL {
            assert!((gradient.get("epi.conv1.kernel")[at] - expected).abs() < 1e-11);
        }
        for (name, expected) in NORMS {
            let norm = gradient.get(name).iter().map(|g| g * g).sum::<f64>().sqrt();
            assert!((norm - expected).abs() < 1e-10, "{name}: {norm}");
        }
    }
}
