//! Reads the kept stretches of a genome or track once, in order of position,
//! with one reader a thread.
//!
//! Memory is bounded whatever genome and genes are. What came out of reading
//! waits for its turn to be written for at most [`GROUP_BP`] bases, of at most
//! 8 bytes (place and value of a single base): 128 MB, and 3 MB in bins of 20
//! bases; as much again is reserved where a vector grew by doubling. A thread
//! holds the values of one read, 1 MB (4 MB with bins of 10^6 bases), and one
//! reader with what it keeps, 2 MB for a bigWig.

use super::DatasetError;
use super::layout::Layout;
use isegnet_core::{Cancel, Progress, SequenceSource, SignalSource, SourceError};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// The most bases that are read at once.
const READ_BP: i64 = 1 << 18;

/// Stretches closer than this are read together, which costs less than asking twice.
const GAP_BP: i64 = 2000;

/// Reads of about this many bases make the work of one thread at a time, up to
/// the next gap of [`APART_BP`]: two threads that meet inside a compressed block
/// would both decode it, and few blocks are longer.
const CHUNK_BP: i64 = 1 << 18;
const APART_BP: i64 = 1 << 16;

/// The work of one thread ends here even without a gap.
const LONGEST_CHUNK_BP: i64 = 1 << 20;

/// Bases that all threads read before what came out is written.
const GROUP_BP: u64 = 1 << 24;

/// A part of one kept stretch, in bases: `[start, end)`, on bins' edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub stretch: usize,
    pub start: i64,
    pub end: i64,
}

/// Parts of neighbouring stretches that are read together.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub chrom: u32,
    pub start: i64,
    pub end: i64,
    pub parts: Vec<Part>,
}

/// Plans the reads of a layout, in order of position, in chunks for threads.
pub(super) fn plan(layout: &Layout) -> Vec<Vec<Read>> {
    let mut chunks: Vec<Vec<Read>> = Vec::new();
    let mut bases = 0;
    for read in reads(layout) {
        let length = read.end - read.start;
        let most = |last: &Read| match last.chrom == read.chrom && read.start - last.end < APART_BP
        {
            true => LONGEST_CHUNK_BP,
            false => CHUNK_BP,
        };
        match chunks.last_mut() {
            Some(chunk) if chunk.last().is_some_and(|last| bases + length <= most(last)) => {
                bases += length;
                chunk.push(read);
            }
            _ => {
                bases = length;
                chunks.push(vec![read]);
            }
        }
    }
    chunks
}

/// Cuts chunks into groups of at most [`GROUP_BP`] bases, or one chunk.
fn groups(chunks: &[Vec<Read>]) -> impl Iterator<Item = &[Vec<Read>]> {
    let mut rest = chunks;
    std::iter::from_fn(move || {
        let mut bases = 0;
        let fits = |chunk: &&Vec<Read>| {
            bases += chunk_bases(chunk);
            bases <= GROUP_BP
        };
        let count = rest.iter().take_while(fits).count().max(1);
        let (group, after) = rest.split_at_checked(count)?;
        rest = after;
        Some(group)
    })
}

fn reads(layout: &Layout) -> Vec<Read> {
    let longest = (READ_BP / layout.bin_bp).max(1);
    let mut reads: Vec<Read> = Vec::new();
    for (i, stretch) in layout.stretches.iter().enumerate() {
        let mut first = stretch.first;
        while first < stretch.end {
            let end = stretch.end.min(first + longest);
            let part = Part { stretch: i, start: first * layout.bin_bp, end: end * layout.bin_bp };
            match reads.last_mut() {
                Some(read)
                    if read.chrom == stretch.chrom
                        && part.start - read.end <= GAP_BP
                        && part.end - read.start <= READ_BP =>
                {
                    read.end = part.end;
                    read.parts.push(part);
                }
                _ => {
                    let (start, end) = (part.start, part.end);
                    reads.push(Read { chrom: stretch.chrom, start, end, parts: vec![part] });
                }
            }
            first = end;
        }
    }
    reads
}

/// A source that can be opened again for another thread.
pub(super) trait Reopen: Send + Sized {
    fn again(&self) -> Result<Self, SourceError>;
}

impl Reopen for Box<dyn SignalSource> {
    fn again(&self) -> Result<Self, SourceError> {
        self.reopen()
    }
}

impl Reopen for Box<dyn SequenceSource> {
    fn again(&self) -> Result<Self, SourceError> {
        self.reopen()
    }
}

