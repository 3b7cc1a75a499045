//! A track format of one's own: anything that gives values along the genome
//! can be a track. Here, the share of G and C around each base.
//!
//! ```text
//! cargo run --example own_track_format
//! ```
#![allow(clippy::print_stdout)]

use isegnet::core::{
    Cancel, Chromosome, Gene, Interval, SequenceSource, SignalSource, Silent, SourceError, Strand,
};
use isegnet::encode::{DatasetBuilder, SampleInput, TrackSpec, ViewConfig, Windows};
use isegnet::io::fasta;

/// The share of G and C among the bases within `half_bp` of each base.
struct GcContent {
    genome: Box<dyn SequenceSource>,
    half_bp: usize,
}

impl SignalSource for GcContent {
    fn chromosomes(&self) -> &[Chromosome] {
        self.genome.chromosomes()
    }

    fn values_into(&mut self, chrom: &str, start: i64, out: &mut [f32]) -> Result<(), SourceError> {
        let mut letters = vec![0; out.len() + 2 * self.half_bp];
        self.genome.bases_into(chrom, start - self.half_bp as i64, &mut letters)?;
        for (value, around) in out.iter_mut().zip(letters.windows(2 * self.half_bp + 1)) {
            let count = |set: &[u8]| around.iter().filter(|b| set.contains(b)).count() as f32;
            // NaN, which is 'missing', where there is no base at all.
            *value = count(b"GCgc") / count(b"ACGTacgt");
        }
        Ok(())
    }

    fn reopen(&self) -> Result<Box<dyn SignalSource>, SourceError> {
        Ok(Box::new(Self { genome: self.genome.reopen()?, half_bp: self.half_bp }))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("genome.fa");
    let (poor, rich) = ("AATTATAGAA".repeat(200), "GGCACGCCTG".repeat(200));
    fasta::write(&path, [("chr1", poor + &rich)])?;

    let gene = |id: &str, start, end| Gene {
        id: id.into(),
        name: None,
        strand: Strand::Forward,
        body: Interval::new("chr1", start, end),
    };
    let genes = vec![gene("in_the_poor_half", 500, 1500), gene("in_the_rich_half", 2500, 3500)];
    let track = GcContent { genome: fasta::open(&path)?, half_bp: 25 };
    let dataset = DatasetBuilder::new(Windows::new([-200, 200], [-100, 100])?, genes)
        .track(TrackSpec::signal("GC"))
        .sample(SampleInput {
            name: "any".into(),
            condition: None,
            group: None,
            expression: Some(vec![Some(1.0), Some(2.0)]),
            tracks: vec![("GC".into(), Box::new(track))],
        })
        .write(&folder.path().join("dataset"), &Silent, &Cancel::default())?;

    let view = dataset.view(&ViewConfig::default())?;
    let mut values = vec![0.0; view.positions()];
    for row in 0..dataset.rows().len() {
        view.values_into(row, 0, &mut values);
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        println!("{}: mean GC content {mean:.3}", dataset.gene_of(row).id);
    }
    Ok(())
}
