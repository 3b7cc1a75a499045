use crate::error::found_some;
use crate::signed::signed_areas;
use crate::ticks::limits;
use crate::windows::{Row, Windows, zero_line};
use crate::{Area, Colour, Error, Figure, Highlight, Layer, Length, Window};

/// What [`gene_tracks`] draws.
#[derive(Clone, Copy, Debug)]
pub struct GeneTracks<'a> {
    /// Written above: the gene, its strand, what is explained.
    pub title: &'a str,
    /// The windows that positions run through; their notes name the place in
    /// the genome.
    pub windows: &'a [Window<'a>],
    /// Positions to shade on either side of a seam between windows.
    pub seam: usize,
    /// The tracks, from top to bottom.
    pub tracks: &'a [GeneTrack<'a>],
    /// Positions that stand out in every track.
    pub highlights: &'a [Highlight<'a>],
}

/// A track of [`GeneTracks`].
#[derive(Clone, Copy, Debug)]
pub struct GeneTrack<'a> {
    /// Written above its strips.
    pub name: &'a str,
    /// Its strips, from top to bottom.
    pub strips: &'a [Strip<'a>],
}

/// One value a position, over all windows; not finite where there is none.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Strip<'a> {
    /// Signed values, an area coloured by sign.
    Attribution(&'a [f64]),
    /// A grey area.
    Signal(&'a [f64]),
}

impl<'a> Strip<'a> {
    fn values(&self) -> &'a [f64] {
        match self {
            Self::Attribution(values) | Self::Signal(values) => values,
        }
    }

    /// Gives what this strip is, for messages.
    fn what(&self) -> &'static str {
        match self {
            Self::Attribution(_) => "attribution",
            Self::Signal(_) => "signal",
        }
    }

    fn height(&self) -> Length {
        Length::Units(if let Self::Attribution(_) = self { 44.0 } else { 30.0 })
    }

    fn layers(&self, x: &[f64], which: std::ops::Range<usize>) -> Vec<Layer> {
        let values = &self.values()[which];
        match self {
            Self::Attribution(_) => {
                let [mut above, mut below] = signed_areas(x, values);
                above.name = "attribution > 0".into();
                below.name = "attribution < 0".into();
                vec![Layer::Area(above), Layer::Area(below), zero_line(x)]
            }
            Self::Signal(_) => vec![Layer::Area(Area {
                name: "signal".into(),
                x: x.to_vec(),
                low: vec![0.0; values.len()],
                high: values.to_vec(),
                colour: Colour::GREY,
                opacity: 0.75,
            })],
        }
    }
}

/// Draws one gene's strips along its windows, such as attribution above signal.
///
/// Each strip has its own scale, which includes zero. A position without a
/// value interrupts its area.
///
/// # Errors
/// There is no track, window or strip; a window has less than two positions; a
/// strip does not have one value a position, or none that is finite.
pub fn gene_tracks(gene: &GeneTracks<'_>) -> Result<Figure, Error> {
    let windows = Windows { windows: gene.windows, seam: gene.seam };
    windows.check()?;
    found_some("tracks", gene.tracks.len())?;
    for track in gene.tracks {
        found_some(&format!("strips of {}", track.name), track.strips.len())?;
        for strip in track.strips {
            windows.check_values(&format!("{} of {}", strip.what(), track.name), strip.values())?;
        }
    }
    let strips: Vec<(&str, &Strip<'_>)> = gene
        .tracks
        .iter()
        .flat_map(|t| {
            t.strips.iter().enumerate().map(|(i, s)| (if i == 0 { t.name } else { "" }, s))
        })
        .collect();
    let heights: Vec<Length> = strips.iter().map(|(_, s)| s.height()).collect();
    let mut figure = windows.page(&heights).title(gene.title);
    for (i, (title, strip)) in strips.iter().enumerate() {
        let row = Row {
            title,
            label: "",
            limits: limits(strip.values().iter().copied().chain([0.0])),
            last: i + 1 == strips.len(),
            highlights: gene.highlights,
        };
        figure = windows.add_row(figure, &row, |x, which| strip.layers(x, which));
    }
    Ok(figure)
}
