use crate::Real;
use crate::buffer::{Buffer, LANES};
use crate::conv::ConvShape;
use crate::direct::Direct;
use crate::spectral::{Spectral, SpectralScratch};

/// A convolution of one shape with the way it is computed: as a matrix product, or
/// by Fourier transforms of tiles.
///
/// The kernel is prepared once for many samples ([`PreparedKernel`]), the kernel
/// gradient is finished once after many; between them each sample takes one call a pass,
/// on one thread with its own [`ConvScratch`].
#[derive(Clone, Debug)]
pub struct Convolution<T> {
    shape: ConvShape,
    spectral: Option<Spectral<T>>,
}

/// A kernel as [`Convolution`] and [`Dense`](crate::Dense) take it for the output, and for the input gradient.
#[derive(Clone, Debug, Default)]
pub struct PreparedKernel<T> {
    pub(crate) forward: Buffer<T>,
    pub(crate) adjoint: Buffer<T>,
}

/// Memory of one thread, for convolutions of any shape; grows to what they need.
#[derive(Clone, Debug, Default)]
pub struct ConvScratch<T>(SpectralScratch<T>);

impl<T: Real> Convolution<T> {
    /// Lays out a convolution the way that its shape makes fastest.
    ///
    /// # Panics
    /// There is no tap, or more of anything than memory holds.
    pub fn new(shape: ConvShape) -> Self {
        shape.assert_possible();
        match fastest(&shape) {
            Some(points) => Self::by_transforms(shape, points),
            None => Self::by_products(shape),
        }
    }

    /// Lays out a convolution as a matrix product.
    ///
    /// # Panics
    /// There is no tap, or more of anything than memory holds.
    pub fn by_products(shape: ConvShape) -> Self {
        shape.assert_possible();
        Self { shape, spectral: None }
    }

    /// Lays out a convolution by transforms of tiles of `points` rows.
    ///
    /// # Panics
    /// `points` is no power of two, under 16 or under the kernel's taps, or there are no
    /// channels, no tap, or more of anything than memory holds.
    pub fn by_transforms(shape: ConvShape, points: usize) -> Self {
        shape.assert_possible();
        Self { shape, spectral: Some(Spectral::new(shape, points)) }
    }

    /// Its shape.
    pub fn shape(&self) -> &ConvShape {
        &self.shape
    }

    /// Rows of a tile, where it is computed by transforms.
    pub fn points(&self) -> Option<usize> {
        self.spectral.as_ref().map(Spectral::points)
    }

    /// Makes room in a thread's memory for all that this convolution needs, so that it
    /// need not grow later.
    pub fn reserve(&self, scratch: &mut ConvScratch<T>) {
        if let Some(spectral) = &self.spectral {
            spectral.reserve(&mut scratch.0);
        }
    }

    /// Prepares a kernel, (taps, inputs, outputs), for [`forward_into`](Self::forward_into).
    ///
    /// # Panics
    /// `kernel` does not have the length that the shape gives it.
    pub fn prepare_forward(
        &self,
        kernel: &[T],
        scratch: &mut ConvScratch<T>,
        prepared: &mut PreparedKernel<T>,
    ) {
        self.prepare(kernel, false, scratch, &mut prepared.forward);
    }

    /// Prepares a kernel for the input gradients of [`backward_add`](Self::backward_add).
    ///
    /// # Panics
    /// `kernel` does not have the length that the shape gives it.
    pub fn prepare_adjoint(
        &self,
        kernel: &[T],
        scratch: &mut ConvScratch<T>,
        prepared: &mut PreparedKernel<T>,
    ) {
        self.prepare(kernel, true, scratch, &mut prepared.adjoint);
    }

    fn prepare(
        &self,
        kernel: &[T],
        adjoint: bool,
        scratch: &mut ConvScratch<T>,
        to: &mut Buffer<T>,
    ) {
        assert_eq!(kernel.len(), self.shape.kernel_len(), "convolution kernel of another length");
        match &self.spectral {
            Some(spectral) => {
                let panels = to.at_least(spectral.kernel_len(adjoint));
                spectral.transform_kernel(kernel, adjoint, &mut scratch.0, panels);
            }
            None => {
                let direct = Direct(self.shape);
                let panels = to.at_least(direct.kernel_len(adjoint));
                direct.pack_kernel(kernel, adjoint, panels);
            }
        }
    }

    /// Convolves one sample: `y[r, o] = bias[o] + sum over t, i of x[r + t, i] * kernel[t, i, o]`.
    ///
    /// `x` is (rows, inputs), `y` (out_rows, outputs), overwritten.
    ///
    /// # Panics
    /// A slice does not have the length that the shape gives it, or the kernel is shorter
    /// than one that this convolution prepared.
    pub fn forward_into(
        &self,
        x: &[T],
        kernel: &PreparedKernel<T>,
        bias: Option<&[T]>,
        scratch: &mut ConvScratch<T>,
        y: &mut [T],
    ) {
        let s = &self.shape;
        assert_eq!(x.len(), s.input_len(), "convolution input of another length");
        assert_eq!(y.len(), s.output_len(), "convolution output of another length");
        assert!(bias.is_none_or(|b| b.len() == s.outputs), "convolution bias of another length");
        match &self.spectral {
            Some(spectral) => {
                let panels = &kernel.forward[..spectral.kernel_len(false)];
                spectral.forward(x, panels, bias, &mut scratch.0, y);
            }
            None => {
                let direct = Direct(*s);
                direct.forward(x, &kernel.forward[..direct.kernel_len(false)], bias, y);
            }
        }
    }

