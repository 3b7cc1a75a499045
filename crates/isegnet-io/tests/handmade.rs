//! bigWig files made byte by byte: both byte orders, every kind of block, and
//! structures that no sound writer makes.
#![allow(clippy::unwrap_used)]

use isegnet_core::SignalSource;
use isegnet_io::bigwig::Reader;

/// Numbers in one byte order, one after another.
#[derive(Clone)]
struct Bytes {
    big: bool,
    data: Vec<u8>,
}

impl Bytes {
    fn new(big: bool) -> Self {
        Self { big, data: Vec::new() }
    }

    fn put(&mut self, little: &[u8]) {
        if self.big {
            self.data.extend(little.iter().rev());
        } else {
            self.data.extend(little);
        }
    }

    fn u8(&mut self, v: u8) {
        self.data.push(v);
    }

    fn u16(&mut self, v: u16) {
        self.put(&v.to_le_bytes());
    }

    fn u32(&mut self, v: u32) {
        self.put(&v.to_le_bytes());
    }

    fn u64(&mut self, v: u64) {
        self.put(&v.to_le_bytes());
    }

    fn f32(&mut self, v: f32) {
        self.put(&v.to_le_bytes());
    }

    fn at(&self) -> u64 {
        self.data.len() as u64
    }

    fn set(&mut self, at: u64, fill: impl FnOnce(&mut Self)) {
        let mut piece = Self::new(self.big);
        fill(&mut piece);
        self.data[at as usize..at as usize + piece.data.len()].copy_from_slice(&piece.data);
    }
}

const CHROM_TREE: u64 = 16 - 8;
const DATA: u64 = 16;
const INDEX: u64 = 24;

/// A file of one chromosome, `chr1`, number 0, 1,000 bases, and one uncompressed block.
fn file(big: bool, block: impl Fn(&mut Bytes)) -> Bytes {
    let mut f = header(big);
    chromosomes(&mut f);
    let start = f.at();
    f.set(DATA, |p| p.u64(start));
    f.u64(1);
    let block_at = f.at();
    block(&mut f);
    let size = f.at() - block_at;
    index_head(&mut f);
    node(&mut f, true, &[(0, 0, 0, 1_000, block_at, size)]);
    f
}

fn header(big: bool) -> Bytes {
    let mut f = Bytes::new(big);
    f.u32(0x888F_FC26);
    f.u16(4);
    f.u16(0);
    f.data.resize(64, 0);
    f
}

fn chromosomes(f: &mut Bytes) {
    let at = f.at();
    f.set(CHROM_TREE, |p| p.u64(at));
    chromosome_head(f, 1);
    f.data.extend([1, 0]);
    f.u16(1);
    chromosome(f, b"chr1");
}

fn chromosome_head(f: &mut Bytes, count: u64) {
    f.u32(0x78CA_8C91);
    f.u32(1);
    f.u32(4);
    f.u32(8);
    f.u64(count);
    f.u64(0);
}

fn chromosome(f: &mut Bytes, name: &[u8; 4]) {
    f.data.extend(name);
    f.u32(0);
    f.u32(1_000);
}

fn index_head(f: &mut Bytes) {
    let at = f.at();
    f.set(INDEX, |p| p.u64(at));
    f.u32(0x2468_ACE0);
    f.u32(1);
    f.data.extend([0; 40]);
}

type Entry = (u32, u32, u32, u32, u64, u64);

fn node(f: &mut Bytes, leaf: bool, entries: &[Entry]) {
    f.data.extend([u8::from(leaf), 0]);
    f.u16(entries.len() as u16);
    for &(c0, b0, c1, b1, offset, size) in entries {
        for v in [c0, b0, c1, b1] {
            f.u32(v);
        }
        f.u64(offset);
        if leaf {
            f.u64(size);
        }
    }
}

fn block_head(f: &mut Bytes, chrom: u32, start: u32, step: u32, span: u32, kind: u8, count: u16) {
    for v in [chrom, start, 1_000, step, span] {
        f.u32(v);
    }
    f.u8(kind);
    f.u8(0);
    f.u16(count);
}

fn read(f: Bytes, start: i64, n: usize) -> Result<Vec<f32>, String> {
    let mut reader = Reader::from_bytes("made.bw", f.data).map_err(|e| e.to_string())?;
    let mut values = vec![0.0; n];
    reader.values_into("chr1", start, &mut values).map_err(|e| e.to_string())?;
    Ok(values)
}

fn zeros_for_none(values: Vec<f32>) -> Vec<f32> {
    values.into_iter().map(|v| if v.is_nan() { 0.0 } else { v }).collect()
}

