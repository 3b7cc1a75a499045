//! 64 places at a time: a permutation of bytes looks up words of three bases.

use super::Filter;
use std::arch::x86_64::{
    _mm512_adds_epu8, _mm512_cmple_epu8_mask, _mm512_load_si512, _mm512_loadu_si512,
    _mm512_min_epu8, _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_setzero_si512,
};

/// Vectors that share a load of the tables.
const VECTORS: usize = 4;
const WIDTH: usize = 64;

/// # Safety
/// `words` holds `PADDING` words after `places`.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) unsafe fn places_into<const STRANDS: usize>(
    filter: &Filter,
    words: &[u8],
    places: usize,
    found: &mut Vec<u32>,
) {
    let allowed = _mm512_set1_epi8(filter.allowed as i8);
    for from in (0..places).step_by(VECTORS * WIDTH) {
        let mut sums = [[_mm512_setzero_si512(); STRANDS]; VECTORS];
        for (group, losses) in filter.losses.chunks_exact(STRANDS).enumerate() {
            let mut tables = [_mm512_setzero_si512(); STRANDS];
            for (table, losses) in tables.iter_mut().zip(losses) {
                // SAFETY: a table has 64 bytes and is aligned to them.
                *table = unsafe { _mm512_load_si512(losses.0.as_ptr().cast()) };
            }
            for (v, sums) in sums.iter_mut().enumerate() {
                // SAFETY: at most VECTORS * WIDTH + 3 * groups bytes past the places.
                let word = unsafe {
                    _mm512_loadu_si512(words.as_ptr().add(from + 3 * group + v * WIDTH).cast())
                };
                for (sum, &table) in sums.iter_mut().zip(&tables) {
                    *sum = _mm512_adds_epu8(*sum, _mm512_permutexvar_epi8(word, table));
                }
            }
        }
        let (mut least, mut all) = ([_mm512_set1_epi8(-1); VECTORS], _mm512_set1_epi8(-1));
        for (least, sums) in least.iter_mut().zip(&sums) {
            for &sum in sums {
                *least = _mm512_min_epu8(*least, sum);
            }
            all = _mm512_min_epu8(all, *least);
        }
        if _mm512_cmple_epu8_mask(all, allowed) == 0 {
            continue;
        }
        for (v, &least) in least.iter().enumerate() {
            let mut hits = _mm512_cmple_epu8_mask(least, allowed);
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
