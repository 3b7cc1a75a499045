//! Scans sequences for motifs by FIMO's rules.

mod batch;
mod error;
mod hits;
mod prepared;
mod reservoir;
mod sample;
mod significance;
mod tally;

pub use error::ScanError;
pub use hits::{Hit, MotifHits, Scan};

use crate::{Background, Motif};
use batch::Batch;
use isegnet_core::{Cancel, Progress, SequenceSource, SourceError};
use prepared::Prepared;
use rayon::prelude::*;
use sample::Sample;
use significance::Bootstraps;
use tally::Tally;

/// Bases that are scanned for all motifs before the next are taken: enough to keep
/// threads busy, few enough to stay in a cache.
const BATCH: usize = 1 << 17;

/// What makes a place a hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// A p-value of at most this.
    P(f64),
    /// A q-value of at most this.
    Q(f64),
}

/// The strands on which hits are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strands {
    /// Both, with the mean background of both.
    #[default]
    Both,
    /// Both, and at each place the better one only; the forward one of equals.
    Better,
    /// The sequence as it is given.
    Forward,
}

/// How sequences are scanned; the default is FIMO's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanOptions {
    /// What makes a place a hit: p at most 1e-4.
    pub threshold: Threshold,
    /// Sites of the background that are mixed into each motif: 0.1.
    pub pseudocount: f64,
    /// The strands on which hits are looked for.
    pub strands: Strands,
    /// Hits that are kept for a motif; where there are more, the less significant half
    /// goes, and the limit with it. 100,000.
    pub most_hits: usize,
    /// Whether q-values are computed; [`Threshold::Q`] needs them.
    pub q_values: bool,
    /// What samples for the share of places without a site depend on.
    pub seed: u64,
    /// Whether a base of probability 0 scores like the background, as in FIMO. Only
    /// without a pseudocount is there such a base; else it is an error then.
    pub impossible_is_neutral: bool,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            threshold: Threshold::P(1e-4),
            pseudocount: 0.1,
            strands: Strands::Both,
            most_hits: 100_000,
            q_values: true,
            seed: 1,
            impossible_is_neutral: false,
        }
    }
}

/// Motifs with their scores and exact p-values, computed once for any number of scans.
pub struct Scanner {
    motifs: Vec<Prepared>,
    options: ScanOptions,
    widest: usize,
    narrowest: usize,
}

impl Scanner {
    /// Prepares motifs, on all threads.
    ///
    /// # Errors
    /// No motif, a threshold, pseudocount or limit that is none, or a motif whose
    /// log-odds cannot be scaled.
    pub fn new(
        motifs: &[Motif],
        background: &Background,
        options: &ScanOptions,
    ) -> Result<Self, ScanError> {
        options.check()?;
        let both = options.strands != Strands::Forward;
        let background = if both { background.of_both_strands() } else { *background };
        let prepared = motifs.par_iter().map(|motif| Prepared::new(motif, &background, options));
        let motifs = prepared.collect::<Result<Vec<_>, _>>()?;
        let widths = || motifs.iter().map(|m| m.scores.width());
        let (Some(widest), Some(narrowest)) = (widths().max(), widths().min()) else {
            return Err(ScanError::NoMotif);
        };
        Ok(Self { motifs, options: *options, widest, narrowest })
    }

    /// Begins a scan, to which sequences are [added](Scanning::add).
    pub fn start(&self) -> Scanning<'_> {
        let mut widths: Vec<usize> = self.motifs.iter().map(|m| m.scores.width()).collect();
        widths.sort_unstable();
        widths.dedup();
        if !self.options.wants_q() {
            widths.clear();
        }
        Scanning {
            scanner: self,
            tallies: self.motifs.iter().map(Tally::new).collect(),
            samples: widths.into_iter().map(|w| Sample::new(w, &self.options)).collect(),
            batch: Batch::default(),
            names: Vec::new(),
            lengths: Vec::new(),
        }
    }

    /// Scans sequences, each with its name.
    pub fn scan<'a>(&self, sequences: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Scan {
        let mut scanning = self.start();
        for (name, bases) in sequences {
            scanning.add_new(name, 0, bases);
        }
        scanning.finish()
    }

    /// Scans all chromosomes of a source, piece by piece.
    ///
    /// `None` where it was cancelled.
    ///
    /// # Errors
    /// The source does not say how long its chromosomes are, or cannot be read.
    pub fn scan_source(
        &self,
        source: &mut dyn SequenceSource,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Option<Scan>, SourceError> {
        const PIECE: u64 = 1 << 20;
        let chromosomes = source.chromosomes().to_vec();
        let total = chromosomes.iter().filter_map(|c| c.length).sum();
        progress.start("scanning", total);
        let mut scanning = self.start();
        let mut bases = Vec::new();
        for chromosome in &chromosomes {
            let Some(length) = chromosome.length else {
                let message =
                    "its length is not known; give a source that says it, such as a FASTA file";
                return Err(SourceError::new("sequence", &chromosome.name, message));
            };
            for start in (0..length).step_by(PIECE as usize) {
                if cancel.is_cancelled() {
                    return Ok(None);
                }
                let piece = PIECE.min(length - start);
                bases.resize(piece as usize, 0);
                source.bases_into(&chromosome.name, start as i64, &mut bases)?;
                scanning.add(&chromosome.name, start, &bases);
                progress.advance(piece);
            }
        }
        let scan = scanning.finish();
        progress.finish();
        Ok(Some(scan))
    }

    /// Gives the p-values of a motif's scores, by its place among the motifs.
    pub fn distribution(&self, motif: usize) -> Option<&crate::ScoreDistribution> {
        self.motifs.get(motif).map(|m| &m.distribution)
    }
}

