//! Products of spectra, frequency by frequency.

use super::{PARTS, padded};
use crate::Real;
use crate::lanes::{Kernel, Lanes};

/// Vectors of a panel: the columns of a kernel's spectrum that are multiplied at once.
const PANEL: usize = 2;

/// Length of one frequency of a kernel's spectrum in panels.
pub(super) fn panels_len(depth: usize, columns: usize) -> usize {
    PARTS * depth * padded(columns)
}

/// Vectors of the panel that starts at vector `at` of a row.
#[inline(always)]
fn panel_vectors<T: Real, V: Lanes<T>>(at: usize, columns: usize) -> usize {
    (padded(columns) / V::WIDTH - at).min(PANEL)
}

/// Lays the conjugate spectrum c + i d of a kernel out in panels of (c, d - c, c + d).
pub(super) struct Pack<'a, T> {
    pub frequencies: usize,
    /// (frequency, part, (row, column)), or (column, row) to be transposed.
    pub spectrum: &'a [T],
    pub rows: usize,
    pub columns: usize,
    pub transposed: bool,
    pub scale: T,
    pub panels: &'a mut [T],
}

impl<T: Real> Kernel<T> for Pack<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { frequencies, spectrum, rows, columns, transposed, scale, panels } = self;
        let width = padded(rows * columns);
        let (of_row, of_column) = if transposed { (1, rows) } else { (columns, 1) };
        let vectors = padded(columns) / V::WIDTH;
        assert_eq!(panels.len(), frequencies * panels_len(rows, columns));
        let spectra = spectrum.chunks_exact(PARTS * width);
        for (from, to) in spectra.zip(panels.chunks_exact_mut(panels_len(rows, columns))) {
            let mut to = to;
            for at in (0..vectors).step_by(PANEL) {
                let first = at * V::WIDTH;
                let lanes = panel_vectors::<T, V>(at, columns) * V::WIDTH;
                let (panel, rest) = to.split_at_mut(PARTS * rows * lanes);
                to = rest;
                let (sums, rest) = panel.split_at_mut(rows * lanes);
                let (of_re, of_im) = rest.split_at_mut(rows * lanes);
                for r in 0..rows {
                    for lane in 0..lanes.min(columns.saturating_sub(first)) {
                        let i = r * of_row + (first + lane) * of_column;
                        let (c, d) = (from[i] * scale, from[width + i] * scale);
                        sums[r * lanes + lane] = c;
                        of_re[r * lanes + lane] = d - c;
                        of_im[r * lanes + lane] = c + d;
                    }
                }
            }
        }
    }
}

/// Multiplies the spectra of tiles with that of a kernel.
///
/// With a + i b of a tile and c + i d of the kernel: (a + b) c - b (c + d) is the real
/// part, (a + b) c + a (d - c) the imaginary one.
pub(super) struct Multiply<'a, T> {
    pub frequencies: usize,
    pub tiles: usize,
    /// (frequency, tile, part, input).
    pub a: &'a [T],
    pub inputs: usize,
    /// From [`Pack`], with inputs as rows.
    pub panels: &'a [T],
    pub outputs: usize,
    /// (frequency, tile, (re, im), output), overwritten.
    pub y: &'a mut [T],
}

impl<T: Real> Kernel<T> for Multiply<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { frequencies, tiles, a, inputs, panels, outputs, y } = self;
        let (of_a, of_y) = (PARTS * padded(inputs), 2 * padded(outputs));
        assert!(a.len() >= frequencies * tiles * of_a);
        assert!(y.len() >= frequencies * tiles * of_y);
        assert!(panels.len() >= frequencies * panels_len(inputs, outputs));
        for k in 0..frequencies {
            let mut at = 0;
            while at < padded(outputs) / V::WIDTH {
                let vectors = panel_vectors::<T, V>(at, outputs);
                // SAFETY: the assertions above; a panel's vectors lie inside a row.
                unsafe {
                    let product = Product {
                        a: a.as_ptr().add(k * tiles * of_a),
                        a_part: padded(inputs),
                        depth: inputs,
                        b: panels
                            .as_ptr()
                            .add(k * panels_len(inputs, outputs) + PARTS * inputs * at * V::WIDTH),
                        y: y.as_mut_ptr().add(k * tiles * of_y + at * V::WIDTH),
                        y_part: padded(outputs),
                    };
                    if vectors == PANEL {
                        product.all_rows::<V, PANEL>(tiles);
                    } else {
                        product.all_rows::<V, 1>(tiles);
                    }
                }
                at += vectors;
            }
        }
    }
}

