use super::prepared::Prepared;
use super::sample::Sample;
use super::significance::{Bootstraps, q_values, share_without_site};
use super::tally::Tally;
use super::{ScanOptions, Threshold};
use isegnet_core::Strand;

/// Where a motif stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The sequence, by its place in [`Scan::sequences`].
    pub sequence: usize,
    /// The first base on the forward strand, 0-based.
    pub start: u64,
    /// The strand that the motif reads.
    pub strand: Strand,
    /// log2 odds, on the motif's scale of whole numbers.
    pub score: f64,
    /// The chance of such a score at one place of random sequence.
    pub p: f64,
    /// The share of false hits among those of this motif that are at least as
    /// significant, if q-values were asked for.
    pub q: Option<f64>,
    /// The place of its letters among those of the motif's hits.
    letters: usize,
}

/// The hits of one motif.
#[derive(Clone, Debug, PartialEq)]
pub struct MotifHits {
    /// The motif's identifier.
    pub id: String,
    /// The motif's name.
    pub name: Option<String>,
    /// Positions of the motif.
    pub width: usize,
    /// Places that were scored, both strands counted unless only the better one is taken.
    pub places: u64,
    /// The estimated share of places without a site, if q-values were asked for.
    pub share_without_site: Option<f64>,
    /// The least p-value of hits that were dropped because there were too many: only
    /// those below it are here. `None` where none were. For [`Threshold::Q`], whose hits are
    /// known in the end only, every place takes part until then.
    pub dropped_from: Option<f64>,
    /// The most significant first; then by sequence, position and strand.
    pub hits: Vec<Hit>,
    letters: Vec<u8>,
}

/// The hits of a scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// Names of the sequences, in the order in which they were added.
    pub sequences: Vec<String>,
    /// Sequences that are shorter than every motif, and so have no place for a hit.
    pub too_short: usize,
    /// Positions of the narrowest motif.
    pub narrowest: usize,
    /// One for each motif, in their order.
    pub motifs: Vec<MotifHits>,
}

impl MotifHits {
    /// Gives the letters of a hit as the motif reads them: the sequence's own on the
    /// forward strand, capitals on the other.
    pub fn matched(&self, hit: &Hit) -> &str {
        let from = hit.letters * self.width;
        let letters = self.letters.get(from..from + self.width);
        letters.and_then(|letters| std::str::from_utf8(letters).ok()).unwrap_or_default()
    }
}

impl Scan {
    /// Gives all hits with their motifs, the most significant first; equal ones in the
    /// order of the motifs.
    pub fn by_p(&self) -> Vec<(&MotifHits, &Hit)> {
        let mut all: Vec<_> =
            self.motifs.iter().flat_map(|m| m.hits.iter().map(move |hit| (m, hit))).collect();
        all.sort_by(|(_, a), (_, b)| a.p.total_cmp(&b.p));
        all
    }

    /// Counts the hits of all motifs.
    pub fn len(&self) -> usize {
        self.motifs.iter().map(|m| m.hits.len()).sum()
    }

    /// Tells whether there is no hit.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Gives p- and q-values to what a motif has found.
pub(super) fn settle(
    tally: Tally,
    motif: &Prepared,
    sample: Option<&Sample>,
    bootstraps: &Bootstraps,
    options: &ScanOptions,
) -> MotifHits {
    let distribution = &motif.distribution;
    let share = sample.map(|sample| share_without_site(&sample.p_values(motif), bootstraps));
    let mut order: Vec<usize> = (0..tally.sites.len()).collect();
    order.sort_by_key(|&i| {
        let site = &tally.sites[i];
        (std::cmp::Reverse(site.score), site.sequence, site.start, site.strand)
    });
    let hit = |i: usize| {
        let site = &tally.sites[i];
        let score = motif.scores.bits(site.score);
        let p = distribution.p_value(site.score);
        let sequence = site.sequence as usize;
        Hit { sequence, start: site.start, strand: site.strand, score, p, q: None, letters: i }
    };
    let mut hits: Vec<Hit> = order.into_iter().map(hit).collect();
    if let Some(share) = share {
        let p: Vec<f64> = hits.iter().map(|hit| hit.p).collect();
        for (hit, q) in hits.iter_mut().zip(q_values(&p, share, tally.places)) {
            hit.q = Some(q);
        }
    }
    let kept = hits.len();
    if let Threshold::Q(most) = options.threshold {
        hits.retain(|hit| hit.q.is_some_and(|q| q <= most));
    }
    // What was dropped has q-values no smaller than those that were kept and are no hits.
    let dropped = tally.least > motif.threshold && hits.len() == kept;
    MotifHits {
        id: motif.id.clone(),
        name: motif.name.clone(),
        width: motif.scores.width(),
        places: tally.places,
        share_without_site: share,
        dropped_from: dropped.then(|| distribution.p_value(tally.least - 1)),
        hits,
        letters: tally.letters,
    }
}
