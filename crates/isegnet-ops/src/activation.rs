use crate::Real;
use crate::bits::{BitWriter, bit_words, bits_at};
use crate::isa::multiversion;
use crate::sums::{TILE, assert_rows, for_each_stretch, widen_add};

/// What follows a convolution: a scale and an offset for each channel, ReLU and dropout.
///
/// y = keep * factor * relu(x * scale + offset). Batch normalisation is a scale
/// and an offset once its statistics are known
/// ([`Moments::scale_and_offset`](crate::Moments::scale_and_offset)).
#[derive(Clone, Copy, Debug)]
pub struct ScaleOffsetRelu<'a, T> {
    /// One value a channel.
    pub scale: &'a [T],
    /// One value a channel.
    pub offset: &'a [T],
    /// Whether values up to 0 become 0.
    pub relu: bool,
    /// Dropout: which elements are kept, one bit each, and the factor of those that are.
    pub keep: Option<(&'a [u64], T)>,
}

impl<T: Real> ScaleOffsetRelu<'_, T> {
    #[inline(always)]
    fn assert_fits(&self, elements: usize, gate: &[u64]) {
        assert_eq!(self.scale.len(), self.offset.len(), "scale and offset differ in length");
        let words = bit_words(elements);
        assert_eq!(gate.len(), words, "a gate of another length");
        if let Some((keep, _)) = self.keep {
            assert_eq!(keep.len(), words, "a dropout mask of another length");
        }
    }

    #[inline(always)]
    fn kept(&self, at: usize) -> u64 {
        match self.keep {
            Some((keep, _)) => bits_at(keep, at),
            None => u64::MAX,
        }
    }

    #[inline(always)]
    fn factor(&self) -> T {
        self.keep.map_or(T::ONE, |(_, factor)| factor)
    }

    /// Hands `N` activated values to `put` and gives their gate bits.
    #[inline(always)]
    fn stretch<const N: usize, const ADD: bool>(
        &self,
        at: usize,
        kept: u64,
        x: &[T],
        y: &mut [T],
    ) -> u64 {
        let (x, y) = (&x[at..][..N], &mut y[at..][..N]);
        let (scale, offset) = (&self.scale[at..][..N], &self.offset[at..][..N]);
        let (relu, factor, kept) = (self.relu, self.factor(), kept as u32);
        let mut open = 0;
        for j in 0..N {
            let v = x[j] * scale[j] + offset[j];
            // NaN passes, so that a failed step shows in the loss.
            let passes = !(relu & (v <= T::ZERO)) & (kept & 1 << j != 0);
            let v = if passes { v * factor } else { T::ZERO };
            y[j] = if ADD { y[j] + v } else { v };
            open |= u32::from(passes) << j;
        }
        u64::from(open)
    }
}

multiversion! {
    /// Scales, offsets, rectifies and drops out: y = keep * factor * relu(x * scale + offset).
    ///
    /// `x` and `y` are (rows, channels), channels being the length of `scale`;
    /// `y` is overwritten. `gate`, [`bit_words`]`(x.len())` words, gets a bit for
    /// each element that passes its gradient on: kept, and without ReLU or with
    /// a value over 0 before it (at exactly 0 the gradient is 0).
    ///
    /// # Panics
    /// There is no channel, or a length does not fit.
    pub fn scale_offset_relu_into<T: Real>(
        activation: &ScaleOffsetRelu<'_, T>,
        x: &[T],
        y: &mut [T],
        gate: &mut [u64],
    ) {
        let channels = activation.scale.len();
        assert_rows(channels, x);
        assert_eq!(x.len(), y.len(), "an activation of another length");
        activation.assert_fits(x.len(), gate);
        let mut gate = BitWriter::new(gate);
        let rows = x.chunks_exact(channels).zip(y.chunks_exact_mut(channels));
        for (r, (x, y)) in rows.enumerate() {
            for_each_stretch!(channels, |at, N| {
                let kept = activation.kept(r * channels + at);
                gate.push(activation.stretch::<N, false>(at, kept, x, y), N as u32)
            });
        }
        gate.finish();
    }
}

multiversion! {
    /// Does [`scale_offset_relu_into`] and [`avg_pool_forward_into`](crate::avg_pool_forward_into)
    /// at once, without memory for the values between them; the same bits.
    ///
    /// `x` is (rows, channels), `y` (rows / window, channels), `gate` as for
    /// unpooled values, with 0 for rows that the pool drops.
    ///
    /// # Panics
    /// There is no channel, `window` is 0, or a length does not fit.
    pub fn scale_offset_relu_avg_pool_into<T: Real>(
        activation: &ScaleOffsetRelu<'_, T>,
        window: usize,
        x: &[T],
        y: &mut [T],
        gate: &mut [u64],
    ) {
        let channels = activation.scale.len();
        assert_rows(channels, x);
        assert!(window > 0, "a pool needs a window of a row or more");
        assert_eq!(x.len() / channels / window * channels, y.len(), "pooled values of another length");
        activation.assert_fits(x.len(), gate);
        let share = T::ONE / T::from_f64(window as f64);
        let mut gate = BitWriter::new(gate);
        let mut first = 0;
        for (block, y) in x.chunks_exact(window * channels).zip(y.chunks_exact_mut(channels)) {
            y.fill(T::ZERO);
            for x in block.chunks_exact(channels) {
                for_each_stretch!(channels, |at, N| {
                    let kept = activation.kept(first + at);
                    gate.push(activation.stretch::<N, true>(at, kept, x, y), N as u32)
                });
                first += channels;
            }
            for v in y {
                *v *= share;
            }
        }
        gate.finish();
    }
}