#[test]
fn every_kind_of_block_is_read_in_both_byte_orders() {
    for big in [false, true] {
        let bed_graph = file(big, |f| {
            block_head(f, 0, 10, 0, 0, 1, 2);
            for (start, end, value) in [(10, 12, 1.5), (14, 15, -2.0)] {
                f.u32(start);
                f.u32(end);
                f.f32(value);
            }
        });
        assert_eq!(
            zeros_for_none(read(bed_graph, 9, 7).unwrap()),
            [0.0, 1.5, 1.5, 0.0, 0.0, -2.0, 0.0]
        );
        let variable = file(big, |f| {
            block_head(f, 0, 10, 0, 2, 2, 2);
            for (start, value) in [(10, 1.0), (13, 2.0)] {
                f.u32(start);
                f.f32(value);
            }
        });
        assert_eq!(
            zeros_for_none(read(variable, 9, 7).unwrap()),
            [0.0, 1.0, 1.0, 0.0, 2.0, 2.0, 0.0]
        );
        let fixed = file(big, |f| {
            block_head(f, 0, 10, 3, 1, 3, 2);
            f.f32(7.0);
            f.f32(8.0);
        });
        assert_eq!(zeros_for_none(read(fixed, 9, 7).unwrap()), [0.0, 7.0, 0.0, 0.0, 8.0, 0.0, 0.0]);
    }
}

#[test]
fn blocks_that_lie_are_refused_when_they_are_read() {
    let refused = |fill: &dyn Fn(&mut Bytes)| {
        let message = read(file(false, fill), 0, 100).unwrap_err();
        assert!(message.contains("made.bw") && message.contains("block at byte"), "{message}");
        message
    };
    assert!(refused(&|f| block_head(f, 0, 0, 1, 1, 3, 500)).contains("500 items"));
    assert!(refused(&|f| block_head(f, 9, 0, 1, 1, 3, 0)).contains("number 9"));
    assert!(refused(&|f| block_head(f, 0, 0, 1, 1, 7, 0)).contains("kind 7"));
    assert!(refused(&|f| f.u32(0)).contains("4 bytes, less than its header"));
    refused(&|f| {
        block_head(f, 0, u32::MAX - 1, 1_000, 1, 3, 3);
        (0..3).for_each(|_| f.f32(1.0));
    });
    refused(&|f| {
        block_head(f, 0, 0, 0, 0, 1, 1);
        f.u32(20);
        f.u32(10);
        f.f32(1.0);
    });
}

/// A file with the sound first part and an index of one's own.
fn with_index(fill: impl Fn(&mut Bytes, u64)) -> Result<Vec<f32>, String> {
    let mut f = file(false, |f| block_head(f, 0, 0, 1, 1, 3, 0));
    index_head(&mut f);
    let root = f.at();
    fill(&mut f, root);
    read(f, 0, 10)
}

#[test]
fn an_inner_node_at_the_end_of_the_file_is_read() {
    // bigtools asks for eight bytes an entry more than an inner node has.
    let values = with_index(|f, root| {
        f.data.extend([0; 28]);
        let leaf = f.at();
        let block = u64::from_le_bytes(f.data[16..24].try_into().unwrap()) + 8;
        node(f, true, &[(0, 0, 0, 1_000, block, 24)]);
        let inner = f.at();
        node(f, false, &[(0, 0, 0, 1_000, leaf, 0)]);
        // The root is the first of both; its one entry leads to the last node.
        f.set(root, |p| node(p, false, &[(0, 0, 0, 1_000, inner, 0)]));
    });
    assert!(values.unwrap().iter().all(|v| v.is_nan()));
}

#[test]
fn indexes_that_lead_astray_are_refused() {
    let refused = |fill: &dyn Fn(&mut Bytes, u64)| with_index(fill).unwrap_err();
    let circle = refused(&|f, root| node(f, false, &[(0, 0, 0, 1_000, root, 0)]));
    assert!(circle.contains("goes in circles"), "{circle}");
    let wide = refused(&|f, root| {
        let entries = [(0, 0, 0, 1_000, root, 0); 50];
        node(f, false, &entries);
    });
    assert!(wide.contains("goes in circles"), "{wide}");
    assert!(
        refused(&|f, _| node(f, true, &[(0, 0, 0, 9, 64, 1 << 40)]))
            .contains("1099511627776 bytes at 64")
    );
    assert!(
        refused(&|f, _| node(f, true, &[(0, 0, 0, 9, u64::MAX, 9)]))
            .contains("cannot be in a file")
    );
    assert!(refused(&|f, _| node(f, false, &[(0, 0, 0, 9, u64::MAX, 9)])).contains("past the end"));
    assert!(refused(&|f, _| node(f, true, &[(5, 0, 5, 9, 64, 9)])).contains("(5, 0) to (5, 9)"));
    assert!(refused(&|f, _| node(f, true, &[(0, 9, 0, 3, 64, 9)])).contains("(0, 9) to (0, 3)"));
    assert!(refused(&|f, _| f.data.extend([2, 0, 0, 0])).contains("kind 2"));
    assert!(refused(&|f, _| f.data.extend([1, 0, 255, 255])).contains("past the end"));
}

