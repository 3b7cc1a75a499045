//! The distribution of the Kolmogorov-Smirnov distance of n values from the
//! distribution they come from; the choice of formula follows Simard and L'Ecuyer
//! (2011, "Computing the two-sided Kolmogorov-Smirnov distribution").
use crate::binomial::ln_choose;
use crate::numeric::ln_sum;
use std::f64::consts::{LN_2, PI, TAU};

/// ln P(D >= `distance`) for `n` values, either side.
pub(crate) fn ln_two_sided(n: u64, distance: f64) -> f64 {
    let steps = n as f64 * distance;
    if steps <= 0.5 {
        return 0.0;
    }
    if distance >= 1.0 {
        return f64::NEG_INFINITY;
    }
    let square = steps * distance;
    // Here both sides are so seldom far at once that the chance is the sum of theirs.
    if distance >= 0.5 || square > 4.0 || (n > 140 && square >= 2.2) {
        return (LN_2 + ln_one_sided(n, distance)).min(0.0);
    }
    let within = if n <= 2000 { by_matrix(n, distance) } else { by_expansion(n, distance) };
    (-within.clamp(0.0, 1.0)).ln_1p()
}

/// ln P(D+ >= x) for `n` values, exact (Birnbaum and Tingey 1951):
/// x sum over j of C(n, j) (x + j/n)^(j-1) (1 - x - j/n)^(n-j).
fn ln_one_sided(n: u64, x: f64) -> f64 {
    let count = n as f64;
    let term = |j: u64| {
        let at = x + j as f64 / count;
        let left = 1.0 - at;
        (left > 0.0)
            .then(|| ln_choose(n, j) + (j as f64 - 1.0) * at.ln() + (n - j) as f64 * (-at).ln_1p())
    };
    let terms: Vec<f64> = (0..=n).map_while(term).collect();
    x.ln() + ln_sum(&terms)
}

/// P(D < d), exact: an entry of the n-th power of a matrix (Marsaglia, Tsang and
/// Wang 2003).
fn by_matrix(n: u64, distance: f64) -> f64 {
    let steps = n as f64 * distance;
    let k = steps.ceil().max(1.0);
    let short = k - steps;
    let k = k as usize;
    let size = 2 * k - 1;
    let mut entries = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..size.min(i + 2) {
            entries[i * size + j] = 1.0;
        }
    }
    for i in 0..size {
        entries[i * size] -= short.powi(i as i32 + 1);
        entries[(size - 1) * size + i] -= short.powi((size - i) as i32);
    }
    if short > 0.5 {
        entries[(size - 1) * size] += (2.0 * short - 1.0).powi(size as i32);
    }
    for i in 0..size {
        for j in 0..size.min(i + 2) {
            for divisor in 1..=(i + 1 - j) {
                entries[i * size + j] /= divisor as f64;
            }
        }
    }
    let power = Scaled { entries, exponent: 0 }.power(n, size);
    let (mut value, mut exponent) = (power.entries[(k - 1) * size + k - 1], power.exponent);
    // Times n! / n^n, kept in range.
    for i in 1..=n {
        value *= i as f64 / n as f64;
        if value < 1e-100 {
            value *= 2.0_f64.powi(300);
            exponent -= 300;
        }
    }
    value * f64::from(exponent).exp2()
}

/// A square matrix times a power of two, so that its powers stay in range.
#[derive(Clone)]
struct Scaled {
    entries: Vec<f64>,
    exponent: i32,
}

impl Scaled {
    fn power(self, mut n: u64, size: usize) -> Self {
        let mut square = self;
        let mut result: Option<Self> = None;
        loop {
            if n & 1 == 1 {
                result = Some(match result {
                    Some(r) => r.times(&square, size),
                    None => square.clone(),
                });
            }
            n >>= 1;
            match result {
                Some(r) if n == 0 => return r,
                other => result = other,
            }
            square = square.times(&square, size);
        }
    }

    fn times(&self, other: &Self, size: usize) -> Self {
        let mut entries = vec![0.0; size * size];
        for (row, out) in self.entries.chunks(size).zip(entries.chunks_mut(size)) {
            for (a, line) in row.iter().zip(other.entries.chunks(size)) {
                for (sum, b) in out.iter_mut().zip(line) {
                    *sum += a * b;
                }
            }
        }
        let most = entries.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        let shift = if most > 0.0 { most.log2().floor() } else { 0.0 };
        entries.iter_mut().for_each(|v| *v *= (-shift).exp2());
        Self { entries, exponent: self.exponent + other.exponent + shift as i32 }
    }
}

