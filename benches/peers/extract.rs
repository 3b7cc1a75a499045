//! A data set of 7 tracks around 16,673 genes, from bigWig files of a genome's size.

use crate::Contestant;
use crate::tracks::{self, TRACKS};
use isegnet::core::{Cancel, Gene, Silent};
use isegnet::encode::{Dataset, DatasetBuilder, SampleInput, TrackSpec, View, ViewConfig, Windows};
use isegnet::io::bigwig;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// One gene of so many is compared, at one position of so many.
const EVERY: (usize, usize) = (100, 250);

pub struct Extract {
    genes: Vec<Gene>,
    files: Vec<PathBuf>,
    out: PathBuf,
}

impl Extract {
    /// Makes the tracks where there are none, and writes the windows for the peers.
    pub fn new(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let genes = tracks::genes();
        let windows = Windows::default();
        let mut table = String::new();
        for gene in &genes {
            let [tss, tts] = windows.intervals(gene);
            let strand = gene.strand;
            writeln!(
                table,
                "{}\t{strand}\t{}\t{}\t{}\t{}",
                tss.chrom, tss.start, tss.end, tts.start, tts.end
            )?;
        }
        std::fs::write(folder.join("windows.tsv"), table)?;
        Ok(Self { genes, files: tracks::files(folder)?, out: folder.join("dataset") })
    }

    fn extract(&self) -> Result<Dataset, Box<dyn Error>> {
        let names = (1..=TRACKS).map(|i| format!("track{i}"));
        let mut builder = DatasetBuilder::new(Windows::default(), self.genes.clone());
        let mut sources = Vec::new();
        for (name, path) in names.zip(&self.files) {
            builder = builder.track(TrackSpec::signal(&name));
            sources.push((name, bigwig::open(path)?));
        }
        let sample = SampleInput {
            name: "sample".into(),
            condition: None,
            group: None,
            expression: None,
            tracks: sources,
        };
        Ok(builder.sample(sample).write(&self.out, &Silent, &Cancel::default())?)
    }
}

impl Contestant for Extract {
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        let view: View = self.extract()?.view(&ViewConfig::default())?;
        let mut values = vec![0.0; view.positions()];
        let mut numbers = Vec::new();
        for row in (0..self.genes.len()).step_by(EVERY.0) {
            for track in 0..TRACKS {
                view.values_into(row, track, &mut values);
                let some = values.iter().step_by(EVERY.1);
                numbers.extend(some.map(|v| if v.is_nan() { 0.0 } else { f64::from(*v) }));
            }
        }
        Ok(numbers)
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        self.extract().map(drop)
    }
}
