use crate::{Error, atomic};
use bigtools::bed::bedparser::BedValueError;
use bigtools::beddata::BedParserStreamingIterator;
use bigtools::{BigWigWrite, Value};
use isegnet_core::Chromosome;
use std::collections::HashMap;
use std::fmt::Display;
use std::io;
use std::path::Path;

/// Writes a bigWig file, whole or not at all.
///
/// `values` are (chromosome, start, end, value), 0-based and half-open, sorted
/// by chromosome name (byte order) and start, without overlaps; a base that
/// none covers has no data. A chromosome without any value is not listed in the
/// file.
///
/// # Errors
/// The values are not sorted, overlap, reach off their chromosome, are not
/// finite, or there is none; a chromosome has no length; or the file cannot be
/// written.
pub fn write<C: AsRef<str>>(
    path: impl AsRef<Path>,
    chromosomes: &[Chromosome],
    values: impl IntoIterator<Item = (C, u32, u32, f32)>,
) -> Result<(), Error> {
    let path = path.as_ref();
    let unwritable = |message: String| Error::Unwritable { path: path.into(), message };
    let sizes = sizes(chromosomes).map_err(unwritable)?;
    let checked = values.into_iter().map(|(chrom, start, end, value)| {
        let value = check(chrom.as_ref(), Value { start, end, value })?;
        Ok::<_, BedValueError>((chrom.as_ref().to_owned(), value))
    });
    let mut refused = None;
    let written = atomic::write_beside(path, |file| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
        let values = BedParserStreamingIterator::wrap_iter(checked, false);
        BigWigWrite::new(file.try_clone()?, sizes)
            .write(values, runtime)
            .map_err(|e| refusal(e, &mut refused))
    });
    match (refused, written) {
        (Some(message), _) => Err(unwritable(message)),
        (None, result) => result.map_err(|e| Error::write(path, e)),
    }
}

/// Keeps what bigtools says about the values apart from failures of the file.
fn refusal(
    error: bigtools::BBIProcessError<BedValueError>,
    refused: &mut Option<String>,
) -> io::Error {
    use bigtools::BBIProcessError as E;
    let message: &dyn Display = match &error {
        E::IoError(_) | E::SourceError(BedValueError::IoError(_)) => &error,
        E::InvalidInput(m) | E::InvalidChromosome(m) => refused.insert(m.clone()),
        E::SourceError(BedValueError::InvalidInput(m)) => refused.insert(m.clone()),
    };
    io::Error::other(message.to_string())
}

fn sizes(chromosomes: &[Chromosome]) -> Result<HashMap<String, u32>, String> {
    let size = |c: &Chromosome| {
        let length = c.length.and_then(|l| u32::try_from(l).ok());
        let length = length.ok_or_else(|| {
            format!(
                "chromosome {:?} has length {:?}; bigWig needs one below 2^32",
                c.name, c.length
            )
        })?;
        Ok((c.name.clone(), length))
    };
    chromosomes.iter().map(size).collect()
}

fn check(chrom: &str, value: Value) -> Result<Value, BedValueError> {
    if value.start >= value.end || !value.value.is_finite() {
        return Err(BedValueError::InvalidInput(format!(
            "value {} at {chrom}:{}-{}; leave out what has no data or no base",
            value.value, value.start, value.end
        )));
    }
    Ok(value)
}
