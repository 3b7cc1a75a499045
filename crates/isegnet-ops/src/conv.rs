use crate::product::{padded, volume};

/// Shape of a 1-D convolution over an input that is already padded with zero rows.
///
/// The input is (rows, inputs), the kernel (taps, inputs, outputs) as Keras
/// keeps it, the output (rows - taps + 1, outputs), all row-major.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvShape {
    /// Rows of the input, padding included.
    pub rows: usize,
    /// Rows that one output row sees.
    pub taps: usize,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
}

impl ConvShape {
    /// Finds sizes that no memory holds, so that no length computed from them wraps round.
    pub(crate) fn assert_possible(&self) {
        let Self { rows, taps, inputs, outputs } = *self;
        assert!(taps > 0, "a convolution needs a tap");
        let ends = volume([2, taps, outputs]);
        volume([4, rows, padded(inputs)]);
        let inside = volume([4, rows, padded(outputs)]);
        assert!(inside.checked_add(ends).is_some(), "a convolution of more than memory holds");
        volume([4, taps, padded(inputs), padded(outputs)]);
    }

    /// Rows of the output; 0 where the kernel is longer than the input.
    pub fn out_rows(&self) -> usize {
        (self.rows + 1).saturating_sub(self.taps)
    }

    /// Elements of the padded input.
    pub fn input_len(&self) -> usize {
        self.rows * self.inputs
    }

    /// Elements of the output.
    pub fn output_len(&self) -> usize {
        self.out_rows() * self.outputs
    }

    /// Elements of the kernel.
    pub fn kernel_len(&self) -> usize {
        self.taps * self.inputs * self.outputs
    }

    /// Elements of the output gradient with `taps - 1` zero rows before and after it.
    pub fn padded_gradient_len(&self) -> usize {
        (self.out_rows() + 2 * self.taps.saturating_sub(1)) * self.outputs
    }

    /// Floating-point operations of one pass: two for each kernel weight and output row.
    pub fn flop(&self) -> u64 {
        2 * self.out_rows() as u64 * self.kernel_len() as u64
    }
}
