use super::quantile::{Histogram, rank, value};
use super::{FittedTrack, Missing, Outside, Scale, ScaleError, Scaler, ScalerConfig, TrackScaling};
use crate::{TrackKind, TrackSpec, View};
use rayon::prelude::*;

impl Scaler {
    /// Fits transforms and scales on the values of training `rows`.
    ///
    /// # Errors
    /// A track has no value there, or values that its transform or scale is not
    /// made for; a row is not in the data set.
    pub fn fit(view: &View, rows: &[usize], config: &ScalerConfig) -> Result<Self, ScaleError> {
        if rows.is_empty() {
            return Err(ScaleError::NoRow);
        }
        check_rows(view, rows)?;
        let known = &view.dataset().manifest().tracks;
        if let Some(track) = config.tracks.keys().find(|n| known.iter().all(|t| t.name != **n)) {
            let (track, known) = (track.clone(), known.iter().map(|t| t.name.clone()).collect());
            return Err(ScaleError::UnknownTrack { track, known });
        }
        let mut tracks = Vec::new();
        for (i, spec) in view.tracks().enumerate() {
            let default = TrackScaling::default_of(spec.kind);
            let scaling = config.tracks.get(&spec.name).copied().unwrap_or(default);
            tracks.push(Fit { view, rows, track: i, spec, scaling }.run()?);
        }
        Self::new(view.config(), tracks, config.clip)
    }

    /// Counts the values of `rows` that lie outside [0, 1] when they are not clamped.
    ///
    /// # Errors
    /// The view is not the scaler's, or a row is not in the data set.
    pub fn outside(&self, view: &View, rows: &[usize]) -> Result<Vec<Outside>, ScaleError> {
        self.check(view)?;
        check_rows(view, rows)?;
        let count = |(i, track): (usize, &FittedTrack)| {
            let add = |mut sum: [u64; 3], raw: f32, times: u64| {
                let value = track.image(raw);
                sum[0] += u64::from(value < 0.0) * times;
                sum[1] += u64::from(value > 1.0) * times;
                sum[2] += times;
                sum
            };
            let rows = rows.par_iter().map(|&row| {
                let mut sum = [0; 3];
                each_value(view, row, i, |raw, times| sum = add(sum, raw, times));
                sum
            });
            let [below, above, measured] =
                rows.reduce(|| [0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
            Outside { track: track.name.clone(), below, above, measured }
        };
        Ok(self.tracks.iter().enumerate().map(count).collect())
    }
}

pub(crate) fn check_rows(view: &View, rows: &[usize]) -> Result<(), ScaleError> {
    let known = view.dataset().rows().len();
    match rows.iter().find(|&&row| row >= known) {
        Some(&row) => Err(ScaleError::Row { row, rows: known }),
        None => Ok(()),
    }
}

/// Hands on the values of a row's positions that have one, and how many have it.
fn each_value(view: &View, row: usize, track: usize, mut each: impl FnMut(f32, u64)) {
    let place = view.place(row);
    if view.bin_bp() == 1 {
        view.each_run(&place, track, |range, value| {
            if !value.is_nan() {
                each(value, range.len() as u64);
            }
        });
        return;
    }
    let mut values = vec![f32::NAN; view.positions()];
    view.values_with(&place, track, &mut values, &mut Vec::new());
    values.iter().filter(|value| !value.is_nan()).for_each(|&value| each(value, 1));
}

/// The fitting of one track.
struct Fit<'a> {
    view: &'a View,
    rows: &'a [usize],
    track: usize,
    spec: &'a TrackSpec,
    scaling: TrackScaling,
}

/// What is known of transformed values.
#[derive(Clone, Copy)]
struct Summary {
    min: f32,
    max: f32,
    sum: f64,
    count: u64,
}

impl Fit<'_> {
    fn run(self) -> Result<FittedTrack, ScaleError> {
        let methylation = self.spec.kind == TrackKind::Methylation;
        let fixed = TrackScaling::default_of(TrackKind::Methylation);
        let TrackScaling { transform, scale, missing } = self.scaling;
        if methylation && (transform, scale) != (fixed.transform, fixed.scale) {
            return Err(ScaleError::Methylation { track: self.name() });
        }
        let summary = self.summary()?;
        let (shift, divisor) = if methylation { (0.0, 100.0) } else { self.constants(&summary)? };
        Ok(FittedTrack {
            name: self.name(),
            kind: self.spec.kind,
            transform,
            shift,
            divisor,
            missing,
            min: summary.min,
            max: summary.max,
            mean: (summary.sum / summary.count as f64) as f32,
        })
    }

