use super::{Member, Outcome, Rules};
use isegnet_stats::{Hypergeometric, PValue};

/// ln n! for whole numbers, to tell at once which tables cannot be the best.
pub(crate) struct LogFactorials(Vec<f64>);

impl LogFactorials {
    pub(crate) fn up_to(n: usize) -> Self {
        let mut sum = 0.0;
        let next = |i: usize| {
            sum += if i > 0 { (i as f64).ln() } else { 0.0 };
            sum
        };
        Self((0..=n).map(next).collect())
    }

    fn choose(&self, n: usize, k: usize) -> f64 {
        let of = |i: usize| self.0.get(i).copied().unwrap_or(f64::INFINITY);
        of(n) - of(k) - of(n - k)
    }
}

/// The best split of a list so far.
struct Best<'a> {
    all: usize,
    marked: usize,
    factorials: &'a LogFactorials,
    p: PValue,
    tests: u64,
    /// Marked ones and others of the split.
    split: [usize; 2],
}

impl<'a> Best<'a> {
    fn new(all: usize, marked: usize, factorials: &'a LogFactorials) -> Self {
        Self { all, marked, factorials, p: PValue::ONE, tests: 0, split: [0, 0] }
    }

    /// Tests a split that has so many `hits` among `drawn`, P(X >= hits); the last of
    /// equal ones stays.
    fn split(&mut self, hits: usize, drawn: usize) -> bool {
        self.tests += 1;
        let f = self.factorials;
        // The tail is at least this term of it; most splits are done with it.
        let term = f.choose(self.marked, hits) + f.choose(self.all - self.marked, drawn - hits)
            - f.choose(self.all, drawn);
        if self.tests > 1 && term > self.p.ln() + 1e-6 {
            return false;
        }
        let counts = Hypergeometric::new(self.all as u64, self.marked as u64, drawn as u64);
        let p = counts.map_or(PValue::ONE, |counts| counts.upper(hits as u64));
        let better = self.tests == 1 || p <= self.p;
        if better {
            (self.p, self.split) = (p, [hits, drawn - hits]);
        }
        better
    }
}

/// Sequences of interest against the others, at the score that tells them apart best.
///
/// The best score counts always, others only from `lowest` on.
pub(crate) fn over_scores(
    mut members: Vec<Member>,
    lowest: f64,
    rules: Rules,
    factorials: &LogFactorials,
) -> Outcome {
    // Of equal scores the controls come first.
    members.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.positive.cmp(&b.positive)));
    let positives = members.iter().filter(|m| m.positive).count();
    let last = members.iter().filter(|m| m.positive).map(|m| m.value).fold(0.0, f64::max);
    let mut best = Best::new(members.len(), positives, factorials);
    let (mut hits, mut threshold) = (0, f64::INFINITY);
    for (i, member) in members.iter().enumerate() {
        hits += usize::from(member.positive);
        let tied = members.get(i + 1).is_some_and(|next| next.score == member.score);
        let counts = match rules {
            Rules::Ame => i == 0 || member.score >= lowest,
            Rules::Isegnet => !tied && (best.tests == 0 || member.score >= lowest),
        };
        if counts && best.split(hits, i + 1) {
            threshold = member.score;
        }
    }
    Outcome::Fisher {
        p: best.p,
        tests: best.tests,
        list_threshold: last,
        motif_threshold: threshold,
        positives,
        negatives: members.len() - positives,
        true_positives: best.split[0],
        false_positives: best.split[1],
        by_motif: false,
    }
}

