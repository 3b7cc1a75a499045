//! One decompressed block: a header of 24 bytes and its items.

use super::check::Layout;

const HEADER_BYTES: usize = 24;
/// Most bytes that a block can have: 65,535 items of the largest kind.
pub(super) const LARGEST: usize = HEADER_BYTES + u16::MAX as usize * 12;

/// What a block covers, by its own header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) chrom: u32,
    pub(super) end: u32,
}

/// Checks that a block can be decoded: as many items as it says, in positions
/// that exist, on a chromosome that exists.
pub(super) fn check(data: &[u8], layout: &Layout) -> Result<Section, String> {
    let big = layout.big_endian;
    let Some((header, items)) = data.split_at_checked(HEADER_BYTES) else {
        return Err(format!("a block has {} bytes, less than its header", data.len()));
    };
    let [chrom, start, end, step, span] = [0, 4, 8, 12, 16].map(|at| u32_at(header, at, big));
    let kind = header[20];
    let count = u16_at(header, 22, big);
    let item_bytes = match kind {
        1 => 12,
        2 => 8,
        3 => 4,
        _ => return Err(format!("a block is of kind {kind}, not 1, 2 or 3")),
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
    let items = items.chunks_exact(item_bytes).take(count.into());
    let sound = match kind {
        1 => items.into_iter().all(|i| u32_at(i, 0, big) <= u32_at(i, 4, big)),
        2 => items.into_iter().all(|i| u32_at(i, 0, big).checked_add(span).is_some()),
        _ => last_end(start, step, span, count).is_some(),
    };
    if !sound {
        return Err("a block has an item that ends before it starts, or past all positions".into());
    }
    Ok(Section { chrom, end })
}

/// The end of the step after the last of a fixed-step block; `None` past all positions.
fn last_end(start: u32, step: u32, span: u32, count: u16) -> Option<u32> {
    step.checked_mul(count.into())?.checked_add(start)?.checked_add(span)
}

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
        Layout { big_endian: false, compressed: false, sequences, ids: [3].into(), blocks: 1 }
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
        let section = Section { chrom: 3, end: 95 };
        assert_eq!(check(&block(3, 1, 1, &[5, 9, 0]), &layout()), Ok(section));
        assert_eq!(check(&block(3, 2, 2, &[5, 0, 9, 0]), &layout()), Ok(section));
        assert_eq!(check(&block(3, 3, 3, &[0, 0, 0]), &layout()), Ok(section));
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
