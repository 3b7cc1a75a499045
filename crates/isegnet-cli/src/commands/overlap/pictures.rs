use super::WindowName;
use super::bound::Bound;
use super::test::Tested;
use crate::commands::explain::file_name;
use crate::explained::Explained;
use crate::numbers::p_value;
use crate::report;
use isegnet_core::Strand;
use isegnet_encode::Window as Reach;
use isegnet_explain::SEAM_MARGIN;
use isegnet_plot::{
    Bar, Bars, Colour, GeneTrack, GeneTracks, Highlight, Strip, Window, bars, gene_tracks,
};
use isegnet_stats::PValue;
use std::path::Path;

/// Draws how many times more bases of peaks are bound than of random regions; nothing where
/// nothing is expected.
pub fn folds(tested: &[Tested], picture: &Path) -> anyhow::Result<()> {
    let shown: Vec<&Tested> = tested.iter().filter(|t| t.bases.fold().is_finite()).collect();
    let texts: Vec<(String, String)> = shown
        .iter()
        .map(|t| {
            let p = p_value(PValue::new(t.bases.p).unwrap_or(PValue::ONE));
            (t.title(tested), format!("p = {p}"))
        })
        .collect();
    let drawn: Vec<Bar<'_>> = shown
        .iter()
        .zip(&texts)
        .map(|(t, (name, note))| Bar { name, value: t.bases.fold(), note })
        .collect();
    if drawn.is_empty() {
        return Ok(());
    }
    let figure = bars(&Bars {
        title: "Bases of attribution peaks that are bound",
        value_label: "times as many as of random regions of the same promoters",
        bars: &drawn,
        threshold: Some((1.0, "as many as of random regions")),
    })?;
    report::draw(picture, &figure)
}

/// Draws one gene: the experiment's signal, and below it the attributions of each track, with
/// what is bound marked (Figure 5 B and C of the paper).
pub fn gene(
    explained: &Explained,
    tracks: &[String],
    (window, row): (WindowName, usize),
    bound: &mut Bound,
    folder: &Path,
) -> anyhow::Result<()> {
    let about = &explained.rows[row];
    let windows: Vec<Drawn> = window
        .of(explained)
        .into_iter()
        .map(|(which, reach)| Drawn { which, reach, note: about.place(which, reach).to_string() })
        .collect();
    let mut signal = Vec::new();
    let mut highlights = Vec::new();
    for drawn in &windows {
        let place = about.place(drawn.which, drawn.reach);
        let mut values = Vec::new();
        bound.signal_into(&place, &mut values)?;
        let mut at = bound.bound_at(&place)?;
        if about.gene.strand == Strand::Reverse {
            values.reverse();
            at.reverse();
        }
        let first = signal.len() + drawn.before();
        let mut from = first;
        for run in at.chunk_by(|a, b| a == b) {
            if run[0] {
                highlights.push(Highlight {
                    name: "ChIP-seq peak",
                    positions: from..from + run.len(),
                    colour: Colour::ORANGE,
                });
            }
            from += run.len();
        }
        drawn.lay(&values, &mut signal);
    }
    let mut attributions = Vec::new();
    for track in tracks {
        let mut source = explained.attributions(&about.sample, track)?;
        let (mut all, mut values) = (Vec::new(), Vec::new());
        for drawn in &windows {
            let place = about.place(drawn.which, drawn.reach);
            about.values_into(source.as_mut(), &place, &mut values)?;
            drawn.lay(&values, &mut all);
        }
        attributions.push(all);
    }
    let strips: Vec<[Strip<'_>; 1]> = std::iter::once([Strip::Signal(&signal)])
        .chain(attributions.iter().map(|values| [Strip::Attribution(values)]))
        .collect();
    let names = std::iter::once("ChIP-seq").chain(tracks.iter().map(String::as_str));
    let tracks: Vec<GeneTrack<'_>> = names
        .zip(&strips)
        .filter(|(_, strips)| has_values(strips))
        .map(|(name, strips)| GeneTrack { name, strips })
        .collect();
    let drawn: Vec<Window<'_>> = windows.iter().map(Drawn::window).collect();
    let figure = gene_tracks(&GeneTracks {
        title: &format!("{} ({}): ChIP-seq above attributions", about.title(), about.gene.strand),
        windows: &drawn,
        seam: SEAM_MARGIN,
        tracks: &tracks,
        highlights: &highlights,
    })?;
    report::draw(&folder.join(format!("gene-{}.svg", file_name(&about.gene.id))), &figure)
}

fn has_values(strips: &[Strip<'_>; 1]) -> bool {
    match strips {
        [Strip::Attribution(values) | Strip::Signal(values)] => {
            values.iter().any(|value| value.is_finite())
        }
        _ => false,
    }
}

/// A window as a picture shows it: from the anchor on if that is outside.
struct Drawn {
    which: usize,
    reach: Reach,
    note: String,
}

impl Drawn {
    /// Positions between the anchor and a window behind it.
    fn before(&self) -> usize {
        self.reach.start().max(0) as usize
    }

    /// Puts a window's values behind others, with nothing between it and its anchor.
    fn lay(&self, values: &[f32], to: &mut Vec<f64>) {
        to.extend(std::iter::repeat_n(f64::NAN, self.before()));
        to.extend(values.iter().map(|&value| f64::from(value)));
        to.extend(std::iter::repeat_n(f64::NAN, (-self.reach.end()).max(0) as usize));
    }

    fn window(&self) -> Window<'_> {
        Window {
            anchor: ["TSS", "TTS"][self.which.min(1)],
            upstream: (-self.reach.start()).max(0) as usize,
            downstream: self.reach.end().max(0) as usize,
            note: &self.note,
        }
    }
}