/// One frequency's product with one panel.
struct Product<T> {
    a: *const T,
    a_part: usize,
    depth: usize,
    b: *const T,
    y: *mut T,
    y_part: usize,
}

impl<T: Real> Product<T> {
    /// # Safety
    /// The pointers reach `tiles` rows.
    #[inline(always)]
    unsafe fn all_rows<V: Lanes<T>, const W: usize>(&self, tiles: usize) {
        let mut row = 0;
        // SAFETY: never more rows than are left.
        unsafe {
            if V::ROWS >= 14 {
                while tiles - row >= 14 {
                    self.rows::<V, 14, W>(row);
                    row += 14;
                }
                if tiles - row >= 10 {
                    self.rows::<V, 10, W>(row);
                    row += 10;
                }
            }
            while tiles - row >= 6 {
                self.rows::<V, 6, W>(row);
                row += 6;
            }
            if tiles - row >= 3 {
                self.rows::<V, 3, W>(row);
                row += 3;
            }
            while row < tiles {
                self.rows::<V, 1, W>(row);
                row += 1;
            }
        }
    }

    #[inline(always)]
    unsafe fn rows<V: Lanes<T>, const M: usize, const W: usize>(&self, row: usize) {
        // SAFETY: the caller's.
        unsafe {
            let a = self.a.add(row * PARTS * self.a_part);
            let part = self.depth * W * V::WIDTH;
            let zero = [[V::zero(); W]; M];
            let common = self.fold::<V, M, W, false>(zero, a.add(2 * self.a_part), self.b);
            let b = self.b.add(2 * part);
            let re = self.fold::<V, M, W, true>(common, a.add(self.a_part), b);
            self.put(row, 0, &re);
            let im = self.fold::<V, M, W, false>(common, a, self.b.add(part));
            self.put(row, self.y_part, &im);
        }
    }

    /// Adds a product of `M` rows with the panel to sums, or takes it away.
    #[inline(always)]
    unsafe fn fold<V: Lanes<T>, const M: usize, const W: usize, const MINUS: bool>(
        &self,
        mut sums: [[V; W]; M],
        a: *const T,
        mut b: *const T,
    ) -> [[V; W]; M] {
        for i in 0..self.depth {
            let mut right = [V::zero(); W];
            // SAFETY: the caller's.
            unsafe {
                for right in &mut right {
                    *right = V::load(b);
                    b = b.add(V::WIDTH);
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let left = V::splat(*a.add(row * PARTS * self.a_part + i));
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = if MINUS {
                            left.neg_mul_add(right, *sum)
                        } else {
                            left.mul_add(right, *sum)
                        };
                    }
                }
            }
        }
        sums
    }

    #[inline(always)]
    unsafe fn put<V: Lanes<T>, const M: usize, const W: usize>(
        &self,
        row: usize,
        part: usize,
        sums: &[[V; W]; M],
    ) {
        for (i, sums) in sums.iter().enumerate() {
            // SAFETY: the caller's.
            unsafe {
                let to = self.y.add((row + i) * 2 * self.y_part + part);
                for (w, sum) in sums.iter().enumerate() {
                    sum.store(to.add(w * V::WIDTH));
                }
            }
        }
    }
}

