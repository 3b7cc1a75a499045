//! What inputs are compared with, from the command line to numbers.

use crate::failure::Refusal;
use crate::study::Lens;
use anyhow::Context;
use isegnet_core::{Batch, Cancel, Examples, InputShape, Inputs, Progress};
use isegnet_encode::export::Profile;
use isegnet_encode::{InputFile, Missing, ScaledView, TrackKind};
use isegnet_explain::{DnaBaseline, MixedBaseline, TrackBaseline};
use ndarray::{Array2, Axis, Zip};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The name that stands for the DNA.
pub const DNA: &str = "DNA";

/// Rows read at a time.
const CHUNK: usize = 64;

/// What one column, or everything, is compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The scaled value 0; no base.
    Zero,
    /// What no signal (raw 0) becomes; no base.
    RawZero,
    /// The mean of the training rows at each position.
    Mean,
    /// A quarter of each base, methylation 1.
    QuarterMeth1,
    /// One number; for DNA, of each base.
    Constant(f32),
    /// The DNA, its dinucleotides shuffled so many times.
    Shuffles(usize),
    /// Arrays of one's own.
    File(PathBuf),
}

impl FromStr for What {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "zero" => Self::Zero,
            "raw-zero" => Self::RawZero,
            "mean" => Self::Mean,
            "quarter" => Self::Constant(0.25),
            "quarter-meth1" => Self::QuarterMeth1,
            _ => {
                let number = text.parse().ok().filter(|number: &f32| number.is_finite());
                let count = text.strip_prefix("shuffles=").map(str::parse);
                match (number, count) {
                    (Some(number), _) => Self::Constant(number),
                    (_, Some(Ok(count))) if count > 0 => Self::Shuffles(count),
                    (_, None) if Path::new(text).is_file() => Self::File(text.into()),
                    _ => {
                        return Err(format!(
                            "{text:?} is no baseline and no file; give zero, raw-zero, mean, \
                             quarter-meth1, shuffles=K, a number, or a safetensors file with epi \
                             (tracks, positions) and dna (positions, 4)"
                        ));
                    }
                }
            }
        })
    }
}

/// One `--baseline`: of everything, or of one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// A track, a mask, `DNA`; everything where none.
    pub column: Option<String>,
    /// What it is compared with.
    pub what: What,
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole = text.parse::<What>().map(|what| Self { column: None, what });
        match (whole, text.split_once('=')) {
            (Ok(whole), _) => Ok(whole),
            (Err(_), Some((column, what)))
                if column != "shuffles" && !column.contains(['/', '\\']) =>
            {
                Ok(Self { column: Some(column.to_owned()), what: what.parse()? })
            }
            (Err(problem), _) => Err(problem),
        }
    }
}

/// What each column is compared with, once the model is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// Columns and what they are compared with, the DNA last.
    pub columns: Vec<(String, What)>,
}

impl Plan {
    /// Lays the choices over the default: a track with negative training values is compared
    /// with its image of raw 0, everything else with 0.
    pub fn new(choices: &[Choice], lens: &Lens) -> anyhow::Result<Self> {
        let whole = choices.iter().rev().find(|choice| choice.column.is_none());
        let mut plan = Self { columns: defaults(lens, whole.map(|choice| &choice.what)) };
        for choice in choices {
            let Some(column) = &choice.column else { continue };
            let names = plan.columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            let Some(place) = plan.columns.iter_mut().find(|(name, _)| name == column) else {
                return Err(Refusal::usage(format!(
                    "there is no input {column:?} to give a baseline to; the model sees [{}]",
                    names.join(", ")
                ))
                .into());
            };
            place.1 = choice.what.clone();
        }
        for (column, what) in &plan.columns {
            let dna = column == DNA;
            let wrong = match what {
                What::Shuffles(_) if !dna => "shuffles are of DNA only",
                What::QuarterMeth1 => "quarter-meth1 is for all inputs together",
                _ => continue,
            };
            return Err(Refusal::usage(format!("--baseline {column}: {wrong}")).into());
        }
        Ok(plan)
    }

    /// Hashes of the files that it names.
    pub fn files(&self) -> anyhow::Result<Vec<String>> {
        let files = self.columns.iter().filter_map(|(_, what)| match what {
            What::File(path) => Some(path),
            _ => None,
        });
        files.map(|path| Ok(InputFile::of("baseline", path)?.sha256)).collect()
    }

