#![doc = include_str!("../README.md")]

pub mod atomic;
pub mod bins;
mod differentiable;
mod examples;
mod gene;
mod inputs;
mod interval;
mod learner;
mod progress;
mod random;
mod shuffle;
mod source;
#[doc(hidden)]
pub mod testdata;

pub use differentiable::{Differentiable, EvaluationError, Path};
pub use examples::{Batch, Examples, InputShape, Move, NO_BASE, base_code};
pub use gene::Gene;
pub use inputs::Inputs;
pub use interval::{Interval, Strand};
pub use learner::{FitContext, LearnError, Learner, Predictor};
pub use progress::{Cancel, Progress, Silent};
pub use random::Random;
pub use shuffle::dinucleotide_shuffle;
pub use source::{Chromosome, SequenceSource, SignalSource, SourceError};
