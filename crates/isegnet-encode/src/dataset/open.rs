//! Opening: everything is checked against the manifest and the files' sizes
//! before it is used.

use super::arrays::{self, Array, Arrays};
use super::layout::{Layout, Place, places};
use super::manifest::{ChromosomeLength, Manifest, TrackKind, TrackSpec};
use super::{
    DatasetError, Inner, Row, SampleArrays, TrackArrays, filter, folder, genes, kept_bin_bp,
    sample_paths, sha256,
};
use isegnet_core::Gene;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Checks that the files listed are those expected, each of its size.
pub(super) fn check_files(folder: &Path, manifest: &Manifest) -> Result<(), DatasetError> {
    let path = folder.join(folder::MANIFEST);
    let mut expected = vec![PathBuf::from(folder::GENES)];
    expected.extend(manifest.dna.then(|| PathBuf::from(folder::DNA)));
    expected.extend(sample_paths(manifest));
    if !expected.iter().eq(manifest.files.iter().map(|file| &file.path)) {
        return Err(DatasetError::broken(
            &path,
            "it does not list the files that its samples have",
        ));
    }
    for file in &manifest.files {
        let path = folder.join(&file.path);
        let found = std::fs::metadata(&path).map_err(|cause| DatasetError::read(&path, cause))?;
        if found.len() != file.bytes {
            let message = format!("it has {} bytes, and had {}", found.len(), file.bytes);
            return Err(DatasetError::broken(&path, message));
        }
    }
    Ok(())
}

pub(super) fn read_genes(folder: &Path, manifest: &Manifest) -> Result<Vec<Gene>, DatasetError> {
    let path = folder.join(folder::GENES);
    let bytes = std::fs::read(&path).map_err(|cause| DatasetError::read(&path, cause))?;
    if manifest.files.first().is_none_or(|file| file.sha256 != sha256(&bytes)) {
        return Err(DatasetError::broken(&path, "it is not as it was written"));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|cause| DatasetError::broken(&path, cause.to_string()))?;
    genes::parse(&path, text, &chromosomes(manifest))
}

fn chromosomes(manifest: &Manifest) -> HashMap<&str, u32> {
    manifest.chromosomes.iter().zip(0..).map(|(c, i)| (c.name.as_str(), i)).collect()
}

impl Inner {
    pub(super) fn open(
        folder: &Path,
        manifest: Manifest,
        fingerprint: String,
        genes: Vec<Gene>,
    ) -> Result<Self, DatasetError> {
        let numbers = chromosomes(&manifest);
        let number = |gene: &Gene| numbers.get(gene.body.chrom.as_str()).copied();
        let chrom_of: Vec<u32> = genes.iter().filter_map(number).collect();
        let length = |c: &ChromosomeLength| {
            c.length.and_then(|l| i64::try_from(l).ok()).unwrap_or(filter::UNKNOWN_LENGTH)
        };
        let lengths: Vec<i64> = manifest.chromosomes.iter().map(length).collect();
        let kept: Vec<[Place; 2]> = (genes.iter().zip(&chrom_of))
            .map(|(gene, &chrom)| {
                let length = lengths.get(chrom as usize).copied().unwrap_or_default();
                places(&manifest.windows, gene, chrom, length)
            })
            .collect();
        let mut layouts = BTreeMap::new();
        for bin_bp in
            manifest.dna.then_some(1).into_iter().chain(manifest.tracks.iter().map(kept_bin_bp))
        {
            layouts.entry(bin_bp).or_insert_with(|| Layout::new(&kept, bin_bp));
        }
        let mut inner = Self {
            folder: folder.to_owned(),
            fingerprint,
            genes,
            chrom_of,
            lengths,
            layouts,
            dna: None,
            samples: Vec::new(),
            rows: Vec::new(),
            manifest,
        };
        if inner.manifest.dna {
            let arrays = Arrays::open(&folder.join(folder::DNA))?;
            inner.dna = Some(arrays.array("codes", inner.layouts.get(&1).map(Layout::bins))?);
        }
        for sample in 0..inner.manifest.samples.len() {
            let arrays = inner.open_sample(sample)?;
            inner.add_rows(sample, arrays.expression.as_ref())?;
            inner.samples.push(arrays);
        }
        Ok(inner)
    }

