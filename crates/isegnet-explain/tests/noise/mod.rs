//! Samples of noise, and what is read of contrasts of them.
#![allow(dead_code, clippy::unwrap_used)]

use isegnet_core::Random;
use isegnet_explain::{Contrast, Evidence, Scope, SignTest, Significance, SiteValues};
use ndarray::{Array2, Array3};

pub type Values = Array3<f32>;

/// Independent standard normal numbers.
pub fn noise(shape: (usize, usize, usize), seed: u64, sample: u64) -> Values {
    let random = Random::new(seed, "noise");
    let mut element = 0;
    Array3::from_shape_simple_fn(shape, || {
        element += 1;
        random.normal(sample, element) as f32
    })
}

pub fn samples(shape: (usize, usize, usize), seed: u64, number: usize) -> Vec<Values> {
    (0..number).map(|sample| noise(shape, seed, sample as u64)).collect()
}

pub fn everywhere(values: &impl SiteValues) -> Array2<bool> {
    let [rows, positions, _] = values.shape();
    Array2::from_elem((rows, positions), true)
}

pub fn all_of(values: &impl SiteValues) -> Values {
    let mut all = Array3::zeros(values.shape());
    for (row, to) in all.outer_iter_mut().enumerate() {
        values.row_into(row, to).unwrap();
    }
    all
}

pub fn tested(evidence: Evidence) -> SignTest {
    match evidence {
        Evidence::Tested(test) => test,
        Evidence::EffectSizes(why) => panic!("{why}"),
    }
}

/// Every site's test, in the order of the sites.
pub fn significances(
    test: &SignTest,
    contrast: &Contrast<Values>,
    scope: Scope,
) -> Vec<Significance> {
    let allowed = everywhere(contrast);
    let [rows, positions, columns] = contrast.shape();
    let mut all = Vec::new();
    for row in 0..rows {
        let row = test.of_row(contrast, row, allowed.row(row)).unwrap();
        for (position, column) in (0..positions).flat_map(|p| (0..columns).map(move |c| (p, c))) {
            all.extend(row.site(position, column, scope));
        }
    }
    all
}
