//! 32 places at a time: a shuffle of bytes looks up words of two bases.

use super::Filter;
use std::arch::x86_64::{
    _mm256_adds_epu8, _mm256_cmpeq_epi8, _mm256_load_si256, _mm256_loadu_si256, _mm256_min_epu8,
    _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8,
};

/// Vectors that share a load of the tables.
const VECTORS: usize = 4;
const WIDTH: usize = 32;

/// # Safety
/// `words` holds `PADDING` words after `places`.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn places_into<const STRANDS: usize>(
    filter: &Filter,
    words: &[u8],
    places: usize,
    found: &mut Vec<u32>,
) {
    let allowed = _mm256_set1_epi8(filter.allowed as i8);
    for from in (0..places).step_by(VECTORS * WIDTH) {
        let mut sums = [[_mm256_setzero_si256(); STRANDS]; VECTORS];
        for (group, losses) in filter.losses.chunks_exact(STRANDS).enumerate() {
            // A table of pairs is 16 bytes long and stands in this one four times over:
            // bits 4 and 5 of a word do not change its entry, nor does the shuffle see them.
            let mut tables = [_mm256_setzero_si256(); STRANDS];
            for (table, losses) in tables.iter_mut().zip(losses) {
                // SAFETY: a table has 64 bytes and is aligned to them.
                *table = unsafe { _mm256_load_si256(losses.0.as_ptr().cast()) };
            }
            for (v, sums) in sums.iter_mut().enumerate() {
                // SAFETY: at most VECTORS * WIDTH + 2 * groups bytes past the places.
                let word = unsafe {
                    _mm256_loadu_si256(words.as_ptr().add(from + 2 * group + v * WIDTH).cast())
                };
                for (sum, &table) in sums.iter_mut().zip(&tables) {
                    *sum = _mm256_adds_epu8(*sum, _mm256_shuffle_epi8(table, word));
                }
            }
        }
        for (v, sums) in sums.iter().enumerate() {
            let mut least = _mm256_set1_epi8(-1);
            for &sum in sums {
                least = _mm256_min_epu8(least, sum);
            }
            let hit = _mm256_cmpeq_epi8(_mm256_min_epu8(least, allowed), least);
            let mut hits = _mm256_movemask_epi8(hit) as u32;
            while hits != 0 {
                let place = from + v * WIDTH + hits.trailing_zeros() as usize;
                if place < places {
                    found.push(place as u32);
                }
                hits &= hits - 1;
            }
        }
    }
}
