//! Looks through a bigWig before anything in it is trusted.

use super::fields::{Defect, Fields};
use super::origin::Raw;
use isegnet_core::Chromosome;
use std::collections::HashSet;

const BIGWIG: u32 = 0x888F_FC26;
const CHROMOSOME_TREE: u32 = 0x78CA_8C91;
const INDEX: u32 = 0x2468_ACE0;

const HEADER_BYTES: u64 = 64;
const INDEX_HEADER_BYTES: u64 = 48;
/// Bytes of an index's entries in leaves and in inner nodes.
const LEAF_ENTRY: u64 = 32;
const INNER_ENTRY: u64 = 24;
/// Longest chromosome name: it is allocated for each chromosome.
const LONGEST_NAME: u32 = 1024;
/// Deepest tree of chromosomes or blocks, far beyond what 64-bit offsets need.
pub(super) const DEEPEST_TREE: u32 = 64;
/// Largest block, compressed: a section holds at most 65,535 items of 12 bytes.
const LARGEST_BLOCK: u64 = 1 << 20;

/// What the looking through found.
pub(super) struct Layout {
    pub(super) big_endian: bool,
    pub(super) compressed: bool,
    pub(super) sequences: Vec<Sequence>,
    pub(super) ids: HashSet<u32>,
    /// Where the first node of the index of the data stands.
    pub(super) root: u64,
    /// Blocks that the index of the data lists.
    pub(super) blocks: u64,
}

/// A chromosome as the file lists it.
#[derive(Clone)]
pub(super) struct Sequence {
    pub(super) name: String,
    pub(super) id: u32,
    pub(super) length: u32,
}

impl Layout {
    pub(super) fn chromosomes(&self) -> Vec<Chromosome> {
        let chromosome =
            |s: &Sequence| Chromosome { name: s.name.clone(), length: Some(s.length.into()) };
        self.sequences.iter().map(chromosome).collect()
    }
}

struct Header {
    zoom_levels: u16,
    chromosome_tree: u64,
    index: u64,
    compressed: bool,
}

/// Checks header, chromosomes and every index of a file of `length` bytes.
pub(super) fn look_through(raw: Raw, length: u64) -> Result<Layout, Defect> {
    let mut file = Fields::new(raw, length);
    let big_endian = byte_order(&mut file)?;
    file.set_big_endian(big_endian);
    let header = header(&mut file)?;
    let zooms = zoom_indexes(&mut file, header.zoom_levels)?;
    let sequences = sequences(&mut file, header.chromosome_tree)?;
    let ids: HashSet<u32> = sequences.iter().map(|s| s.id).collect();
    // Neither nodes nor blocks overlap: together they are no longer than the file.
    let mut budget = length;
    let place = "index of the data";
    let blocks = walk_index(&mut file, header.index, place, Some(&ids), &mut budget)?;
    for (level, offset) in zooms {
        let place = format!("index of zoom level {level}");
        walk_index(&mut file, offset, &place, None, &mut budget)?;
    }
    let root = header.index + INDEX_HEADER_BYTES;
    Ok(Layout { big_endian, compressed: header.compressed, sequences, ids, root, blocks })
}

fn byte_order(file: &mut Fields) -> Result<bool, Defect> {
    file.go(0, HEADER_BYTES, "header")?;
    match file.u32()? {
        BIGWIG => Ok(false),
        magic if magic.swap_bytes() == BIGWIG => Ok(true),
        magic => {
            Err(Defect::at("header", format!("it begins with {magic:#x}, not as a bigWig does")))
        }
    }
}

fn header(file: &mut Fields) -> Result<Header, Defect> {
    let version = file.u16()?;
    if !(1..=4).contains(&version) {
        return Err(Defect::at("header", format!("format version {version}; 1 to 4 are known")));
    }
    let zoom_levels = file.u16()?;
    let (chromosome_tree, data, index) = (file.u64()?, file.u64()?, file.u64()?);
    let (_field_count, _defined_fields, _auto_sql) = (file.u16()?, file.u16()?, file.u64()?);
    let (summary, uncompressed_bytes) = (file.u64()?, file.u32()?);
    inside(file, "data", data, 4)?;
    if summary != 0 {
        inside(file, "summary", summary, 40)?;
    }
    Ok(Header { zoom_levels, chromosome_tree, index, compressed: uncompressed_bytes > 0 })
}

