//! Genes that a part of the inputs predicts as all of them do (Gao et al., Figure S6 and
//! Table S4).

use super::{Args, DNA, TRACKS, pictures};
use crate::Session;
use crate::commands::explain::file_name;
use crate::trials::{EVERYTHING, Material, write};
use isegnet_encode::View;
use isegnet_io::atomic;
use isegnet_select::{Alike, Cell, Comparison, SelectError, Table};
use isegnet_stats::Alternative;

/// Writes lists of genes and the tests of their signals, for tracks alone and for DNA alone.
pub fn written(
    args: &Args,
    comparison: &Comparison,
    material: &Material,
    session: &Session,
) -> anyhow::Result<()> {
    let mut table = Table::new([
        "model",
        "predicted alike by",
        "track",
        "window",
        "genes",
        "other genes",
        "mean signal",
        "mean of others",
        "KS distance",
        "KS p",
    ]);
    let signals = Signals::new(material)?;
    for model in comparison.lines().into_iter().filter(|line| line.inputs == EVERYTHING) {
        for (part, file) in [(TRACKS, "tracks"), (DNA, "dna")] {
            let Ok(line) = comparison.line(&model.model, part) else { continue };
            let alike = Alike::between(comparison, line, model, args.alike)?;
            let name = match args.fitted.models.0.len() {
                1 => file.to_owned(),
                _ => format!("{file}-{}", file_name(&model.model)),
            };
            lists(args, &alike, material, &name)?;
            signals.test(&mut table, &alike, (&model.model, part))?;
            pictures::signals(&args.study.out, &name, &signals, &alike, part)?;
            session.screen.say(&format!(
                "\n{}: {} of {} test genes are predicted most alike by {part} and by everything; \
                 lists in ablation-alike-{name}.txt and ablation-rest-{name}.txt",
                model.model,
                alike.alike().len(),
                alike.alike().len() + alike.rest().len(),
            ));
        }
    }
    if !table.lines().is_empty() {
        write(&table, &args.study, "ablation-signals")?;
    }
    Ok(())
}

fn lists(args: &Args, alike: &Alike, material: &Material, name: &str) -> anyhow::Result<()> {
    let [genes, rest] = alike.lists(material.rows());
    for (kind, text) in [("alike", genes), ("rest", rest)] {
        let path = args.study.out.join(format!("ablation-{kind}-{name}.txt"));
        atomic::write(path, |out| out.write_all(text.as_bytes()))?;
    }
    Ok(())
}

/// Positions that are drawn as one.
const DRAWN: usize = 20;

/// The mean of a sum of so many values; NaN of none.
fn mean((sum, count): (f64, usize)) -> f64 {
    if count > 0 { sum / count as f64 } else { f64::NAN }
}

/// The signal of every gene: raw values of its rows, averaged over samples.
pub struct Signals<'m> {
    material: &'m Material,
    pub view: View,
}

impl<'m> Signals<'m> {
    fn new(material: &'m Material) -> anyhow::Result<Self> {
        let mut seen = material.everything();
        seen.dna = Some(seen.tracks.as_ref().is_none_or(Vec::is_empty));
        Ok(Self { material, view: material.dataset.view(&seen)? })
    }

    /// Mean of a track over the positions of `window` (0 TSS, 1 TTS) for each gene; NaN where it
    /// was nowhere measured.
    fn of_window(&self, track: usize, window: usize) -> Vec<f64> {
        let material = self.material;
        let genes = material.rows().genes().len();
        let mut sums = vec![(0.0, 0_usize); genes];
        let mut values = vec![0.0; self.view.positions()];
        let seam = self.view.seam();
        for (i, &row) in material.numbers().iter().enumerate() {
            self.view.values_into(row, track, &mut values);
            let inside = if window == 0 { &values[..seam] } else { &values[seam..] };
            let (sum, count) = &mut sums[material.rows().gene_of_row()[i]];
            for value in inside.iter().filter(|value| !value.is_nan()) {
                *sum += f64::from(*value);
                *count += 1;
            }
        }
        sums.into_iter().map(mean).collect()
    }

    /// Mean of a track over some genes at each position, in bins so that single measured bases
    /// (methylation) are no noise; NaN where none was measured.
    pub fn profile(&self, track: usize, genes: &[usize]) -> Vec<f64> {
        let material = self.material;
        let positions = self.view.positions();
        let mut sums = vec![(0.0, 0_usize); positions.div_ceil(DRAWN)];
        let mut values = vec![0.0; self.view.positions()];
        for (i, &row) in material.numbers().iter().enumerate() {
            if genes.binary_search(&material.rows().gene_of_row()[i]).is_err() {
                continue;
            }
            self.view.values_into(row, track, &mut values);
            for (position, value) in values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
                let (sum, count) = &mut sums[position / DRAWN];
                *sum += f64::from(*value);
                *count += 1;
            }
        }
        (0..positions).map(|position| mean(sums[position / DRAWN])).collect()
    }

    /// Adds a line a track and window: do the signals of the genes differ from the others'?
    fn test(
        &self,
        table: &mut Table,
        alike: &Alike,
        (model, part): (&str, &str),
    ) -> Result<(), SelectError> {
        for (t, track) in self.view.tracks().enumerate() {
            for (w, window) in self.view.windows().both().into_iter().enumerate() {
                if window.is_empty() {
                    continue;
                }
                let signal = self.of_window(t, w);
                let measured = |genes: &[usize]| -> Vec<f64> {
                    let of = genes.iter().map(|&gene| signal[gene]);
                    of.filter(|value| !value.is_nan()).collect()
                };
                let [genes, others] = [alike.alike(), alike.rest()].map(measured);
                let mean_of = |values: &[f64]| {
                    Some(mean((values.iter().sum(), values.len()))).filter(|mean| !mean.is_nan())
                };
                // Where no gene of a group was measured there is nothing to test.
                let test = alike.signal_test(&signal, Alternative::TwoSided).ok();
                let names = [model, part, &track.name, ["TSS", "TTS"][w]].map(Cell::text);
                let numbers = [genes.len().into(), others.len().into()];
                let means = [mean_of(&genes).into(), mean_of(&others).into()];
                let ks: [Cell; 2] = [test.map(|t| t.distance).into(), test.map(|t| t.p).into()];
                table.line(names.into_iter().chain(numbers).chain(means).chain(ks));
            }
        }
        Ok(())
    }
}
