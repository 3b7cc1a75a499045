//! Convolution as a matrix product.
//!
//! With channels last the matrix of all stretches of the input that an output row sees
//! (im2col) is a view: its rows overlap, and nothing is copied.

use crate::Real;
use crate::conv::ConvShape;
use crate::lanes::run;
use crate::product::{AddOuter, Multiply, Pack, panels_len};

/// A convolution laid out as products; both kernels are kept in panels.
#[derive(Clone, Debug)]
pub(crate) struct Direct(pub ConvShape);

impl Direct {
    /// Length of a kernel in panels, for the output and for the input gradient.
    pub fn kernel_len(&self, adjoint: bool) -> usize {
        let s = if adjoint { self.adjoint() } else { self.0 };
        panels_len(s.taps * s.inputs, s.outputs)
    }

    /// The convolution whose output is this one's input gradient.
    fn adjoint(&self) -> ConvShape {
        let s = self.0;
        ConvShape {
            rows: s.out_rows() + 2 * (s.taps - 1),
            taps: s.taps,
            inputs: s.outputs,
            outputs: s.inputs,
        }
    }

    /// Lays a kernel out; for the input gradient with taps reversed and channels exchanged.
    pub fn pack_kernel<T: Real>(&self, kernel: &[T], adjoint: bool, panels: &mut [T]) {
        let ConvShape { taps, inputs, outputs, .. } = self.0;
        if adjoint {
            let at = |row: usize, i: usize| {
                kernel[((taps - 1 - row / outputs) * inputs + i) * outputs + row % outputs]
            };
            run(Pack { rows: taps * outputs, columns: inputs, at, panels });
        } else {
            let at = |row: usize, o: usize| kernel[row * outputs + o];
            run(Pack { rows: taps * inputs, columns: outputs, at, panels });
        }
    }

    pub fn forward<T: Real>(&self, x: &[T], panels: &[T], bias: Option<&[T]>, y: &mut [T]) {
        multiply(&self.0, x, panels, bias, y);
    }

    /// Computes the input gradient from the output gradient with `taps - 1` zero rows
    /// before and after it.
    pub fn input_gradient<T: Real>(&self, dy_padded: &[T], panels: &[T], dx: &mut [T]) {
        if self.0.out_rows() == 0 {
            dx.fill(T::ZERO);
        } else {
            multiply(&self.adjoint(), dy_padded, panels, None, dx);
        }
    }

    pub fn kernel_gradient_add<T: Real>(&self, x: &[T], dy: &[T], dkernel: &mut [T]) {
        let s = &self.0;
        run(AddOuter {
            rows: s.out_rows(),
            inputs: s.taps * s.inputs,
            x_stride: s.inputs,
            x,
            outputs: s.outputs,
            g_stride: s.outputs,
            g: dy,
            sums_stride: s.outputs,
            sums: dkernel,
        });
    }
}

fn multiply<T: Real>(s: &ConvShape, x: &[T], panels: &[T], bias: Option<&[T]>, y: &mut [T]) {
    run(Multiply {
        rows: s.out_rows(),
        depth: s.taps * s.inputs,
        stride: s.inputs,
        a: x,
        panels,
        columns: s.outputs,
        bias,
        y,
    });
}