    /// Makes the numbers: `training` gives the training rows, `seed` names the shuffles.
    pub fn baseline(
        &self,
        lens: &Lens,
        training: impl FnOnce() -> anyhow::Result<ScaledView>,
        (seed, seam): (u64, usize),
        watch: (&dyn Progress, &Cancel),
    ) -> anyhow::Result<MixedBaseline> {
        let shape = lens.scaler.shape();
        let mean = match self.columns.iter().any(|(_, what)| *what == What::Mean) {
            true => Some(mean(&training()?, watch)?),
            false => None,
        };
        let no_signal = lens.scaler.no_signal();
        let mut tracks = Vec::with_capacity(shape.tracks.len());
        for (i, (column, what)) in self.columns.iter().take(shape.tracks.len()).enumerate() {
            tracks.push(match what {
                What::Constant(value) => TrackBaseline::Constant(*value),
                What::RawZero => TrackBaseline::Constant(no_signal[i]),
                What::Mean => {
                    let mean = mean.as_ref().context("there is no mean")?;
                    let column = mean.tracks.index_axis(Axis(0), 0);
                    TrackBaseline::Profile(column.index_axis(Axis(1), i).to_owned())
                }
                What::File(path) => {
                    let profile = Profile::read(path)?;
                    let fits =
                        |epi: &Array2<f32>| epi.dim() == (shape.tracks.len(), shape.positions);
                    let epi = profile.epi.as_ref().filter(|epi| fits(epi));
                    let epi = epi.ok_or_else(|| misfit(path, &profile, &shape, column))?;
                    TrackBaseline::Profile(epi.row(i).to_owned())
                }
                What::Zero | What::QuarterMeth1 | What::Shuffles(_) => TrackBaseline::Constant(0.0),
            });
        }
        let what = self.columns.get(shape.tracks.len()).map(|(_, what)| what);
        let dna = match what {
            Some(What::Constant(value)) => DnaBaseline::Constant([*value; 4]),
            Some(What::Mean) => {
                let mean = mean.as_ref().context("there is no mean")?;
                DnaBaseline::Profile(mean.dna.index_axis(Axis(0), 0).to_owned())
            }
            Some(&What::Shuffles(count)) => {
                DnaBaseline::Shuffles { count, seed, seams: vec![seam] }
            }
            Some(What::File(path)) => {
                let profile = Profile::read(path)?;
                let dna = profile.dna.as_ref().filter(|dna| dna.dim() == (shape.positions, 4));
                let dna = dna.ok_or_else(|| misfit(path, &profile, &shape, DNA))?;
                DnaBaseline::Profile(dna.clone())
            }
            _ => DnaBaseline::ZERO,
        };
        Ok(MixedBaseline { tracks, dna })
    }
}

fn misfit(path: &Path, profile: &Profile, shape: &InputShape, column: &str) -> Refusal {
    let (tracks, positions) = (shape.tracks.len(), shape.positions);
    let shown = |array: &Option<Array2<f32>>| {
        array.as_ref().map_or_else(|| "absent".to_owned(), |array| format!("{:?}", array.shape()))
    };
    Refusal::input(format!(
        "{} has no baseline of {column}: its epi is {} and its dna {}, and [{tracks}, {positions}] \
         and [{positions}, 4] are needed; write them for the windows and inputs of this model",
        path.display(),
        shown(&profile.epi),
        shown(&profile.dna)
    ))
}

/// What each column is compared with when only `whole` was said, or nothing.
fn defaults(lens: &Lens, whole: Option<&What>) -> Vec<(String, What)> {
    let mut columns = Vec::new();
    for track in lens.scaler.tracks() {
        let usual = if track.min < 0.0 { What::RawZero } else { What::Zero };
        let methylation = track.kind == TrackKind::Methylation;
        let what = match whole {
            None | Some(What::Shuffles(_)) => usual,
            Some(What::QuarterMeth1) if methylation => What::Constant(1.0),
            Some(What::QuarterMeth1) => usual,
            Some(what) => what.clone(),
        };
        columns.push((track.name.clone(), what.clone()));
        if track.missing == Missing::Mask {
            columns.push((format!("{}.measured", track.name), what));
        }
    }
    if lens.scaler.shape().dna {
        columns.push((
            DNA.to_owned(),
            match whole {
                None | Some(What::RawZero) => What::Zero,
                Some(What::QuarterMeth1) => What::Constant(0.25),
                Some(what) => what.clone(),
            },
        ));
    }
    columns
}

/// The mean of all rows, one row.
fn mean(examples: &ScaledView, watch: (&dyn Progress, &Cancel)) -> anyhow::Result<Inputs> {
    let (progress, cancel) = watch;
    let shape = examples.shape();
    let mut sum = Inputs::<f64>::zeros(1, shape);
    let mut batch = Batch::default();
    let rows: Vec<usize> = (0..examples.len()).collect();
    progress.start("averaging training rows", rows.len() as u64);
    for rows in rows.chunks(CHUNK) {
        if cancel.is_cancelled() {
            return Err(isegnet_core::LearnError::Cancelled.into());
        }
        examples.fill(rows, &mut batch)?;
        let inputs = Inputs::from(&batch);
        for (sum, part) in [(&mut sum.tracks, &inputs.tracks), (&mut sum.dna, &inputs.dna)] {
            for row in part.outer_iter() {
                let sum = sum.index_axis_mut(Axis(0), 0);
                Zip::from(sum).and(row).for_each(|sum, &value| *sum += f64::from(value));
            }
        }
        progress.advance(rows.len() as u64);
    }
    progress.finish();
    let n = examples.len().max(1) as f64;
    let divided = |sum: ndarray::Array3<f64>| sum.mapv(|sum| (sum / n) as f32);
    Ok(Inputs { tracks: divided(sum.tracks), dna: divided(sum.dna) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_words_numbers_or_inputs() {
        let choice = |text: &str| text.parse::<Choice>();
        let of = |column: Option<&str>, what| Choice { column: column.map(str::to_owned), what };
        assert_eq!(choice("raw-zero").unwrap(), of(None, What::RawZero));
        assert_eq!(choice("shuffles=20").unwrap(), of(None, What::Shuffles(20)));
        assert_eq!(choice("DNA=shuffles=3").unwrap(), of(Some("DNA"), What::Shuffles(3)));
        assert_eq!(choice("H3K4me3=zero").unwrap(), of(Some("H3K4me3"), What::Zero));
        assert_eq!(choice("meth=1").unwrap(), of(Some("meth"), What::Constant(1.0)));
        for wrong in ["zerro", "shuffles=0", "shuffles=x", "H3K4me3=", "NaN", "no/such.safetensors"]
        {
            assert!(choice(wrong).unwrap_err().contains("raw-zero"), "{wrong}");
        }
    }
}
