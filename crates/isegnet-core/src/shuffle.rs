use crate::{NO_BASE, Random};

/// Shuffles `codes` (0 to 3 for A, C, G, T; [`NO_BASE`] for none) so that each pair of
/// neighbours is exactly as frequent as before, all such orders being equally probable.
///
/// What is no base stays where it is, and each stretch between is shuffled by itself; it
/// keeps its first and last base. The order is a random Eulerian path through the graph of
/// neighbours (Altschul & Erickson 1985), a function of `random` alone.
///
/// ```
/// use isegnet_core::{Random, dinucleotide_shuffle};
///
/// let mut codes = [0, 1, 0, 2, 0, 3, 0]; // ACAGATA
/// dinucleotide_shuffle(&mut codes, &Random::new(1, "example"));
/// assert_eq!((codes[0], codes[2], codes[4], codes[6]), (0, 0, 0, 0));
/// ```
pub fn dinucleotide_shuffle(codes: &mut [u8], random: &Random) {
    let stretches = codes.chunk_by_mut(|&a, &b| (a < NO_BASE) == (b < NO_BASE));
    for (number, stretch) in stretches.enumerate() {
        if stretch[0] < NO_BASE {
            shuffle_stretch(stretch, &random.part(number as u64));
        }
    }
}

/// Shuffles a stretch of bases without gaps.
///
/// Every path leaves each base for the last time along one edge, and those edges are a tree
/// towards the last base of the stretch. Drawing that tree by the number of its copies, and
/// the other edges in any order, draws every path alike.
fn shuffle_stretch(codes: &mut [u8], random: &Random) {
    let (Some(&first), Some(&end)) = (codes.first(), codes.last()) else { return };
    let mut after: [Vec<u8>; 4] = Default::default();
    for pair in codes.windows(2) {
        after[usize::from(pair[0])].push(pair[1]);
    }
    let tree = last_exits(&after, end, random.uniform(4, 0));
    for (base, after) in after.iter_mut().enumerate() {
        let at = after.iter().position(|&next| base != usize::from(end) && next == tree[base]);
        let last = at.map(|at| after.swap_remove(at));
        random.shuffle(base as u64, after);
        after.extend(last);
    }
    let mut onward = after.map(Vec::into_iter);
    let mut base = first;
    for code in codes {
        *code = base;
        base = onward[usize::from(base)].next().unwrap_or(end);
    }
}

/// For each base with a way on, the base it is left for at last: a tree towards `end`, drawn
/// by `uniform` with a probability in proportion to how many ways make it.
fn last_exits(after: &[Vec<u8>; 4], end: u8, uniform: f64) -> [u8; 4] {
    let ways = |from: u8, to: u8| after[usize::from(from)].iter().filter(|&&n| n == to).count();
    let ways: [[f64; 4]; 4] =
        std::array::from_fn(|from| std::array::from_fn(|to| ways(from as u8, to as u8) as f64));
    let stays = |base: u8| base == end || after[usize::from(base)].is_empty();
    // All 256 choices of a next base; a base that is not left counts once, as itself.
    let choices =
        (0..=255_u8).map(|choice| [choice & 3, choice >> 2 & 3, choice >> 4 & 3, choice >> 6]);
    let trees: Vec<([u8; 4], f64)> = choices
        .filter_map(|exits| {
            let weight = (0..4).zip(exits).map(|(base, exit)| match stays(base) {
                true => f64::from(exit == base),
                false if leads_to(end, base, &exits) => ways[usize::from(base)][usize::from(exit)],
                false => 0.0,
            });
            let weight: f64 = weight.product();
            (weight > 0.0).then_some((exits, weight))
        })
        .collect();
    let mut left = uniform * trees.iter().map(|tree| tree.1).sum::<f64>();
    let drawn = trees.iter().find(|tree| {
        left -= tree.1;
        left < 0.0
    });
    drawn.or(trees.last()).map_or([end; 4], |tree| tree.0)
}

fn leads_to(end: u8, base: u8, exits: &[u8; 4]) -> bool {
    let mut at = base;
    (0..4).any(|_| {
        at = exits[usize::from(at)];
        at == end
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn pairs(codes: &[u8]) -> BTreeMap<[u8; 2], usize> {
        let mut counts = BTreeMap::new();
        for pair in codes.windows(2) {
            *counts.entry([pair[0], pair[1]]).or_default() += 1;
        }
        counts
    }

    /// All orders of `codes` with the same first base and the same pairs, one after another.
    fn orders(codes: &[u8]) -> Vec<Vec<u8>> {
        fn extend(
            path: &mut Vec<u8>,
            left: &mut BTreeMap<[u8; 2], usize>,
            found: &mut Vec<Vec<u8>>,
        ) {
            if left.values().all(|&count| count == 0) {
                found.push(path.clone());
            }
            for next in 0..4 {
                let pair = [path[path.len() - 1], next];
                if left.get(&pair).is_some_and(|&count| count > 0) {
                    *left.get_mut(&pair).unwrap() -= 1;
                    path.push(next);
                    extend(path, left, found);
                    path.pop();
                    *left.get_mut(&pair).unwrap() += 1;
                }
            }
        }
        let mut found = Vec::new();
        extend(&mut vec![codes[0]], &mut pairs(codes), &mut found);
        found
    }

    #[test]
    fn all_orders_are_equally_probable() {
        for codes in [&[0, 1, 0, 2, 0, 0, 1, 2, 1, 3][..], &[2, 2, 1, 3, 1, 2, 2, 3, 1, 2]] {
            let orders = orders(codes);
            assert!(orders.len() > 5, "{}", orders.len());
            let draws = 2_000 * orders.len();
            let mut counts = BTreeMap::new();
            for draw in 0..draws {
                let mut shuffled = codes.to_vec();
                dinucleotide_shuffle(&mut shuffled, &Random::new(5, "test").part(draw as u64));
                *counts.entry(shuffled).or_insert(0.0) += 1.0;
            }
            assert_eq!(counts.len(), orders.len());
            let chi2: f64 = orders.iter().map(|o| (counts[o] - 2_000_f64).powi(2) / 2_000.0).sum();
            let degrees = (orders.len() - 1) as f64;
            assert!((chi2 - degrees) / (2.0 * degrees).sqrt() < 4.0, "{chi2} at {degrees}");
        }
    }

    #[test]
    fn long_runs_of_each_base_end_at_once() {
        let codes: Vec<u8> = (0..4_u8).flat_map(|base| [base; 600]).collect();
        let mut shuffled = codes.clone();
        dinucleotide_shuffle(&mut shuffled, &Random::new(1, "test"));
        assert_eq!(shuffled, codes, "there is only one order");
    }

    proptest! {
        #[test]
        fn pairs_ends_and_gaps_are_kept(
            codes in proptest::collection::vec(0u8..=4, 0..200),
            seed in 0u64..1000,
        ) {
            let mut shuffled = codes.clone();
            dinucleotide_shuffle(&mut shuffled, &Random::new(seed, "test"));
            prop_assert_eq!(pairs(&codes), pairs(&shuffled));
            prop_assert_eq!(codes.first(), shuffled.first());
            prop_assert_eq!(codes.last(), shuffled.last());
            for (before, after) in codes.iter().zip(&shuffled) {
                prop_assert_eq!(*before == NO_BASE, *after == NO_BASE);
            }
        }
    }
}