impl ScanOptions {
    fn wants_q(&self) -> bool {
        self.q_values || matches!(self.threshold, Threshold::Q(_))
    }

    fn check(&self) -> Result<(), ScanError> {
        let (name, value) = match self.threshold {
            Threshold::P(p) => ("p-value", p),
            Threshold::Q(q) => ("q-value", q),
        };
        if !(value > 0.0 && value <= 1.0) {
            return Err(ScanError::Threshold { name, value });
        }
        if !(self.pseudocount >= 0.0 && self.pseudocount.is_finite()) {
            return Err(ScanError::Pseudocount { value: self.pseudocount });
        }
        if self.most_hits < 2 {
            return Err(ScanError::MostHits { value: self.most_hits });
        }
        Ok(())
    }
}

/// A scan that takes sequences as they come.
///
/// Motifs are spread over threads, and each goes through all sequences in order, so
/// hits are the same at any number of threads and however sequences are cut.
pub struct Scanning<'a> {
    scanner: &'a Scanner,
    tallies: Vec<Tally>,
    samples: Vec<Sample>,
    batch: Batch,
    names: Vec<String>,
    lengths: Vec<u64>,
}

impl Scanning<'_> {
    /// Adds bases of a sequence from `start` on, 0-based.
    ///
    /// Where they continue what was added last, hits over the seam are found; a sequence
    /// may be cut anywhere. Letters that are no base end it for the motifs, as in FIMO.
    pub fn add(&mut self, name: &str, start: u64, bases: &[u8]) {
        let continues = self.names.last().is_some_and(|last| last == name)
            && self.batch.next_position() == Some(start);
        if !continues {
            self.begin(name, start);
        }
        for piece in bases.chunks(BATCH) {
            if self.batch.len() + piece.len() > BATCH {
                self.flush();
            }
            self.batch.push(piece);
        }
        if let Some(length) = self.lengths.last_mut() {
            *length += bases.len() as u64;
        }
    }

    /// Adds a sequence, or a part of one, that continues no other.
    pub fn add_new(&mut self, name: &str, start: u64, bases: &[u8]) {
        self.begin(name, start);
        self.add(name, start, bases);
    }

    /// Gives the hits so far, with q-values over all sequences.
    pub fn finish(mut self) -> Scan {
        self.flush();
        let Self { scanner, tallies, samples, names, lengths, .. } = self;
        let bootstraps = Bootstraps::new(scanner.options.seed);
        let motifs = tallies.into_par_iter().zip(&scanner.motifs).map(|(tally, motif)| {
            let sample = samples.iter().find(|s| s.width() == motif.scores.width());
            hits::settle(tally, motif, sample, &bootstraps, &scanner.options)
        });
        let motifs = motifs.collect();
        let too_short = lengths.iter().filter(|&&n| n < scanner.narrowest as u64).count();
        Scan { sequences: names, too_short, narrowest: scanner.narrowest, motifs }
    }

    fn begin(&mut self, name: &str, start: u64) {
        self.batch.begin(self.names.len() as u32, start);
        self.names.push(name.to_owned());
        self.lengths.push(0);
    }

    fn flush(&mut self) {
        self.batch.seal();
        let (batch, options) = (&self.batch, &self.scanner.options);
        let motifs = self.tallies.par_iter_mut().zip(&self.scanner.motifs);
        motifs.for_each(|(tally, motif)| tally.scan(motif, batch, options));
        self.samples.par_iter_mut().for_each(|sample| sample.pass(batch));
        self.batch.restart(self.scanner.widest - 1);
    }
}
