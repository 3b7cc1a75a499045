//! Convolution by Fourier transforms of overlapping tiles.
//!
//! A tile of `points` rows gives `points - taps + 1` rows of output: its spectrum, all
//! channels at once, times the kernel's, frequency by frequency. For 20 taps and 64
//! points that is a ninth of the multiplications of the sum itself. What it takes
//! beside is small: a vector's lanes are channels, so a transform shuffles nothing, and
//! two tiles, both real, go through it as real and imaginary part.
//!
//! Both gradients are products of the same spectra. With X, W and G the transforms
//! of a tile of the input, of the kernel, and of the tile's stretch of the output
//! gradient followed by zeros, and * for the conjugate:
//!
//! - output: X W*, whose first `points - taps + 1` rows are no mixture of its two ends;
//! - kernel gradient: sum over tiles of X G*;
//! - input gradient: G W = (G* W*)*, each tile's added to its neighbour's.
//!
//! So it is X, W* and G* that are computed. A complex product takes three real ones, and
//! spectra are kept as (re, im, re + im).

mod product;
mod tiles;

use crate::Real;
use crate::buffer::Buffer;
use crate::conv::ConvShape;
use crate::fourier::Fourier;
use crate::lanes::run;
use crate::product::padded;
use product::{AddOuterSpectra, MultiplySpectra, PackKernel, kernel_len};
use tiles::{FromTiles, Tiling, ToTiles, Written, scratch_len};

/// A convolution laid out for transforms of one size.
#[derive(Clone, Debug)]
pub(crate) struct Spectral<T> {
    shape: ConvShape,
    fourier: Fourier<T>,
}

/// Memory of one thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpectralScratch<T> {
    transform: Buffer<T>,
    /// Spectra of the input, of the output or its gradient, and of a result.
    input: Buffer<T>,
    output: Buffer<T>,
    result: Buffer<T>,
}

/// Numbers that a chunk of tiles may take: most of a second cache of 1 MB.
const CACHED: usize = 200_000;

/// Tiles that are multiplied at once where vectors are widest.
const BLOCK: usize = 14;

/// Real matrices that a spectrum consists of: re, im, re + im.
const PARTS: usize = 3;

impl<T: Real> Spectral<T> {
    /// Lays out a convolution; `points` is a power of two, `taps` or more and 16 or more.
    pub fn new(shape: ConvShape, points: usize) -> Self {
        assert!(points >= shape.taps && shape.taps > 0, "a tile shorter than the kernel");
        assert!(shape.inputs > 0 && shape.outputs > 0, "a convolution without channels");
        Self { shape, fourier: Fourier::new(points) }
    }

    /// Rows of a tile.
    pub fn points(&self) -> usize {
        self.fourier.points()
    }

    fn frequencies(&self) -> usize {
        self.fourier.points() / 2 + 1
    }

    /// Rows of output that a tile gives.
    fn step(&self) -> usize {
        self.fourier.points() - self.shape.taps + 1
    }

    fn tiles(&self) -> usize {
        self.shape.out_rows().div_ceil(self.step())
    }

    /// 1 over what a product of two spectra has too much: both are doubled, and the
    /// inverse transform multiplies by the number of points.
    fn scale(&self) -> T {
        T::from_f64(0.25 / self.fourier.points() as f64)
    }

    fn spectrum_len(&self, tiles: usize, parts: usize, channels: usize) -> usize {
        self.frequencies() * tiles * parts * padded(channels)
    }

    /// Length of a kernel's spectrum, for the output and for the input gradient.
    pub fn kernel_len(&self, adjoint: bool) -> usize {
        let (rows, columns) = self.kernel_shape(adjoint);
        self.frequencies() * kernel_len(rows, columns)
    }

    fn kernel_shape(&self, adjoint: bool) -> (usize, usize) {
        let ConvShape { inputs, outputs, .. } = self.shape;
        if adjoint { (outputs, inputs) } else { (inputs, outputs) }
    }

