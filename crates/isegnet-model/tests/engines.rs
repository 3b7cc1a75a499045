//! The two engines give the same outputs, gradients, statistics and steps, and
//! the gradients are the derivatives.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use isegnet_core::{InputShape, NO_BASE, Random};
use isegnet_model::{
    CandleEngine, CpuEngine, Device, Dna, Dropout, DropoutAfter, Engine, Input, Layout, Loss,
    Merge, NetworkConfig, Output, Padding, Plan, PoolAfter, Pooling, Role, Step, Weights,
};
use ndarray::{Array2, Array3};
use std::sync::Arc;

struct Case {
    plan: Plan,
    weights: Weights<f64>,
    tracks: Array3<f32>,
    codes: Array2<u8>,
    target: Vec<f32>,
    loss: Loss,
}

impl Case {
    fn new(config: NetworkConfig, positions: usize, tracks: usize, dna: bool, rows: usize) -> Self {
        let names = (0..tracks).map(|i| format!("t{i}")).collect();
        let shape = InputShape { positions, tracks: names, dna };
        let plan = Plan::new(&config, &shape).unwrap();
        let layout = Arc::new(Layout::new(&plan));
        let mut weights: Weights<f64> = Weights::initial(&layout, 11);
        let random = Random::new(5, "case");
        for (i, p) in layout.parameters().iter().enumerate() {
            let random = random.part(i as u64);
            for (j, v) in weights.get_mut(&p.name).iter_mut().enumerate() {
                match p.role {
                    Role::Kernel => {}
                    Role::MovingVariance => *v = 0.5 + random.uniform(0, j as u64),
                    _ => *v += 0.3 * random.normal(0, j as u64),
                }
            }
        }
        let value = |part: u64, i: usize| random.part(1000 + part).uniform(0, i as u64);
        let mut i = 0;
        let mut next = |part: u64| {
            i += 1;
            value(part, i)
        };
        let tracks = Array3::from_shape_fn((rows, positions, tracks), |_| next(0) as f32);
        let codes = Array2::from_shape_fn((rows, positions), |_| (next(1) * 5.0) as u8);
        assert!(codes.iter().all(|&c| c <= NO_BASE));
        let logit = config.output == Output::Logit;
        let target = (0..rows)
            .map(|_| if logit { f32::from(next(2) > 0.5) } else { 3.0 * next(2) as f32 })
            .collect();
        Self { loss: Loss::of(config.output), plan, weights, tracks, codes, target }
    }

    fn input(&self) -> Input<'_> {
        let dna = if self.plan.shape.dna { Dna::Codes(self.codes.view()) } else { Dna::Absent };
        Input { tracks: self.tracks.view(), dna }
    }

    fn step(&self, engine: &mut dyn Engine<f64>, weights: &Weights<f64>) -> Outcome {
        let mut gradient = Weights::zeros(weights.layout());
        let mut output = vec![0.0; self.target.len()];
        let dropout = Some(Dropout { seed: 9, step: 4 });
        let step = Step { target: &self.target, loss: self.loss, dropout };
        let loss =
            engine.train_step(weights, &self.input(), step, &mut gradient, &mut output).unwrap();
        let mut inferred = vec![0.0; self.target.len()];
        engine.infer(weights, &self.input(), &mut inferred).unwrap();
        Outcome { loss, gradient, output, inferred }
    }

    fn engines(&self) -> [Box<dyn Engine<f64>>; 2] {
        let candle = CandleEngine::new(self.plan.clone(), Device::Cpu).unwrap();
        [Box::new(CpuEngine::<f64>::new(self.plan.clone())), Box::new(candle)]
    }
}

struct Outcome {
    loss: f64,
    gradient: Weights<f64>,
    output: Vec<f64>,
    inferred: Vec<f64>,
}

fn relative_difference(a: &[f64], b: &[f64]) -> f64 {
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(a, b)| a - b));
    difference / norm(&mut b.iter().copied()).max(1e-12)
}

fn small(config: NetworkConfig) -> NetworkConfig {
    NetworkConfig { k1: 5, k2: 6, kernel: 7, dense: vec![12, 8], pool: 3, ..config }
}

/// Kernels long and wide enough that the cpu engine convolves by transforms.
fn wide(config: NetworkConfig) -> NetworkConfig {
    NetworkConfig { k1: 16, k2: 18, kernel: 20, dense: vec![12, 8], pool: 3, ..config }
}

