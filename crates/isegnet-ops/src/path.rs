//! A convolution of rectified values while its input moves along a straight path.
//!
//! Before the ReLU, a convolution of `from + a * (to - from)` is `a * slope + start`: a
//! line in `a`. So each of the rectified values switches on or off at most once on the
//! way, and a convolution of them is again a line between two switches. Its slope and
//! start are kept, and a switch changes them by one column of the kernel, instead of
//! being convolved anew at every step.

use crate::Real;
use crate::activation::GatedGradient;
use crate::bits::{BitWriter, bit_words, bits_at};
use crate::conv::ConvShape;
use crate::isa::multiversion;
use crate::lanes::{Kernel, Lanes, run};
use crate::product::volume;
use crate::sums::{assert_rows, for_each_stretch};

/// Values that lie on a straight line each: `a * slope + start`; (rows, channels) both.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a, T> {
    /// Channels of a row.
    pub channels: usize,
    /// What is multiplied with the place on the path.
    pub slope: &'a [T],
    /// The values at 0.
    pub start: &'a [T],
}

/// Checks that pooled rows, `stride` apart, lie in `len` numbers.
fn assert_apart(rows: usize, channels: usize, stride: usize, len: usize) {
    assert!(stride >= channels, "pooled rows that overlap");
    let needed = rows.checked_sub(1).map_or(0, |before| before * stride + channels);
    assert!(len >= needed, "fewer pooled rows than windows");
}

/// A rectified value that is on up to a step and off from it on, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Switch {
    /// The value, `row * channels + channel`.
    pub unit: u32,
    /// The first step at which it has switched.
    pub step: u32,
    /// Whether it switches on.
    pub on: bool,
}

impl<T: Real> Line<'_, T> {
    #[inline(always)]
    fn at(&self, unit: usize, a: T) -> T {
        a * self.slope[unit] + self.start[unit]
    }

    /// Tells whether a value does not pass its ReLU; NaN passes.
    #[inline(always)]
    fn shut(&self, unit: usize, a: T) -> bool {
        self.at(unit, a) <= T::ZERO
    }

    /// Finds what is on at the first node, and what switches at a later one, in the order
    /// of the values; `nodes` ascend.
    ///
    /// # Panics
    /// There is no node, or a length does not fit.
    pub fn switches_into(&self, nodes: &[T], on: &mut [bool], switches: &mut Vec<Switch>) {
        assert_eq!(self.slope.len(), self.start.len(), "slope and start differ in length");
        assert_eq!(on.len(), self.slope.len(), "states of another length");
        let (Some(&first), Some(&last)) = (nodes.first(), nodes.last()) else {
            panic!("a path needs a node")
        };
        switches.clear();
        for (unit, on) in on.iter_mut().enumerate() {
            *on = !self.shut(unit, first);
            if self.shut(unit, last) == *on {
                let step = nodes.partition_point(|&a| self.shut(unit, a) != *on) as u32;
                switches.push(Switch { unit: unit as u32, step, on: !*on });
            }
        }
    }
}

#[inline(always)]
fn rectify<T: Real, const N: usize>(
    (slope, start): (&[T], &[T]),
    (at, a): (usize, T),
    y: &mut [T],
) -> u64 {
    let (slope, start, y) = (&slope[at..][..N], &start[at..][..N], &mut y[at..][..N]);
    let mut open = 0;
    for j in 0..N {
        let v = a * slope[j] + start[j];
        // NaN passes.
        let shut = v <= T::ZERO;
        y[j] += if shut { T::ZERO } else { v };
        open |= u32::from(!shut) << j;
    }
    u64::from(open)
}