    /// The tiling of a kernel: one tile, whose channels are (input, output) pairs.
    fn kernel_tiling(&self, conjugate: bool) -> Tiling {
        Tiling { first: 0, tiles: 1, step: self.step(), take: self.shape.taps, conjugate }
    }

    /// Length of the sums that become a kernel gradient.
    pub fn sums_len(&self) -> usize {
        self.frequencies() * PARTS * self.shape.inputs * padded(self.shape.outputs)
    }

    /// Makes room for all that this convolution needs.
    pub fn reserve(&self, scratch: &mut SpectralScratch<T>) {
        let ConvShape { inputs, outputs, .. } = self.shape;
        let of_kernel = self.spectrum_len(1, PARTS, inputs * outputs);
        let tiles = self.tiles();
        scratch.transform.grow(scratch_len(&self.fourier));
        scratch.input.grow(self.spectrum_len(tiles, PARTS, inputs).max(of_kernel));
        scratch.output.grow(self.spectrum_len(tiles, PARTS, outputs));
        scratch.result.grow(self.spectrum_len(self.chunk().min(tiles), 2, outputs));
        scratch.result.grow(self.spectrum_len(tiles, 2, inputs));
    }

    /// Computes a kernel's spectrum as [`forward`](Self::forward), or, for the adjoint,
    /// [`backward`](Self::backward) takes it.
    pub fn transform_kernel(
        &self,
        kernel: &[T],
        adjoint: bool,
        scratch: &mut SpectralScratch<T>,
        panels: &mut [T],
    ) {
        let channels = self.shape.inputs * self.shape.outputs;
        let spectrum = scratch.input.at_least(self.spectrum_len(1, PARTS, channels));
        run(ToTiles {
            fourier: &self.fourier,
            tiling: self.kernel_tiling(true),
            x: kernel,
            channels,
            spectrum,
            scratch: scratch.transform.at_least(scratch_len(&self.fourier)),
        });
        let (rows, columns) = self.kernel_shape(adjoint);
        run(PackKernel {
            spectrum,
            rows,
            columns,
            transposed: adjoint,
            scale: self.scale(),
            panels,
        });
    }

    /// Convolves one sample; see [`Convolution::forward_into`](crate::Convolution::forward_into).
    pub fn forward(
        &self,
        x: &[T],
        panels: &[T],
        bias: Option<&[T]>,
        scratch: &mut SpectralScratch<T>,
        y: &mut [T],
    ) {
        let ConvShape { inputs, outputs, .. } = self.shape;
        let transform = scratch.transform.at_least(scratch_len(&self.fourier));
        let chunk = self.chunk();
        for first in (0..self.tiles()).step_by(chunk) {
            let tiles = chunk.min(self.tiles() - first);
            let tiling = Tiling {
                first,
                tiles,
                step: self.step(),
                take: self.fourier.points(),
                conjugate: false,
            };
            let spectrum = scratch.input.at_least(self.spectrum_len(tiles, PARTS, inputs));
            let result = scratch.result.at_least(self.spectrum_len(tiles, 2, outputs));
            let fourier = &self.fourier;
            run(ToTiles { fourier, tiling, x, channels: inputs, spectrum, scratch: transform });
            run(MultiplySpectra {
                frequencies: self.frequencies(),
                tiles,
                a: spectrum,
                inputs,
                panels,
                outputs,
                y: result,
            });
            run(FromTiles {
                fourier,
                tiling: Tiling { take: self.step(), ..tiling },
                spectrum: result,
                channels: outputs,
                written: Written::With(bias),
                y,
                scratch: transform,
            });
        }
    }

    /// Tiles whose spectra stay in the second cache.
    fn chunk(&self) -> usize {
        let ConvShape { inputs, outputs, .. } = self.shape;
        let each = self.spectrum_len(1, PARTS, inputs) + self.spectrum_len(1, 2, outputs);
        let fit = CACHED / each;
        (fit / BLOCK * BLOCK).clamp(BLOCK, self.tiles().max(BLOCK))
    }