    fn name(&self) -> String {
        self.spec.name.clone()
    }

    /// Sums row by row, rows in order: the bits do not depend on threads.
    fn summary(&self) -> Result<Summary, ScaleError> {
        let rows: Vec<Summary> =
            self.rows.par_iter().map(|&row| self.row(row)).collect::<Result<_, _>>()?;
        let mut all = Summary { min: f32::INFINITY, max: f32::NEG_INFINITY, sum: 0.0, count: 0 };
        for row in rows {
            all.min = all.min.min(row.min);
            all.max = all.max.max(row.max);
            all.sum += row.sum;
            all.count += row.count;
        }
        if all.count == 0 {
            return Err(ScaleError::NoValue { track: self.name(), rows: self.rows.len() });
        }
        Ok(all)
    }

    fn row(&self, row: usize) -> Result<Summary, ScaleError> {
        let mut sum = Summary { min: f32::INFINITY, max: f32::NEG_INFINITY, sum: 0.0, count: 0 };
        let mut wrong = None;
        each_value(self.view, row, self.track, |raw, times| {
            let value = self.scaling.transform.of(raw);
            if !value.is_finite() {
                wrong = Some(raw);
            }
            sum.min = sum.min.min(value);
            sum.max = sum.max.max(value);
            sum.sum += f64::from(value) * times as f64;
            sum.count += times;
        });
        match wrong {
            None => Ok(sum),
            Some(value) => Err(ScaleError::Domain {
                track: self.name(),
                value,
                gene: self.view.dataset().gene_of(row).id.clone(),
                transform: self.scaling.transform,
            }),
        }
    }

    /// What is subtracted and divided by; a track that never changes is not divided.
    fn constants(&self, summary: &Summary) -> Result<(f32, f32), ScaleError> {
        let positive = |divisor: f32| if divisor > 0.0 { divisor } else { 1.0 };
        match self.scaling.scale {
            Scale::None => Ok((0.0, 1.0)),
            Scale::Max if summary.min < 0.0 => {
                Err(ScaleError::Negative { track: self.name(), min: summary.min })
            }
            Scale::Max => Ok((0.0, positive(summary.max))),
            Scale::Minmax => Ok((summary.min, positive(summary.max - summary.min))),
            Scale::Quantile(q) => {
                let valid = q > 0.0 && q <= 1.0;
                let value = if valid { self.quantile(q) } else { f32::NAN };
                if value > 0.0 {
                    return Ok((0.0, value));
                }
                Err(ScaleError::Quantile { track: self.name(), q, value })
            }
        }
    }

    fn quantile(&self, q: f64) -> f32 {
        let upper = self.histogram(|histogram, value, times| histogram.add_upper(value, times));
        let (half, rest) = upper.find(rank(q, upper.total()));
        let lower =
            self.histogram(|histogram, value, times| histogram.add_lower(value, half, times));
        value(half, lower.find(rest).0)
    }

    fn histogram(&self, add: impl Fn(&mut Histogram, f32, u64) + Sync) -> Histogram {
        let chunks = self.rows.par_chunks(1024);
        let counted = chunks.map(|rows| {
            let mut histogram = Histogram::new();
            for &row in rows {
                each_value(self.view, row, self.track, |raw, times| {
                    add(&mut histogram, self.scaling.transform.of(raw), times);
                });
            }
            histogram
        });
        counted.reduce(Histogram::new, Histogram::merged)
    }
}

impl Missing {
    pub(crate) fn is_mask(self) -> bool {
        self == Self::Mask
    }
}