multiversion! {
    /// Rectifies the values at `a` and averages each `window` rows of them.
    ///
    /// `y` gets (rows / window, channels), its rows `stride` apart; `gate`,
    /// [`bit_words`] of all values, a bit for each that is over 0 or no number. All rows
    /// make whole windows.
    ///
    /// # Panics
    /// There is no channel, `window` is 0, or a length does not fit.
    pub fn line_relu_avg_pool_into<T: Real>(
        line: &Line<'_, T>,
        a: T,
        window: usize,
        y: &mut [T],
        stride: usize,
        gate: &mut [u64],
    ) {
        let channels = line.channels;
        assert_rows(channels, line.slope);
        assert_eq!(line.slope.len(), line.start.len(), "slope and start differ in length");
        assert_eq!(line.slope.len() % (window * channels), 0, "rows that make no whole windows");
        assert_eq!(gate.len(), bit_words(line.slope.len()), "a gate of another length");
        assert_apart(line.slope.len() / (window * channels), channels, stride, y.len());
        let share = T::ONE / T::from_f64(window as f64);
        let mut gate = BitWriter::new(gate);
        let blocks = line.slope.chunks_exact(window * channels);
        let blocks = blocks.zip(line.start.chunks_exact(window * channels));
        for ((slope, start), y) in blocks.zip(y.chunks_mut(stride)) {
            let y = &mut y[..channels];
            y.fill(T::ZERO);
            for rows in slope.chunks_exact(channels).zip(start.chunks_exact(channels)) {
                for_each_stretch!(channels, |at, N| {
                    gate.push(rectify::<T, N>(rows, (at, a), y), N as u32)
                });
            }
            for v in y {
                *v *= share;
            }
        }
        gate.finish();
    }
}

#[inline(always)]
fn add_gated<T: Real, const N: usize>(
    at: usize,
    (gate, share): (u64, T),
    dy: &[T],
    sums: &mut [T],
) {
    let gate = gate as u32;
    let (dy, sums) = (&dy[at..][..N], &mut sums[at..][..N]);
    for j in 0..N {
        sums[j] += if gate & 1 << j != 0 { dy[j] * share } else { T::ZERO };
    }
}

multiversion! {
    /// Adds a gradient at what [`line_relu_avg_pool_into`] wrote, run back through pool and
    /// ReLU and multiplied by the gradient's factor, to `sums`, (rows, channels).
    ///
    /// The rows of the gradient's `dy` lie `stride` apart.
    ///
    /// # Panics
    /// There is no channel, the window is 0, or a length does not fit.
    pub fn gated_gradient_add<T: Real>(
        g: &GatedGradient<'_, T>,
        stride: usize,
        channels: usize,
        sums: &mut [T],
    ) {
        assert_rows(channels, sums);
        assert_eq!(sums.len() % (g.window * channels), 0, "rows that make no whole windows");
        assert_eq!(g.gate.len(), bit_words(sums.len()), "a gate of another length");
        assert_apart(sums.len() / (g.window * channels), channels, stride, g.dy.len());
        let share = g.factor * (T::ONE / T::from_f64(g.window as f64));
        let mut first = 0;
        for (block, dy) in sums.chunks_exact_mut(g.window * channels).zip(g.dy.chunks(stride)) {
            let dy = &dy[..channels];
            for sums in block.chunks_exact_mut(channels) {
                for_each_stretch!(channels, |at, N| {
                    let gate = bits_at(g.gate, first + at);
                    add_gated::<T, N>(at, (gate, share), dy, sums)
                });
                first += channels;
            }
        }
    }
}

/// A convolution's kernel laid out so that what one input value does to the output rows
/// that see it is one stretch of memory.
#[derive(Clone, Debug)]
pub struct SwitchKernel<T> {
    shape: ConvShape,
    /// (inputs, taps reversed, outputs).
    columns: Vec<T>,
}

impl<T: Real> SwitchKernel<T> {
    /// Lays a kernel, (taps, inputs, outputs), out.
    ///
    /// # Panics
    /// It does not have the length that the shape gives it.
    pub fn new(shape: ConvShape, kernel: &[T]) -> Self {
        let ConvShape { taps, inputs, outputs, .. } = shape;
        assert_eq!(kernel.len(), volume([taps, inputs, outputs]), "kernel of another length");
        let mut columns = Vec::with_capacity(kernel.len());
        for input in 0..inputs {
            for tap in (0..taps).rev() {
                columns.extend_from_slice(&kernel[(tap * inputs + input) * outputs..][..outputs]);
            }
        }
        Self { shape, columns }
    }