/// A bedGraph block of `items` on chromosome 0.
fn bed_graph(f: &mut Bytes, items: &[(u32, u32, f32)]) {
    block_head(f, 0, 0, 0, 0, 1, items.len() as u16);
    for &(start, end, value) in items {
        f.u32(start);
        f.u32(end);
        f.f32(value);
    }
}

/// A file of one block, with the leaf entries that `entries` makes of its offset and size.
fn listed(
    block: impl Fn(&mut Bytes),
    entries: impl Fn(u64, u64) -> Vec<Entry>,
) -> Result<Reader, String> {
    let mut f = file(false, &block);
    let offset = u64::from_le_bytes(f.data[16..24].try_into().unwrap()) + 8;
    let mut alone = Bytes::new(false);
    block(&mut alone);
    index_head(&mut f);
    node(&mut f, true, &entries(offset, alone.at()));
    Reader::from_bytes("made.bw", f.data).map_err(|e| e.to_string())
}

#[test]
fn blocks_that_overlap_are_refused() {
    let block = |f: &mut Bytes| bed_graph(f, &[(0, 9, 1.0)]);
    let many = listed(block, |at, size| vec![(0, 0, 0, 1_000, at, size); 100]);
    // The entries make room for themselves, 32 bytes each: blocks of 36 do not fit beside them.
    assert!(many.is_err_and(|m| m.contains("longer than the file")));
    assert!(listed(block, |at, size| vec![(0, 0, 0, 1_000, at, size)]).is_ok());
}

#[test]
fn a_block_with_data_beside_its_entry_is_refused() {
    let block = |f: &mut Bytes| bed_graph(f, &[(10, 20, 1.0), (30, 40, 2.0)]);
    let read = |entry: (u32, u32, u32, u32)| {
        let (a, b, c, d) = entry;
        let mut reader = listed(block, |at, size| vec![(a, b, c, d, at, size)]).unwrap();
        let mut values = [0.0; 100];
        reader.values_into("chr1", 0, &mut values).map_err(|e| e.to_string())
    };
    assert!(read((0, 10, 0, 40)).is_ok());
    for (start, end) in [(11, 40), (10, 39), (10, 15)] {
        let message = read((0, start, 0, end)).unwrap_err();
        let both = format!("cover the bases 10 to 40, but the index says {start} to {end}");
        assert!(message.contains(&both), "{message}");
    }
}

#[test]
fn a_block_of_another_chromosome_than_its_entry_is_refused() {
    let mut f = header(false);
    let at = f.at();
    f.set(CHROM_TREE, |p| p.u64(at));
    chromosome_head(&mut f, 2);
    f.data.extend([1, 0, 2, 0]);
    for (number, name) in [b"chr1", b"chr2"].into_iter().enumerate() {
        f.data.extend(name);
        f.u32(number as u32);
        f.u32(1_000);
    }
    let start = f.at();
    f.set(DATA, |p| p.u64(start));
    f.u64(1);
    let offset = f.at();
    block_head(&mut f, 1, 0, 1, 1, 3, 1);
    f.f32(1.0);
    let size = f.at() - offset;
    index_head(&mut f);
    node(&mut f, true, &[(0, 0, 0, 1_000, offset, size)]);
    let message = read(f, 0, 10).unwrap_err();
    assert!(message.contains("chromosome number 1") && message.contains("number 0 to 0"));
}

#[test]
fn zoom_levels_that_share_an_index_are_refused() {
    let block = |f: &mut Bytes| bed_graph(f, &[(0, 9, 1.0)]);
    let mut f = file(false, block);
    let levels = 40u16;
    // Room for the list of zoom levels, behind the header, is made by moving the header's end.
    let moved = u64::from(levels) * 24;
    f.data.splice(64..64, vec![0; moved as usize]);
    for at in [CHROM_TREE, DATA, INDEX] {
        let old = u64::from_le_bytes(f.data[at as usize..at as usize + 8].try_into().unwrap());
        f.set(at, |p| p.u64(old + moved));
    }
    let offset = u64::from_le_bytes(f.data[16..24].try_into().unwrap()) + 8;
    index_head(&mut f);
    node(&mut f, true, &[(0, 0, 0, 1_000, offset, 36)]);
    let index = u64::from_le_bytes(f.data[24..32].try_into().unwrap());
    let mut of_zooms = f.clone();
    index_head(&mut of_zooms);
    let zoom = of_zooms.at() - 48;
    node(&mut of_zooms, true, &[(0, 0, 0, 1_000, offset, 36); 10]);
    of_zooms.set(INDEX, |p| p.u64(index));
    of_zooms.set(6, |p| p.u16(levels));
    for level in 0..u64::from(levels) {
        of_zooms.set(64 + level * 24 + 16, |p| p.u64(zoom));
    }
    assert!(read(f, 0, 10).is_ok());
    assert!(read(of_zooms, 0, 10).unwrap_err().contains("longer than the file"));
}

