use super::{Member, Outcome, Rules};
use isegnet_stats::{Alternative, Method, PValue, mann_whitney, mid_ranks, normal_upper_tail};

/// Whether sequences of interest score higher than the others.
pub(crate) fn of_groups(members: &[Member], rules: Rules) -> Outcome {
    let side = |positive| members.iter().filter(move |m| m.positive == positive);
    let positives: Vec<f64> = side(true).map(|m| m.score).collect();
    let negatives: Vec<f64> = side(false).map(|m| m.score).collect();
    let last = side(true).map(|m| m.value).fold(0.0, f64::max);
    let counts = (positives.len(), negatives.len());
    let tails = match rules {
        Rules::Ame => {
            let ranks = mid_ranks(&members.iter().map(|m| m.score).collect::<Vec<_>>());
            let sum = ranks.iter().zip(members).filter(|(_, m)| m.positive).map(|(r, _)| r).sum();
            Tails::of_ranks(sum, counts, 0.0)
        }
        Rules::Isegnet => Tails::with_ties(&positives, &negatives),
    };
    tails.outcome(last, counts, 1)
}

/// A ranked list, cut where scores before the cut are highest above the others.
pub(crate) fn over_list(members: &[Member], rules: Rules) -> Outcome {
    let ranks = mid_ranks(&members.iter().map(|m| m.score).collect::<Vec<_>>());
    let ties = if rules == Rules::Ame { 0.0 } else { tie_share(&ranks) };
    let (mut sum, mut tests, mut best) = (0.0, 0, (Tails::NONE, 0));
    for (i, rank) in ranks.iter().enumerate() {
        sum += rank;
        let tied = members.get(i + 1).is_some_and(|next| next.value == members[i].value);
        if rules == Rules::Isegnet && (tied || i + 1 == members.len()) {
            continue;
        }
        let tails = Tails::of_ranks(sum, (i + 1, members.len() - i - 1), ties);
        if tests == 0 || tails.right <= best.0.right {
            best = (tails, i);
        }
        tests += 1;
    }
    let (tails, at) = best;
    let value = members.get(at).map_or(0.0, |m| m.value);
    let counts = (at + 1, members.len().saturating_sub(at + 1));
    tails.outcome(value, counts, tests)
}

/// How much ties take of the variance of ranks: the sum of t^3 - t over groups of t equal ranks,
/// over n^3 - n.
fn tie_share(ranks: &[f64]) -> f64 {
    let mut sorted = ranks.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cubed = |t: usize| (t as f64).powi(3) - t as f64;
    let groups = sorted.chunk_by(|a, b| a == b).map(|group| cubed(group.len()));
    groups.sum::<f64>() / cubed(ranks.len()).max(1.0)
}

/// A statistic and its p-values.
struct Tails {
    /// Pairs in which the sequence of interest has the lower score, ties half.
    u: f64,
    left: PValue,
    right: PValue,
}

impl Tails {
    const NONE: Self = Self { u: 0.0, left: PValue::ONE, right: PValue::ONE };

    /// From the ranks' sum over the sequences of interest, with a continuity correction; of the
    /// variance of distinct ranks `ties` is the share that ties take.
    fn of_ranks(rank_sum: f64, (na, nb): (usize, usize), ties: f64) -> Self {
        let (a, b) = (na as f64, nb as f64);
        let above = rank_sum - a * (a + 1.0) / 2.0;
        let (u, sd) = (a * b - above, (a * b * (a + b + 1.0) / 12.0 * (1.0 - ties)).sqrt());
        if sd <= 0.0 {
            return Self { u, ..Self::NONE };
        }
        // The lesser tail is corrected, and the other one is what it leaves.
        let z = ((u - a * b / 2.0).abs() - 0.5) / sd;
        let [lesser, greater] = [z, -z].map(|z| normal_upper_tail(z).unwrap_or(PValue::ONE));
        let (left, right) = if u < a * b / 2.0 { (greater, lesser) } else { (lesser, greater) };
        Self { u, left, right }
    }

    fn with_ties(positives: &[f64], negatives: &[f64]) -> Self {
        let of = |side| mann_whitney(positives, negatives, side, Method::Asymptotic);
        let pairs = positives.len() as f64 * negatives.len() as f64;
        // All scores equal, or a side empty: nothing tells the sides apart.
        let (Ok(less), Ok(greater)) = (of(Alternative::Less), of(Alternative::Greater)) else {
            return Self { u: pairs / 2.0, ..Self::NONE };
        };
        Self { u: pairs - greater.statistic, left: less.p, right: greater.p }
    }

    fn outcome(self, list_threshold: f64, counts: (usize, usize), tests: u64) -> Outcome {
        let (positives, negatives) = counts;
        let Self { u, left, right } = self;
        Outcome::RankSum { tests, list_threshold, positives, negatives, u, left, right }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equal scores are no evidence, wherever a list is cut, and few distinct ones less than
    /// many: as the test of two groups has it.
    #[test]
    fn ties_count_in_a_list_as_they_do_between_groups() {
        let scores = [3.0, 3.0, 1.0, 3.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0];
        let member = |cut: usize| {
            move |(i, &score): (usize, &f64)| Member { score, value: i as f64, positive: i < cut }
        };
        let list: Vec<Member> = scores.iter().enumerate().map(member(0)).collect();
        let best = over_list(&list, Rules::Isegnet);
        let least = (1..scores.len())
            .map(|cut| {
                let groups: Vec<Member> = scores.iter().enumerate().map(member(cut)).collect();
                of_groups(&groups, Rules::Isegnet).p()
            })
            .fold(PValue::ONE, |least, p| if p < least { p } else { least });
        assert!((best.p().ln() - least.ln()).abs() < 1e-9, "{best:?} {least:?}");
        assert!(best.p() < over_list(&list, Rules::Ame).p());
        let same: Vec<Member> = list.iter().map(|m| Member { score: 1.0, ..*m }).collect();
        assert_eq!(over_list(&same, Rules::Isegnet).p(), PValue::ONE);
        let halves: Vec<Member> = (0..12).map(|i| member(6)((i, &1.0))).collect();
        let Outcome::RankSum { u, right, .. } = of_groups(&halves, Rules::Isegnet) else {
            panic!()
        };
        assert_eq!((u, right), (18.0, PValue::ONE));
    }
}