    /// The stretch of the kernel, and of output rows from `first` to `last`, that a unit
    /// and these rows share: (start in the kernel, start in the rows, length).
    #[inline(always)]
    fn shared(&self, unit: u32, first: usize, last: usize) -> (usize, usize, usize) {
        let ConvShape { taps, inputs, outputs, .. } = self.shape;
        let (row, input) = (unit as usize / inputs, unit as usize % inputs);
        // Output row l sees input row l + tap.
        let (low, high) = ((row + 1).saturating_sub(taps).max(first), (row + 1).min(last));
        if low >= high {
            return (0, 0, 0);
        }
        // `low` sees it with tap `row - low`, and the taps are reversed.
        let column = input * taps + taps - 1 - (row - low);
        (column * outputs, (low - first) * outputs, (high - low) * outputs)
    }

    /// Lets units of the input switch: adds what each adds to the output's slope and
    /// start, or takes it away where it switches off.
    ///
    /// `slope` and `start` are the output's rows from `first` on; `input` holds all
    /// units.
    ///
    /// # Panics
    /// A length does not fit, or a unit is not there.
    pub fn switch(
        &self,
        switches: impl Iterator<Item = Switch>,
        input: &Line<'_, T>,
        first: usize,
        slope: &mut [T],
        start: &mut [T],
    ) {
        assert_eq!(slope.len(), start.len(), "slope and start differ in length");
        let last = first + slope.len() / self.shape.outputs;
        run(Apply { kernel: self, switches, input, rows: (first, last), slope, start });
    }

    /// Adds to each unit's dot how much the output's `sums`, rows from `first` on, count
    /// for it: `dot += sum over its output rows l and channels o of kernel * sums[l, o]`.
    ///
    /// `units` gives units with their places in `dots`; one beyond the input counts nothing.
    ///
    /// # Panics
    /// A place is not there.
    pub fn dots_add(
        &self,
        units: impl Iterator<Item = (u32, usize)>,
        first: usize,
        sums: &[T],
        dots: &mut [T],
    ) {
        let last = first + sums.len() / self.shape.outputs;
        run(Dots { kernel: self, units, rows: (first, last), sums, dots });
    }
}

struct Apply<'a, T, I> {
    kernel: &'a SwitchKernel<T>,
    switches: I,
    input: &'a Line<'a, T>,
    rows: (usize, usize),
    slope: &'a mut [T],
    start: &'a mut [T],
}

impl<T: Real, I: Iterator<Item = Switch>> Kernel<T> for Apply<'_, T, I> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { kernel, switches, input, rows: (first, last), slope, start } = self;
        for Switch { unit, on, .. } in switches {
            let (column, row, len) = kernel.shared(unit, first, last);
            let column = &kernel.columns[column..][..len];
            let (slope, start) = (&mut slope[row..][..len], &mut start[row..][..len]);
            let unit = unit as usize;
            let [u, v] =
                [input.slope[unit], input.start[unit]].map(|x| V::splat(if on { x } else { -x }));
            for at in (0..len).step_by(V::WIDTH) {
                let left = len - at;
                // SAFETY: `left` numbers from `at` on are in all three slices.
                unsafe {
                    let w = V::load_first(column.as_ptr().add(at), left);
                    for (factor, to) in [(u, &mut *slope), (v, &mut *start)] {
                        let to = to.as_mut_ptr().add(at);
                        factor.mul_add(w, V::load_first(to, left)).store_first(to, left);
                    }
                }
            }
        }
    }
}

struct Dots<'a, T, I> {
    kernel: &'a SwitchKernel<T>,
    units: I,
    rows: (usize, usize),
    sums: &'a [T],
    dots: &'a mut [T],
}