fn inside(file: &Fields, what: &str, offset: u64, bytes: u64) -> Result<(), Defect> {
    if offset < HEADER_BYTES || offset.checked_add(bytes).is_none_or(|end| end > file.length()) {
        let message =
            format!("the {what} would be at {offset}, in a file of {} bytes", file.length());
        return Err(Defect::at("header", message));
    }
    Ok(())
}

/// Gives number and index offset of the zoom levels; a blank one has no index.
fn zoom_indexes(file: &mut Fields, levels: u16) -> Result<Vec<(u16, u64)>, Defect> {
    let mut indexes = Vec::new();
    file.go(HEADER_BYTES, u64::from(levels) * 24, "zoom levels")?;
    for level in 0..levels {
        let (_reduction, _reserved) = (file.u32()?, file.u32()?);
        let (_data, index) = (file.u64()?, file.u64()?);
        if index != 0 {
            indexes.push((level, index));
        }
    }
    Ok(indexes)
}

fn sequences(file: &mut Fields, offset: u64) -> Result<Vec<Sequence>, Defect> {
    const PLACE: &str = "chromosome table";
    file.go(offset, 32, PLACE)?;
    let magic = file.u32()?;
    if magic != CHROMOSOME_TREE {
        return Err(Defect::at(
            PLACE,
            format!("it begins with {magic:#x}, not {CHROMOSOME_TREE:#x}"),
        ));
    }
    let (_block_size, key, value, count) = (file.u32()?, file.u32()?, file.u32()?, file.u64()?);
    if !(1..=LONGEST_NAME).contains(&key) || value != 8 {
        let message = format!(
            "names of {key} bytes and values of {value}; 1 to {LONGEST_NAME} and 8 are possible"
        );
        return Err(Defect::at(PLACE, message));
    }
    let item = u64::from(key) + 8;
    if count > file.length() / item {
        let message = format!("{count} chromosomes do not fit in {} bytes", file.length());
        return Err(Defect::at(PLACE, message));
    }
    let mut found = Vec::new();
    let mut budget = file.length();
    let mut nodes = vec![(offset + 32, 0)];
    while let Some((node, depth)) = nodes.pop() {
        let (leaf, items) = node_header(file, node, item, item, &mut budget, PLACE)?;
        if depth > DEEPEST_TREE {
            return Err(too_deep(PLACE));
        }
        let first = nodes.len();
        for _ in 0..items {
            let name = name(file, key)?;
            if leaf {
                found.push(Sequence { name: name?, id: file.u32()?, length: file.u32()? });
            } else {
                nodes.push((file.u64()?, depth + 1));
            }
        }
        // The last one is looked at next: the file's order stays.
        nodes[first..].reverse();
    }
    if found.len() as u64 != count {
        let message = format!("it says {count} chromosomes and lists {}", found.len());
        return Err(Defect::at(PLACE, message));
    }
    distinct(found)
}

/// Reads a name of `bytes` bytes, filled up with zeros; inner nodes may hold anything there.
fn name(file: &mut Fields, bytes: u32) -> Result<Result<String, Defect>, Defect> {
    let mut name = vec![0; bytes as usize];
    file.bytes(&mut name)?;
    let place = format!("chromosome table at byte {}", file.at());
    Ok(match String::from_utf8(name) {
        Ok(name) if !name.trim_end_matches('\0').contains(char::is_control) => {
            Ok(name.trim_end_matches('\0').to_owned())
        }
        _ => Err(Defect::at(place, "a chromosome name is not text")),
    })
}

fn distinct(found: Vec<Sequence>) -> Result<Vec<Sequence>, Defect> {
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    for s in &found {
        if s.name.is_empty() || !names.insert(s.name.as_str()) || !ids.insert(s.id) {
            let message =
                format!("chromosome {:?} (number {}) has no name or stands twice", s.name, s.id);
            return Err(Defect::at("chromosome table", message));
        }
    }
    Ok(found)
}

/// Reads the head of an index node that was looked through before: whether it
/// is a leaf, and how many entries follow.
pub(super) fn node(file: &mut Fields, offset: u64, place: &str) -> Result<(bool, u16), Defect> {
    let mut budget = file.length();
    node_header(file, offset, LEAF_ENTRY, INNER_ENTRY, &mut budget, place)
}

pub(super) fn too_deep(place: &str) -> Defect {
    Defect::at(place, format!("it is more than {DEEPEST_TREE} levels deep"))
}

