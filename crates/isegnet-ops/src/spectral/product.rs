//! Products of spectra, frequency by frequency.

use super::PARTS;
use crate::Real;
use crate::lanes::{Kernel, Lanes};
use crate::product::{AddOuter, PANEL, Pack, fold, for_each_block, padded, panels_len, volume};

/// Length of one frequency of a kernel's spectrum: three matrices in panels.
pub(super) fn kernel_len(inputs: usize, outputs: usize) -> usize {
    PARTS * panels_len(inputs, outputs)
}

/// Lays the conjugate spectrum c + i d of a kernel out as c, d - c and c + d in panels.
pub(super) struct PackKernel<'a, T> {
    /// (frequency, part, (row, column)), or (column, row) to be transposed.
    pub spectrum: &'a [T],
    pub rows: usize,
    pub columns: usize,
    pub transposed: bool,
    pub scale: T,
    pub panels: &'a mut [T],
}

impl<T: Real> Kernel<T> for PackKernel<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { spectrum, rows, columns, transposed, scale, panels } = self;
        let width = padded(rows * columns);
        let spectra = spectrum.chunks_exact(PARTS * width);
        for (from, to) in spectra.zip(panels.chunks_exact_mut(kernel_len(rows, columns))) {
            let (re, im) = from.split_at(width);
            let index = |r, c| if transposed { c * rows + r } else { r * columns + c };
            let re = |r, c| re[index(r, c)] * scale;
            let im = |r, c| im[index(r, c)] * scale;
            let (sum, rest) = to.split_at_mut(panels_len(rows, columns));
            let (of_re, of_im) = rest.split_at_mut(panels_len(rows, columns));
            Pack { rows, columns, at: re, panels: sum }.run::<V>();
            Pack { rows, columns, at: |r, c| im(r, c) - re(r, c), panels: of_re }.run::<V>();
            Pack { rows, columns, at: |r, c| re(r, c) + im(r, c), panels: of_im }.run::<V>();
        }
    }
}

/// Multiplies the spectra of tiles with that of a kernel.
///
/// With a + i b of a tile and c + i d of the kernel: (a + b) c - b (c + d) is the real
/// part, (a + b) c + a (d - c) the imaginary one.
pub(super) struct MultiplySpectra<'a, T> {
    pub frequencies: usize,
    pub tiles: usize,
    /// (frequency, tile, part, input).
    pub a: &'a [T],
    pub inputs: usize,
    /// From [`PackKernel`], with inputs as rows.
    pub panels: &'a [T],
    pub outputs: usize,
    /// (frequency, tile, (re, im), output), overwritten.
    pub y: &'a mut [T],
}

impl<T: Real> Kernel<T> for MultiplySpectra<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { frequencies, tiles, a, inputs, panels, outputs, y } = self;
        let (of_a, of_y) = (PARTS * padded(inputs), 2 * padded(outputs));
        assert!(a.len() >= volume([frequencies, tiles, of_a]));
        assert!(y.len() >= volume([frequencies, tiles, of_y]));
        assert!(panels.len() >= volume([frequencies, kernel_len(inputs, outputs)]));
        for k in 0..frequencies {
            let panels = &panels[k * kernel_len(inputs, outputs)..];
            for first in (0..outputs).step_by(PANEL * V::WIDTH) {
                let [sum, of_re, of_im] = [0, 1, 2]
                    .map(|p| panels[p * panels_len(inputs, outputs) + first * inputs..].as_ptr());
                let panel = TilesByPanel {
                    a: a[k * tiles * of_a..].as_ptr(),
                    inputs,
                    kernel: [sum, of_re, of_im],
                    y: y[k * tiles * of_y + first..].as_mut_ptr(),
                    outputs,
                };
                // SAFETY: the assertions above; a panel of one vector is the last one.
                unsafe {
                    if padded(outputs) - first > V::WIDTH {
                        for_each_block!(tiles, V::ROWS, |tile, M| panel.block::<V, M, PANEL>(tile));
                    } else {
                        for_each_block!(tiles, V::ROWS, |tile, M| panel.block::<V, M, 1>(tile));
                    }
                }
            }
        }
    }
}

/// All tiles of one frequency, and one panel of the kernel.
struct TilesByPanel<T> {
    a: *const T,
    inputs: usize,
    /// c, d - c and c + d.
    kernel: [*const T; PARTS],
    y: *mut T,
    outputs: usize,
}

impl<T: Real> TilesByPanel<T> {
    /// # Safety
    /// The pointers reach `M` tiles from `tile` on.
    #[inline(always)]
    unsafe fn block<V: Lanes<T>, const M: usize, const W: usize>(&self, tile: usize) {
        let (part, stride) = (padded(self.inputs), PARTS * padded(self.inputs));
        let [sum, of_re, of_im] = self.kernel;
        // SAFETY: the caller's.
        unsafe {
            let a = self.a.add(tile * stride);
            let zero = [[V::zero(); W]; M];
            let both = a.add(2 * part);
            let common = fold::<T, V, M, W, false>(zero, both, stride, sum, self.inputs);
            let re = fold::<T, V, M, W, true>(common, a.add(part), stride, of_im, self.inputs);
            self.put(tile, 0, &re);
            let im = fold::<T, V, M, W, false>(common, a, stride, of_re, self.inputs);
            self.put(tile, padded(self.outputs), &im);
        }
    }

    /// Writes one part of `M` tiles.
    ///
    /// # Safety
    /// The pointers reach `M` tiles from `tile` on.
    #[inline(always)]
    unsafe fn put<V: Lanes<T>, const M: usize, const W: usize>(
        &self,
        tile: usize,
        part: usize,
        sums: &[[V; W]; M],
    ) {
        for (i, sums) in sums.iter().enumerate() {
            // SAFETY: the caller's.
            unsafe {
                let to = self.y.add((tile + i) * 2 * padded(self.outputs) + part);
                for (w, sum) in sums.iter().enumerate() {
                    sum.store(to.add(w * V::WIDTH));
                }
            }
        }
    }
}

/// Adds the products of two spectra, part by part, over tiles: what a kernel gradient is
/// made of.
pub(super) struct AddOuterSpectra<'a, T> {
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

impl<T: Real> Kernel<T> for AddOuterSpectra<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { frequencies, tiles, x, inputs, g, outputs, sums } = self;
        let (x_part, g_part) = (padded(inputs), padded(outputs));
        assert_eq!(sums.len(), volume([frequencies, PARTS, inputs, g_part]), "other sums");
        let parts = sums.chunks_exact_mut(inputs * g_part);
        for (i, sums) in parts.enumerate() {
            let (k, part) = (i / PARTS, i % PARTS);
            AddOuter {
                rows: tiles,
                inputs,
                x_stride: PARTS * x_part,
                x: &x[k * tiles * PARTS * x_part + part * x_part..],
                outputs: outputs.next_multiple_of(V::WIDTH),
                g_stride: PARTS * g_part,
                g: &g[k * tiles * PARTS * g_part + part * g_part..],
                sums_stride: g_part,
                sums,
            }
            .run::<V>();
        }
    }
}
