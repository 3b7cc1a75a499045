use crate::Real;
use crate::buffer::Buffer;
use crate::convolution::PreparedKernel;
use crate::lanes::run;
use crate::product::{AddOuter, Multiply, Pack, panels_len, volume};
use rayon::prelude::*;

/// A dense layer over a whole batch.
///
/// The kernel is (inputs, outputs); it is prepared for the output and for the input
/// gradient. Everything runs on the present rayon pool, with the same result on any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Values in.
    pub inputs: usize,
    /// Values out.
    pub outputs: usize,
}

impl Dense {
    /// Rows of the batch, or inputs of the kernel gradient, that one task computes. It is
    /// fixed, and each task runs on one thread, so that results do not depend on the number
    /// of threads; as many rows or fewer stay on the thread that calls.
    pub const ROWS_A_TASK: usize = 28;

    /// Prepares a kernel for [`forward_into`](Self::forward_into).
    ///
    /// # Panics
    /// `kernel` is not (inputs, outputs).
    pub fn prepare_forward<T: Real>(&self, kernel: &[T], prepared: &mut PreparedKernel<T>) {
        self.assert_kernel(kernel);
        let Self { inputs, outputs } = *self;
        let at = |i: usize, o: usize| kernel[i * outputs + o];
        let panels = prepared.forward.at_least(panels_len(inputs, outputs));
        run(Pack { rows: inputs, columns: outputs, at, panels });
    }

    /// Prepares a kernel for [`input_gradient_into`](Self::input_gradient_into).
    ///
    /// # Panics
    /// `kernel` is not (inputs, outputs).
    pub fn prepare_adjoint<T: Real>(&self, kernel: &[T], prepared: &mut PreparedKernel<T>) {
        self.assert_kernel(kernel);
        let Self { inputs, outputs } = *self;
        let at = |o: usize, i: usize| kernel[i * outputs + o];
        let panels = prepared.adjoint.at_least(panels_len(outputs, inputs));
        run(Pack { rows: outputs, columns: inputs, at, panels });
    }

    fn assert_kernel<T>(&self, kernel: &[T]) {
        let length = volume([self.inputs, self.outputs]);
        assert_eq!(kernel.len(), length, "dense kernel of another length");
    }

    /// Computes `y[b, o] = bias[o] + sum over i of x[b, i] * kernel[i, o]`.
    ///
    /// `x` is (batch, inputs), `y` (batch, outputs), overwritten.
    ///
    /// # Panics
    /// A slice does not have the length that its shape gives it, or the kernel is shorter
    /// than one that this layer prepared.
    pub fn forward_into<T: Real>(
        &self,
        x: &[T],
        kernel: &PreparedKernel<T>,
        bias: Option<&[T]>,
        y: &mut [T],
    ) {
        assert!(bias.is_none_or(|b| b.len() == self.outputs), "dense bias of another length");
        multiply([self.inputs, self.outputs], x, &kernel.forward, bias, y);
    }

    /// Computes the input gradient, `dx[b, i] = sum over o of dy[b, o] * kernel[i, o]`.
    ///
    /// `dy` is (batch, outputs), `dx` (batch, inputs), overwritten.
    ///
    /// # Panics
    /// A slice does not have the length that its shape gives it, or the kernel is shorter
    /// than one that this layer prepared.
    pub fn input_gradient_into<T: Real>(&self, dy: &[T], kernel: &PreparedKernel<T>, dx: &mut [T]) {
        multiply([self.outputs, self.inputs], dy, &kernel.adjoint, None, dx);
    }

    /// Computes the kernel gradient, `dkernel[i, o] = sum over b of x[b, i] * dy[b, o]`.
    ///
    /// `x` is (batch, inputs), `dy` (batch, outputs), `dkernel` (inputs, outputs),
    /// overwritten.
    ///
    /// # Panics
    /// A slice does not have the length that its shape gives it.
    pub fn kernel_gradient_into<T: Real>(&self, x: &[T], dy: &[T], dkernel: &mut [T]) {
        let Self { inputs, outputs } = *self;
        if outputs == 0 {
            return;
        }
        let rows = dy.len() / outputs;
        assert_eq!(dy.len(), rows * outputs, "dense output gradient of another length");
        assert_eq!(x.len(), volume([rows, inputs]), "dense input of another length");
        self.assert_kernel(dkernel);
        dkernel.par_chunks_mut(Self::ROWS_A_TASK * outputs).enumerate().for_each(|(task, sums)| {
            sums.fill(T::ZERO);
            run(AddOuter {
                rows,
                inputs: sums.len() / outputs,
                x_stride: inputs,
                // Without a row there is nothing to begin in.
                x: &x[(task * Self::ROWS_A_TASK).min(x.len())..],
                outputs,
                g_stride: outputs,
                g: dy,
                sums_stride: outputs,
                sums,
            });
        });
    }
}

fn multiply<T: Real>(
    [depth, columns]: [usize; 2],
    x: &[T],
    panels: &Buffer<T>,
    bias: Option<&[T]>,
    y: &mut [T],
) {
    if columns == 0 {
        return;
    }
    let rows = y.len() / columns;
    assert_eq!(y.len(), rows * columns, "dense output of another length");
    assert_eq!(x.len(), volume([rows, depth]), "dense input of another length");
    assert!(panels.len() >= panels_len(depth, columns), "a dense kernel that was not prepared");
    let panels = &panels[..panels_len(depth, columns)];
    let blocks = y.par_chunks_mut(Dense::ROWS_A_TASK * columns).enumerate();
    blocks.for_each(|(task, y)| {
        let rows = y.len() / columns;
        let x = &x[task * Dense::ROWS_A_TASK * depth..][..rows * depth];
        run(Multiply { rows, depth, stride: depth, a: x, panels, columns, bias, y });
    });
}