fn cases() -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for config in [NetworkConfig::gao2022(), NetworkConfig::gao2022_text()] {
        let case = Case::new(wide(config), 400, 2, true, 3);
        cases.push(("wide".into(), case));
    }
    for name in NetworkConfig::PRESETS {
        let config = small(NetworkConfig::preset(name).unwrap());
        for (tracks, dna) in [(3, true), (2, false), (0, true)] {
            let case = Case::new(config.clone(), 131, tracks, dna, 5);
            cases.push((format!("{name}, {tracks} tracks, dna {dna}"), case));
        }
        for layers in [1, 3] {
            let config = NetworkConfig { layers, dropout: 0.1, ..config.clone() };
            cases.push((format!("{name}, {layers} layers"), Case::new(config, 140, 1, true, 4)));
        }
        let case = Case::new(config.classifier(), 131, 2, true, 6);
        cases.push((format!("{name}, classifier"), case));
    }
    let odd = NetworkConfig {
        padding: Padding::Same,
        pooling: Pooling::Max,
        pool_after: PoolAfter::Last,
        merge: Merge::Script,
        kernel: 1,
        pool: 1,
        dense: vec![],
        ..small(NetworkConfig::gao2022())
    };
    cases.push(("no dense layers, no pooling".into(), Case::new(odd, 20, 1, true, 3)));
    for (pooling, batch_norm, rows) in
        [(Pooling::Average, true, 3), (Pooling::Average, false, 2), (Pooling::Max, true, 2)]
    {
        let config = NetworkConfig {
            pooling,
            batch_norm,
            pool_after: PoolAfter::Each,
            padding: Padding::None,
            dropout_after: DropoutAfter::Pool,
            output: Output::Linear,
            ..small(NetworkConfig::gao2022())
        };
        let name = format!("dropout after {pooling:?} pools, batch norm {batch_norm}");
        cases.push((name, Case::new(config, 190, 2, true, rows)));
    }
    cases
}

#[test]
fn both_engines_agree_on_every_preset() {
    for (name, case) in cases() {
        let [mut cpu, mut candle] = case.engines();
        let (ours, theirs) =
            (case.step(&mut *cpu, &case.weights), case.step(&mut *candle, &case.weights));
        assert!((ours.loss - theirs.loss).abs() < 1e-9 * theirs.loss.abs(), "{name}: loss");
        assert!(relative_difference(&ours.output, &theirs.output) < 1e-9, "{name}: output");
        assert!(relative_difference(&ours.inferred, &theirs.inferred) < 1e-9, "{name}: inferred");
        let scale = relative_difference(theirs.gradient.values(), &[0.0]);
        assert!(scale > 0.0, "{name}: no gradient");
        for p in case.weights.layout().parameters() {
            let (a, b) = (ours.gradient.get(&p.name), theirs.gradient.get(&p.name));
            // A bias before batch norm has gradient 0: only rounding is left of it.
            let largest = b.iter().fold(0.0f64, |m, g| m.max(g.abs()));
            let close = relative_difference(a, b) < 1e-7
                || (largest < 1e-12 && a.iter().all(|g| g.abs() < 1e-12));
            assert!(close, "{name}: gradient of {}: {}", p.name, relative_difference(a, b));
        }
        let mut again = Weights::zeros(case.weights.layout());
        cpu.measure(&case.weights, &case.input(), &mut again).unwrap();
        let mut reference = Weights::zeros(case.weights.layout());
        candle.measure(&case.weights, &case.input(), &mut reference).unwrap();
        assert!(relative_difference(again.values(), reference.values()) < 1e-9, "{name}: measure");
    }
}

/// Along a random direction, the loss changes as the gradient says.
#[test]
fn gradients_are_the_derivatives() {
    for (name, case) in cases() {
        let mut cpu = CpuEngine::<f64>::new(case.plan.clone());
        let gradient = case.step(&mut cpu, &case.weights).gradient;
        let random = Random::new(17, "direction");
        for (i, p) in case.weights.layout().parameters().iter().enumerate() {
            if !p.role.is_trained() {
                continue;
            }
            let random = random.part(i as u64);
            let direction: Vec<f64> =
                (0..p.range.len()).map(|j| random.normal(0, j as u64)).collect();
            let h = 1e-6 / (direction.len() as f64).sqrt();
            let mut at = |factor: f64| {
                let mut moved = case.weights.clone();
                let values = moved.get_mut(&p.name).iter_mut();
                values.zip(&direction).for_each(|(w, d)| *w += factor * h * d);
                case.step(&mut cpu, &moved).loss
            };
            let numeric = (at(1.0) - at(-1.0)) / (2.0 * h);
            let analytic: f64 =
                gradient.get(&p.name).iter().zip(&direction).map(|(g, d)| g * d).sum();
            let size = numeric.abs().max(analytic.abs()).max(5e-3);
            assert!(
                (numeric - analytic).abs() < 2e-4 * size,
                "{name}: {}: {numeric} numerically, {analytic} analytically",
                p.name
            );
        }
    }
}

