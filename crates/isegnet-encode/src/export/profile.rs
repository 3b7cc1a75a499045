//! One row's arrays, made elsewhere.

use super::ExportError;
use ndarray::Array2;
use safetensors::{Dtype, SafeTensors};
use std::path::Path;

/// The largest file of one row that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// Numbers for one row of input, from a safetensors file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Array `epi` f32, `(tracks, positions)`.
    pub epi: Option<Array2<f32>>,
    /// Array `dna` f32, `(positions, 4)`.
    pub dna: Option<Array2<f32>>,
}

impl Profile {
    /// Reads the file at `path`; either array may be absent, not both.
    ///
    /// # Errors
    /// The file cannot be read, or is no safetensors file with such arrays.
    pub fn read(path: &Path) -> Result<Self, ExportError> {
        let error = |cause| ExportError::Read { path: path.to_owned(), cause };
        let broken = |message: String| ExportError::Broken { path: path.to_owned(), message };
        let size = std::fs::metadata(path).map_err(error)?.len();
        if size > LARGEST {
            return Err(broken(format!("it has {size} bytes, and one row at most {LARGEST}")));
        }
        let bytes = std::fs::read(path).map_err(error)?;
        let tensors =
            SafeTensors::deserialize(&bytes).map_err(|cause| broken(cause.to_string()))?;
        let array = |name: &str| -> Result<Option<Array2<f32>>, ExportError> {
            let Ok(tensor) = tensors.tensor(name) else { return Ok(None) };
            let (dtype, shape) = (tensor.dtype(), tensor.shape());
            let numbers = tensor.data().chunks_exact(4);
            let numbers = numbers.map(|b| b.try_into().map_or(f32::NAN, f32::from_le_bytes));
            let array = match (dtype, shape) {
                (Dtype::F32, &[rows, columns]) => {
                    Array2::from_shape_vec((rows, columns), numbers.collect()).ok()
                }
                _ => None,
            };
            let message = format!("array {name:?} is {dtype:?} {shape:?}, and must be F32 of two");
            array.map(Some).ok_or_else(|| broken(message + " dimensions"))
        };
        let (epi, dna) = (array("epi")?, array("dna")?);
        match epi.is_none() && dna.is_none() {
            true => Err(broken("it has neither epi nor dna".into())),
            false => Ok(Self { epi, dna }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_two_dimensions_are_read_and_others_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let bytes: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let write = |shape: Vec<usize>| {
            let view = safetensors::tensor::TensorView::new(Dtype::F32, shape, &bytes).unwrap();
            std::fs::write(&path, safetensors::serialize([("dna", view)], None).unwrap()).unwrap();
        };
        write(vec![1, 4]);
        let read = Profile::read(&path).unwrap();
        assert_eq!((read.epi, read.dna.unwrap()[[0, 2]]), (None, 3.0));
        write(vec![1, 1, 4]);
        let refused = Profile::read(&path).unwrap_err().to_string();
        assert!(refused.contains("[1, 1, 4]"), "{refused}");
        std::fs::write(&path, b"epi").unwrap();
        assert!(Profile::read(&path).is_err());
    }
}
