mod place;
mod stretch;

use crate::dataset::{Dataset, TrackArrays};
use crate::dna::complement;
use crate::{TrackKind, TrackSpec, Windows};
use isegnet_core::bins::covered_mean;
use isegnet_core::{Interval, NO_BASE, Strand};
pub(crate) use place::RowPlace;
use serde::{Deserialize, Serialize};
pub use stretch::Stretch;

/// What of a data set (or of another view) is looked at; what is left out
/// stays as it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ViewConfig {
    /// Windows, inside the prepared ones.
    pub windows: Option<Windows>,
    /// Tracks by name, in the order wanted.
    pub tracks: Option<Vec<String>>,
    /// Whether the DNA is looked at. Left out, it is where there is DNA and
    /// positions are single bases.
    pub dna: Option<bool>,
    /// Bases of one position. Above 1, a position is the mean over the covered
    /// bases of a bin, in transcript orientation from each window's start, and
    /// there is no DNA.
    pub bin_bp: Option<usize>,
}

/// Windows, tracks and resolution of a data set that a model works on.
///
/// Rows are those of the data set. Values are untransformed and in transcript
/// orientation; missing is NaN. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct View {
    dataset: Dataset,
    windows: Windows,
    tracks: Vec<usize>,
    dna: bool,
    bin_bp: usize,
}

impl View {
    pub(crate) fn new(dataset: Dataset, config: &ViewConfig) -> Result<Self, ViewError> {
        let manifest = dataset.manifest();
        let all = Self {
            windows: manifest.windows,
            tracks: (0..manifest.tracks.len()).collect(),
            dna: manifest.dna,
            bin_bp: 1,
            dataset,
        };
        all.view(config)
    }

    /// Looks at less of this view.
    ///
    /// # Errors
    /// A window or track is not in this view, or the bins do not fit the windows.
    pub fn view(&self, config: &ViewConfig) -> Result<Self, ViewError> {
        let windows = config.windows.unwrap_or(self.windows);
        if !self.windows.contains(&windows) {
            return Err(ViewError::Outside { asked: windows, prepared: self.windows });
        }
        let bin_bp = config.bin_bp.unwrap_or(self.bin_bp);
        for window in windows.both() {
            if bin_bp == 0 || window.len() % bin_bp != 0 {
                return Err(ViewError::Bins { bin_bp, windows });
            }
        }
        let dna = config.dna.unwrap_or(self.dna && bin_bp == 1);
        if dna && !self.dna {
            return Err(ViewError::NoDna);
        }
        if dna && bin_bp > 1 {
            return Err(ViewError::DnaInBins { bin_bp });
        }
        let tracks = match &config.tracks {
            Some(names) => self.find(names)?,
            None => self.tracks.clone(),
        };
        if tracks.is_empty() && !dna {
            return Err(ViewError::Empty);
        }
        Ok(Self { dataset: self.dataset.clone(), windows, tracks, dna, bin_bp })
    }

