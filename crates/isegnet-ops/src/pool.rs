use crate::Real;
use crate::isa::multiversion;

/// Widest window of [`max_pool_forward_into`]: places in it are kept as bytes.
const WIDEST_MAX_POOL: usize = 256;

/// Checks the shapes of a pooling layer and gives (rows, out_rows).
fn rows(channels: usize, window: usize, unpooled: usize, pooled: usize) -> (usize, usize) {
    assert!(channels > 0 && window > 0, "a pool needs a channel and a window of a row or more");
    assert_eq!(unpooled % channels, 0, "pool input is no whole number of rows");
    let rows = unpooled / channels;
    assert_eq!(pooled, rows / window * channels, "pooled values of another length");
    (rows, rows / window)
}

/// Averages what `part` makes of each value over each `window` rows.
#[inline(always)]
fn average<T: Real>(channels: usize, window: usize, x: &[T], y: &mut [T], part: impl Fn(T) -> T) {
    rows(channels, window, x.len(), y.len());
    let share = T::ONE / T::from_f64(window as f64);
    for (block, out) in x.chunks_exact(window * channels).zip(y.chunks_exact_mut(channels)) {
        out.fill(T::ZERO);
        for row in block.chunks_exact(channels) {
            for (o, &v) in out.iter_mut().zip(row) {
                *o += part(v);
            }
        }
        for o in out {
            *o *= share;
        }
    }
}

multiversion! {
    /// Averages each `window` rows: `y[q, c] = mean of x[q * window .. (q + 1) * window, c]`.
    ///
    /// `x` is (rows, channels), `y` (rows / window, channels), overwritten; rows
    /// beyond the last whole window are dropped.
    ///
    /// # Panics
    /// `channels` or `window` is 0, or a length does not fit.
    pub fn avg_pool_forward_into<T: Real>(channels: usize, window: usize, x: &[T], y: &mut [T]) {
        average(channels, window, x, y, |v| v);
    }
}

multiversion! {
    /// Averages the positive parts of each `window` rows; with a window of 1 that is ReLU.
    ///
    /// Shapes are those of [`avg_pool_forward_into`].
    ///
    /// # Panics
    /// `channels` or `window` is 0, or a length does not fit.
    pub fn relu_avg_pool_into<T: Real>(channels: usize, window: usize, x: &[T], y: &mut [T]) {
        // NaN passes.
        average(channels, window, x, y, |v| if v <= T::ZERO { T::ZERO } else { v });
    }
}

multiversion! {
    /// Spreads the gradient of [`avg_pool_forward_into`]: `dx[r, c] = dy[r / window, c] / window`.
    ///
    /// `dy` is (rows / window, channels), `dx` (rows, channels), overwritten; the
    /// dropped rows get 0.
    ///
    /// # Panics
    /// `channels` or `window` is 0, or a length does not fit.
    pub fn avg_pool_backward_into<T: Real>(channels: usize, window: usize, dy: &[T], dx: &mut [T]) {
        let (_, out_rows) = rows(channels, window, dx.len(), dy.len());
        let share = T::ONE / T::from_f64(window as f64);
        let (pooled, dropped) = dx.split_at_mut(out_rows * window * channels);
        for (block, from) in pooled.chunks_exact_mut(window * channels).zip(dy.chunks_exact(channels)) {
            for row in block.chunks_exact_mut(channels) {
                for (d, &g) in row.iter_mut().zip(from) {
                    *d = g * share;
                }
            }
        }
        dropped.fill(T::ZERO);
    }
}

multiversion! {
    /// Takes the largest of each `window` rows, and where it stands.
    ///
    /// `x` is (rows, channels); `y`, the largest values, and `argmax`, their row
    /// within the window (the first of equal ones), are (rows / window, channels),
    /// overwritten. Rows beyond the last whole window are dropped. A NaN is the
    /// largest of its window.
    ///
    /// # Panics
    /// `channels` or `window` is 0, `window` is over 256, or a length does not fit.
    pub fn max_pool_forward_into<T: Real>(
        channels: usize,
        window: usize,
        x: &[T],
        y: &mut [T],
        argmax: &mut [u8],
    ) {
        rows(channels, window, x.len(), y.len());
        assert!(window <= WIDEST_MAX_POOL, "a max pool over more than 256 rows");
        assert_eq!(argmax.len(), y.len(), "pool places of another length");
        let outs = y.chunks_exact_mut(channels).zip(argmax.chunks_exact_mut(channels));
        for (block, (out, places)) in x.chunks_exact(window * channels).zip(outs) {
            let (first, others) = block.split_at(channels);
            out.copy_from_slice(first);
            places.fill(0);
            for (row, place) in others.chunks_exact(channels).zip(1..=u8::MAX) {
                for ((o, p), &v) in out.iter_mut().zip(places.iter_mut()).zip(row) {
                    // NaN passes.
                    let larger = v > *o || v.to_f64().is_nan();
                    *o = if larger { v } else { *o };
                    *p = if larger { place } else { *p };
                }
            }
        }
    }
}

multiversion! {
    /// Hands the gradient of [`max_pool_forward_into`] to the rows that were largest.
    ///
    /// `dy` and `argmax` are (rows / window, channels), `dx` (rows, channels),
    /// overwritten: 0 everywhere else, in dropped rows too.
    ///
    /// # Panics
    /// `channels` or `window` is 0, `window` is over 256, or a length does not fit.
    pub fn max_pool_backward_into<T: Real>(
        channels: usize,
        window: usize,
        argmax: &[u8],
        dy: &[T],
        dx: &mut [T],
    ) {
        let (_, out_rows) = rows(channels, window, dx.len(), dy.len());
        assert!(window <= WIDEST_MAX_POOL, "a max pool over more than 256 rows");
        assert_eq!(argmax.len(), dy.len(), "pool places of another length");
        let (pooled, dropped) = dx.split_at_mut(out_rows * window * channels);
        let from = dy.chunks_exact(channels).zip(argmax.chunks_exact(channels));
        for (block, (gradient, places)) in pooled.chunks_exact_mut(window * channels).zip(from) {
            for (row, place) in block.chunks_exact_mut(channels).zip(0..=u8::MAX) {
                for ((d, &g), &p) in row.iter_mut().zip(gradient).zip(places) {
                    *d = if p == place { g } else { T::ZERO };
                }
            }
        }
        dropped.fill(T::ZERO);
    }
}
