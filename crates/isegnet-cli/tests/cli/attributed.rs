//! Folders of explanations made up: attributions in genome coordinates, as `explain` writes
//! them, without a model.

use super::setup::Folder;
use isegnet_core::{Chromosome, Gene, Interval, Random, Strand};
use isegnet_io::{bigwig, fasta};

/// Bases of the two windows of a gene, 5' to 3': TSS -1000..500, TTS -500..500.
pub const POSITIONS: usize = 2500;

/// A track of a made-up explanation.
pub struct Track<'a> {
    pub name: &'a str,
    /// The attributions of a gene, by its place among the genes: `POSITIONS` of them.
    pub values: &'a dyn Fn(usize) -> Vec<f32>,
}

/// The base of the genome that a position of a gene stands for.
pub fn base_of(gene: &Gene, position: usize) -> i64 {
    let (anchor, offset) = match position < 1500 {
        true => (gene.tss(), position as i64 - 1000),
        false => (gene.tts(), position as i64 - 2000),
    };
    if gene.strand == Strand::Forward { anchor + offset } else { anchor - offset }
}

/// Small values above 0, the same for the same gene and name.
pub fn noise(gene: usize, name: &str) -> Vec<f32> {
    let random = Random::new(5, name);
    (0..POSITIONS as u64).map(|p| 0.01 + 0.05 * random.uniform(gene as u64, p) as f32).collect()
}

pub fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        b'T' => b'A',
        other => other,
    }
}

/// Writes a folder as `isegnet explain` leaves it, less the arrays. `around` gives the 101
/// bases around a site, forward strand.
pub fn write(
    folder: &Folder,
    out: &str,
    (genes, chromosomes): (&[Gene], &[Chromosome]),
    tracks: &[Track<'_>],
    around: &mut dyn FnMut(&Interval) -> Vec<u8>,
) {
    let names: Vec<String> = tracks.iter().map(|t| format!("{:?}", t.name)).collect();
    folder.write(
        &format!("{out}/explain.json"),
        format!(
            "{{\"windows\": {{\"tss\": [-1000, 500], \"tts\": [-500, 500]}}, \"columns\": [{}]}}\n",
            names.join(", ")
        ),
    );
    let mut table = "gene_id\tgene_name\tsample\tpart\tchrom\tstart\tend\tstrand\n".to_owned();
    for gene in genes {
        let Interval { chrom, start, end } = &gene.body;
        let name = gene.name.as_deref().unwrap_or_default();
        table +=
            &format!("{}\t{name}\tonly\ttest\t{chrom}\t{start}\t{end}\t{}\n", gene.id, gene.strand);
    }
    folder.write(&format!("{out}/genes.tsv"), table);
    let (mut bed, mut records) = (String::from("#chrom\tstart\tend\n"), Vec::new());
    for track in tracks {
        let mut bases = std::collections::BTreeMap::new();
        for (i, gene) in genes.iter().enumerate() {
            let values = (track.values)(i);
            let chrom = &gene.body.chrom;
            let c = chromosomes.iter().position(|c| c.name == *chrom).unwrap();
            let length = chromosomes[c].length.unwrap() as i64;
            let mut best: Option<(i64, f32)> = None;
            for (position, &value) in values.iter().enumerate() {
                let at = base_of(gene, position);
                if !(0..length).contains(&at) {
                    continue;
                }
                let known = bases.entry((c, at)).or_insert(value);
                if value.abs() > known.abs() {
                    *known = value;
                }
                if best.is_none_or(|(_, most)| value > most) {
                    best = Some((at, value));
                }
            }
            let (at, value) = best.unwrap();
            let name = format!("{}/{}", gene.id, track.name);
            bed += &format!(
                "{chrom}\t{at}\t{}\t{name}\t1000\t{}\t{value}\t{}\t{}\n",
                at + 1,
                gene.strand,
                gene.id,
                track.name
            );
            let place = Interval::new(chrom.as_str(), (at - 50).max(0), (at + 51).min(length));
            let mut site = around(&place);
            if gene.strand == Strand::Reverse {
                site.reverse();
                site.iter_mut().for_each(|base| *base = complement(*base));
            }
            records.push((name, site));
        }
        let runs: Vec<(&str, u32, u32, f32)> = bases
            .iter()
            .map(|(&(c, at), &value)| {
                (chromosomes[c].name.as_str(), at as u32, at as u32 + 1, value)
            })
            .collect();
        let path = folder.path(format!("{out}/{}.bigWig", track.name));
        bigwig::write(path, chromosomes, runs).unwrap();
    }
    folder.write(&format!("{out}/sites.bed"), bed);
    fasta::write(folder.path(format!("{out}/sites.fa")), records).unwrap();
}