/// Adds the products of two spectra, part by part, over tiles: what a kernel gradient is made of.
pub(super) struct AddOuter<'a, T> {
    pub frequencies: usize,
    pub tiles: usize,
    /// (frequency, tile, part, input).
    pub x: &'a [T],
    pub inputs: usize,
    /// (frequency, tile, part, output).
    pub g: &'a [T],
    pub outputs: usize,
    /// (frequency, part, input, output), added to.
    pub sums: &'a mut [T],
}

impl<T: Real> Kernel<T> for AddOuter<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { frequencies, tiles, x, inputs, g, outputs, sums } = self;
        let (x_part, g_part) = (padded(inputs), padded(outputs));
        assert!(x.len() >= frequencies * tiles * PARTS * x_part);
        assert!(g.len() >= frequencies * tiles * PARTS * g_part);
        assert!(sums.len() >= frequencies * PARTS * inputs * g_part);
        for k in 0..frequencies {
            for part in 0..PARTS {
                let mut at = 0;
                while at < g_part {
                    // SAFETY: the assertions above.
                    unsafe {
                        let outer = Outer {
                            x: x.as_ptr().add(k * tiles * PARTS * x_part + part * x_part),
                            x_stride: PARTS * x_part,
                            g: g.as_ptr().add(k * tiles * PARTS * g_part + part * g_part + at),
                            g_stride: PARTS * g_part,
                            tiles,
                            sums: sums.as_mut_ptr().add((k * PARTS + part) * inputs * g_part + at),
                            sums_stride: g_part,
                        };
                        let left = (g_part - at) / V::WIDTH;
                        if V::ROWS >= 14 && left >= 4 {
                            outer.all_rows::<V, 4>(inputs);
                            at += 4 * V::WIDTH;
                        } else if left >= 2 {
                            outer.all_rows::<V, 2>(inputs);
                            at += 2 * V::WIDTH;
                        } else {
                            outer.all_rows::<V, 1>(inputs);
                            at += V::WIDTH;
                        }
                    }
                }
            }
        }
    }
}

/// One part of one frequency, a few columns wide.
struct Outer<T> {
    x: *const T,
    x_stride: usize,
    g: *const T,
    g_stride: usize,
    tiles: usize,
    sums: *mut T,
    sums_stride: usize,
}

impl<T: Real> Outer<T> {
    /// # Safety
    /// The pointers reach all tiles, and `inputs` rows of sums.
    #[inline(always)]
    unsafe fn all_rows<V: Lanes<T>, const W: usize>(&self, inputs: usize) {
        let mut row = 0;
        // SAFETY: never more rows than are left.
        unsafe {
            while inputs - row >= 6 {
                self.rows::<V, 6, W>(row);
                row += 6;
            }
            if inputs - row >= 4 {
                self.rows::<V, 4, W>(row);
                row += 4;
            }
            while row < inputs {
                self.rows::<V, 1, W>(row);
                row += 1;
            }
        }
    }

    #[inline(always)]
    unsafe fn rows<V: Lanes<T>, const M: usize, const W: usize>(&self, row: usize) {
        let mut sums = [[V::zero(); W]; M];
        // SAFETY: the caller's.
        unsafe {
            let (mut x, mut g) = (self.x.add(row), self.g);
            for _ in 0..self.tiles {
                let mut right = [V::zero(); W];
                for (w, right) in right.iter_mut().enumerate() {
                    *right = V::load(g.add(w * V::WIDTH));
                }
                for (i, sums) in sums.iter_mut().enumerate() {
                    let left = V::splat(*x.add(i));
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = left.mul_add(right, *sum);
                    }
                }
                x = x.wrapping_add(self.x_stride);
                g = g.wrapping_add(self.g_stride);
            }
            for (i, sums) in sums.iter().enumerate() {
                let to = self.sums.add((row + i) * self.sums_stride);
                for (w, sum) in sums.iter().enumerate() {
                    let to = to.add(w * V::WIDTH);
                    sum.add(V::load(to)).store(to);
                }
            }
        }
    }
}
