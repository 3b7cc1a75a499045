//! What stands between bigtools and the file.

use super::check::Layout;
use super::origin::{Origin, Raw};
use super::section::{self, Section};
use bigtools::{BBIFileInfo, BBIFileRead, Block};
use byteordered::Endianness;
use libdeflater::{DecompressionError, Decompressor};
use smallvec::SmallVec;
use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Decoded blocks that are kept, in bytes, beyond the one in use.
const KEPT_BYTES: usize = 32 << 20;
/// As many of them at most: they are looked through one by one.
const KEPT_BLOCKS: usize = 1 << 12;

/// Gives bigtools nodes of a checked index, and blocks already decompressed and checked.
pub(super) struct Guard {
    file: Shown,
    layout: Arc<Layout>,
    decompressor: Decompressor,
    buffer: Vec<u8>,
    kept: VecDeque<(Block, Section, Vec<u8>)>,
    kept_bytes: usize,
    decoded: u64,
    query: Cell<(u32, u32)>,
}

impl Guard {
    /// Opens the file again; `length` is what it was when it was looked through.
    pub(super) fn open(origin: &Origin, length: u64, layout: Arc<Layout>) -> io::Result<Self> {
        let (raw, now) = origin.open()?;
        if now != length {
            return Err(io::Error::other(format!("the file changed from {length} to {now} bytes")));
        }
        Ok(Self {
            file: Shown { raw, length, at: 0 },
            layout,
            decompressor: Decompressor::new(),
            buffer: Vec::new(),
            kept: VecDeque::new(),
            kept_bytes: 0,
            decoded: 0,
            query: Cell::new((0, 0)),
        })
    }

    /// Says where the next reading starts: blocks that end before are let go.
    pub(super) fn expect(&self, chrom: u32, start: u32) {
        self.query.set((chrom, start));
    }

    pub(super) fn decoded(&self) -> u64 {
        self.decoded
    }

    fn forget_passed(&mut self) {
        let (chrom, start) = self.query.get();
        self.kept.retain(|(_, s, _)| s.chrom == chrom && s.end >= start);
        self.kept_bytes = self.kept.iter().map(|(_, _, data)| data.len()).sum();
    }

    fn keep(&mut self, block: Block, section: Section, data: Vec<u8>) {
        self.kept_bytes += data.len();
        self.kept.push_back((block, section, data));
        while self.kept.len() > KEPT_BLOCKS || self.kept_bytes > KEPT_BYTES && self.kept.len() > 1 {
            if let Some((_, _, old)) = self.kept.pop_front() {
                self.kept_bytes -= old.len();
            }
        }
    }

    fn decompress(&mut self, compressed: Vec<u8>) -> io::Result<Vec<u8>> {
        if !self.layout.compressed {
            return Ok(compressed);
        }
        // As large as a block can be, whatever size the header claims.
        self.buffer.resize(section::LARGEST, 0);
        match self.decompressor.zlib_decompress(&compressed, &mut self.buffer) {
            Ok(n) => Ok(self.buffer[..n].to_vec()),
            Err(DecompressionError::BadData) => {
                Err(io::Error::other("a compressed block does not decompress: the file is damaged"))
            }
            Err(DecompressionError::InsufficientSpace) => {
                let message =
                    format!("a block decompresses to more than {} bytes", section::LARGEST);
                Err(io::Error::other(message))
            }
        }
    }
}

impl BBIFileRead for Guard {
    type Reader = Shown;

    fn get_block_data(&mut self, info: &BBIFileInfo, block: &Block) -> io::Result<Vec<u8>> {
        if let Some((_, _, data)) = self.kept.iter().find(|(b, _, _)| b == block) {
            return Ok(data.clone());
        }
        self.forget_passed();
        let raw = self.file.get_block_data(info, block)?;
        let data = self.decompress(raw)?;
        let section = section::check(&data, &self.layout).map_err(io::Error::other)?;
        self.decoded += 1;
        self.keep(*block, section, data.clone());
        Ok(data)
    }

    fn blocks_for_cir_tree_node(
        &mut self,
        endianness: Endianness,
        node_offset: u64,
        chrom_ix: u32,
        start: u32,
        end: u32,
    ) -> io::Result<(SmallVec<[u64; 4]>, SmallVec<[Block; 4]>)> {
        self.file.blocks_for_cir_tree_node(endianness, node_offset, chrom_ix, start, end)
    }

    fn raw_reader(&mut self) -> &mut Shown {
        &mut self.file
    }
}

/// The file as bigtools is shown it.
///
/// The size of an uncompressed block in the header reads as 0, 'not
/// compressed': bigtools then hands out blocks as they are, and allocates
/// nothing by that number. And zeros follow the file's end for a while, since
/// bigtools reads eight bytes too many for each entry of an inner index node.
pub(super) struct Shown {
    raw: Raw,
    length: u64,
    at: u64,
}

/// Where the header says how large an uncompressed block is.
const UNCOMPRESSED_BYTES: std::ops::Range<u64> = 52..56;
/// The most that bigtools reads too much of a node.
const ZEROS_AFTER: u64 = 8 * u16::MAX as u64;

impl Read for Shown {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut n = if self.at < self.length { self.raw.read(out)? } else { 0 };
        if n == 0 {
            let zeros = (self.length + ZEROS_AFTER).saturating_sub(self.at);
            n = out.len().min(zeros as usize);
            out[..n].fill(0);
        }
        for (byte, at) in out[..n].iter_mut().zip(self.at..UNCOMPRESSED_BYTES.end) {
            if UNCOMPRESSED_BYTES.contains(&at) {
                *byte = 0;
            }
        }
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Shown {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        let to = to.ok_or_else(|| io::Error::other("a position before the file"))?;
        // Past the end only zeros are read, which the raw file is not asked for.
        self.raw.go(self.at.min(self.length), to.min(self.length))?;
        self.at = to;
        Ok(to)
    }
}
