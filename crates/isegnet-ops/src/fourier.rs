//! Fourier transforms of a power of two of points, many at once: one in every lane.

use crate::Real;
use crate::lanes::Lanes;

/// Reads the points of a transform.
pub(crate) trait Source<V> {
    /// Point `i`, real and imaginary part.
    ///
    /// # Safety
    /// `i` is below the number of points, and the memory behind it can be read.
    unsafe fn get(&self, i: usize) -> (V, V);
}

/// Takes the points that a transform computes.
pub(crate) trait Sink<V> {
    /// Takes point `i`.
    ///
    /// # Safety
    /// `i` is below the number of points, and the memory behind it can be written.
    unsafe fn put(&mut self, i: usize, point: (V, V));
}

/// Points in memory, real and imaginary parts in turn, a vector each.
#[derive(Clone, Copy)]
pub(crate) struct Points<T>(pub *mut T);

impl<T: Real, V: Lanes<T>> Source<V> for Points<T> {
    #[inline(always)]
    unsafe fn get(&self, i: usize) -> (V, V) {
        // SAFETY: the caller vouches for point `i`.
        unsafe {
            let at = self.0.add(2 * i * V::WIDTH);
            (V::load(at), V::load(at.add(V::WIDTH)))
        }
    }
}

impl<T: Real, V: Lanes<T>> Sink<V> for Points<T> {
    #[inline(always)]
    unsafe fn put(&mut self, i: usize, (re, im): (V, V)) {
        // SAFETY: the caller vouches for point `i`.
        unsafe {
            let at = self.0.add(2 * i * V::WIDTH);
            re.store(at);
            im.store(at.add(V::WIDTH));
        }
    }
}

/// The passes of a transform: the number of points as a product of 4 and 8.
#[derive(Clone, Debug)]
pub(crate) struct Fourier<T> {
    points: usize,
    radices: Vec<usize>,
    /// For each pass but the last: cosine and sine of -2 pi p j / n, (p, j, 2).
    twiddles: Vec<Vec<T>>,
}

impl<T: Real> Fourier<T> {
    /// Plans a transform of a power of two of points, 16 or more.
    pub fn new(points: usize) -> Self {
        assert!(points.is_power_of_two() && points >= 16, "no plan for {points} points");
        let mut radices = Vec::new();
        let mut left = points;
        while left > 1 {
            let radix = if left.trailing_zeros().is_multiple_of(3) { 8 } else { 4 };
            radices.push(radix);
            left /= radix;
        }
        let mut n = points;
        let twiddles = radices[..radices.len() - 1].iter().map(|&radix| {
            let table = pass_twiddles(n, radix);
            n /= radix;
            table
        });
        let twiddles = twiddles.collect();
        Self { points, radices, twiddles }
    }

    /// Points of the transform.
    #[inline(always)]
    pub fn points(&self) -> usize {
        self.points
    }

    /// Numbers of scratch memory that a transform takes, for vectors of any width.
    pub fn scratch_len(&self) -> usize {
        4 * self.points * crate::buffer::LANES
    }

    /// Transforms: `to[k] = sum over i of from[i] * exp(-2 pi sqrt(-1) i k / points)`.
    ///
    /// With real and imaginary parts exchanged at both ends it is the inverse,
    /// not divided by the number of points.
    ///
    /// # Safety
    /// `from` and `to` serve every point; `scratch` is [`scratch_len`](Self::scratch_len)
    /// numbers that overlap neither of them.
    #[inline(always)]
    pub unsafe fn transform<V: Lanes<T>>(
        &self,
        from: &impl Source<V>,
        to: &mut impl Sink<V>,
        scratch: *mut T,
    ) {
        let last = self.radices.len() - 1;
        // SAFETY: each half of the scratch memory holds all points; the caller
        // vouches for the two ends.
        unsafe {
            let mut here = Points(scratch);
            let mut there = Points(scratch.add(2 * self.points * V::WIDTH));
            let (mut n, mut run) = (self.points, 1);
            pass::<T, V>(self.radices[0], (n, run), &self.twiddles[0], from, &mut here);
            for i in 1..last {
                n /= self.radices[i - 1];
                run *= self.radices[i - 1];
                pass::<T, V>(self.radices[i], (n, run), &self.twiddles[i], &here, &mut there);
                std::mem::swap(&mut here, &mut there);
            }
            n /= self.radices[last - 1];
            run *= self.radices[last - 1];
            pass::<T, V>(self.radices[last], (n, run), &[], &here, to);
        }
    }
}

fn pass_twiddles<T: Real>(n: usize, radix: usize) -> Vec<T> {
    let angle = |p: usize, j: usize| -std::f64::consts::TAU * (p * j % n) as f64 / n as f64;
    (0..n / radix)
        .flat_map(|p| (0..radix).map(move |j| angle(p, j)))
        .flat_map(|angle| [T::from_f64(angle.cos()), T::from_f64(angle.sin())])
        .collect()
}