/// P(D < d) by the expansion to n^(-3/2) of Pelz and Good (1976), with z = sqrt(n) d;
/// off by less than 2e-8 for the `n` it is used for.
fn by_expansion(n: u64, distance: f64) -> f64 {
    let root = (n as f64).sqrt();
    let z = root * distance;
    let (z2, p2) = (z * z, PI * PI);
    let (z4, p4) = (z2 * z2, p2 * p2);
    let (z6, p6) = (z4 * z2, p4 * p2);
    let mut sums = [0.0; 4];
    for k in 0..200 {
        let m2 = f64::from((2 * k + 1) * (2 * k + 1));
        let (m4, m6) = (m2 * m2, m2 * m2 * m2);
        let weight = (-p2 * m2 / (8.0 * z2)).exp();
        if weight == 0.0 {
            break;
        }
        sums[0] += weight;
        sums[1] += weight * (p2 / 4.0 * m2 - z2);
        sums[2] += weight
            * (6.0 * z6
                + 2.0 * z4
                + p2 * (2.0 * z4 - 5.0 * z2) * m2 / 4.0
                + p4 * (1.0 - 2.0 * z2) * m4 / 16.0);
        sums[3] += weight
            * (p6 * m6 * (5.0 - 30.0 * z2) / 64.0
                + p4 * m4 * (212.0 * z4 - 60.0 * z2) / 16.0
                + p2 * m2 * (135.0 * z4 - 96.0 * z6) / 4.0
                - 30.0 * z6
                - 90.0 * z6 * z2);
    }
    let (mut even2, mut even3) = (0.0, 0.0);
    for k in 1..200 {
        let k2 = f64::from(k * k);
        let weight = (-p2 * k2 / (2.0 * z2)).exp();
        even2 += weight * k2;
        even3 += weight * k2 * (3.0 * z2 - p2 * k2);
    }
    let scale = TAU.sqrt();
    let third = sums[2] / (72.0 * z6 * z) - p2 * even2 / (36.0 * z2 * z);
    let fourth = sums[3] / (6480.0 * z6 * z4) + p2 * even3 / (216.0 * z6);
    let terms = [sums[0] / z, sums[1] / (6.0 * z4), third, fourth];
    scale * terms.iter().rev().fold(0.0, |sum, t| sum / root + t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_closed_forms() {
        // One value: P(D >= d) = 2 (1 - d) from 1/2 on.
        for d in [0.5, 0.6, 0.99] {
            assert!((ln_two_sided(1, d).exp() - 2.0 * (1.0 - d)).abs() < 1e-14, "{d}");
        }
        // Two values within d <= 1/2: P(D < d) = 2 (2 d - 1/2)^2.
        for d in [0.26, 0.3, 0.45] {
            let within = 2.0 * (2.0 * d - 0.5_f64).powi(2);
            assert!((ln_two_sided(2, d).exp() - (1.0 - within)).abs() < 1e-14, "{d}");
        }
        assert_eq!(ln_two_sided(2, 0.2), 0.0);
        assert_eq!(ln_two_sided(9, 1.0), f64::NEG_INFINITY);
    }

    /// Neither formula was taken from the other; what the expansion leaves out is of
    /// order n^-2, so it falls 16-fold where n grows 4-fold.
    #[test]
    fn matrix_and_expansion_agree() {
        for z in [0.3, 0.5, 0.8, 1.2, 1.45] {
            let off = |n: u64| {
                let d = z / (n as f64).sqrt();
                by_matrix(n, d) - by_expansion(n, d)
            };
            let (few, many) = (off(500), off(2000));
            assert!(many.abs() < 2e-8, "{z}: {many}");
            // Below 1e-10 other things are seen too.
            let fall = few / many;
            assert!(many.abs() < 1e-10 || (15.0..18.0).contains(&fall), "{z}: {fall}");
        }
    }

    /// scipy 1.17.1's kstwo, where it takes the same formula.
    #[test]
    fn tails_agree_with_scipy() {
        for (n, d, expected) in [
            (300, 0.09, 0.014521096659704894),
            (3000, 0.02, 0.17889813623188966),
            (10_000, 0.01, 0.2682191277029192),
            (10_000, 0.012, 0.11135257403749388),
        ] {
            let ours = ln_two_sided(n, d).exp();
            assert!((ours / expected - 1.0).abs() < 1e-9, "{n} {d}: {ours}");
        }
    }

    #[test]
    fn matrix_and_tails_agree_where_one_ends() {
        for n in [20, 100, 140] {
            let d = (4.0 / n as f64).sqrt();
            let tail = 2.0 * ln_one_sided(n, d).exp();
            let exact = 1.0 - by_matrix(n, d);
            assert!((tail / exact - 1.0).abs() < 1e-8, "{n}: {tail} {exact}");
        }
    }
}