/// Reads the head of a tree node and checks that the node lies inside the file.
///
/// Nodes of a tree do not overlap, so together they are no longer than the
/// file; a tree that exceeds this `budget` goes in circles.
fn node_header(
    file: &mut Fields,
    offset: u64,
    leaf_item: u64,
    inner_item: u64,
    budget: &mut u64,
    place: &str,
) -> Result<(bool, u16), Defect> {
    file.go(offset, 4, place)?;
    let (kind, _reserved, items) = (file.u8()?, file.u8()?, file.u16()?);
    if kind > 1 {
        return Err(Defect::at(
            place,
            format!("a node at byte {offset} is of kind {kind}, not 0 or 1"),
        ));
    }
    let bytes = u64::from(items) * if kind == 1 { leaf_item } else { inner_item };
    file.go(offset + 4, bytes, place)?;
    *budget = budget.checked_sub(bytes + 4).ok_or_else(|| {
        Defect::at(place, "its nodes are longer than the file: it goes in circles")
    })?;
    Ok((kind == 1, items))
}

/// The stretch that a node or block covers: (chromosome number, base), both ends.
#[derive(Clone, Copy)]
struct Reach {
    start: (u32, u32),
    end: (u32, u32),
}

impl Reach {
    fn read(file: &mut Fields) -> Result<Self, Defect> {
        let start = (file.u32()?, file.u32()?);
        Ok(Self { start, end: (file.u32()?, file.u32()?) })
    }

    fn covers(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// Walks an index and counts its blocks.
///
/// `known` are the chromosome numbers that an index of data may name; what a
/// node says it covers must then hold for what is below it, or data would be
/// missed in silence. What nodes and blocks are long is taken from `budget`.
fn walk_index(
    file: &mut Fields,
    offset: u64,
    place: &str,
    known: Option<&HashSet<u32>>,
    budget: &mut u64,
) -> Result<u64, Defect> {
    file.go(offset, INDEX_HEADER_BYTES, place)?;
    let magic = file.u32()?;
    if magic != INDEX {
        return Err(Defect::at(place, format!("it begins with {magic:#x}, not {INDEX:#x}")));
    }
    let mut blocks = 0;
    let mut nodes = vec![(offset + INDEX_HEADER_BYTES, 0, None::<Reach>)];
    while let Some((node, depth, parent)) = nodes.pop() {
        if depth > DEEPEST_TREE {
            return Err(too_deep(place));
        }
        let (leaf, items) = node_header(file, node, LEAF_ENTRY, INNER_ENTRY, budget, place)?;
        for _ in 0..items {
            let reach = Reach::read(file)?;
            if let Some(known) = known {
                check_reach(&reach, parent.as_ref(), known, place)?;
            }
            let target = file.u64()?;
            if leaf {
                let size = file.u64()?;
                block(file, target, size, place)?;
                *budget = budget.checked_sub(size).ok_or_else(|| {
                    Defect::at(place, "its blocks are longer than the file: they overlap")
                })?;
                blocks += 1;
            } else {
                nodes.push((target, depth + 1, Some(reach)));
            }
        }
    }
    Ok(blocks)
}

fn check_reach(
    reach: &Reach,
    parent: Option<&Reach>,
    known: &HashSet<u32>,
    place: &str,
) -> Result<(), Defect> {
    let Reach { start, end } = *reach;
    if start > end || !known.contains(&start.0) || !known.contains(&end.0) {
        let message = format!(
            "an entry goes from {start:?} to {end:?} (chromosome number, base), which cannot be"
        );
        return Err(Defect::at(place, message));
    }
    match parent {
        Some(p) if !p.covers(reach) => {
            let message = format!(
                "an entry from {start:?} to {end:?} (chromosome number, base) lies under one from {:?} to {:?}",
                p.start, p.end
            );
            Err(Defect::at(place, message))
        }
        _ => Ok(()),
    }
}

/// Checks that a block of the index lies inside the file, and that it is no larger than one can be.
pub(super) fn block(file: &Fields, offset: u64, size: u64, place: &str) -> Result<(), Defect> {
    let end = offset.checked_add(size);
    if offset < HEADER_BYTES || size > LARGEST_BLOCK || end.is_none_or(|end| end > file.length()) {
        let message = format!(
            "a block of {size} bytes at {offset} cannot be in a file of {} bytes (largest block {LARGEST_BLOCK})",
            file.length()
        );
        return Err(Defect::at(place, message));
    }
    Ok(())
}
