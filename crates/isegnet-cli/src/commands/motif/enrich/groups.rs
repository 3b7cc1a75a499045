//! What is compared with what: a group a condition and track, or a file.

use super::Args;
use super::matched::{self, Match};
use crate::Session;
use crate::commands::explain::file_name;
use crate::commands::motif::Library;
use crate::explained::{Explained, Site};
use crate::failure::Refusal;
use crate::folder;
use isegnet_core::LearnError;
use isegnet_encode::InputFile;
use isegnet_io::fasta;
use isegnet_motif::{
    Enrichment, EnrichmentTable, Groups, Partition, Sequence, shuffle_dinucleotides,
};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;

/// The folders and files of interest, opened.
pub struct Sources(Vec<Source>);

struct Source {
    /// What it is called; distinct.
    name: String,
    /// What it is a replicate of.
    condition: String,
    what: What,
}

enum What {
    Explanation(Box<Explained>, Vec<Site>),
    Fasta(std::path::PathBuf),
}

/// A group that is to be made.
pub struct Plan {
    source: usize,
    /// The sample and the track, of an explanation.
    of: Option<(String, String)>,
    condition: String,
    sample: String,
    track: String,
    label: String,
}

/// Sequences and what they are compared with.
pub struct Group {
    pub condition: String,
    /// Which of the condition's replicates; distinct within a track.
    pub sample: String,
    /// Empty where a file is no track of anything.
    pub track: String,
    /// What files are called; distinct.
    pub label: String,
    primary: Vec<Sequence>,
    against: Against,
}

enum Against {
    Given(Vec<Sequence>),
    Shuffled(Vec<Sequence>),
    Matched(Vec<Sequence>, Match),
    Ranked(Vec<f64>, Partition),
}

/// Opens what the command line names.
pub fn open(args: &Args) -> anyhow::Result<Sources> {
    let chosen = args.control.is_some() || args.shuffle.is_some() || args.ranked;
    let mut sources = Vec::new();
    for (i, path) in args.primary.iter().enumerate() {
        let place = path.display();
        let what = if path.is_dir() {
            if args.ranked {
                let message = "is a folder; only a FASTA file can be --ranked";
                return Err(Refusal::usage(format!("{place} {message}")).into());
            }
            let explained = Explained::open(path)?;
            let sites = explained.sites()?;
            What::Explanation(Box::new(explained), sites)
        } else if chosen {
            // Told before anything is written.
            fasta::Stream::open(path)?;
            What::Fasta(path.clone())
        } else {
            return Err(Refusal::usage(format!(
                "{place} is no folder of isegnet explain, which has matched windows; say with \
                 --control, --shuffle or --ranked what its sequences are compared with"
            ))
            .into());
        };
        let own = match &what {
            What::Explanation(explained, _) => explained.name(),
            What::Fasta(path) => {
                path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
            }
        };
        let (condition, name) = match args.names.get(i) {
            Some(given) if args.names.iter().filter(|other| *other == given).count() == 1 => {
                (given.clone(), given.clone())
            }
            Some(given) => (given.clone(), format!("{given} {own}")),
            None => (own.clone(), own),
        };
        if sources.iter().any(|source: &Source| source.name == name) {
            let message = format!("{name:?} is named twice; call them apart with --names");
            return Err(Refusal::usage(message).into());
        }
        sources.push(Source { name, condition, what });
    }
    let sources = Sources(sources);
    sources.check_tracks(args)?;
    Ok(sources)
}

impl Sources {
    fn check_tracks(&self, args: &Args) -> anyhow::Result<()> {
        for source in &self.0 {
            if let What::Explanation(explained, _) = &source.what {
                explained.tracks(&args.tracks)?;
            }
        }
        Ok(())
    }

    /// What the sequences follow from.
    pub fn key(&self) -> anyhow::Result<Vec<Value>> {
        let key = |source: &Source| match &source.what {
            What::Fasta(path) => Ok(json!(InputFile::of("sequences", path)?)),
            // A folder that somebody else wrote has no label; its sites tell it.
            What::Explanation(explained, _) => {
                let labelled = folder::key_of(explained.folder(), "explanation").ok();
                let sites = InputFile::of("sites", &explained.folder().join("sites.bed"))?;
                Ok(json!([labelled, sites.sha256]))
            }
        };
        self.0.iter().map(key).collect()
    }

