//! A training loop of one's own: the network's steps, without its trainer.
//!
//! ```text
//! cargo run --release --example own_training_loop
//! ```
#![allow(clippy::print_stdout)]

use isegnet::core::{Batch, InputShape, Random};
use isegnet::model::{
    Adam, Dropout, EngineKind, Input, Loss, Network, NetworkConfig, Plan, Step, Weights,
    move_statistics,
};

/// Fills a batch: DNA at random, with or without a motif; expression is 1 with it, -1 without.
fn fill(batch: &mut Batch, shape: &InputShape, rows: &[usize], seed: u64) {
    const MOTIF: [u8; 12] = [2, 1, 3, 2, 0, 2, 3, 1, 0, 3, 1, 1];
    batch.reshape(rows, shape);
    let random = Random::new(seed, "bases");
    for (i, &row) in rows.iter().enumerate() {
        let mut codes = batch.dna.row_mut(i);
        for (at, code) in codes.iter_mut().enumerate() {
            *code = random.below(row as u64, at as u64, 4) as u8;
        }
        let with = row % 2 == 0;
        if with {
            let start = 50 + random.below(row as u64, 1 << 32, 180) as usize;
            codes.iter_mut().skip(start).zip(MOTIF).for_each(|(code, base)| *code = base);
        }
        batch.target[i] = if with { 1.0 } else { -1.0 };
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shape = InputShape { positions: 300, tracks: Vec::new(), dna: true };
    let config = NetworkConfig { k1: 8, k2: 8, pool: 5, dropout: 0.0, ..NetworkConfig::isegnet() };
    let mut network = Network::initial(Plan::new(&config, &shape)?, 1);
    println!("{} numbers to train", network.weights.layout().trained());

    let mut engine = network.engine(EngineKind::Cpu)?;
    let mut adam = Adam::new(network.weights.layout());
    let mut gradient = Weights::zeros(network.weights.layout());
    let (mut batch, mut output) = (Batch::default(), vec![0.0; 50]);
    for step in 0..300 {
        let first = 50 * step as usize;
        let rows: Vec<usize> = (first..first + 50).collect();
        fill(&mut batch, &shape, &rows, 1);
        let what = Step {
            target: &batch.target,
            loss: Loss::SquaredError,
            dropout: Some(Dropout { seed: 1, step }),
        };
        let input = Input::from(&batch);
        let loss = engine.train_step(&network.weights, &input, what, &mut gradient, &mut output)?;
        adam.step(&mut network.weights, &gradient, 3e-3);
        move_statistics(&mut network.weights, &gradient);
        if (step + 1) % 50 == 0 {
            println!("step {:>3}: loss {loss:.3}", step + 1);
        }
    }

    // Moving statistics lag behind weights that changed this fast: measure them anew.
    engine.measure(&network.weights, &Input::from(&batch), &mut gradient)?;
    let layout = network.weights.layout().clone();
    for p in layout.parameters().iter().filter(|p| !p.role.is_trained()) {
        let measured = &gradient.values()[p.range.clone()];
        network.weights.values_mut()[p.range.clone()].copy_from_slice(measured);
    }

    let rows: Vec<usize> = (100_000..100_050).collect();
    fill(&mut batch, &shape, &rows, 1);
    engine.infer(&network.weights, &Input::from(&batch), &mut output)?;
    let right = output.iter().zip(&batch.target).filter(|(o, t)| (**o > 0.0) == (**t > 0.0));
    println!("{} of 50 new sequences told rightly", right.count());
    Ok(())
}