    /// Adds one sample's part to the sums of the kernel gradient, and computes its input
    /// gradient where that is wanted, with the adjoint spectrum of the kernel.
    pub fn backward(
        &self,
        x: &[T],
        dy: &[T],
        scratch: &mut SpectralScratch<T>,
        sums: &mut [T],
        input: Option<(&[T], &mut [T])>,
    ) {
        let ConvShape { inputs, outputs, .. } = self.shape;
        let (fourier, frequencies, tiles) = (&self.fourier, self.frequencies(), self.tiles());
        if tiles == 0 {
            if let Some((_, dx)) = input {
                dx.fill(T::ZERO);
            }
            return;
        }
        let transform = scratch.transform.at_least(scratch_len(fourier));
        let of_input = scratch.input.at_least(self.spectrum_len(tiles, PARTS, inputs));
        let of_output = scratch.output.at_least(self.spectrum_len(tiles, PARTS, outputs));
        let points = fourier.points();
        let tiling = Tiling { first: 0, tiles, step: self.step(), take: points, conjugate: false };
        let stretch = Tiling { take: self.step(), conjugate: true, ..tiling };
        run(ToTiles {
            fourier,
            tiling,
            x,
            channels: inputs,
            spectrum: of_input,
            scratch: transform,
        });
        run(ToTiles {
            fourier,
            tiling: stretch,
            x: dy,
            channels: outputs,
            spectrum: of_output,
            scratch: transform,
        });
        run(AddOuterSpectra {
            frequencies,
            tiles,
            x: of_input,
            inputs,
            g: of_output,
            outputs,
            sums,
        });
        if let Some((panels, dx)) = input {
            let result = scratch.result.at_least(self.spectrum_len(tiles, 2, inputs));
            run(MultiplySpectra {
                frequencies,
                tiles,
                a: of_output,
                inputs: outputs,
                panels,
                outputs: inputs,
                y: result,
            });
            dx.fill(T::ZERO);
            run(FromTiles {
                fourier,
                tiling: Tiling { conjugate: true, ..tiling },
                spectrum: result,
                channels: inputs,
                written: Written::Added,
                y: dx,
                scratch: transform,
            });
        }
    }

