//! Regions as long as those found, drawn from the same stretch.

use isegnet_core::Random;

/// Draws where regions of these lengths lie in a stretch, none on another: all arrangements
/// are equally likely.
///
/// `lengths` is put into the order in which the regions lie. `element` is the first of as many
/// numbers of the step as twice the regions, which belong to this stretch.
pub fn arrange(
    lengths: &mut [usize],
    stretch: usize,
    random: &Random,
    (step, element): (u64, u64),
    starts: &mut Vec<usize>,
) {
    starts.clear();
    let k = lengths.len();
    let Some(free) = stretch.checked_sub(lengths.iter().sum()) else { return };
    let mut next = element;
    let mut below = |n: usize| {
        next += 1;
        random.below(step, next - 1, n as u64) as usize
    };
    for i in (1..k).rev() {
        lengths.swap(i, below(i + 1));
    }
    // Free bases and regions are a row of free + k places: which of them are regions? k distinct
    // ones of all (Floyd's way).
    for last in free..free + k {
        let place = below(last + 1);
        starts.push(if starts.contains(&place) { last } else { place });
    }
    starts.sort_unstable();
    let mut before = 0;
    for (i, start) in starts.iter_mut().enumerate() {
        *start = *start - i + before;
        before += lengths[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn all_arrangements_are_equally_likely() {
        let random = Random::new(3, "test");
        let mut seen: HashMap<Vec<(usize, usize)>, u32> = HashMap::new();
        let (mut lengths, mut starts) = (vec![1, 2], Vec::new());
        for step in 0..12_000 {
            lengths.sort_unstable();
            arrange(&mut lengths, 5, &random, (step, 0), &mut starts);
            let placed: Vec<_> = starts.iter().copied().zip(lengths.iter().copied()).collect();
            assert!(placed[0].0 + placed[0].1 <= placed[1].0 && placed[1].0 + placed[1].1 <= 5);
            *seen.entry(placed).or_default() += 1;
        }
        // 1 then 2: C(4, 2) = 6 ways, and 2 then 1 as many.
        assert_eq!(seen.len(), 12);
        assert!(seen.values().all(|&n| (850..1150).contains(&n)), "{seen:?}");
    }

    #[test]
    fn regions_that_fill_the_stretch_stay_in_it() {
        let random = Random::new(3, "test");
        let (mut lengths, mut starts) = (vec![4, 3], Vec::new());
        arrange(&mut lengths, 7, &random, (0, 0), &mut starts);
        assert_eq!(starts, [0, lengths[0]]);
    }
}