    fn open_sample(&self, number: usize) -> Result<SampleArrays, DatasetError> {
        let folder = folder::sample(&self.folder, number);
        let expected = self.manifest.samples.get(number).is_some_and(|s| s.expression);
        let expression = match expected {
            true => {
                let arrays = Arrays::open(&folder.join(folder::EXPRESSION))?;
                Some(arrays.array("expression", Some(self.genes.len() as u64))?)
            }
            false => None,
        };
        let tracks = self.manifest.tracks.iter().enumerate();
        let tracks = tracks
            .map(|(i, track)| self.open_track(&folder.join(folder::track(i)), track))
            .collect::<Result<_, _>>()?;
        Ok(SampleArrays { expression, tracks })
    }

    fn open_track(&self, path: &Path, track: &TrackSpec) -> Result<TrackArrays, DatasetError> {
        let arrays = Arrays::open(path)?;
        let bin_bp = kept_bin_bp(track);
        let layout = self.layouts.get(&bin_bp);
        if track.kind == TrackKind::Signal {
            let bins = arrays.array("bins", layout.map(Layout::bins))?;
            return Ok(TrackArrays::Bins { bin_bp, bins });
        }
        let stretches = layout.map_or(0, |layout| layout.stretches.len());
        let offsets: Array<u64> = arrays.array("offsets", Some(stretches as u64 + 1))?;
        let positions: Array<u32> = arrays.array("positions", None)?;
        let points = positions.len() as u64;
        let values = arrays.array("values", Some(points))?;
        let ascending = offsets.slice(0..stretches).zip(offsets.slice(1..stretches + 1));
        let ends = offsets.get(0) == Some(0) && offsets.get(stretches) == Some(points);
        if !ends || ascending.into_iter().any(|(a, b)| a > b) {
            return Err(DatasetError::broken(path, "its offsets do not ascend from 0 to its end"));
        }
        Ok(TrackArrays::Points { offsets, positions, values })
    }

    fn add_rows(
        &mut self,
        sample: usize,
        expression: Option<&Array<f64>>,
    ) -> Result<(), DatasetError> {
        let before = self.rows.len();
        match expression {
            None => self.rows.extend((0..self.genes.len()).map(|gene| Row { gene, sample })),
            Some(values) => {
                let values = values.slice(0..values.len()).enumerate();
                let rows = values.filter(|(_, value)| !value.is_nan());
                self.rows.extend(rows.map(|(gene, _)| Row { gene, sample }));
            }
        }
        let (found, path) = (self.rows.len() - before, self.folder.join(folder::MANIFEST));
        match self.manifest.samples.get(sample).map(|s| s.rows) {
            Some(said) if said != found => {
                let message = format!("it says {said} rows for sample {sample}, which has {found}");
                Err(DatasetError::broken(&path, message))
            }
            _ => Ok(()),
        }
    }
}

/// Reads bytes as a manifest, a gene table and an array file, as opening does;
/// for tests with hostile bytes.
#[doc(hidden)]
pub fn check_bytes(manifest: &[u8], genes: &[u8], array: &[u8]) {
    let path = Path::new("bytes");
    let _ = arrays::header(path, array);
    if let Ok(manifest) = Manifest::from_bytes(path, manifest) {
        let text = String::from_utf8_lossy(genes);
        if let Ok(genes) = genes::parse(path, &text, &chromosomes(&manifest)) {
            let kept = genes.iter().map(|gene| places(&manifest.windows, gene, 0, i64::MAX));
            let kept: Vec<_> = kept.collect();
            for track in &manifest.tracks {
                let _ = Layout::new(&kept, kept_bin_bp(track)).bins();
            }
        }
    }
}
