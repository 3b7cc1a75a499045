//! A gene's attributions above its signal, and the bases of the highest site of the DNA.

use super::Explanation;
use super::drawing::Ruler;
use super::file_name;
use super::rows::Wanted;
use super::sites::Site;
use crate::failure::Refusal;
use crate::report;
use isegnet_explain::{By, SEAM_MARGIN, Segments};
use isegnet_plot::{
    Colour, GeneTrack, GeneTracks, Highlight, Logo, LogoRow, Strip, gene_tracks, logo,
};
use std::path::Path;

/// Positions on either side of a site that are drawn.
const FLANK: usize = 50;

/// Draws the rows of the genes asked for, or the row of the largest value.
pub fn genes(
    explanation: &Explanation,
    asked: &[String],
    sites: &[Site],
    out: &Path,
) -> anyhow::Result<()> {
    for row in rows(explanation, asked)? {
        let stem = format!("gene-{}.svg", file_name(&explanation.name(row)));
        gene(explanation, row, sites, &out.join(stem))?;
    }
    Ok(())
}

fn rows(explanation: &Explanation, asked: &[String]) -> anyhow::Result<Vec<usize>> {
    let dataset = explanation.view.dataset();
    if asked.is_empty() {
        let values = explanation.completeness.iter().map(|row| row.value).enumerate();
        let largest = values.reduce(|best, row| if row.1 > best.1 { row } else { best });
        return Ok(largest.map(|(row, _)| row).into_iter().collect());
    }
    let wanted = Wanted::of(dataset, asked)?;
    let number = |row: usize| dataset.rows()[explanation.rows[row]].gene;
    let rows: Vec<usize> =
        (0..explanation.rows.len()).filter(|&row| wanted.0[number(row)]).collect();
    let drawn = |gene: usize| rows.iter().any(|&row| number(row) == gene);
    match (0..wanted.0.len()).find(|&gene| wanted.0[gene] && !drawn(gene)) {
        None => Ok(rows),
        Some(gene) => Err(Refusal::usage(format!(
            "gene {:?} is not among those explained; name it in --genes too",
            dataset.genes()[gene].id
        ))
        .into()),
    }
}

/// Draws one row as `stem`.svg and .png.
fn gene(explanation: &Explanation, row: usize, sites: &[Site], stem: &Path) -> anyhow::Result<()> {
    let (view, ruler) = (&explanation.view, Ruler::of(&explanation.view));
    let columns = explanation.columns();
    let mut values = vec![0.0; view.positions()];
    let mut strips: Vec<(Vec<f64>, Option<Vec<f64>>)> = Vec::new();
    for column in &columns {
        explanation.column_into(row, column, &mut values);
        let wide: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
        strips.push((ruler.stretched(&wide), signal(explanation, row, &column.name, &ruler)));
    }
    let drawn: Vec<Vec<Strip<'_>>> = strips
        .iter()
        .map(|(attribution, signal)| {
            let signal = signal.iter().map(|signal| Strip::Signal(signal));
            [Strip::Attribution(attribution)].into_iter().chain(signal).collect()
        })
        .collect();
    let tracks: Vec<GeneTrack<'_>> = columns
        .iter()
        .zip(&drawn)
        .map(|(column, strips)| GeneTrack { name: &column.name, strips })
        .collect();
    let segments = segments(explanation)?;
    let of_dna = |site: &&Site| {
        site.top.row == row && columns.get(site.top.column).is_some_and(|c| c.input.is_none())
    };
    let flank = sites.iter().find(of_dna).and_then(|s| segments.flank(s.top.position, FLANK));
    let highlights: Vec<Highlight<'_>> = flank
        .map(|flank| Highlight {
            name: "highest site of the DNA",
            positions: ruler.bases(flank),
            colour: Colour::ORANGE,
        })
        .into_iter()
        .collect();
    let dataset = view.dataset();
    let gene = dataset.gene_of(explanation.rows[row]);
    let name = gene.name.as_deref().unwrap_or(&gene.id);
    let title = format!(
        "{name} ({}), {}: attribution above signal",
        gene.strand,
        dataset.sample_of(explanation.rows[row]).name
    );
    let places = view.intervals(explanation.rows[row]).map(|place| place.to_string());
    let figure = gene_tracks(&GeneTracks {
        title: &title,
        windows: &ruler.windows(&places),
        seam: SEAM_MARGIN * view.bin_bp(),
        tracks: &tracks,
        highlights: &highlights,
    })?;
    report::draw(stem, &figure)
}

/// What was measured of a track; none for a mask, for DNA, and where nothing was.
fn signal(explanation: &Explanation, row: usize, column: &str, ruler: &Ruler) -> Option<Vec<f64>> {
    let track = explanation.view.tracks().position(|track| track.name == column)?;
    let mut values = vec![f32::NAN; explanation.view.positions()];
    explanation.view.values_into(explanation.rows[row], track, &mut values);
    let values: Vec<f64> = values.into_iter().map(f64::from).collect();
    values.iter().any(|value| value.is_finite()).then(|| ruler.stretched(&values))
}

fn segments(explanation: &Explanation) -> anyhow::Result<Segments> {
    let view = &explanation.view;
    Ok(Segments::new(&view.windows().both().map(|window| window.len() / view.bin_bp()))?)
}

/// Draws the bases around the highest site of the DNA, as high as their attributions; nothing
/// where there is none.
pub fn top_site(
    explanation: &Explanation,
    sites: &[Site],
    by: By,
    stem: &Path,
) -> anyhow::Result<()> {
    let columns = explanation.columns();
    let of_dna = sites.iter().filter(|s| columns[s.top.column].input.is_none());
    let height = |site: &Site| by.height(site.top.value);
    let highest = of_dna.reduce(|best, s| if height(s) > height(best) { s } else { best });
    let flank = |site: &Site| segments(explanation).ok()?.flank(site.top.position, FLANK);
    let Some((site, flank)) = highest.and_then(|site| Some((site, flank(site)?))) else {
        return Ok(());
    };
    let mut bases = vec![0.0; 4 * explanation.view.positions()];
    explanation.values.dna_into(site.top.row, &mut bases);
    let heights = bases.chunks_exact(4).map(|b| [0, 1, 2, 3].map(|i| f64::from(b[i])));
    let heights: Vec<[f64; 4]> = heights.skip(flank.start).take(flank.len()).collect();
    let name = format!("{} at {} ({})", explanation.name(site.top.row), site.bases, site.strand);
    let figure = logo(&Logo {
        title: "Highest site of the DNA",
        rows: &[LogoRow {
            name: &name,
            value_label: "attribution",
            position_label: "Position from the site (bp)",
            first: flank.start as i64 - site.top.position as i64,
            heights: &heights,
        }],
    })?;
    report::draw(stem, &figure)
}