/// A ranked list, cut where sequences with a hit are most before the cut.
pub(crate) fn over_list(
    members: Vec<Member>,
    lowest: f64,
    rules: Rules,
    factorials: &LogFactorials,
) -> Outcome {
    let hit: Vec<bool> = members.iter().map(|m| m.score >= lowest).collect();
    let (best, cut) =
        cut(&hit, |i| rules == Rules::Ame || members[i - 1].value < members[i].value, factorials);
    Outcome::Fisher {
        p: best.p,
        tests: best.tests,
        list_threshold: cut.checked_sub(1).and_then(|i| members.get(i)).map_or(0.0, |m| m.value),
        motif_threshold: lowest,
        positives: cut,
        negatives: members.len() - cut,
        true_positives: best.split[0],
        false_positives: hit.iter().filter(|&&h| h).count() - best.split[0],
        by_motif: false,
    }
}

/// The list sorted by the motif, cut where sequences of at most `threshold` are most
/// before the cut.
pub(crate) fn over_motif(
    mut members: Vec<Member>,
    threshold: f64,
    rules: Rules,
    factorials: &LogFactorials,
) -> Outcome {
    let low = |m: &Member| m.value <= threshold;
    members.sort_by(|a, b| b.score.total_cmp(&a.score).then(low(a).cmp(&low(b))));
    let hit: Vec<bool> = members.iter().map(low).collect();
    let (best, cut) =
        cut(&hit, |i| rules == Rules::Ame || members[i - 1].score > members[i].score, factorials);
    Outcome::Fisher {
        p: best.p,
        tests: best.tests,
        list_threshold: threshold,
        motif_threshold: cut.checked_sub(1).and_then(|i| members.get(i)).map_or(0.0, |m| m.score),
        positives: cut,
        negatives: members.len() - cut,
        true_positives: best.split[0],
        false_positives: hit.iter().filter(|&&h| h).count() - best.split[0],
        by_motif: true,
    }
}

/// Tries every cut of a list that is `allowed` (before the sequence of that number).
fn cut<'a>(
    hit: &[bool],
    allowed: impl Fn(usize) -> bool,
    factorials: &'a LogFactorials,
) -> (Best<'a>, usize) {
    let all = hit.iter().filter(|&&h| h).count();
    let mut best = Best::new(hit.len(), all, factorials);
    let (mut hits, mut at) = (0, 0);
    for cut in 1..hit.len() {
        hits += usize::from(hit[cut - 1]);
        if allowed(cut) && best.split(hits, cut) {
            at = cut;
        }
    }
    (best, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use isegnet_core::Random;
    use isegnet_stats::{Alternative, fisher_exact};

    #[test]
    fn the_best_score_is_that_of_all_tables() {
        let random = Random::new(11, "test/fisher");
        for step in 0..40 {
            let member = |i: u64| {
                let positive = random.uniform(step, i) < 0.4;
                let score = random.below(step, 1000 + i, 12) as f64 + f64::from(positive);
                Member { score, value: i as f64, positive }
            };
            let members: Vec<Member> = (0..60).map(member).collect();
            let table = |t: f64| {
                let count = |positive, at_least: bool| {
                    members
                        .iter()
                        .filter(|m| m.positive == positive && (m.score >= t) == at_least)
                        .count() as u64
                };
                [[count(true, true), count(true, false)], [count(false, true), count(false, false)]]
            };
            let mut thresholds: Vec<f64> =
                members.iter().map(|m| m.score).filter(|&s| s >= 4.0).collect();
            thresholds.sort_by(f64::total_cmp);
            thresholds.dedup();
            let p = |t: &f64| fisher_exact(table(*t), Alternative::Greater).unwrap().p();
            let least = thresholds.iter().map(p).fold(1.0, f64::min);
            let factorials = LogFactorials::up_to(60);
            let ours = over_scores(members.clone(), 4.0, Rules::Isegnet, &factorials);
            assert!((ours.p().p() / least - 1.0).abs() < 1e-9, "{ours:?} {least}");
            assert_eq!(ours.tests(), thresholds.len() as u64);
            // A threshold within equal scores is at best as good, and counts.
            let ame = over_scores(members.clone(), 4.0, Rules::Ame, &factorials);
            assert!(ame.tests() >= ours.tests() && ame.p() <= ours.p());
        }
    }
}
