//! One decompressed block: a header of 24 bytes and its items.

use super::check::Layout;

const HEADER_BYTES: usize = 24;
/// Most bytes that a block can have: 65,535 items of the largest kind.
pub(super) const LARGEST: usize = HEADER_BYTES + u16::MAX as usize * 12;

/// A block that can be decoded, by its own header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) chrom: u32,
    pub(super) end: u32,
    start: u32,
    step: u32,
    span: u32,
    kind: u8,
    count: u16,
    /// Whether the items stand in order of position and do not overlap.
    sorted: bool,
}

/// A value over `[start, end)`.
#[derive(Clone, Copy)]
struct Item {
    start: u32,
    end: u32,
    value: f32,
}

/// Checks that a block can be decoded: as many items as it says, in positions
/// that exist, on a chromosome that exists.
pub(super) fn check(data: &[u8], layout: &Layout) -> Result<Section, String> {
    let big = layout.big_endian;
    let Some((header, items)) = data.split_at_checked(HEADER_BYTES) else {
        return Err(format!("a block has {} bytes, less than its header", data.len()));
    };
    let [chrom, start, end, step, span] = [0, 4, 8, 12, 16].map(|at| u32_at(header, at, big));
    let (kind, count) = (header[20], u16_at(header, 22, big));
    let mut section = Section { chrom, end, start, step, span, kind, count, sorted: true };
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
    if !section.look_through(items, big) {
        return Err("a block has an item that ends before it starts, or past all positions".into());
    }
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

    /// Tells whether items end where they can, and notes whether they are sorted.
    fn look_through(&mut self, items: &[u8], big: bool) -> bool {
        let (count, span) = (self.count.into(), self.span);
        let (sound, sorted) = match self.kind {
            1 => in_places(items.as_chunks::<12>().0, count, |item| {
                (u32_at(item, 0, big), u32_at(item, 4, big))
            }),
            2 => in_places(items.as_chunks::<8>().0, count, |item| {
                let start = u32_at(item, 0, big);
                (start, start.wrapping_add(span))
            }),
            _ => (last_end(self.start, self.step, span, self.count).is_some(), true),
        };
        self.sorted = sorted;
        sound
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
        let first = if self.sorted { partition(count, |i| item(i).end <= start) } else { 0 };
        for item in (first..count).map(item) {
            let (from, to) = (item.start.max(start), item.end.min(end));
            if from < to {
                if let Some(bases) = out.get_mut((from - start) as usize..(to - start) as usize) {
                    bases.fill(item.value);
                }
            } else if self.sorted && item.start >= end {
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

/// Tells whether no item ends before it starts, and whether none starts before the one before ends.
fn in_places<const N: usize>(
    items: &[[u8; N]],
    count: usize,
    place: impl Fn(&[u8; N]) -> (u32, u32),
) -> (bool, bool) {
    let (mut sound, mut sorted, mut last) = (true, true, 0);
    for (start, end) in items.iter().take(count).map(place) {
        sound &= start <= end;
        sorted &= last <= start;
        last = end;
    }
    (sound, sorted)
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

/// The end of the step after the last of a fixed-step block; `None` past all positions.
fn last_end(start: u32, step: u32, span: u32, count: u16) -> Option<u32> {
    step.checked_mul(count.into())?.checked_add(start)?.checked_add(span)
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
        for sound in
            [block(3, 1, 1, &[5, 9, 0]), block(3, 2, 2, &[5, 0, 9, 0]), block(3, 3, 3, &[0, 0, 0])]
        {
            let section = check(&sound, &layout()).unwrap();
            assert_eq!((section.chrom, section.end, section.sorted), (3, 95, true));
        }
    }

    #[test]
    fn items_in_any_order_are_found_and_the_last_one_counts() {
        let bits = |v: f32| v.to_bits();
        let data = block(3, 1, 3, &[8, 12, bits(1.0), 2, 4, bits(2.0), 3, 9, bits(3.0)]);
        let section = check(&data, &layout()).unwrap();
        assert!(!section.sorted);
        let mut out = [0.0; 12];
        section.fill(&data, false, 1, &mut out);
        assert_eq!(out, [0.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 1.0, 1.0, 1.0, 0.0]);
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