    /// Length of the sums that become the kernel gradient.
    pub fn sums_len(&self) -> usize {
        self.spectral.as_ref().map_or(self.shape.kernel_len(), Spectral::sums_len)
    }

    /// Runs one sample's output gradient back: adds to the sums of the kernel gradient, and
    /// computes the gradient at all rows of the input, where wanted.
    ///
    /// `dy_padded` holds dy with `taps - 1` zero rows before and after,
    /// (out_rows + 2 (taps - 1), outputs); `input` is the kernel prepared for it
    /// and the gradient, (rows, inputs), overwritten.
    ///
    /// # Panics
    /// A slice does not have the length that the shape gives it, or the kernel is shorter
    /// than one that this convolution prepared.
    pub fn backward_add(
        &self,
        x: &[T],
        dy_padded: &[T],
        scratch: &mut ConvScratch<T>,
        sums: &mut [T],
        input: Option<(&PreparedKernel<T>, &mut [T])>,
    ) {
        let s = &self.shape;
        assert_eq!(x.len(), s.input_len(), "convolution input of another length");
        assert_eq!(dy_padded.len(), s.padded_gradient_len(), "output gradient of another length");
        assert_eq!(sums.len(), self.sums_len(), "sums of another length");
        if let Some((_, dx)) = &input {
            assert_eq!(dx.len(), s.input_len(), "convolution input gradient of another length");
        }
        let dy = &dy_padded[(s.taps - 1) * s.outputs..][..s.output_len()];
        match &self.spectral {
            Some(spectral) => {
                let input = input.map(|(k, dx)| (&k.adjoint[..spectral.kernel_len(true)], dx));
                spectral.backward(x, dy, &mut scratch.0, sums, input);
            }
            None => {
                let direct = Direct(*s);
                direct.kernel_gradient_add(x, dy, sums);
                if let Some((kernel, dx)) = input {
                    let panels = &kernel.adjoint[..direct.kernel_len(true)];
                    direct.input_gradient(dy_padded, panels, dx);
                }
            }
        }
    }

    /// Computes the kernel gradient, (taps, inputs, outputs), from its sums.
    ///
    /// # Panics
    /// A slice does not have the length that the shape gives it.
    pub fn kernel_gradient_into(
        &self,
        sums: &[T],
        scratch: &mut ConvScratch<T>,
        dkernel: &mut [T],
    ) {
        assert_eq!(sums.len(), self.sums_len(), "sums of another length");
        assert_eq!(dkernel.len(), self.shape.kernel_len(), "kernel gradient of another length");
        match &self.spectral {
            Some(spectral) => spectral.kernel_gradient(sums, &mut scratch.0, dkernel),
            None => dkernel.copy_from_slice(sums),
        }
    }
}

/// The points of the tiles with which transforms are expected to be fastest, or nothing
/// where the matrix product is.
///
/// A function of the shape alone, never of a timing, so that the same network
/// gives the same bits at every run. Multiplications are counted; the weights of what is
/// not one were fitted to 60 shapes and sizes of tile on an AVX-512 machine with 1 MB of
/// second cache. Transforms win from about 4 taps on, and by far with 20 taps and some ten
/// channels; the tile is 2 to 6 times as long as the kernel.
fn fastest(shape: &ConvShape) -> Option<usize> {
    let sizes = (4..=12).map(|power| 1usize << power).filter(|&points| points > shape.taps);
    let (points, cost) = sizes
        .map(|points| (points, cost_of_transforms(shape, points)))
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    let product = shape.flop() as f64 / 2.0;
    (cost < product).then_some(points)
}

/// The cost of one pass over one sample, as a number of multiplications.
fn cost_of_transforms(shape: &ConvShape, points: usize) -> f64 {
    /// A vector's read, arithmetic and write, for each point and stage of a transform.
    const STAGE: f64 = 2.5;
    /// Reading a number of the kernel's spectrum from the third cache.
    const FETCH: f64 = 14.0;
    let [inputs, outputs] = [shape.inputs, shape.outputs].map(|n| n.next_multiple_of(LANES));
    let step = points - shape.taps + 1;
    let tiles = shape.out_rows().div_ceil(step) as f64;
    let kernel = 3.0 * (points / 2 + 1) as f64 * shape.inputs as f64 * outputs as f64;
    let stages = points as f64 * f64::from(points.ilog2()) * (inputs as f64 + outputs as f64);
    tiles * (kernel + STAGE * stages) + FETCH * kernel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_kernels_go_through_transforms_and_short_ones_do_not() {
        let points =
            |taps, inputs, outputs| fastest(&ConvShape { rows: 2500, taps, inputs, outputs });
        assert_eq!(points(20, 64, 128), Some(64));
        assert_eq!(points(50, 64, 128), Some(128));
        assert_eq!(points(100, 64, 128), Some(256));
        assert_eq!(points(2, 256, 126), None);
        assert_eq!(points(1, 126, 64), None);
        assert_eq!(fastest(&ConvShape { rows: 5, taps: 9, inputs: 4, outputs: 4 }), None);
    }
}
