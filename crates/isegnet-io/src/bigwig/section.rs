//! One decompressed block: a header of 24 bytes and its items.

use super::check::Layout;
use std::ops::Range;

const HEADER_BYTES: usize = 24;
/// Most bytes that a block can have: 65,535 items of the largest kind.
pub(super) const LARGEST: usize = HEADER_BYTES + u16::MAX as usize * 12;

/// A block that can be decoded, by its own header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) chrom: u32,
    /// The bases from the first item's start to the last one's end; none without items.
    pub(super) reach: Range<u32>,
    start: u32,
    step: u32,
    span: u32,
    kind: u8,
    count: u16,
}

/// A value over `[start, end)`.
#[derive(Clone, Copy)]
struct Item {
    start: u32,
    end: u32,
    value: f32,
}

/// Checks that a block can be decoded: as many items as it says, in order and
/// without overlaps, in positions that exist, on a chromosome that exists.
pub(super) fn check(data: &[u8], layout: &Layout) -> Result<Section, String> {
    let big = layout.big_endian;
    let Some((header, items)) = data.split_at_checked(HEADER_BYTES) else {
        return Err(format!("a block has {} bytes, less than its header", data.len()));
    };
    let [chrom, start, step, span] = [0, 4, 12, 16].map(|at| u32_at(header, at, big));
    let (kind, count) = (header[20], u16_at(header, 22, big));
    let mut section = Section { chrom, reach: 0..0, start, step, span, kind, count };
    let Some(item_bytes) = section.item_bytes() else {
        return Err(format!("a block is of kind {kind}, not 1, 2 or 3"));
    };
    if !layout.ids.contains(&chrom) {
        return Err(format!(
            "a block names chromosome number {chrom}, which the file does not list"
        ));
    }
    if items.len() < usize::from(count) * item_bytes {
        return Err(format!(
            "a block of {} bytes says it has {count} items of {item_bytes}",
            items.len()
        ));
    }
    section.reach = section.look_through(items, big)?;
    Ok(section)
}

impl Section {
    fn item_bytes(&self) -> Option<usize> {
        match self.kind {
            1 => Some(12),
            2 => Some(8),
            3 => Some(4),
            _ => None,
        }
    }

    /// Checks that the items are in order and end where they can; gives what they reach over.
    fn look_through(&self, items: &[u8], big: bool) -> Result<Range<u32>, String> {
        let (count, span) = (self.count.into(), self.span);
        match self.kind {
            1 => in_order(items.as_chunks::<12>().0, count, |item| {
                (u32_at(item, 0, big), u32_at(item, 4, big))
            }),
            2 => in_order(items.as_chunks::<8>().0, count, |item| {
                let start = u32_at(item, 0, big);
                (start, start.wrapping_add(span))
            }),
            _ => self.steps(),
        }
    }

    /// As [`look_through`](Self::look_through), for the items of a fixed-step block.
    fn steps(&self) -> Result<Range<u32>, String> {
        let Self { start, step, span, count, .. } = *self;
        if count > 1 && step < span {
            return Err(format!("items of {span} bases start every {step}: they overlap"));
        }
        if count == 0 {
            return Ok(0..0);
        }
        last_end(start, step, span, count).map(|end| start..end).ok_or_else(|| {
            format!(
                "{count} items of {span} bases, every {step} from {start} on, go past all positions"
            )
        })
    }

    /// Writes the values of the bases from `start` on over `out`.
    ///
    /// `data` is the block that was checked.
    pub(super) fn fill(&self, data: &[u8], big: bool, start: u32, out: &mut [f32]) {
        let (Some(bytes), Some(items)) = (self.item_bytes(), data.get(HEADER_BYTES..)) else {
            return;
        };
        let end = start.saturating_add(u32::try_from(out.len()).unwrap_or(u32::MAX));
        let item = |i: usize| self.item(items, i * bytes, i as u32, big);
        let count = usize::from(self.count);
        let first = partition(count, |i| item(i).end <= start);
        for item in (first..count).map(item) {
            let (from, to) = (item.start.max(start), item.end.min(end));
            if from < to {
                if let Some(bases) = out.get_mut((from - start) as usize..(to - start) as usize) {
                    bases.fill(item.value);
                }
            } else if item.start >= end {
                break;
            }
        }
    }

    /// Decodes item `i`, which stands at byte `at` of the items.
    fn item(&self, items: &[u8], at: usize, i: u32, big: bool) -> Item {
        let (start, end, value) = match self.kind {
            1 => (u32_at(items, at, big), u32_at(items, at + 4, big), at + 8),
            2 => {
                let start = u32_at(items, at, big);
                (start, start + self.span, at + 4)
            }
            _ => {
                let start = self.start + i * self.step;
                (start, start + self.span, at)
            }
        };
        Item { start, end, value: f32::from_bits(u32_at(items, value, big)) }
    }
}

