use crate::failure::Refusal;
use isegnet_core::{Gene, Interval, SignalSource, SourceError, Strand};
use isegnet_encode::Window;
use std::path::Path;

/// A gene of a sample, explained.
#[derive(Clone, Debug)]
pub struct Row {
    pub gene: Gene,
    pub sample: String,
}

impl Row {
    /// What people call the gene.
    pub fn title(&self) -> &str {
        self.gene.name.as_deref().unwrap_or(&self.gene.id)
    }

    /// The anchors of the two windows, TSS first.
    fn anchors(&self) -> [i64; 2] {
        [self.gene.tss(), self.gene.tts()]
    }

    /// The bases of a window; `which` is 0 for the TSS's and 1 for the TTS's.
    pub fn place(&self, which: usize, window: Window) -> Interval {
        let (start, end) = window.around(self.anchors()[which], self.gene.strand);
        Interval::new(self.gene.body.chrom.as_str(), start, end)
    }

    /// Bases from an anchor to a position, positive downstream.
    pub fn offset(&self, which: usize, position: i64) -> i64 {
        let ahead = position - self.anchors()[which];
        if self.gene.strand == Strand::Forward { ahead } else { -ahead }
    }

    /// Fills `out` with the values of a place, 5' to 3' of the gene.
    pub fn values_into(
        &self,
        source: &mut dyn SignalSource,
        place: &Interval,
        out: &mut Vec<f32>,
    ) -> Result<(), SourceError> {
        out.clear();
        out.resize(place.len(), f32::NAN);
        source.values_into(&place.chrom, place.start, out)?;
        if self.gene.strand == Strand::Reverse {
            out.reverse();
        }
        Ok(())
    }
}

/// Reads `genes.tsv`.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let place = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Refusal::input(format!("{place} cannot be read: {cause}")))?;
    let mut lines = text.lines().zip(1..);
    let names: Vec<&str> =
        lines.next().map(|(line, _)| line.split('\t').collect()).unwrap_or_default();
    let column = |name: &str| {
        names.iter().position(|n| *n == name).ok_or_else(|| {
            Refusal::input(format!(
                "{place} has no column {name:?}; a table of isegnet explain has it"
            ))
        })
    };
    let [id, name, sample] = [column("gene_id")?, column("gene_name")?, column("sample")?];
    let [chrom, start] = [column("chrom")?, column("start")?];
    let [end, strand] = [column("end")?, column("strand")?];
    let row = |(line, number): (&str, usize)| {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |i: usize| fields.get(i).copied().unwrap_or_default();
        let wrong = |what: &str| {
            Refusal::input(format!("{place}, line {number}: {what}; explain the genes again"))
        };
        let base = |i: usize, what: &str| {
            let value = field(i).parse::<i64>().ok();
            let value = value.filter(|v| (0..=i64::from(u32::MAX)).contains(v));
            value.ok_or_else(|| wrong(&format!("{what} {:?} is no position", field(i))))
        };
        let (start, end) = (base(start, "start")?, base(end, "end")?);
        if end <= start {
            return Err(wrong(&format!("the gene ends at {end} and starts at {start}")));
        }
        let strand = match field(strand) {
            "+" => Strand::Forward,
            "-" => Strand::Reverse,
            other => return Err(wrong(&format!("{other:?} is no strand"))),
        };
        let gene = Gene {
            id: field(id).to_owned(),
            name: Some(field(name)).filter(|name| !name.is_empty()).map(str::to_owned),
            strand,
            body: Interval::new(field(chrom), start, end),
        };
        Ok(Row { gene, sample: field(sample).to_owned() })
    };
    let rows = lines.map(row).collect::<Result<Vec<Row>, Refusal>>()?;
    match rows.is_empty() {
        false => Ok(rows),
        true => Err(Refusal::input(format!("{place} has no gene; explain some")).into()),
    }
}
