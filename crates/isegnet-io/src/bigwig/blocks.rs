//! Reads the blocks of a file, decompressed and checked.

use super::check::Layout;
use super::fields::{Defect, Fields};
use super::index::{Block, Index, of_place, place};
use super::section::{self, Section};
use libdeflater::{DecompressionError, Decompressor};
use std::collections::VecDeque;
use std::sync::Arc;

/// Decoded blocks that are kept, in bytes, beyond the one in use: a reader
/// costs little more memory than that, whatever is read with it.
const KEPT_BYTES: usize = 1 << 20;
/// The most blocks that are kept: each is looked at in every reading.
const KEPT_BLOCKS: usize = 512;

/// The blocks of one file, of which the last ones stay decoded.
pub(super) struct Blocks {
    file: Fields,
    layout: Arc<Layout>,
    index: Index,
    decompressor: Decompressor,
    compressed: Vec<u8>,
    buffer: Vec<u8>,
    found: Vec<Block>,
    kept: VecDeque<Kept>,
    kept_bytes: usize,
    decoded: u64,
}

struct Kept {
    block: Block,
    section: Section,
    data: Vec<u8>,
}

impl Blocks {
    /// Reads blocks of `file`, which was looked through and found to be as `layout` says.
    pub(super) fn new(mut file: Fields, layout: Arc<Layout>) -> Self {
        file.set_big_endian(layout.big_endian);
        Self {
            file,
            index: Index::new(layout.root),
            layout,
            decompressor: Decompressor::new(),
            compressed: Vec::new(),
            buffer: Vec::new(),
            found: Vec::new(),
            kept: VecDeque::new(),
            kept_bytes: 0,
            decoded: 0,
        }
    }

    /// Counts the blocks that were decoded so far.
    pub(super) fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Writes the values of the bases from `start` on over `out`; what has none is left alone.
    pub(super) fn fill(&mut self, chrom: u32, start: u32, out: &mut [f32]) -> Result<(), Defect> {
        // No position is beyond a u32.
        let end = start.saturating_add(u32::try_from(out.len()).unwrap_or(u32::MAX));
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        self.index.find(&mut self.file, &(place(chrom, start)..place(chrom, end)), &mut found)?;
        self.forget_passed(chrom, start);
        for &block in &found {
            let kept = match self.kept.iter().position(|kept| kept.block == block) {
                Some(at) => self.kept.get(at),
                None => {
                    self.decode(block)?;
                    self.kept.back()
                }
            };
            if let Some(Kept { section, data, .. }) = kept {
                section.fill(data, self.layout.big_endian, start, out);
            }
        }
        self.found = found;
        Ok(())
    }

    /// Lets go the blocks that end before the next reading starts.
    fn forget_passed(&mut self, chrom: u32, start: u32) {
        let next = place(chrom, start);
        self.kept.retain(|kept| kept.section.chrom == chrom && kept.block.end >= next);
        self.kept_bytes = self.kept.iter().map(|kept| kept.data.len()).sum();
    }

    /// Decodes a block and keeps it as the last one.
    fn decode(&mut self, block: Block) -> Result<(), Defect> {
        let data = self.read(block)?;
        let section = section::check(&data, &self.layout)
            .and_then(|section| belongs(block, &section).map(|()| section))
            .map_err(|message| Defect::at(format!("block at byte {}", block.offset), message))?;
        self.decoded += 1;
        self.kept_bytes += data.len();
        self.kept.push_back(Kept { block, section, data });
        let too_much = |bytes, blocks| bytes > KEPT_BYTES || blocks > KEPT_BLOCKS;
        while too_much(self.kept_bytes, self.kept.len()) && self.kept.len() > 1 {
            let passed = self.kept.pop_front();
            self.kept_bytes -= passed.map_or(0, |kept| kept.data.len());
        }
        Ok(())
    }

    fn read(&mut self, block: Block) -> Result<Vec<u8>, Defect> {
        let at = || format!("block at byte {}", block.offset);
        self.file.go(block.offset, block.size, "data")?;
        // The size was compared with the file's length, and is at most the largest block's.
        self.compressed.resize(block.size as usize, 0);
        self.file.bytes(&mut self.compressed)?;
        if !self.layout.compressed {
            return Ok(self.compressed.clone());
        }
        // As large as a block can be, whatever size the header claims.
        self.buffer.resize(section::LARGEST, 0);
        match self.decompressor.zlib_decompress(&self.compressed, &mut self.buffer) {
            Ok(bytes) => Ok(self.buffer.get(..bytes).unwrap_or_default().to_vec()),
            Err(DecompressionError::BadData) => {
                Err(Defect::at(at(), "it does not decompress: the file is damaged"))
            }
            Err(DecompressionError::InsufficientSpace) => {
                let message = format!("it decompresses to more than {} bytes", section::LARGEST);
                Err(Defect::at(at(), message))
            }
        }
    }
}

/// Refuses a block with data where the index does not say so: it would be
/// found by some readings of a base and missed by others.
fn belongs(block: Block, section: &Section) -> Result<(), String> {
    let ((from, start), (to, end)) = (of_place(block.start), of_place(block.end));
    if from != section.chrom || to != section.chrom {
        let chrom = section.chrom;
        return Err(format!(
            "it is of chromosome number {chrom}, but the index lists it from number {from} to {to}"
        ));
    }
    let reach = &section.reach;
    if !reach.is_empty() && (reach.start < start || reach.end > end) {
        return Err(format!(
            "its items cover the bases {} to {}, but the index says {start} to {end}",
            reach.start, reach.end
        ));
    }
    Ok(())
}
