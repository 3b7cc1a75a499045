//! How much of each cause every gene has.

use crate::design::{Amounts, Design, METHYLATION};
use crate::draw::Draw;
use isegnet_core::Random;

/// Amounts by condition and gene, and which cause of a gene differs between conditions.
#[derive(Clone, Debug)]
pub(crate) struct Causes {
    pub(crate) amounts: Vec<Vec<Amounts>>,
    pub(crate) changed: Vec<Option<usize>>,
}

impl Causes {
    pub(crate) fn new(seed: u64, design: &Design, genes: usize) -> Self {
        let random = Random::new(seed, "simulate/causes");
        let first: Vec<Amounts> =
            (0..genes).map(|g| first(design, &mut Draw::new(random, g))).collect();
        let mut causes =
            Self { amounts: vec![first; design.conditions()], changed: vec![None; genes] };
        let random = Random::new(seed, "simulate/changes");
        for gene in 0..genes {
            let mut draw = Draw::new(random, gene);
            if design.conditions() > 1 && draw.chance(design.changed) {
                let cause = draw.whole(3, 7) as usize;
                let amount = &mut causes.amounts[1][gene][cause];
                *amount = moved(*amount, &mut draw);
                causes.changed[gene] = Some(cause);
            }
        }
        causes
    }
}

/// Amounts in the first condition; those of motifs are what is to be planted.
fn first(design: &Design, draw: &mut Draw) -> Amounts {
    let mut amounts = [0.0; 7];
    for (i, amount) in amounts.iter_mut().enumerate() {
        *amount = match i {
            0..=2 => copies(design, draw) as f64,
            METHYLATION => {
                if draw.chance(0.6) {
                    draw.between(0.0, 0.15)
                } else {
                    draw.between(0.35, 0.95)
                }
            }
            _ => {
                if draw.chance(0.35) {
                    0.0
                } else {
                    draw.between(0.15, 1.0)
                }
            }
        };
    }
    amounts
}

/// Draws how many copies of a motif a gene has.
pub(crate) fn copies(design: &Design, draw: &mut Draw) -> usize {
    let (any, least, most) = design.copies;
    let copies = draw.whole(least, most + 1);
    if draw.chance(any) { copies as usize } else { 0 }
}

/// Gives an amount at least 0.4 away.
fn moved(amount: f64, draw: &mut Draw) -> f64 {
    let new = match amount > 0.5 {
        true => draw.between(0.0, amount - 0.4),
        false => draw.between(amount + 0.4, 1.0),
    };
    if new < 0.1 { 0.0 } else { new }
}