/// Readers of one source, as many as threads ask for at once.
struct Readers<S> {
    origin: Mutex<S>,
    free: Mutex<Vec<S>>,
}

impl<S: Reopen> Readers<S> {
    fn with<T>(
        &self,
        work: impl FnOnce(&mut S) -> Result<T, DatasetError>,
    ) -> Result<T, DatasetError> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match free {
            Some(reader) => reader,
            None => self.origin.lock().unwrap_or_else(PoisonError::into_inner).again()?,
        };
        let done = work(&mut reader)?;
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        Ok(done)
    }
}

/// Does `work` on every chunk of reads, several at a time, and hands what comes
/// out to `sink` in the chunks' order.
pub(super) fn in_order<S: Reopen, T: Send>(
    source: S,
    chunks: &[Vec<Read>],
    watch: (&dyn Progress, &Cancel),
    work: impl Fn(&mut S, &[Read]) -> Result<T, DatasetError> + Sync,
    mut sink: impl FnMut(T) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let (progress, cancel) = watch;
    let readers = Readers { origin: Mutex::new(source), free: Mutex::new(Vec::new()) };
    for group in groups(chunks) {
        let done: Vec<Result<T, DatasetError>> = group
            .par_iter()
            .with_max_len(1)
            .map(|chunk| {
                if cancel.is_cancelled() {
                    return Err(DatasetError::Cancelled);
                }
                let out = readers.with(|reader| work(reader, chunk))?;
                progress.advance(chunk_bases(chunk));
                Ok(out)
            })
            .collect();
        for out in done {
            sink(out?)?;
        }
    }
    Ok(())
}

/// Counts the bases that a plan reads.
pub(super) fn plan_bases(chunks: &[Vec<Read>]) -> u64 {
    chunks.iter().map(|chunk| chunk_bases(chunk)).sum()
}

fn chunk_bases(chunk: &[Read]) -> u64 {
    chunk.iter().map(|read| (read.end - read.start) as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::super::layout::Place;
    use super::*;

    #[test]
    fn every_kept_bin_is_read_once_and_in_order() {
        let spans = [(0, 1500), (2000, 5000), (40_000, 41_000), (50_000, 9_000_003)];
        let places: Vec<_> = spans
            .map(|(start, end)| {
                [Place { chrom: 1, start, end }, Place { chrom: 0, start: end, end: end + 70 }]
            })
            .into();
        for bin_bp in [1, 20, 7, 3_000_000] {
            let layout = Layout::new(&places, bin_bp);
            let chunks = plan(&layout);
            let parts: Vec<Part> = chunks.iter().flatten().flat_map(|r| r.parts.clone()).collect();
            let mut expected = layout.stretches.iter().enumerate();
            let mut current = expected.next();
            let mut at = layout.stretches[0].first * layout.bin_bp;
            for part in parts {
                let (i, stretch) = current.unwrap();
                assert_eq!((part.stretch, part.start), (i, at));
                at = part.end;
                if at == stretch.end * layout.bin_bp {
                    current = expected.next();
                    at = current.map_or(0, |(_, s)| s.first * layout.bin_bp);
                }
            }
            assert!(current.is_none());
            let most = READ_BP.max(layout.bin_bp);
            assert!(chunks.iter().flatten().all(|r| r.end - r.start <= most));
        }
    }

    #[test]
    fn work_is_cut_between_far_windows_and_grouped_by_bases() {
        // Windows of 1.5 kb: heaps of 100 of them close together, 1 Mb apart.
        let window = |i: i64| {
            let start = i / 100 * 1_000_000 + i % 100 * 9_000;
            let none = Place { chrom: 0, start: 0, end: 0 };
            [Place { chrom: 0, start, end: start + 1_500 }, none]
        };
        let places: Vec<_> = (0..20_000).map(window).collect();
        let chunks = plan(&Layout::new(&places, 20));
        for pair in chunks.windows(2) {
            let gap = pair[1][0].start - pair[0][pair[0].len() - 1].end;
            assert!(gap >= APART_BP, "{gap}");
            assert!(chunk_bases(&pair[0]) <= LONGEST_CHUNK_BP as u64);
        }
        assert!(chunks.len() > 50);
        let groups: Vec<_> = groups(&chunks).collect();
        assert!(groups.len() > 1);
        assert_eq!(groups.iter().map(|group| group.len()).sum::<usize>(), chunks.len());
        assert!(groups.iter().all(|group| plan_bases(group) <= GROUP_BP));
    }
}
