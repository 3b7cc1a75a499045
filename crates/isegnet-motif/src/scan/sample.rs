use super::batch::Batch;
use super::prepared::Prepared;
use super::reservoir::Reservoir;
use super::significance::SAMPLE;
use super::{ScanOptions, Strands};
use crate::words::WORD;
use isegnet_core::Random;

/// Windows of one width, drawn from all sequences for all motifs of that width, from
/// whose p-values the share of places without a site is estimated.
pub(crate) struct Sample {
    width: usize,
    strands: Strands,
    windows: Reservoir<Window>,
}

/// The words of a window, one for each table of a motif, and the strand it is read on.
#[derive(Clone, Default)]
struct Window {
    words: Box<[u8]>,
    strand: usize,
}

impl Sample {
    pub(crate) fn new(width: usize, options: &ScanOptions) -> Self {
        let random = Random::new(options.seed, "motif/p-value sample").part(width as u64);
        Self { width, strands: options.strands, windows: Reservoir::new(SAMPLE, random) }
    }

    /// The width of its windows.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Lets the windows of a batch go by.
    pub(crate) fn pass(&mut self, batch: &Batch) {
        let places: u64 = batch.stretches().iter().map(|s| s.places(self.width).len() as u64).sum();
        let strands = if self.strands == Strands::Both { 2 } else { 1 };
        let mut stretches = batch.stretches().iter();
        let (mut before, mut now) = (0, 0..0);
        self.windows.pass(places * strands, |item| {
            let place = item / strands;
            while place - before >= now.len() as u64 {
                before += now.len() as u64;
                let Some(stretch) = stretches.next() else { return Window::default() };
                now = stretch.places(self.width);
            }
            let from = now.start + (place - before) as usize;
            let words = batch.words()[from..from + self.width].iter().step_by(WORD);
            Window { words: words.copied().collect(), strand: (item % strands) as usize }
        });
    }

    /// Gives the p-values of a motif of this width at the windows.
    pub(crate) fn p_values(&self, motif: &Prepared) -> Vec<f64> {
        let score = |window: &Window| {
            let on = |strand| motif.score_of(strand, window.words.iter());
            match self.strands {
                Strands::Better => on(0).max(on(1)),
                Strands::Both | Strands::Forward => on(window.strand),
            }
        };
        self.windows.sample().iter().map(|w| motif.distribution.tail(score(w))).collect()
    }
}
