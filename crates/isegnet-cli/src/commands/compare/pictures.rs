//! How two conditions differ, drawn.

use super::outcome::Found;
use super::samples::{Comparison, Sites};
use crate::commands::explain::{Ruler, file_name};
use crate::{Session, report};
use isegnet_core::Progress;
use isegnet_explain::{Contrast, Profiles, SEAM_MARGIN, SeedSpread, SiteValues, Watched};
use isegnet_plot::{
    Colour, Differences, GeneTrack, GeneTracks, Highlight, Profile, ProfileTrack, Sample, Series,
    Strip, differences, gene_tracks, profile,
};
use ndarray::Array2;
use std::path::Path;

/// Most values that a distribution is drawn from.
const DRAWN: usize = 200_000;

/// Bins of the distribution.
const BINS: usize = 80;

/// Draws the mean attribution of both conditions along the windows.
pub fn profiles(
    comparison: &Comparison<'_>,
    columns: &[String],
    session: &Session,
    stem: &Path,
) -> anyhow::Result<()> {
    let ruler = Ruler::of(&comparison.reference().view);
    let mut means = Vec::new();
    for condition in [&comparison.first, &comparison.second] {
        let mean = isegnet_explain::Mean::new(condition.attributions()?)?;
        session.screen.start("averaging", comparison.genes.len() as u64);
        let watched = Watched::new(&mean, &session.screen, &session.cancel);
        means.push(Profiles::of(&watched)?.mean());
        session.screen.finish();
    }
    let lines: Vec<[Vec<f64>; 2]> = (0..columns.len())
        .map(|c| [0, 1].map(|which| ruler.stretched(&means[which].column(c).to_vec())))
        .collect();
    let names = [&comparison.first.name, &comparison.second.name];
    let series: Vec<[Series<'_>; 2]> = lines
        .iter()
        .map(|lines| [0, 1].map(|which| Series::new(names[which], &lines[which])))
        .collect();
    draw_profile(comparison, columns, &series, "mean attribution", stem)
}

/// Draws by how much conditions differ beside how much seeds do.
pub fn seeds(
    comparison: &Comparison<'_>,
    columns: &[String],
    stem: &Path,
) -> anyhow::Result<SeedSpread> {
    let (first, second) = (comparison.first.attributions()?, comparison.second.attributions()?);
    let spread = SeedSpread::of(&first, &second)?;
    let ruler = Ruler::of(&comparison.reference().view);
    let of = |values: &Array2<f64>, c: usize| ruler.stretched(&values.column(c).to_vec());
    let lines: Vec<[Vec<f64>; 2]> =
        (0..columns.len()).map(|c| [of(&spread.conditions, c), of(&spread.seeds, c)]).collect();
    let series: Vec<[Series<'_>; 2]> = lines
        .iter()
        .map(|[conditions, seeds]| {
            [Series::new("between conditions", conditions), Series::new("between seeds", seeds)]
        })
        .collect();
    draw_profile(comparison, columns, &series, "root mean square difference", stem)?;
    Ok(spread)
}

fn draw_profile(
    comparison: &Comparison<'_>,
    columns: &[String],
    series: &[[Series<'_>; 2]],
    label: &str,
    stem: &Path,
) -> anyhow::Result<()> {
    let view = &comparison.reference().view;
    let tracks = columns.iter().zip(series);
    let tracks: Vec<ProfileTrack<'_>> =
        tracks.map(|(name, series)| ProfileTrack { name, series }).collect();
    let title = format!("{} genes", comparison.genes.len());
    let figure = profile(&Profile {
        title: &title,
        value_label: label,
        windows: &Ruler::of(view).windows(&[String::new(), String::new()]),
        seam: SEAM_MARGIN * view.bin_bp(),
        tracks: &tracks,
    })?;
    report::draw(stem, &figure)
}

/// Draws how differences are distributed: between one sample (or seed) of each condition, and
/// between two of one condition where there are such.
pub fn distribution(comparison: &Comparison<'_>, stem: &Path) -> anyhow::Result<()> {
    let unit = if comparison.apart { "seed" } else { "sample" };
    let [first, second] = [&comparison.first, &comparison.second];
    let mut units = [first.attributions()?.into_iter(), second.attributions()?.into_iter()];
    let mut pairs = Vec::new();
    if let [Some(a), Some(b)] = units.each_mut().map(Iterator::next) {
        pairs.push((format!("one {unit} of each condition"), a, b));
    }
    let mut again = [first.attributions()?.into_iter(), second.attributions()?.into_iter()];
    if let Some((a, b)) = again.iter_mut().find_map(|units| Some((units.next()?, units.next()?))) {
        pairs.push((format!("two {unit}s of one condition"), a, b));
    }
    let mut drawn_pairs = Vec::new();
    for (name, a, b) in pairs {
        let values = drawn(&Contrast::unpaired(vec![a], vec![b])?, comparison)?;
        drawn_pairs.push((name, values));
    }
    let samples: Vec<Sample<'_>> = drawn_pairs
        .iter()
        .filter(|(_, values)| values.len() > 1)
        .map(|(name, values)| Sample { name, values })
        .collect();
    if samples.is_empty() {
        return Ok(());
    }
    let title = format!("{} less {}", first.name, second.name);
    let figure = differences(&Differences {
        title: &title,
        label: "difference of attribution (sites that are not 0)",
        samples: &samples,
        bins: BINS,
    })?;
    report::draw(stem, &figure)
}

/// Takes values other than 0 of evenly spread rows.
fn drawn(contrast: &Contrast<Sites<'_>>, comparison: &Comparison<'_>) -> anyhow::Result<Vec<f64>> {
    let [rows, positions, columns] = contrast.shape();
    let (allowed, mut drawn) = (comparison.allowed(), Vec::new());
    let step = (rows * positions * columns).div_ceil(DRAWN).max(1);
    let mut values = Array2::zeros((positions, columns));
    for row in (0..rows).step_by(step) {
        contrast.row_into(row, values.view_mut())?;
        let sites = values.rows().into_iter().zip(allowed.row(row));
        let sites = sites.filter(|(_, allowed)| **allowed).flat_map(|(values, _)| values);
        drawn.extend(sites.filter(|v| v.is_finite() && **v != 0.0).map(|&v| f64::from(v)));
    }
    Ok(drawn)
}

/// Draws one gene: the difference of attributions above that of signals.
pub fn gene(
    comparison: &Comparison<'_>,
    columns: &[String],
    (gene, regions): (usize, &[Found]),
    out: &Path,
) -> anyhow::Result<()> {
    let view = &comparison.reference().view;
    let ruler = Ruler::of(view);
    let rows = |contrast: &Contrast<Sites<'_>>| -> anyhow::Result<Array2<f32>> {
        let [_, positions, columns] = contrast.shape();
        let mut values = Array2::zeros((positions, columns));
        contrast.row_into(gene, values.view_mut())?;
        Ok(values)
    };
    let (attributions, signals) =
        (rows(&comparison.attributions()?)?, rows(&comparison.signals()?)?);
    let line = |values: &Array2<f32>, c: usize| {
        let values: Vec<f64> = values.column(c).iter().map(|&value| f64::from(value)).collect();
        ruler.stretched(&values)
    };
    let lines: Vec<Vec<Vec<f64>>> = (0..columns.len())
        .map(|c| {
            let attribution = line(&attributions, c);
            let signal = (c < signals.ncols()).then(|| line(&signals, c));
            let signal = signal.filter(|values| values.iter().any(|value| value.is_finite()));
            [attribution].into_iter().chain(signal).collect()
        })
        .collect();
    let strips: Vec<Vec<Strip<'_>>> = lines
        .iter()
        .map(|lines| lines.iter().map(|values| Strip::Attribution(values)).collect())
        .collect();
    let tracks: Vec<GeneTrack<'_>> =
        columns.iter().zip(&strips).map(|(name, strips)| GeneTrack { name, strips }).collect();
    let largest = regions.iter().filter(|found| found.region.row == gene).reduce(|a, b| {
        let height = |found: &Found| found.region.summit_value.abs();
        if height(b) > height(a) { b } else { a }
    });
    let highlights: Vec<Highlight<'_>> = largest
        .map(|found| Highlight {
            name: "largest differential region",
            positions: ruler.bases(found.region.positions.clone()),
            colour: Colour::ORANGE,
        })
        .into_iter()
        .collect();
    let id = &comparison.genes[gene].id;
    let title = format!(
        "{} ({}): {} less {}, attribution above signal",
        comparison.genes[gene].name.as_deref().unwrap_or(id),
        comparison.genes[gene].strand,
        comparison.first.name,
        comparison.second.name
    );
    let places = view.intervals(comparison.place(gene)).map(|place| place.to_string());
    let figure = gene_tracks(&GeneTracks {
        title: &title,
        windows: &ruler.windows(&places),
        seam: SEAM_MARGIN * view.bin_bp(),
        tracks: &tracks,
        highlights: &highlights,
    })?;
    report::draw(&out.join(format!("gene-{}.svg", file_name(id))), &figure)
}
