use super::coded::Coded;
use super::{EnrichError, Enrichment, EnrichmentTest, Groups, Partition, Rules, Sequence};

/// All sequences, those of interest first.
pub(crate) struct List {
    pub(crate) sequences: Vec<Coded>,
    /// What sorts them, one a sequence, ascending.
    pub(crate) values: Vec<f64>,
    /// `None` where controls were given.
    pub(crate) partition: Option<Partition>,
    pub(crate) too_short: usize,
}

impl List {
    pub(crate) fn new(
        groups: Groups<'_>,
        settings: &Enrichment,
        widest: usize,
    ) -> Result<Self, EnrichError> {
        let shortest = if settings.rules == Rules::Ame { widest } else { 1 };
        let (count, all, partition): (_, Vec<(&Sequence, f64, bool)>, _) = match groups {
            Groups::Controlled { primary, control } => {
                let all = primary.iter().map(|s| (s, true));
                let all = all.chain(control.iter().map(|s| (s, false))).enumerate();
                let all = all.map(|(i, (s, positive))| (s, (i + 1) as f64, positive));
                let long = all.filter(|(s, ..)| s.bases.len() >= shortest);
                (primary.len() + control.len(), long.collect(), None)
            }
            Groups::Ranked { sequences, scores, partition } => {
                let all = ranked(sequences, scores, partition, shortest)?;
                (sequences.len(), all, Some(partition))
            }
        };
        if let Some(Partition::MaximisedOverMotif { .. }) = partition
            && settings.test == EnrichmentTest::RankSum
        {
            return Err(EnrichError::PartitionOfTest);
        }
        let of = |side: bool| all.iter().any(|&(.., positive)| positive == side);
        let whole =
            matches!(partition, Some(Partition::Maximised | Partition::MaximisedOverMotif { .. }));
        for (side, found) in [("primary", of(true) || whole), ("control", of(false) || whole)] {
            if !found || all.is_empty() {
                return Err(EnrichError::NoSequence { side, shortest });
            }
        }
        Ok(Self {
            too_short: count - all.len(),
            values: all.iter().map(|&(_, value, _)| value).collect(),
            sequences: all.iter().map(|&(s, _, positive)| Coded::new(&s.bases, positive)).collect(),
            partition,
        })
    }
}

/// Sorts sequences that are long enough by their scores, and says which come before the cut.
fn ranked<'a>(
    sequences: &'a [Sequence],
    scores: &[f64],
    partition: Partition,
    shortest: usize,
) -> Result<Vec<(&'a Sequence, f64, bool)>, EnrichError> {
    if sequences.len() != scores.len() {
        let (sequences, scores) = (sequences.len(), scores.len());
        return Err(EnrichError::ScoresDiffer { sequences, scores });
    }
    if let Some(index) = scores.iter().position(|s| s.is_nan()) {
        return Err(EnrichError::NotAScore { name: sequences[index].name.clone() });
    }
    let all = sequences.iter().zip(scores).map(|(s, &v)| (s, v, false));
    let mut all: Vec<_> = all.filter(|(s, ..)| s.bases.len() >= shortest).collect();
    // Of equal scores the later one comes first, as AME has it.
    all.reverse();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    if let Partition::Fixed(cut) = partition {
        if cut == 0 || cut >= all.len() {
            return Err(EnrichError::Cut { cut, sequences: all.len() });
        }
        all.iter_mut().take(cut).for_each(|(.., positive)| *positive = true);
    }
    Ok(all)
}
