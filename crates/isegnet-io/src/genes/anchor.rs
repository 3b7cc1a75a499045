use isegnet_core::Interval;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What the two ends of a gene, its TSS and TTS, are taken from.
///
/// A gene that has no transcript of the kind asked for keeps its gene line, and
/// is counted in [`Annotation::fell_back`](super::Annotation::fell_back).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    /// The gene line: the outermost ends of all transcripts.
    #[default]
    Gene,
    /// The transcript with the tag `MANE_Select`.
    ManeSelect,
    /// The transcript with the tag `Ensembl_canonical`.
    Canonical,
    /// The transcript that spans most bases of the genome; the first on ties.
    Longest,
}

impl Anchor {
    fn tag(self) -> Option<&'static str> {
        match self {
            Self::Gene | Self::Longest => None,
            Self::ManeSelect => Some("MANE_Select"),
            Self::Canonical => Some("Ensembl_canonical"),
        }
    }
}

/// A transcript as an annotation has it.
pub(super) struct Transcript {
    /// What it calls its gene.
    pub(super) gene: String,
    pub(super) body: Interval,
    pub(super) tags: Vec<String>,
}

/// The transcript chosen so far for each gene.
#[derive(Default)]
pub(super) struct Transcripts(HashMap<String, Interval>);

impl Transcripts {
    /// Takes a transcript into account; of several with the tag the first counts.
    pub(super) fn add(&mut self, transcript: Transcript, anchor: Anchor) {
        if anchor.tag().is_some_and(|tag| !transcript.tags.iter().any(|t| t == tag)) {
            return;
        }
        let Transcript { gene, body, .. } = transcript;
        match self.0.get_mut(&gene) {
            None => drop(self.0.insert(gene, body)),
            Some(best) if anchor == Anchor::Longest && body.len() > best.len() => *best = body,
            Some(_) => {}
        }
    }

    pub(super) fn chosen(self) -> impl Iterator<Item = (String, Interval)> {
        self.0.into_iter()
    }
}