/// Checks that no item ends before it starts or starts before the one before
/// ends; gives what they reach over.
fn in_order<const N: usize>(
    items: &[[u8; N]],
    count: usize,
    place: impl Fn(&[u8; N]) -> (u32, u32),
) -> Result<Range<u32>, String> {
    let places = || items.iter().take(count).map(&place);
    let (mut sound, mut last) = (true, 0);
    for (start, end) in places() {
        sound &= last <= start && start <= end;
        last = end;
    }
    if !sound {
        return Err(disorder(places()));
    }
    Ok(places().next().map_or(0..0, |(start, _)| start..last))
}

/// Names the first item that ends before it starts, or starts before the one before ends.
fn disorder(places: impl Iterator<Item = (u32, u32)>) -> String {
    let mut before = (0, 0);
    for (i, (start, end)) in places.enumerate() {
        if end < start {
            return format!("item {i} goes from {start} to {end}, or past all positions");
        }
        if start < before.1 {
            let (from, to) = before;
            return format!(
                "item {i} ({start} to {end}) starts before the end of the one before ({from} to {to})"
            );
        }
        before = (start, end);
    }
    "its items are not in order".into()
}

/// The number of items before which `before` holds, in ascending order.
fn partition(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// The end of the last item of a fixed-step block; `None` past all positions.
fn last_end(start: u32, step: u32, span: u32, count: u16) -> Option<u32> {
    step.checked_mul(u32::from(count).saturating_sub(1))?.checked_add(start)?.checked_add(span)
}

#[inline(always)]
fn u32_at(bytes: &[u8], at: usize, big: bool) -> u32 {
    let four = bytes[at..].first_chunk().copied().unwrap_or_default();
    if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
}

fn u16_at(bytes: &[u8], at: usize, big: bool) -> u16 {
    let two = bytes[at..].first_chunk().copied().unwrap_or_default();
    if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigwig::check::Sequence;

    fn layout() -> Layout {
        let sequences = vec![Sequence { name: "chr1".into(), id: 3, length: 100 }];
        Layout {
            big_endian: false,
            compressed: false,
            sequences,
            ids: [3].into(),
            root: 0,
            blocks: 1,
        }
    }

    fn block(chrom: u32, kind: u8, count: u16, words: &[u32]) -> Vec<u8> {
        let mut b: Vec<u8> = [chrom, 5, 95, 10, 4].iter().flat_map(|w| w.to_le_bytes()).collect();
        b.extend([kind, 0]);
        b.extend(count.to_le_bytes());
        b.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        b
    }

    #[test]
    fn sound_blocks_pass() {
        for (sound, reach) in [
            (block(3, 1, 1, &[5, 9, 0]), 5..9),
            (block(3, 2, 2, &[5, 0, 9, 0]), 5..13),
            (block(3, 3, 3, &[0, 0, 0]), 5..29),
            (block(3, 3, 0, &[]), 0..0),
        ] {
            let section = check(&sound, &layout()).unwrap();
            assert_eq!((section.chrom, section.reach), (3, reach));
        }
    }

    #[test]
    fn items_out_of_order_are_refused_by_their_numbers() {
        let refused = |data: &[u8]| check(data, &layout()).unwrap_err();
        let unsorted = refused(&block(3, 1, 3, &[2, 4, 0, 8, 12, 0, 4, 6, 0]));
        assert!(unsorted.contains("item 2 (4 to 6)") && unsorted.contains("(8 to 12)"));
        let twice = refused(&block(3, 2, 2, &[5, 0, 8, 0]));
        assert!(twice.contains("item 1 (8 to 12)") && twice.contains("(5 to 9)"), "{twice}");
        let mut steps = block(3, 3, 2, &[0, 0]);
        steps[12] = 3;
        assert!(refused(&steps).contains("items of 4 bases start every 3"));
        let backwards = refused(&block(3, 1, 2, &[2, 4, 0, 9, 5, 0]));
        assert!(backwards.contains("item 1 goes from 9 to 5"), "{backwards}");
    }

    #[test]
    fn blocks_that_would_panic_are_refused() {
        assert!(check(&[0; 23], &layout()).unwrap_err().contains("23 bytes"));
        assert!(check(&block(3, 4, 0, &[]), &layout()).unwrap_err().contains("kind 4"));
        assert!(check(&block(2, 3, 0, &[]), &layout()).unwrap_err().contains("number 2"));
        assert!(check(&block(3, 1, 2, &[5, 9, 0]), &layout()).unwrap_err().contains("2 items"));
        assert!(check(&block(3, 1, 1, &[9, 5, 0]), &layout()).is_err());
        assert!(check(&block(3, 2, 1, &[u32::MAX - 1, 0]), &layout()).is_err());
        assert_eq!(last_end(1, u32::MAX / 2, 1, 3), None);
    }
}
