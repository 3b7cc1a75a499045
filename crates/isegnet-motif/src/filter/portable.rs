//! One place at a time, on any machine.

use super::Filter;
use crate::words::WORD;

/// Places that are summed together, so that a table is read while it is near.
const BLOCK: usize = 256;

pub(super) fn places_into(filter: &Filter, words: &[u8], places: usize, found: &mut Vec<u32>) {
    for from in (0..places).step_by(BLOCK) {
        let mut least = [u8::MAX; BLOCK];
        for strand in 0..filter.strands {
            let mut sums = [0_u8; BLOCK];
            for (group, losses) in
                filter.losses.iter().skip(strand).step_by(filter.strands).enumerate()
            {
                let words = &words[from + group * WORD..];
                for (sum, &word) in sums.iter_mut().zip(words) {
                    *sum = sum.saturating_add(losses.0[usize::from(word) % losses.0.len()]);
                }
            }
            for (least, sum) in least.iter_mut().zip(sums) {
                *least = sum.min(*least);
            }
        }
        let hits = (0..BLOCK.min(places - from)).filter(|&i| least[i] <= filter.allowed);
        found.extend(hits.map(|i| (from + i) as u32));
    }
}