/// The gradient at the output of [`ScaleOffsetRelu`]'s scale and offset, before any sum:
/// `g[r, c] = factor * dy[r, c]` where the gate is open, else 0.
///
/// With a `window` over 1 an average pool lies between, and
/// `g[r, c] = factor / window * dy[r / window, c]`, 0 in rows that the pool dropped.
#[derive(Clone, Copy, Debug)]
pub struct GatedGradient<'a, T> {
    /// Gradient at the activation's output, or at the average pool's, row-major.
    pub dy: &'a [T],
    /// Rows that the average pool joins; 1 without a pool.
    pub window: usize,
    /// The gate that the forward pass wrote.
    pub gate: &'a [u64],
    /// Dropout's factor; 1 without dropout.
    pub factor: T,
}

impl<'a, T: Real> GatedGradient<'a, T> {
    #[inline(always)]
    fn assert_fits(&self, channels: usize, elements: usize) {
        assert!(channels > 0, "an activation needs a channel");
        assert!(self.window > 0, "a pool needs a window of a row or more");
        assert_eq!(elements % channels, 0, "an activation is no whole number of rows");
        let pooled = elements / channels / self.window * channels;
        assert_eq!(self.dy.len(), pooled, "an output gradient of another length");
        assert_eq!(self.gate.len(), bit_words(elements), "a gate of another length");
    }

    #[inline(always)]
    fn share(&self) -> T {
        self.factor * (T::ONE / T::from_f64(self.window as f64))
    }

    /// Elements of the rows that the pool did not drop.
    #[inline(always)]
    fn pooled_elements(&self) -> usize {
        self.dy.len() * self.window
    }
}

#[inline(always)]
fn gated<T: Real>(gate: u32, j: usize, g: T) -> T {
    if gate & 1 << j != 0 { g } else { T::ZERO }
}

/// Adds up one stretch of channels, `P` parts of `N`, over the rows from `first` to `last`.
#[inline(always)]
fn sums_stretch<T: Real, const N: usize, const P: usize>(
    g: &GatedGradient<'_, T>,
    (x, center): (&[T], &[T]),
    at: usize,
    (first, last): (usize, usize),
    (sum, sum_centered): (&mut [f64], &mut [f64]),
) {
    let channels = center.len();
    let (mut s, mut q) = ([[T::ZERO; N]; P], [[T::ZERO; N]; P]);
    let share = g.share();
    let (mut pooled, mut phase) = (first / g.window, first % g.window);
    for r in first..last {
        for part in 0..P {
            let at = at + part * N;
            let center = &center[at..][..N];
            let gate = bits_at(g.gate, r * channels + at) as u32;
            let dy = &g.dy[pooled * channels + at..][..N];
            let x = &x[r * channels + at..][..N];
            for j in 0..N {
                let v = gated(gate, j, dy[j] * share);
                s[part][j] += v;
                q[part][j] += v * (x[j] - center[j]);
            }
        }
        phase += 1;
        if phase == g.window {
            (pooled, phase) = (pooled + 1, 0);
        }
    }
    for part in 0..P {
        let at = at + part * N;
        widen_add(&s[part], &mut sum[at..][..N]);
        widen_add(&q[part], &mut sum_centered[at..][..N]);
    }
}

multiversion! {
    /// Adds up what the gradients of batch normalisation need, the first of its two passes:
    /// `sum[c] += sum over r of g`, `sum_centered[c] += sum over r of g * (x[r, c] - center[c])`.
    ///
    /// `x` (rows, channels) is the input of the normalisation, channels being the
    /// length of `center`: any value near the mean, best the mean itself.
    ///
    /// # Panics
    /// There is no channel, or a length does not fit.
    pub fn batch_norm_backward_sums_add<T: Real>(
        g: &GatedGradient<'_, T>,
        x: &[T],
        center: &[T],
        sum: &mut [f64],
        sum_centered: &mut [f64],
    ) {
        let channels = center.len();
        g.assert_fits(channels, x.len());
        assert_eq!(sum.len(), channels, "sums of another length");
        assert_eq!(sum_centered.len(), channels, "sums of another length");
        let rows = g.pooled_elements() / channels;
        for first in (0..rows).step_by(TILE) {
            let last = rows.min(first + TILE);
            // Whole rows where they have a usual length: what lies in memory is read
            // several times faster in its order than in columns.
            match channels {
                64 => sums_stretch::<T, 32, 2>(
                    g, (x, center), 0, (first, last), (sum, sum_centered)
                ),
                128 => sums_stretch::<T, 32, 4>(
                    g, (x, center), 0, (first, last), (sum, sum_centered)
                ),
                _ => for_each_stretch!(channels, |at, N| sums_stretch::<T, N, 1>(
                    g, (x, center), at, (first, last), (sum, sum_centered)
                )),
            }
        }
    }
}

