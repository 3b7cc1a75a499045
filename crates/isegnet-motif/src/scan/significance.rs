//! q-values: the share of false hits among those at least as significant.

use isegnet_core::Random;

/// p-values that the share of places without a site is estimated from.
pub(crate) const SAMPLE: usize = 10_000;
const BOOTSTRAPS: usize = 100;
const BOOTSTRAP_SAMPLE: usize = 1000;
/// Cut-offs lambda that are tried: k / 100 * 0.5.
const CUTS: usize = 100;
/// Fewer p-values say nothing.
const LEAST_SAMPLE: usize = 100;

/// Estimates the share of places without a site from a sample of p-values (Storey 2002;
/// the bootstrap is FIMO's): above a cut lambda, p-values are those of places without one, so
/// their share is #{p >= lambda} / ((1 - lambda) m). The cut is the one whose estimates
/// in bootstraps are nearest to the least estimate of all cuts.
pub(crate) fn share_without_site(p: &[f64], bootstraps: &Bootstraps) -> f64 {
    if p.len() <= LEAST_SAMPLE {
        return 1.0;
    }
    // How many cuts each p-value reaches; its share only depends on that.
    let reached = |&p: &f64| {
        let near = ((p * 2.0 * CUTS as f64) as usize).min(CUTS);
        let low = if near > 0 && p < cut(near) { near - 1 } else { near };
        if low < CUTS && p >= cut(low + 1) { low + 1 } else { low }
    };
    let reached: Vec<u8> = p.iter().map(|p| reached(p) as u8).collect();
    let whole = shares(reached.iter().copied(), p.len());
    let least = whole.iter().copied().fold(f64::INFINITY, f64::min);
    let mut errors = [0.0; CUTS];
    for bits in bootstraps.0.chunks(BOOTSTRAP_SAMPLE) {
        let n = reached.len() as u64;
        let sample = bits.iter().map(|&b| reached[((u64::from(b) * n) >> 32) as usize]);
        for (error, share) in errors.iter_mut().zip(shares(sample, BOOTSTRAP_SAMPLE)) {
            *error += (share - least).powi(2);
        }
    }
    let best = (0..CUTS).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).unwrap_or(0);
    whole[best].min(1.0)
}

fn cut(k: usize) -> f64 {
    k as f64 / CUTS as f64 * 0.5
}

/// The estimate at each cut.
fn shares(reached: impl Iterator<Item = u8>, m: usize) -> [f64; CUTS] {
    let mut counts = [0_u32; CUTS + 1];
    reached.for_each(|k| counts[usize::from(k)] += 1);
    let (mut above, mut shares) = (0, [0.0; CUTS]);
    for k in (1..=CUTS).rev() {
        above += counts[k];
        shares[k - 1] = f64::from(above) / ((1.0 - cut(k)) * m as f64);
    }
    shares
}

/// Random bits that p-values are drawn with, the same for all motifs of a scan.
pub(crate) struct Bootstraps(Vec<u32>);

impl Bootstraps {
    pub(crate) fn new(seed: u64) -> Self {
        let random = Random::new(seed, "motif/share bootstrap");
        let blocks =
            (0..(BOOTSTRAPS * BOOTSTRAP_SAMPLE).div_ceil(4) as u64).map(|i| random.block(0, i));
        Self(blocks.flatten().take(BOOTSTRAPS * BOOTSTRAP_SAMPLE).collect())
    }
}

/// Gives the q-value of each p-value, smallest first: the least of
/// share p_j places / j over j >= i, at most 1.
pub(crate) fn q_values(p: &[f64], share: f64, places: u64) -> Vec<f64> {
    let mut q = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (i, p) in p.iter().enumerate().rev() {
        least = least.min(share * p * places as f64 / (i + 1) as f64);
        q[i] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_that_of_uniform_values() {
        let random = Random::new(5, "test/share");
        for without in [0.5, 0.9, 1.0] {
            let p: Vec<f64> = (0..10_000)
                .map(|i| {
                    let (u, v) = (random.uniform(0, i), random.uniform(1, i));
                    if u < without { v } else { v * 1e-3 }
                })
                .collect();
            let share = share_without_site(&p, &Bootstraps::new(5));
            assert!((share - without).abs() < 0.04, "{share} {without}");
        }
        assert_eq!(share_without_site(&[0.0; 100], &Bootstraps::new(5)), 1.0);
    }

    #[test]
    fn q_values_are_the_least_share_of_any_longer_list() {
        assert_eq!(q_values(&[0.001, 0.01, 0.02], 1.0, 100), [0.1, 0.5, 2.0 / 3.0]);
        assert_eq!(q_values(&[0.01, 0.0101], 0.5, 100), [0.2525, 0.2525]);
    }
}
