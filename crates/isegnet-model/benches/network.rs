//! A training step and inference of `gao2022`, batch 100, 7 tracks and DNA.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use isegnet_core::{InputShape, Random};
use isegnet_model::{
    CpuEngine, Dna, Dropout, Engine, Input, Layout, Loss, NetworkConfig, Plan, Step, Weights,
};
use ndarray::{Array2, Array3};
use std::hint::black_box;
use std::sync::Arc;

const ROWS: usize = 100;

fn network(c: &mut Criterion) {
    let random = Random::new(1, "bench");
    let value = |[i, j, k]: [usize; 3]| random.uniform(i as u64, (j * 8 + k) as u64) as f32;
    let tracks = Array3::from_shape_fn((ROWS, 2500, 7), |(i, j, k)| value([i, j, k]));
    let codes = Array2::from_shape_fn((ROWS, 2500), |(i, j)| (value([i, j, 7]) * 4.0) as u8);
    let input = Input { tracks: tracks.view(), dna: Dna::Codes(codes.view()) };
    let target: Vec<f32> = (0..ROWS).map(|i| 5.0 * value([i, 0, 0])).collect();
    let names = (0..7).map(|i| format!("track{i}")).collect();
    let shape = InputShape { positions: 2500, tracks: names, dna: true };

    let mut group = c.benchmark_group("gao2022");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    for (k1, k2) in [(16, 32), (64, 128)] {
        let config = NetworkConfig { k1, k2, ..NetworkConfig::gao2022() };
        let plan = Plan::new(&config, &shape).expect("a plan for 2,500 positions");
        let layout = Arc::new(Layout::new(&plan));
        let weights: Weights = Weights::initial(&layout, 1);
        let mut gradient = Weights::zeros(&layout);
        let mut output = vec![0.0; ROWS];
        let mut engine = CpuEngine::<f32>::new(plan);
        let dropout = Some(Dropout { seed: 1, step: 0 });
        let step = Step { target: &target, loss: Loss::SquaredErrorRelu, dropout };
        group.bench_function(format!("train k1 {k1} k2 {k2}"), |b| {
            b.iter(|| {
                let loss = engine.train_step(&weights, &input, step, &mut gradient, &mut output);
                black_box(loss).expect("a step")
            });
        });
        group.bench_function(format!("infer k1 {k1} k2 {k2}"), |b| {
            b.iter(|| engine.infer(&weights, &input, black_box(&mut output)).expect("inference"));
        });
    }
    group.finish();
}

criterion_group!(benches, network);
criterion_main!(benches);