    /// Computes the kernel gradient from its sums.
    pub fn kernel_gradient(&self, sums: &[T], scratch: &mut SpectralScratch<T>, dkernel: &mut [T]) {
        let ConvShape { inputs, outputs, .. } = self.shape;
        let (channels, scale) = (inputs * outputs, self.scale());
        let spectrum = scratch.input.at_least(self.spectrum_len(1, 2, channels));
        let part = inputs * padded(outputs);
        let frequencies = sums.chunks_exact(PARTS * part);
        for (sums, to) in frequencies.zip(spectrum.chunks_exact_mut(2 * padded(channels))) {
            let (re, im) = to.split_at_mut(padded(channels));
            for i in 0..inputs {
                for o in 0..outputs {
                    let at = i * padded(outputs) + o;
                    let [rr, ii, all] = [0, 1, 2].map(|p| sums[p * part + at]);
                    re[i * outputs + o] = (rr - ii) * scale;
                    im[i * outputs + o] = (all - rr - ii) * scale;
                }
            }
        }
        run(FromTiles {
            fourier: &self.fourier,
            tiling: self.kernel_tiling(false),
            spectrum,
            channels,
            written: Written::With(None),
            y: dkernel,
            scratch: scratch.transform.at_least(scratch_len(&self.fourier)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Isa;
    use crate::direct::Direct;
    use crate::isa::tests::PINNED;
    use proptest::prelude::*;

    fn numbers<T: Real>(n: usize, seed: u32) -> Vec<T> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            T::from_f64(f64::from(state >> 8) / f64::from(1 << 23) - 1.0)
        };
        (0..n).map(|_| next()).collect()
    }

    fn largest<T: Real>(x: &[T]) -> f64 {
        x.iter().map(|v| v.to_f64().abs()).fold(0.0, f64::max)
    }

    fn assert_close<T: Real>(what: &str, got: &[T], expected: &[T], tolerance: f64) {
        let scale = largest(expected).max(1e-3);
        for (i, (g, e)) in got.iter().zip(expected).enumerate() {
            let difference = (g.to_f64() - e.to_f64()).abs();
            assert!(difference <= tolerance * scale, "{what} {i}: {g:?} for {e:?} of {scale}");
        }
    }

    /// Compares all three passes over two samples with the sums themselves.
    fn check<T: Real>(shape: ConvShape, points: usize, tolerance: f64) {
        let spectral = Spectral::<T>::new(shape, points);
        let kernel = numbers::<T>(shape.kernel_len(), 1);
        let bias = numbers::<T>(shape.outputs, 2);
        let mut scratch = SpectralScratch::default();
        let [mut forward, mut adjoint] =
            [false, true].map(|a| vec![T::ZERO; spectral.kernel_len(a)]);
        spectral.transform_kernel(&kernel, false, &mut scratch, &mut forward);
        spectral.transform_kernel(&kernel, true, &mut scratch, &mut adjoint);
        let direct = Direct(shape);
        let [flat, flipped] = [false, true].map(|adjoint| {
            let mut panels = vec![T::ZERO; direct.kernel_len(adjoint)];
            direct.pack_kernel(&kernel, adjoint, &mut panels);
            panels
        });
        let mut sums = vec![T::ZERO; spectral.sums_len()];
        let mut expected_kernel = vec![T::ZERO; shape.kernel_len()];
        for sample in 0..2 {
            let x = numbers::<T>(shape.input_len(), 3 + sample);
            let dy = numbers::<T>(shape.output_len(), 13 + sample);
            let (mut y, mut expected) = (dy.clone(), dy.clone());
            spectral.forward(&x, &forward, Some(&bias), &mut scratch, &mut y);
            direct.forward(&x, &flat, Some(&bias), &mut expected);
            assert_close("output", &y, &expected, tolerance);

            let edge = vec![T::ZERO; (shape.taps - 1) * shape.outputs];
            let around = [edge.as_slice(), &dy, &edge].concat();
            let (mut dx, mut expected) = (x.clone(), x.clone());
            spectral.backward(&x, &dy, &mut scratch, &mut sums, Some((&adjoint, &mut dx)));
            direct.input_gradient(&around, &flipped, &mut expected);
            assert_close("input gradient", &dx, &expected, tolerance);
            direct.kernel_gradient_add(&x, &dy, &mut expected_kernel);
        }
        let mut dkernel = vec![T::ZERO; shape.kernel_len()];
        spectral.kernel_gradient(&sums, &mut scratch, &mut dkernel);
        assert_close("kernel gradient", &dkernel, &expected_kernel, tolerance);
    }

    #[test]
    fn it_is_the_convolution_at_the_networks_shapes() {
        for (rows, taps, inputs, outputs, points) in [
            (700, 20, 64, 128, 64),
            (2519, 20, 16, 32, 64),
            (400, 50, 32, 64, 128),
            (600, 100, 7, 20, 256),
            (512, 100, 4, 16, 512),
        ] {
            let shape = ConvShape { rows, taps, inputs, outputs };
            check::<f32>(shape, points, 2e-5);
        }
    }

    #[test]
    fn every_instruction_set_computes_it() {
        for &isa in Isa::ALL.iter().filter(|&&isa| isa <= Isa::widest()) {
            PINNED.set(Some(isa));
            for (inputs, outputs) in [(7, 33), (16, 48), (5, 3), (40, 130)] {
                check::<f32>(ConvShape { rows: 333, taps: 9, inputs, outputs }, 32, 2e-5);
            }
            PINNED.set(None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn it_is_the_convolution(
            taps in 1usize..60,
            more in 0usize..300,
            inputs in 1usize..40,
            outputs in 1usize..40,
            power in 4u32..9,
        ) {
            let points = (1 << power).max(taps.next_power_of_two());
            let shape = ConvShape { rows: taps + more, taps, inputs, outputs };
            check::<f64>(shape, points, 1e-12);
        }
    }
}