impl<T: Real, I: Iterator<Item = (u32, usize)>> Kernel<T> for Dots<'_, T, I> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        /// Sums side by side, so that one addition need not wait for the one before.
        const APART: usize = 4;
        let Self { kernel, units, rows: (first, last), sums, dots } = self;
        for (unit, place) in units {
            let (column, row, len) = kernel.shared(unit, first, last);
            let (column, sums) = (&kernel.columns[column..][..len], &sums[row..][..len]);
            let mut parts = [V::zero(); APART];
            for at in (0..len).step_by(APART * V::WIDTH) {
                for (i, part) in parts.iter_mut().enumerate() {
                    let at = (at + i * V::WIDTH).min(len);
                    // SAFETY: `len - at` numbers from `at` on are in both slices.
                    unsafe {
                        let w = V::load_first(column.as_ptr().add(at), len - at);
                        let s = V::load_first(sums.as_ptr().add(at), len - at);
                        *part = w.mul_add(s, *part);
                    }
                }
            }
            let mut lanes = [T::ZERO; crate::buffer::LANES];
            for part in parts {
                // SAFETY: a vector is no longer than the array.
                unsafe { part.add(V::load(lanes.as_ptr())).store(lanes.as_mut_ptr()) };
            }
            dots[place] += lanes[..V::WIDTH].iter().copied().sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Isa;
    use crate::isa::tests::PINNED;

    fn values(n: usize, seed: usize) -> Vec<f64> {
        (0..n).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f64 / 1001.5 - 1.0).collect()
    }

    /// The convolution of the rectified values at `a`, one sum at a time.
    fn convolved(shape: &ConvShape, line: &Line<'_, f64>, kernel: &[f64], a: f64) -> Vec<f64> {
        let ConvShape { taps, inputs, outputs, .. } = *shape;
        let mut y = vec![0.0; shape.output_len()];
        for l in 0..shape.out_rows() {
            for t in 0..taps {
                for i in 0..inputs {
                    let x = line.at((l + t) * inputs + i, a).max(0.0);
                    for o in 0..outputs {
                        y[l * outputs + o] += x * kernel[(t * inputs + i) * outputs + o];
                    }
                }
            }
        }
        y
    }

    #[test]
    fn switching_follows_the_convolution_at_every_node() {
        let shape = ConvShape { rows: 17, taps: 5, inputs: 3, outputs: 7 };
        let kernel = values(shape.kernel_len(), 1);
        let (u, v) = (values(shape.input_len(), 2), values(shape.input_len(), 3));
        let input = Line { channels: 3, slope: &u, start: &v };
        let nodes = [0.1, 0.3, 0.5, 0.7, 0.95];
        let (mut on, mut switches) = (vec![false; u.len()], Vec::new());
        input.switches_into(&nodes, &mut on, &mut switches);
        assert!(switches.iter().any(|s| s.on) && switches.iter().any(|s| !s.on));

        let keep = |x: &[f64]| -> Vec<f64> {
            x.iter().zip(&on).map(|(&x, &on)| if on { x } else { 0.0 }).collect()
        };
        let always = |slope: &[f64], a: f64| {
            let (zero, one) = (vec![0.0; u.len()], keep(slope));
            // A line that is never negative is its own positive part: split the two.
            let plus: Vec<f64> = one.iter().map(|x| x.max(0.0)).collect();
            let minus: Vec<f64> = one.iter().map(|x| (-x).max(0.0)).collect();
            let of = |x: &[f64]| {
                convolved(&shape, &Line { channels: 3, slope: &zero, start: x }, &kernel, a)
            };
            of(&plus).iter().zip(of(&minus)).map(|(p, m)| p - m).collect::<Vec<f64>>()
        };
        let (mut slope, mut start) = (always(&u, 0.0), always(&v, 0.0));
        let switcher = SwitchKernel::new(shape, &kernel);
        for (step, &a) in nodes.iter().enumerate() {
            // Two tiles of output rows, each for itself.
            for (first, last) in [(0, 6), (6, 13)] {
                let at = first * 7..last * 7;
                let now = switches.iter().copied().filter(|s| s.step as usize == step);
                switcher.switch(now, &input, first, &mut slope[at.clone()], &mut start[at]);
            }
            let expected = convolved(&shape, &input, &kernel, a);
            for ((p, q), y) in slope.iter().zip(&start).zip(expected) {
                assert!((a * p + q - y).abs() < 1e-12, "step {step}");
            }
        }
    }

    #[test]
    fn what_is_no_number_passes() {
        let (slope, start) = ([f64::NAN, -1.0, 1.0, -1.0], [1.0, f64::NAN, 0.0, 0.5]);
        let line = Line { channels: 2, slope: &slope, start: &start };
        let (mut on, mut switches) = ([false; 4], Vec::new());
        line.switches_into(&[0.0, 1.0], &mut on, &mut switches);
        assert_eq!(on, [true, true, false, true]);
        assert_eq!(switches.iter().map(|s| s.unit).collect::<Vec<_>>(), [2, 3]);
        let (mut y, mut gate) = ([0.0; 4], [0]);
        line_relu_avg_pool_into(&line, 1.0, 1, &mut y, 2, &mut gate);
        assert!(y[0].is_nan() && y[1].is_nan());
        assert_eq!((y[2], y[3], gate), (1.0, 0.0, [0b0111]));
    }

    #[test]
    #[should_panic(expected = "fewer pooled rows than windows")]
    fn pooled_rows_that_are_not_there_are_not_left_out() {
        let line = Line { channels: 2, slope: &[1.0; 12], start: &[0.0; 12] };
        line_relu_avg_pool_into(&line, 1.0, 2, &mut [0.0; 7], 3, &mut [0]);
    }

    #[test]
    #[should_panic(expected = "fewer pooled rows than windows")]
    fn gradients_of_pooled_rows_that_are_not_there_are_not_0() {
        let g = GatedGradient { dy: &[1.0; 7], window: 2, gate: &[u64::MAX], factor: 1.0 };
        gated_gradient_add(&g, 3, 2, &mut [0.0; 12]);
    }

    #[test]
    fn dots_are_the_convolution_transposed() {
        let shape = ConvShape { rows: 40, taps: 6, inputs: 2, outputs: 37 };
        let kernel: Vec<f32> = values(shape.kernel_len(), 4).iter().map(|&x| x as f32).collect();
        let sums: Vec<f32> = values(shape.output_len(), 5).iter().map(|&x| x as f32).collect();
        for &isa in Isa::ALL.iter().filter(|&&isa| isa <= Isa::widest()) {
            PINNED.set(Some(isa));
            let switcher = SwitchKernel::new(shape, &kernel);
            let mut dots = vec![0.0; shape.input_len()];
            for (first, last) in [(0, 11), (11, 35)] {
                let units = (0..dots.len()).map(|unit| (unit as u32, unit));
                switcher.dots_add(units, first, &sums[first * 37..last * 37], &mut dots);
            }
            PINNED.set(None);
            for (unit, dot) in dots.iter().enumerate() {
                let (row, input) = (unit / 2, unit % 2);
                let mut expected = 0.0;
                for l in (row + 1).saturating_sub(6)..(row + 1).min(35) {
                    for o in 0..37 {
                        let w = kernel[((row - l) * 2 + input) * 37 + o];
                        expected += f64::from(w) * f64::from(sums[l * 37 + o]);
                    }
                }
                assert!((f64::from(*dot) - expected).abs() < 1e-4, "{isa} unit {unit}");
            }
        }
    }

    #[test]
    fn a_line_is_rectified_and_pooled_and_its_gradient_comes_back() {
        for channels in [1, 5, 32, 70] {
            let (window, pooled, stride) = (3, 4, channels + 2);
            let n = window * pooled * channels;
            let (slope, start) = (values(n, 6), values(n, 7));
            let line = Line { channels, slope: &slope, start: &start };
            let mut gate = vec![0; bit_words(n)];
            let mut y = vec![9.0; pooled * stride];
            line_relu_avg_pool_into(&line, 0.4, window, &mut y, stride, &mut gate);
            let dy = values(pooled * stride, 8);
            let g = GatedGradient { dy: &dy, window, gate: &gate, factor: 0.5 };
            let before = values(n, 9);
            let mut sums = before.clone();
            gated_gradient_add(&g, stride, channels, &mut sums);
            for q in 0..pooled {
                for c in 0..channels {
                    let unit = |r: usize| (q * window + r) * channels + c;
                    let mean = (0..3).map(|r| line.at(unit(r), 0.4).max(0.0)).sum::<f64>() / 3.0;
                    assert!((y[q * stride + c] - mean).abs() < 1e-12);
                    for r in 0..3 {
                        let open = line.at(unit(r), 0.4) > 0.0;
                        let g = if open { 0.5 * dy[q * stride + c] / 3.0 } else { 0.0 };
                        assert!((sums[unit(r)] - before[unit(r)] - g).abs() < 1e-12);
                    }
                }
                assert_eq!(y[q * stride + channels], 9.0);
            }
        }
    }
}
