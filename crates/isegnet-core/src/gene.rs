use crate::{Interval, Strand};
use serde::{Deserialize, Serialize};

/// A gene, with the stretch whose two ends are its TSS and TTS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gene {
    /// Identifier as the annotation writes it, version suffix included.
    pub id: String,
    /// Symbol, where the annotation has one.
    pub name: Option<String>,
    /// Strand the gene is read from.
    pub strand: Strand,
    /// The gene line, or the transcript chosen as the anchor.
    pub body: Interval,
}

impl Gene {
    /// Position of the transcription start site's base, 0-based.
    pub fn tss(&self) -> i64 {
        match self.strand {
            Strand::Forward => self.body.start,
            Strand::Reverse => self.body.end - 1,
        }
    }

    /// Position of the transcription termination site's base, 0-based: the other end.
    pub fn tts(&self) -> i64 {
        match self.strand {
            Strand::Forward => self.body.end - 1,
            Strand::Reverse => self.body.start,
        }
    }
}