    fn find(&self, names: &[String]) -> Result<Vec<usize>, ViewError> {
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            let track = self.dataset.manifest().track(name).filter(|t| self.tracks.contains(t));
            let Some(track) = track else {
                let known = self.tracks().map(|track| track.name.clone()).collect();
                return Err(ViewError::UnknownName { what: "track", name: name.clone(), known });
            };
            if found.contains(&track) {
                return Err(ViewError::Twice { track: name.clone() });
            }
            found.push(track);
        }
        Ok(found)
    }

    /// The data set looked at.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// What is looked at, nothing left out.
    pub fn config(&self) -> ViewConfig {
        ViewConfig {
            windows: Some(self.windows),
            tracks: Some(self.tracks().map(|track| track.name.clone()).collect()),
            dna: Some(self.dna),
            bin_bp: Some(self.bin_bp),
        }
    }

    /// The windows.
    pub fn windows(&self) -> Windows {
        self.windows
    }

    /// How far both windows can be moved, in bases either way, and still lie
    /// inside the prepared ones.
    pub fn margin(&self) -> usize {
        let prepared = self.dataset.manifest().windows.both();
        let pairs = self.windows.both().into_iter().zip(prepared);
        let margins = pairs.filter(|(window, _)| !window.is_empty()).map(|(window, prepared)| {
            (window.start() - prepared.start()).min(prepared.end() - window.end())
        });
        margins.min().unwrap_or(0).max(0) as usize
    }

    /// Bases of one position.
    pub fn bin_bp(&self) -> usize {
        self.bin_bp
    }

    /// Positions of a row.
    pub fn positions(&self) -> usize {
        self.windows.positions() / self.bin_bp
    }

    /// Tracks, in order.
    pub fn tracks(&self) -> impl ExactSizeIterator<Item = &TrackSpec> {
        self.tracks.iter().map(|&track| &self.dataset.manifest().tracks[track])
    }

    /// Whether the DNA is looked at.
    pub fn dna(&self) -> bool {
        self.dna
    }

    /// The bases of the genome that the windows of a row cover, TSS first.
    ///
    /// # Panics
    /// There is no such row.
    pub fn intervals(&self, row: usize) -> [Interval; 2] {
        self.windows.intervals(self.dataset.gene_of(row))
    }

    /// Fills `out` with the values of one track, `(positions)`, NaN where missing
    /// or off the chromosome.
    ///
    /// # Panics
    /// There is no such row or track, or `out` is not [`positions`](Self::positions) long.
    pub fn values_into(&self, row: usize, track: usize, out: &mut [f32]) {
        let mut bases = Vec::new();
        self.values_with(&RowPlace::new(self, row), track, out, &mut bases);
    }

    /// As [`values_into`](Self::values_into); `bases` is memory to use again.
    pub(crate) fn values_with(
        &self,
        place: &RowPlace,
        track: usize,
        out: &mut [f32],
        bases: &mut Vec<f32>,
    ) {
        assert_eq!(out.len(), self.positions(), "one value is needed for each position");
        if self.bin_bp == 1 {
            out.fill(f32::NAN);
            self.each_run(place, track, |range, value| {
                if let Some(run) = out.get_mut(range) {
                    run.fill(value);
                }
            });
            return;
        }
        bases.clear();
        bases.resize(self.windows.positions(), f32::NAN);
        self.each_run(place, track, |range, value| {
            if let Some(run) = bases.get_mut(range) {
                run.fill(value);
            }
        });
        for (mean, bin) in out.iter_mut().zip(bases.chunks(self.bin_bp)) {
            *mean = covered_mean(bin) as f32;
        }
    }

    /// Hands on runs of bases, by their place among both windows' bases, with
    /// their common value; what is not handed on, or NaN, is missing.
    pub(crate) fn each_run(
        &self,
        place: &RowPlace,
        track: usize,
        mut run: impl FnMut(std::ops::Range<usize>, f32),
    ) {
        let arrays = self.dataset.track_arrays(place.sample, self.tracks[track]);
        for (i, window) in place.windows.iter().enumerate().filter(|(_, w)| !w.is_empty()) {
            match arrays {
                TrackArrays::Bins { bin_bp, bins } => {
                    let Some(layout) = self.dataset.layout(*bin_bp) else { continue };
                    let slot = layout.slots[place.gene][i];
                    let (first, end) = window.bins(layout.bin_bp);
                    let means = bins.slice(slot.index(first)..slot.index(end));
                    for (bin, mean) in (first..end).zip(means) {
                        let start = (bin * layout.bin_bp).max(window.start);
                        let end = ((bin + 1) * layout.bin_bp).min(window.end);
                        run(window.positions(start, end), mean);
                    }
                }
                TrackArrays::Points { offsets, positions, values } => {
                    let Some(layout) = self.dataset.layout(1) else { continue };
                    let stretch = layout.slots[place.gene][i].stretch as usize;
                    let offset = |i| offsets.get(i).unwrap_or_default() as usize;
                    let (first, end) = (offset(stretch), offset(stretch + 1));
                    let first = positions.partition(first..end, |p| i64::from(p) < window.start);
                    for (p, value) in positions.slice(first..end).zip(values.slice(first..end)) {
                        let p = i64::from(p);
                        if p >= window.end {
                            break;
                        }
                        if p >= window.start {
                            run(window.positions(p, p + 1), value);
                        }
                    }
                }
            }
        }
    }

    /// Tells whether a track is kept as single covered bases.
    pub(crate) fn is_sparse(&self, track: usize) -> bool {
        let spec = self.dataset.manifest().tracks.get(self.tracks[track]);
        spec.is_some_and(|spec| spec.kind == TrackKind::Methylation)
    }

    pub(crate) fn place(&self, row: usize) -> RowPlace {
        RowPlace::new(self, row)
    }

    /// Fills `out` with the codes of a row's bases, `(positions)`, in transcript
    /// orientation, 4 off the chromosome.
    ///
    /// # Panics
    /// There is no such row, the view has no DNA, or `out` is not
    /// [`positions`](Self::positions) long.
    pub fn dna_into(&self, row: usize, out: &mut [u8]) {
        self.dna_with(&RowPlace::new(self, row), out);
    }

    pub(crate) fn dna_with(&self, place: &RowPlace, out: &mut [u8]) {
        assert!(self.dna, "the view has no DNA");
        assert_eq!(out.len(), self.positions(), "one code is needed for each position");
        let (Some(codes), Some(layout)) = (self.dataset.dna(), self.dataset.layout(1)) else {
            return;
        };
        if place.is_cut() {
            out.fill(NO_BASE);
        }
        for (i, window) in place.windows.iter().enumerate().filter(|(_, w)| !w.is_empty()) {
            let slot = layout.slots[place.gene][i];
            let codes = codes.slice(slot.index(window.start)..slot.index(window.end));
            let Some(out) = out.get_mut(window.positions(window.start, window.end)) else {
                continue;
            };
            match window.strand {
                Strand::Forward => out.iter_mut().zip(codes).for_each(|(o, code)| *o = code),
                Strand::Reverse => {
                    out.iter_mut().zip(codes.rev()).for_each(|(o, code)| *o = complement(code));
                }
            }
        }
    }
}

