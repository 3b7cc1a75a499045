use super::WindowName;
use super::bound::Bound;
use crate::Session;
use crate::explained::{Explained, Row};
use crate::failure::Refusal;
use isegnet_core::{Interval, LearnError, Progress, Strand};
use isegnet_encode::Window;
use isegnet_explain::Segments;
use ndarray::{Array2, Array3, s};
use std::ops::Range;

/// The windows of a sample's genes, 5' to 3', one base a position.
pub struct Promoters {
    /// Rows of the explanation, in the order of the genome.
    pub rows: Vec<usize>,
    pub segments: Segments,
    /// Attributions of the track at hand, (row, position, 1).
    pub values: Array3<f32>,
    /// Whether there is an attribution, (row, position).
    pub allowed: Array2<bool>,
    /// Bound bases before each position of a row, one more than positions.
    pub bound: Vec<Vec<u32>>,
    window: WindowName,
}

impl WindowName {
    /// The windows of an explanation that are meant, by number: 0 for that of the TSS.
    pub fn of(self, explained: &Explained) -> Vec<(usize, Window)> {
        let both = explained.windows().both().into_iter().enumerate();
        let meant = |which: usize| match self {
            Self::Tss => which == 0,
            Self::Tts => which == 1,
            Self::Both => true,
        };
        both.filter(|(which, window)| meant(*which) && !window.is_empty()).collect()
    }

    /// The places of a row's windows.
    pub fn places(self, explained: &Explained, row: &Row) -> Vec<Interval> {
        let windows = self.of(explained).into_iter();
        windows.map(|(which, window)| row.place(which, window)).collect()
    }
}

impl Promoters {
    /// Reads where a sample's genes are bound.
    pub fn read(
        explained: &Explained,
        sample: &str,
        window: WindowName,
        bound: &mut Bound,
        session: &Session,
    ) -> anyhow::Result<Self> {
        let lengths: Vec<usize> = window.of(explained).iter().map(|(_, w)| w.len()).collect();
        let segments = Segments::new(&lengths).map_err(|_| {
            Refusal::usage("the explanation has no such window; give another --window")
        })?;
        let rows = explained.rows_of(sample);
        session.screen.start("reading the experiment", rows.len() as u64);
        let mut sums = Vec::with_capacity(rows.len());
        for &row in &rows {
            if session.cancel.is_cancelled() {
                return Err(LearnError::Cancelled.into());
            }
            let row = &explained.rows[row];
            let mut all = vec![0];
            let mut sum = 0;
            for place in window.places(explained, row) {
                let mut here = bound.bound_at(&place)?;
                if row.gene.strand == Strand::Reverse {
                    here.reverse();
                }
                all.extend(here.into_iter().map(|bound| {
                    sum += u32::from(bound);
                    sum
                }));
            }
            sums.push(all);
            session.screen.advance(1);
        }
        session.screen.finish();
        let (n, positions) = (rows.len(), segments.positions());
        Ok(Self {
            rows,
            values: Array3::from_elem((n, positions, 1), f32::NAN),
            allowed: Array2::from_elem((n, positions), false),
            segments,
            bound: sums,
            window,
        })
    }

    /// Reads the attributions of a track.
    pub fn attribute(
        &mut self,
        explained: &Explained,
        sample: &str,
        track: &str,
        session: &Session,
    ) -> anyhow::Result<()> {
        let mut source = explained.attributions(sample, track)?;
        session.screen.start(&format!("reading {track}"), self.rows.len() as u64);
        let mut values = Vec::new();
        for (i, &row) in self.rows.iter().enumerate() {
            if session.cancel.is_cancelled() {
                return Err(LearnError::Cancelled.into());
            }
            let row = &explained.rows[row];
            let mut first = 0;
            for place in self.window.places(explained, row) {
                row.values_into(source.as_mut(), &place, &mut values)?;
                let mut to = self.values.slice_mut(s![i, first..first + values.len(), 0]);
                to.iter_mut().zip(&values).for_each(|(to, &from)| *to = from);
                first += values.len();
            }
            session.screen.advance(1);
        }
        session.screen.finish();
        let values = self.values.index_axis(ndarray::Axis(2), 0);
        self.allowed = values.mapv(|value| !value.is_nan());
        Ok(())
    }

    /// The places of a row's windows.
    pub fn places(&self, explained: &Explained, row: &Row) -> Vec<Interval> {
        self.window.places(explained, row)
    }

    /// How many of a row's positions are bound.
    pub fn bound_in(&self, i: usize, positions: &Range<usize>) -> usize {
        (self.bound[i][positions.end] - self.bound[i][positions.start]) as usize
    }
}

impl Row {
    /// The bases of some positions of one of the windows that are laid one after the other.
    pub fn bases(&self, places: &[Interval], positions: &Range<usize>) -> Interval {
        let mut first = 0;
        for place in places {
            let end = first + place.len();
            if positions.start < end {
                let (from, to) = ((positions.start - first) as i64, (positions.end - first) as i64);
                let (start, end) = match self.gene.strand {
                    Strand::Forward => (place.start + from, place.start + to),
                    Strand::Reverse => (place.end - to, place.end - from),
                };
                return Interval::new(place.chrom.as_str(), start, end);
            }
            first = end;
        }
        Interval::new(self.gene.body.chrom.as_str(), 0, 0)
    }
}
