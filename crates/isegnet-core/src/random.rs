/// Counter-based random numbers: every value is a pure function of
/// (seed, purpose, step, element).
///
/// No state is carried, so a result does not depend on the number of threads,
/// on the order of the work, or on where an interrupted run was resumed. The
/// generator is Philox-4x32 with ten rounds (Salmon et al. 2011, "Parallel
/// random numbers: as easy as 1, 2, 3").
///
/// ```
/// use isegnet_core::Random;
///
/// let dropout = Random::new(7, "dropout/epi.conv1");
/// assert_eq!(dropout.uniform(3, 11), Random::new(7, "dropout/epi.conv1").uniform(3, 11));
/// assert_ne!(dropout.uniform(3, 11), dropout.uniform(4, 11));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Random {
    key: [u32; 2],
}

impl Random {
    /// The stream of one `purpose` under one `seed`.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mixed = mix(mix(seed) ^ name_hash(purpose));
        Self { key: [mixed as u32, (mixed >> 32) as u32] }
    }

    /// The stream of a part of this purpose, such as one chromosome or one track.
    pub fn part(&self, part: u64) -> Self {
        let key = u64::from(self.key[0]) | u64::from(self.key[1]) << 32;
        let mixed = mix(key ^ mix(part));
        Self { key: [mixed as u32, (mixed >> 32) as u32] }
    }

    /// 128 random bits.
    pub fn block(&self, step: u64, element: u64) -> [u32; 4] {
        let counter = [element as u32, (element >> 32) as u32, step as u32, (step >> 32) as u32];
        philox(counter, self.key)
    }

    /// 64 random bits.
    pub fn bits(&self, step: u64, element: u64) -> u64 {
        let b = self.block(step, element);
        u64::from(b[0]) | u64::from(b[1]) << 32
    }

    /// A number in [0, 1), uniform, on a grid of 2^-53.
    pub fn uniform(&self, step: u64, element: u64) -> f64 {
        (self.bits(step, element) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number (Box-Muller).
    pub fn normal(&self, step: u64, element: u64) -> f64 {
        let b = self.block(step, element);
        let u = (f64::from(b[0]) + 1.0) / 4_294_967_296.0;
        let v = f64::from(b[1]) / 4_294_967_296.0;
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// A whole number in `0..n`, by multiplication (bias below n / 2^64).
    ///
    /// # Panics
    /// `n` is 0.
    pub fn below(&self, step: u64, element: u64, n: u64) -> u64 {
        assert!(n > 0, "a number below 0 was asked for");
        ((u128::from(self.bits(step, element)) * u128::from(n)) >> 64) as u64
    }

    /// Shuffles `items` (Fisher-Yates); `step` is the epoch or repeat.
    pub fn shuffle<T>(&self, step: u64, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(step, i as u64, i as u64 + 1) as usize);
        }
    }
}

/// The finaliser of SplitMix64: every input bit reaches every output bit.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a over the bytes of a name.
fn name_hash(name: &str) -> u64 {
    name.bytes()
        .fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01B3))
}

fn philox(mut c: [u32; 4], mut k: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let a = u64::from(c[0]) * 0xD251_1F53;
        let b = u64::from(c[2]) * 0xCD9E_8D57;
        c = [(b >> 32) as u32 ^ c[1] ^ k[0], b as u32, (a >> 32) as u32 ^ c[3] ^ k[1], a as u32];
        k = [k[0].wrapping_add(0x9E37_79B9), k[1].wrapping_add(0xBB67_AE85)];
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers published with the Random123 library (kat_vectors, philox4x32 10).
    #[test]
    fn philox_gives_the_published_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
    }

    #[test]
    fn uniform_and_normal_have_their_moments() {
        let r = Random::new(1, "test");
        let n = 100_000;
        let mean = (0..n).map(|i| r.uniform(0, i)).sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..n {
            let z = r.normal(0, i);
            sum += z;
            squares += z * z;
        }
        assert!((sum / n as f64).abs() < 0.02);
        assert!((squares / n as f64 - 1.0).abs() < 0.02);
    }

    #[test]
    fn shuffle_is_a_permutation_and_depends_on_its_step() {
        let r = Random::new(1, "shuffle");
        let mut a: Vec<u32> = (0..100).collect();
        let mut b = a.clone();
        r.shuffle(0, &mut a);
        r.shuffle(1, &mut b);
        assert_ne!(a, b);
        a.sort_unstable();
        assert_eq!(a, (0..100).collect::<Vec<_>>());
    }
}