#[test]
fn chromosome_tables_that_lead_astray_are_refused() {
    let refused = |fill: &dyn Fn(&mut Bytes)| {
        let mut f = file(false, |f| block_head(f, 0, 0, 1, 1, 3, 0));
        let at = f.at();
        f.set(CHROM_TREE, |p| p.u64(at));
        fill(&mut f);
        f.data.extend([0; 64]);
        read(f, 0, 10).unwrap_err()
    };
    let many = refused(&|f| chromosome_head(f, u64::MAX));
    assert!(many.contains("18446744073709551615 chromosomes do not fit"), "{many}");
    let deep = refused(&|f| {
        chromosome_head(f, 1);
        for _ in 0..200 {
            f.data.extend([0, 0, 1, 0]);
            f.data.extend(b"chr1");
            f.u64(f.at() + 8);
        }
    });
    assert!(deep.contains("more than 64 levels deep"), "{deep}");
    let twice = refused(&|f| {
        chromosome_head(f, 2);
        f.data.extend([1, 0, 2, 0]);
        chromosome(f, b"chr1");
        chromosome(f, b"chr1");
    });
    assert!(twice.contains("\"chr1\" (number 0) has no name or stands twice"), "{twice}");
    let fewer = refused(&|f| {
        chromosome_head(f, 2);
        f.data.extend([1, 0, 1, 0]);
        chromosome(f, b"chr1");
    });
    assert!(fewer.contains("says 2 chromosomes and lists 1"), "{fewer}");
    for name in [b"\0chr", b"ch\nr", b"c\0r1"] {
        let control = refused(&|f| {
            chromosome_head(f, 1);
            f.data.extend([1, 0, 1, 0]);
            chromosome(f, name);
        });
        assert!(control.contains("not text"), "{control}");
    }
    let garbled = refused(&|f| {
        chromosome_head(f, 1);
        f.data.extend([1, 0, 1, 0]);
        chromosome(f, b"\xff\xfe\xfd\xfc");
    });
    assert!(garbled.contains("not text"), "{garbled}");
    let long = refused(&|f| {
        f.u32(0x78CA_8C91);
        f.u32(1);
        f.u32(u32::MAX);
        f.u32(8);
    });
    assert!(long.contains("names of 4294967295 bytes"), "{long}");
}

#[test]
fn chromosomes_stand_in_the_order_of_the_file() {
    let mut f = file(false, |f| block_head(f, 0, 0, 1, 1, 3, 0));
    let tree = f.at();
    f.set(CHROM_TREE, |p| p.u64(tree));
    chromosome_head(&mut f, 3);
    let leaves = f.at() + 4 + 3 * 12;
    f.data.extend([0, 0, 3, 0]);
    for number in 0..3 {
        f.data.extend(b"any.");
        f.u64(leaves + number * 16);
    }
    for (number, name) in [b"chr1", b"chr2", b"chr3"].into_iter().enumerate() {
        f.data.extend([1, 0, 1, 0]);
        f.data.extend(name);
        f.u32(number as u32);
        f.u32(1_000);
    }
    let reader = Reader::from_bytes("made.bw", f.data).unwrap();
    let names: Vec<_> = reader.chromosomes().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["chr1", "chr2", "chr3"]);
}

#[test]
fn headers_that_lie_are_refused() {
    let with = |at: u64, fill: &dyn Fn(&mut Bytes)| {
        let mut f = file(false, |f| block_head(f, 0, 0, 1, 1, 3, 0));
        f.set(at, fill);
        read(f, 0, 10).unwrap_err()
    };
    assert!(with(4, &|p| p.u16(9)).contains("format version 9"));
    assert!(with(6, &|p| p.u16(60_000)).contains("zoom levels"));
    assert!(with(CHROM_TREE, &|p| p.u64(u64::MAX)).contains("chromosome table"));
    assert!(with(DATA, &|p| p.u64(1 << 50)).contains("data would be at"));
    assert!(with(INDEX, &|p| p.u64(3)).contains("index of the data: it begins with"));
    assert!(with(44, &|p| p.u64(1 << 50)).contains("summary would be at"));
}

/// The header's claim of how large a block gets is not what is allocated.
#[test]
fn a_claim_of_huge_blocks_costs_nothing() {
    let mut f = file(false, |f| block_head(f, 0, 0, 1, 1, 3, 0));
    f.set(52, |p| p.u32(u32::MAX));
    let message = read(f, 0, 10).unwrap_err();
    assert!(message.contains("does not decompress"), "{message}");
}
