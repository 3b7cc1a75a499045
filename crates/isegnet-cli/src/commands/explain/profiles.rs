//! Mean, mean magnitude and quantiles over rows at every position, as a table and a picture.

use super::Explanation;
use super::drawing::Ruler;
use crate::Session;
use crate::report;
use isegnet_core::Progress;
use isegnet_explain::{Profiles, SEAM_MARGIN, Segments, SiteValues, Watched, quantiles};
use isegnet_io::atomic;
use isegnet_plot::{Band, Profile, ProfileTrack, Series, profile};
use ndarray::{Array2, Array3, Axis};
use std::io::Write;
use std::path::Path;

/// The quantiles that are told.
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// Which of them the band of the picture is between.
const BAND: [usize; 2] = [1, 3];
/// Memory for the rows of a block of positions.
const BLOCK_BYTES: usize = 256 << 20;

/// What rows have in common, `(position, column)`.
pub struct Summary {
    mean: Array2<f64>,
    magnitude: Array2<f64>,
    deviation: Array2<f64>,
    /// `(quantile, position, column)`.
    quantiles: Array3<f64>,
}

impl Summary {
    /// Sums an explanation up; rows are read twice at least.
    pub fn of(explanation: &Explanation, session: &Session) -> anyhow::Result<Self> {
        let [rows, positions, columns] = explanation.shape();
        let blocks = (4 * rows * columns * positions).div_ceil(BLOCK_BYTES);
        session.screen.start("summing attributions up", (rows * (1 + blocks)) as u64);
        let watched = Watched::new(explanation, &session.screen, &session.cancel);
        let profiles = Profiles::of(&watched)?;
        let quantiles = quantiles(&watched, &QUANTILES, BLOCK_BYTES)?;
        session.screen.finish();
        Ok(Self {
            mean: profiles.mean(),
            magnitude: profiles.mean_magnitude(),
            deviation: profiles.deviation(),
            quantiles,
        })
    }

    /// Writes a line a column and position.
    pub fn write(&self, explanation: &Explanation, path: &Path) -> anyhow::Result<()> {
        let view = &explanation.view;
        let windows = view.windows();
        let segments = Segments::new(&windows.both().map(|window| window.len() / view.bin_bp()))?;
        let write = |out: &mut dyn Write| {
            write!(out, "column\twindow\tposition\toffset_bp\tnear_seam\tmean\tmean_abs\tsd")?;
            QUANTILES.iter().try_for_each(|q| write!(out, "\tq{:02}", 100.0 * q))?;
            writeln!(out)?;
            for (c, column) in explanation.columns().iter().enumerate() {
                for p in 0..view.positions() {
                    let (name, window, first) = match p < view.seam() {
                        true => ("TSS", windows.tss(), 0),
                        false => ("TTS", windows.tts(), view.seam()),
                    };
                    let offset = window.start() + ((p - first) * view.bin_bp()) as i64;
                    let seam = u8::from(segments.near_seam(p, SEAM_MARGIN));
                    write!(out, "{}\t{name}\t{p}\t{offset}\t{seam}", column.name)?;
                    let numbers = [&self.mean, &self.magnitude, &self.deviation];
                    let numbers = numbers.into_iter().map(|numbers| numbers[[p, c]]);
                    let numbers =
                        numbers.chain(self.quantiles.slice(ndarray::s![.., p, c]).to_vec());
                    for number in numbers {
                        write!(out, "\t{}", super::tables::cell(number))?;
                    }
                    writeln!(out)?;
                }
            }
            Ok(())
        };
        Ok(atomic::write(path, write)?)
    }

    /// Draws every column along both windows, as `stem`.svg and .png.
    pub fn draw(&self, explanation: &Explanation, stem: &Path) -> anyhow::Result<()> {
        let ruler = Ruler::of(&explanation.view);
        let line = |of: &Array2<f64>, column: usize| ruler.stretched(&of.column(column).to_vec());
        let band = |which: usize, column: usize| {
            let quantile = self.quantiles.index_axis(Axis(0), BAND[which]);
            ruler.stretched(&quantile.column(column).to_vec())
        };
        let columns = explanation.columns();
        let lines: Vec<[Vec<f64>; 4]> = (0..columns.len())
            .map(|c| [line(&self.mean, c), line(&self.magnitude, c), band(0, c), band(1, c)])
            .collect();
        let name = BAND.map(|which| (100.0 * QUANTILES[which]).to_string());
        let name = format!("{}–{}% of rows", name[0], name[1]);
        let series: Vec<[Series<'_>; 2]> = lines
            .iter()
            .map(|[mean, magnitude, low, high]| {
                let band = Some(Band { name: &name, low, high });
                [
                    Series { name: "mean", values: mean, band },
                    Series::new("mean magnitude", magnitude),
                ]
            })
            .collect();
        let tracks = columns.iter().zip(&series);
        let tracks: Vec<ProfileTrack<'_>> =
            tracks.map(|(column, series)| ProfileTrack { name: &column.name, series }).collect();
        let title = format!("{} explained rows", explanation.rows.len());
        let figure = profile(&Profile {
            title: &title,
            value_label: "attribution",
            windows: &ruler.windows(&[String::new(), String::new()]),
            seam: SEAM_MARGIN * explanation.view.bin_bp(),
            tracks: &tracks,
        })?;
        report::draw(stem, &figure)
    }
}