#[test]
fn dna_as_columns_is_dna_as_codes() {
    for config in [small(NetworkConfig::gao2022()), wide(NetworkConfig::gao2022())] {
        let case = Case::new(config, 400, 1, true, 4);
        let columns = Array3::from_shape_fn((4, 400, 4), |(row, position, base)| {
            f32::from(u8::from(usize::from(case.codes[(row, position)]) == base))
        });
        let as_columns = Input { dna: Dna::Columns(columns.view()), ..case.input() };
        let mut engine = CpuEngine::<f64>::new(case.plan.clone());
        let run = |engine: &mut CpuEngine<f64>, input: &Input<'_>| {
            let mut gradient = Weights::zeros(case.weights.layout());
            let (mut output, mut inferred) = (vec![0.0; 4], vec![0.0; 4]);
            let dropout = Some(Dropout { seed: 9, step: 4 });
            let step = Step { target: &case.target, loss: case.loss, dropout };
            engine.train_step(&case.weights, input, step, &mut gradient, &mut output).unwrap();
            engine.infer(&case.weights, input, &mut inferred).unwrap();
            [gradient.values().to_vec(), output, inferred]
        };
        // Now one, now the other, on the same engine.
        let codes = run(&mut engine, &case.input());
        let columns = run(&mut engine, &as_columns);
        for (a, b) in codes.iter().zip(&columns) {
            assert!(relative_difference(a, b) < 1e-10);
        }
        assert_eq!(run(&mut engine, &case.input()), codes);
    }
}

#[test]
fn rows_are_inferred_the_same_whatever_is_beside_them() {
    let case = Case::new(wide(NetworkConfig::gao2022()), 400, 2, true, 37);
    let weights: Weights<f32> = case.weights.cast();
    let mut engine = CpuEngine::<f32>::new(case.plan.clone());
    let mut together = vec![0.0; 37];
    engine.infer(&weights, &case.input(), &mut together).unwrap();
    for row in [0, 15, 16, 36] {
        let some = Input {
            tracks: case.tracks.slice(ndarray::s![row..=row, .., ..]),
            dna: Dna::Codes(case.codes.slice(ndarray::s![row..=row, ..])),
        };
        let mut alone = [0.0];
        engine.infer(&weights, &some, &mut alone).unwrap();
        assert_eq!(alone[0], together[row]);
    }
}

#[test]
fn a_bigger_then_smaller_batch_gives_the_same_numbers() {
    let config = small(NetworkConfig::gao2022());
    let small_case = Case::new(config.clone(), 131, 3, true, 3);
    let big_case = Case::new(config, 131, 3, true, 9);
    let mut fresh = CpuEngine::<f64>::new(small_case.plan.clone());
    let mut used = CpuEngine::<f64>::new(small_case.plan.clone());
    big_case.step(&mut used, &small_case.weights);
    let a = small_case.step(&mut fresh, &small_case.weights);
    let b = small_case.step(&mut used, &small_case.weights);
    assert_eq!(a.gradient, b.gradient);
    assert_eq!(a.inferred, b.inferred);
}

#[test]
fn the_same_bits_at_any_number_of_threads() {
    let deepchrome = NetworkConfig { dropout: 0.3, ..wide(NetworkConfig::deepchrome()) };
    for config in [small(NetworkConfig::gao2022_text()), wide(NetworkConfig::gao2022()), deepchrome]
    {
        same_bits(&Case::new(config, 400, 2, true, 37));
    }
}

fn same_bits(case: &Case) {
    let weights: Weights<f32> = case.weights.cast();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut engine = CpuEngine::<f32>::new(case.plan.clone());
            let mut gradient = Weights::zeros(weights.layout());
            let mut output = vec![0.0; case.target.len()];
            let dropout = Some(Dropout { seed: 1, step: 2 });
            let step = Step { target: &case.target, loss: case.loss, dropout };
            engine.train_step(&weights, &case.input(), step, &mut gradient, &mut output).unwrap();
            (gradient, output)
        })
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(5));
}

#[test]
fn another_shape_is_refused() {
    let case = Case::new(small(NetworkConfig::gao2022()), 131, 3, true, 2);
    let mut engine = CpuEngine::<f64>::new(case.plan.clone());
    let short = Array3::zeros((2, 130, 3));
    let input = Input { tracks: short.view(), ..case.input() };
    let error = engine.infer(&case.weights, &input, &mut [0.0; 2]).unwrap_err();
    assert!(error.to_string().contains("130 positions"), "{error}");
}
