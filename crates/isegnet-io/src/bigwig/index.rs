//! Finds the blocks of a stretch in the index of the data.

use super::check::{self, DEEPEST_TREE};
use super::fields::{Defect, Fields};
use std::ops::Range;

const PLACE: &str = "index of the data";

/// A block as the index lists it: what it covers, in [`place`]s, and where it lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// The index, of which one node a level is in memory: the last one read.
pub(super) struct Index {
    root: u64,
    levels: Vec<Node>,
}

struct Node {
    at: u64,
    leaf: bool,
    /// Blocks in a leaf; elsewhere nodes, whose size is not known.
    entries: Vec<Block>,
}

/// One number for a chromosome's number and a base, ordered as the two are.
pub(super) fn place(chrom: u32, base: u32) -> u64 {
    u64::from(chrom) << 32 | u64::from(base)
}

/// The chromosome's number and the base of a [`place`].
pub(super) fn of_place(place: u64) -> (u32, u32) {
    ((place >> 32) as u32, place as u32)
}

impl Index {
    pub(super) fn new(root: u64) -> Self {
        Self { root, levels: Vec::new() }
    }

    /// Adds the blocks that share a base with `stretch` to `found`, in order.
    pub(super) fn find(
        &mut self,
        file: &mut Fields,
        stretch: &Range<u64>,
        found: &mut Vec<Block>,
    ) -> Result<(), Defect> {
        self.descend(file, 0, self.root, stretch, found)
    }

    fn descend(
        &mut self,
        file: &mut Fields,
        level: usize,
        at: u64,
        stretch: &Range<u64>,
        found: &mut Vec<Block>,
    ) -> Result<(), Defect> {
        if self.levels.get(level).is_none_or(|node| node.at != at) {
            // The file was looked through; it may have changed since.
            if level > DEEPEST_TREE as usize {
                return Err(check::too_deep(PLACE));
            }
            self.levels.truncate(level);
            self.levels.push(Node::read(file, at)?);
        }
        let mut next = 0;
        while let Some((leaf, target)) = self.overlapping(level, &mut next, stretch) {
            match leaf {
                true => found.push(target),
                false => self.descend(file, level + 1, target.offset, stretch, found)?,
            }
        }
        Ok(())
    }

    /// Gives the next entry of a level's node, from `next` on, that shares a base with `stretch`.
    fn overlapping(
        &self,
        level: usize,
        next: &mut usize,
        stretch: &Range<u64>,
    ) -> Option<(bool, Block)> {
        let node = self.levels.get(level)?;
        let shares = |e: &Block| e.start < stretch.end && e.end > stretch.start;
        let entry = node.entries.get(*next..)?.iter().position(shares)? + *next;
        *next = entry + 1;
        Some((node.leaf, *node.entries.get(entry)?))
    }
}

impl Node {
    fn read(file: &mut Fields, at: u64) -> Result<Self, Defect> {
        let (leaf, items) = check::node(file, at, PLACE)?;
        let mut entries = Vec::with_capacity(items.into());
        for _ in 0..items {
            let start = place(file.u32()?, file.u32()?);
            let end = place(file.u32()?, file.u32()?);
            let offset = file.u64()?;
            let size = if leaf { file.u64()? } else { 0 };
            if leaf {
                check::block(file, offset, size, PLACE)?;
            }
            entries.push(Block { start, end, offset, size });
        }
        Ok(Self { at, leaf, entries })
    }
}