/// Why a data set cannot be looked at in such a way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// A window is not inside the prepared one.
    #[error(
        "windows {asked} are not inside the prepared ones, {prepared}; ask for smaller ones or prepare the data set with larger ones"
    )]
    Outside {
        /// The windows asked for.
        asked: Windows,
        /// The windows there are.
        prepared: Windows,
    },
    /// A name that the data set does not have.
    #[error("there is no {what} {name:?}; there are [{}]", known.join(", "))]
    UnknownName {
        /// Track or sample.
        what: &'static str,
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A track is asked for twice.
    #[error("track {track:?} is asked for twice; name each once")]
    Twice {
        /// The track.
        track: String,
    },
    /// Bins that do not fit the windows.
    #[error(
        "bins of {bin_bp} bases do not divide the windows {windows}; choose a size that divides both lengths"
    )]
    Bins {
        /// The size of a bin.
        bin_bp: usize,
        /// The windows.
        windows: Windows,
    },
    /// DNA in bins is not defined.
    #[error("DNA has no mean over bins of {bin_bp} bases; leave the DNA out or use bin_bp = 1")]
    DnaInBins {
        /// The size of a bin.
        bin_bp: usize,
    },
    /// There is no DNA.
    #[error("there is no DNA here; prepare the data set with a genome or leave the DNA out")]
    NoDna,
    /// Nothing is looked at.
    #[error("there is neither a track nor DNA to look at; name a track or use the DNA")]
    Empty,
}