    /// The groups, sample by sample and track by track.
    pub fn plans(&self, args: &Args) -> anyhow::Result<Vec<Plan>> {
        let mut plans = Vec::new();
        for (i, source) in self.0.iter().enumerate() {
            let What::Explanation(explained, sites) = &source.what else {
                plans.push(self.plan((i, source), None, &source.condition, &source.name));
                continue;
            };
            let conditions = explained.conditions();
            for sample in &explained.samples {
                // Of several folders each is something of its own.
                let within = |name: &str, of: &str| match self.0.len() {
                    1 => of.to_owned(),
                    _ => format!("{name} {of}"),
                };
                let (condition, name) = match explained.samples.len() {
                    1 => (source.condition.clone(), source.name.clone()),
                    _ => {
                        let own = conditions.get(sample).unwrap_or(sample);
                        (within(&source.condition, own), within(&source.name, sample))
                    }
                };
                for track in explained.tracks(&args.tracks)? {
                    let is =
                        |s: &Site| s.column == track && explained.rows[s.row].sample == *sample;
                    if sites.iter().any(is) {
                        let of = Some((sample.clone(), track));
                        plans.push(self.plan((i, source), of, &condition, &name));
                    }
                }
            }
        }
        let mut labels = HashSet::new();
        if let Some(twice) = plans.iter().find(|plan| !labels.insert(plan.label.as_str())) {
            let message = "would be the file name of two tests; call them apart with --names";
            return Err(Refusal::usage(format!("{:?} {message}", twice.label)).into());
        }
        match plans.is_empty() {
            false => Ok(plans),
            true => {
                Err(Refusal::usage("there is no site on any of the tracks; explain genes").into())
            }
        }
    }

    fn plan(
        &self,
        (number, source): (usize, &Source),
        of: Option<(String, String)>,
        condition: &str,
        sample: &str,
    ) -> Plan {
        let several = self.0.len() > 1
            || matches!(&source.what, What::Explanation(e, _) if e.samples.len() > 1);
        let label = match (&of, several) {
            (None, _) => sample.to_owned(),
            (Some((_, track)), false) => track.clone(),
            (Some((_, track)), true) => format!("{sample}.{track}"),
        };
        Plan {
            source: number,
            condition: condition.to_owned(),
            sample: sample.to_owned(),
            track: of.as_ref().map(|(_, track)| track.clone()).unwrap_or_default(),
            label: file_name(&label),
            of,
        }
    }

    /// Makes a group; none where no site has a matched window.
    pub fn group(
        &self,
        plan: Plan,
        args: &Args,
        session: &Session,
    ) -> anyhow::Result<Option<Group>> {
        let seed = session.seed.unwrap_or(1);
        let label = plan.label;
        let (primary, against) = match (&self.0[plan.source].what, &plan.of) {
            (What::Explanation(explained, sites), Some((sample, track))) => {
                let is = |s: &&Site| s.column == *track && explained.rows[s.row].sample == *sample;
                let sites: Vec<Site> = sites.iter().filter(is).cloned().collect();
                let primary = explained.bases_around(&sites)?;
                if args.control.is_none() && args.shuffle.is_none() {
                    let task = format!("matching {label}");
                    let of = matched::Of { explained, sample, track, sites: &sites, task: &task };
                    let (kept, controls, told) = of.controls(primary, &args.matching, session)?;
                    if kept.is_empty() {
                        session.screen.note(&format!("{label} is left out: {told}"));
                        return Ok(None);
                    }
                    (kept, Against::Matched(controls, told))
                } else {
                    let against = against(&primary, args, seed)?;
                    (primary, against)
                }
            }
            (What::Fasta(path), _) if args.ranked => ranked(path, args.partition())?,
            (What::Fasta(path), _) => {
                let primary = sequences(path)?;
                let against = against(&primary, args, seed)?;
                (primary, against)
            }
            (What::Explanation(..), None) => (Vec::new(), Against::Given(Vec::new())),
        };
        let Plan { condition, sample, track, .. } = plan;
        Ok(Some(Group { condition, sample, track, label, primary, against }))
    }
}