#[inline(always)]
fn input_stretch<T: Real, const N: usize>(
    at: usize,
    (gate, share): (u64, T),
    (dy, x): (&[T], &[T]),
    [a, k, h]: [&[T]; 3],
    dx: &mut [T],
) {
    let gate = gate as u32;
    let (dy, x, dx) = (&dy[at..][..N], &x[at..][..N], &mut dx[at..][..N]);
    let (a, k, h) = (&a[at..][..N], &k[at..][..N], &h[at..][..N]);
    for j in 0..N {
        dx[j] = a[j] * gated(gate, j, dy[j] * share) + (k[j] * x[j] + h[j]);
    }
}

multiversion! {
    /// Computes the gradient with respect to the input of batch normalisation, the second pass:
    /// `dx[r, c] = a[c] * g[r, c] + k[c] * x[r, c] + h[c]`.
    ///
    /// The coefficients, `[a, k, h]`, are `of_gradient`, `of_input` and `constant` of
    /// [`BatchNormGradient`](crate::BatchNormGradient), one a channel; `x` and `dx` are
    /// (rows, channels), `dx` is overwritten.
    ///
    /// # Panics
    /// There is no channel, or a length does not fit.
    pub fn batch_norm_backward_into<T: Real>(
        g: &GatedGradient<'_, T>,
        x: &[T],
        coefficients: [&[T]; 3],
        dx: &mut [T],
    ) {
        let [a, k, h] = coefficients;
        let channels = a.len();
        g.assert_fits(channels, x.len());
        assert_eq!(dx.len(), x.len(), "an input gradient of another length");
        assert!(k.len() == channels && h.len() == channels, "coefficients differ in length");
        let share = g.share();
        let (x, x_dropped) = x.split_at(g.pooled_elements());
        let (dx, dx_dropped) = dx.split_at_mut(g.pooled_elements());
        let span = g.window * channels;
        let blocks = x.chunks_exact(span).zip(dx.chunks_exact_mut(span));
        let mut first = 0;
        for ((x, dx), dy) in blocks.zip(g.dy.chunks_exact(channels)) {
            for (x, dx) in x.chunks_exact(channels).zip(dx.chunks_exact_mut(channels)) {
                for_each_stretch!(channels, |at, N| {
                    let gate = bits_at(g.gate, first + at);
                    input_stretch::<T, N>(at, (gate, share), (dy, x), coefficients, dx)
                });
                first += channels;
            }
        }
        for (x, dx) in x_dropped.chunks_exact(channels).zip(dx_dropped.chunks_exact_mut(channels)) {
            for c in 0..channels {
                dx[c] = k[c] * x[c] + h[c];
            }
        }
    }
}

multiversion! {
    /// Computes the gradient with respect to the input where scale and offset are constants,
    /// as they are outside training: `dx[r, c] = scale[c] * g[r, c]`.
    ///
    /// `dx` is (rows, channels), overwritten, channels being the length of `scale`.
    ///
    /// # Panics
    /// There is no channel, or a length does not fit.
    pub fn scale_backward_into<T: Real>(g: &GatedGradient<'_, T>, scale: &[T], dx: &mut [T]) {
        let channels = scale.len();
        g.assert_fits(channels, dx.len());
        let share = g.share();
        let (dx, dropped) = dx.split_at_mut(g.pooled_elements());
        let mut first = 0;
        for (block, dy) in dx.chunks_exact_mut(g.window * channels).zip(g.dy.chunks_exact(channels)) {
            for dx in block.chunks_exact_mut(channels) {
                for_each_stretch!(channels, |at, N| {
                    let gate = bits_at(g.gate, first + at);
                    scale_stretch::<T, N>(at, (gate, share), dy, scale, dx)
                });
                first += channels;
            }
        }
        dropped.fill(T::ZERO);
    }
}

#[inline(always)]
fn scale_stretch<T: Real, const N: usize>(
    at: usize,
    (gate, share): (u64, T),
    dy: &[T],
    scale: &[T],
    dx: &mut [T],
) {
    let gate = gate as u32;
    let (dy, scale, dx) = (&dy[at..][..N], &scale[at..][..N], &mut dx[at..][..N]);
    for j in 0..N {
        dx[j] = scale[j] * gated(gate, j, dy[j] * share);
    }
}