/// One pass of Stockham's transform: sub-transforms of length `n`, `run` of them in turn.
///
/// # Safety
/// `from` and `to` serve `n * run` points.
#[inline(always)]
unsafe fn pass<T: Real, V: Lanes<T>>(
    radix: usize,
    sizes: (usize, usize),
    twiddles: &[T],
    from: &impl Source<V>,
    to: &mut impl Sink<V>,
) {
    // SAFETY: the caller's.
    unsafe {
        if radix == 8 {
            butterflies::<T, V, Dft8, 8>(sizes, twiddles, from, to);
        } else {
            butterflies::<T, V, Dft4, 4>(sizes, twiddles, from, to);
        }
    }
}

/// A pass of radix `R`.
///
/// # Safety
/// `from` and `to` serve `n * run` points.
#[inline(always)]
unsafe fn butterflies<T: Real, V: Lanes<T>, D: Dft<T, V, R>, const R: usize>(
    (n, run): (usize, usize),
    twiddles: &[T],
    from: &impl Source<V>,
    to: &mut impl Sink<V>,
) {
    let stretch = n / R;
    for p in 0..stretch {
        for q in 0..run {
            // SAFETY: p < n / R, q < run and n * run points in all; the caller
            // vouches for the points.
            unsafe {
                let mut x = [(V::zero(), V::zero()); R];
                for (m, x) in x.iter_mut().enumerate() {
                    *x = from.get(q + run * (p + m * stretch));
                }
                let mut y = D::apply(x);
                if p > 0 {
                    let w = &twiddles[2 * R * p..][..2 * R];
                    for (j, y) in y.iter_mut().enumerate().skip(1) {
                        *y = turn(*y, V::splat(w[2 * j]), V::splat(w[2 * j + 1]));
                    }
                }
                for (j, y) in y.into_iter().enumerate() {
                    to.put(q + run * (R * p + j), y);
                }
            }
        }
    }
}

/// Multiplies by `c + i s`.
#[inline(always)]
fn turn<T: Real, V: Lanes<T>>((re, im): (V, V), c: V, s: V) -> (V, V) {
    (im.neg_mul_add(s, re.mul(c)), im.mul_add(c, re.mul(s)))
}

#[inline(always)]
fn plus<T: Real, V: Lanes<T>>(a: (V, V), b: (V, V)) -> (V, V) {
    (a.0.add(b.0), a.1.add(b.1))
}

#[inline(always)]
fn minus<T: Real, V: Lanes<T>>(a: (V, V), b: (V, V)) -> (V, V) {
    (a.0.sub(b.0), a.1.sub(b.1))
}

/// Transforms of a few points, in registers.
trait Dft<T, V, const R: usize> {
    fn apply(x: [(V, V); R]) -> [(V, V); R];
}

struct Dft4;

impl<T: Real, V: Lanes<T>> Dft<T, V, 4> for Dft4 {
    #[inline(always)]
    fn apply(x: [(V, V); 4]) -> [(V, V); 4] {
        let (even, odd) = (plus(x[0], x[2]), plus(x[1], x[3]));
        let (re, im) = (minus(x[0], x[2]), minus(x[1], x[3]));
        [
            plus(even, odd),
            (re.0.add(im.1), re.1.sub(im.0)),
            minus(even, odd),
            (re.0.sub(im.1), re.1.add(im.0)),
        ]
    }
}

struct Dft8;

impl<T: Real, V: Lanes<T>> Dft<T, V, 8> for Dft8 {
    #[inline(always)]
    fn apply(x: [(V, V); 8]) -> [(V, V); 8] {
        let half = V::splat(T::from_f64(std::f64::consts::FRAC_1_SQRT_2));
        let sums = [plus(x[0], x[4]), plus(x[1], x[5]), plus(x[2], x[6]), plus(x[3], x[7])];
        let (d0, d1) = (minus(x[0], x[4]), minus(x[1], x[5]));
        let (d2, d3) = (minus(x[2], x[6]), minus(x[3], x[7]));
        // The differences times 1, (1 - i) / sqrt 2, -i and (-1 - i) / sqrt 2.
        let differences = [
            d0,
            (half.mul(d1.0.add(d1.1)), half.mul(d1.1.sub(d1.0))),
            (d2.1, V::zero().sub(d2.0)),
            (half.mul(d3.1.sub(d3.0)), half.mul(V::zero().sub(d3.0.add(d3.1)))),
        ];
        let [e0, e1, e2, e3] = Dft4::apply(sums);
        let [o0, o1, o2, o3] = Dft4::apply(differences);
        [e0, o0, e1, o1, e2, o2, e3, o3]
    }
}