fn against(primary: &[Sequence], args: &Args, seed: u64) -> anyhow::Result<Against> {
    Ok(match (&args.control, args.shuffle) {
        (Some(path), _) => Against::Given(sequences(path)?),
        (None, copies) => {
            Against::Shuffled(shuffle_dinucleotides(primary, copies.unwrap_or(1), seed))
        }
    })
}

fn sequences(path: &Path) -> anyhow::Result<Vec<Sequence>> {
    let records = fasta::records(path)?;
    Ok(records.into_iter().map(|r| Sequence { name: r.name, bases: r.bases }).collect())
}

/// Reads sequences with the numbers behind their names.
fn ranked(path: &Path, partition: Partition) -> anyhow::Result<(Vec<Sequence>, Against)> {
    let (mut sequences, mut scores) = (Vec::new(), Vec::new());
    for record in fasta::records(path)? {
        let score = record.description.split_whitespace().next().unwrap_or_default();
        let score: f64 = score.parse().map_err(|_| {
            Refusal::input(format!(
                "{}: sequence {:?} has {score:?} behind its name, no number; write `>name number` \
                 to sort the list by it",
                path.display(),
                record.name
            ))
        })?;
        scores.push(score);
        sequences.push(Sequence { name: record.name, bases: record.bases });
    }
    Ok((sequences, Against::Ranked(scores, partition)))
}

impl Group {
    /// Writes the sequences on both sides, so that the test can be done again from files.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let write = |side: &str, sequences: &[Sequence]| {
            let path = folder.join(format!("{}.{side}.fa", self.label));
            fasta::write(path, sequences.iter().map(|s| (&s.name, &s.bases)))
        };
        write("primary", &self.primary)?;
        match &self.against {
            Against::Given(control) | Against::Shuffled(control) | Against::Matched(control, _) => {
                Ok(write("control", control)?)
            }
            Against::Ranked(..) => Ok(()),
        }
    }

    /// Tests all motifs.
    pub fn test(
        &self,
        enrichment: &Enrichment,
        library: &Library,
        session: &Session,
    ) -> anyhow::Result<EnrichmentTable> {
        let primary = &self.primary;
        let groups = match &self.against {
            Against::Given(control) | Against::Shuffled(control) | Against::Matched(control, _) => {
                Groups::Controlled { primary, control }
            }
            Against::Ranked(scores, partition) => {
                Groups::Ranked { sequences: primary, scores, partition: *partition }
            }
        };
        let (progress, cancel) = (&session.screen, &session.cancel);
        let table = enrichment
            .test(&library.motifs, groups, progress, cancel)
            .map_err(|problem| Refusal::input(format!("{}: {problem}", self.label)))?;
        Ok(table.ok_or(LearnError::Cancelled)?)
    }

    /// Says what was tested, and what was left out.
    pub fn tell(&self, table: &EnrichmentTable, session: &Session) {
        let label = &self.label;
        if let Against::Matched(_, told) = &self.against {
            session.screen.note(&format!("{label}: {told}"));
        }
        let no_room = table.rows.iter().map(|row| row.left_out).max().unwrap_or(0);
        if table.too_short > 0 {
            let short = table.too_short;
            session.screen.note(&format!("{label}: {short} sequences are too short for a test"));
        }
        if no_room > 0 {
            session.screen.note(&format!(
                "{label}: up to {no_room} sequences have no stretch of bases as long as a motif \
                 and are left out of its test"
            ));
        }
    }

    /// What `enrichment.json` says of it.
    pub fn told(&self) -> Value {
        let (kind, controls, matched) = match &self.against {
            Against::Given(control) => ("given", control.len(), None),
            Against::Shuffled(control) => ("shuffled", control.len(), None),
            Against::Matched(control, told) => ("matched", control.len(), Some(told)),
            Against::Ranked(..) => ("ranked", 0, None),
        };
        json!({
            "condition": self.condition, "sample": self.sample, "track": self.track,
            "label": self.label,
            "primary": self.primary.len(), "against": kind, "controls": controls,
            "matched": matched,
        })
    }
}
