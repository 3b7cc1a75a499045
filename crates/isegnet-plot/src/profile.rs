use crate::error::found_some;
use crate::ticks::limits;
use crate::windows::{Row, Windows, zero_line};
use crate::{Colour, Error, Figure, Length, Series, Window};

/// Height of a track's panels.
const HEIGHT: f64 = 74.0;

/// What [`profile`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// Written above.
    pub title: &'a str,
    /// What the values are, as in `mean attribution`.
    pub value_label: &'a str,
    /// The windows that positions run through.
    pub windows: &'a [Window<'a>],
    /// Positions to shade on either side of a seam between windows.
    pub seam: usize,
    /// The tracks, from top to bottom.
    pub tracks: &'a [ProfileTrack<'a>],
}

/// A track of a [`Profile`].
#[derive(Clone, Copy, Debug)]
pub struct ProfileTrack<'a> {
    /// Written above its panels.
    pub name: &'a str,
    /// Its lines; each has one value a position, over all windows.
    pub series: &'a [Series<'a>],
}

/// Draws values along the windows: a row of panels a track, a column a window.
///
/// Each track has its own scale, which includes zero. A position without a
/// value interrupts its line.
///
/// # Errors
/// There is no track, window or series; a window has less than two positions;
/// a series does not have one value a position, or none that is finite.
pub fn profile(profile: &Profile<'_>) -> Result<Figure, Error> {
    let windows = Windows { windows: profile.windows, seam: profile.seam };
    windows.check()?;
    found_some("tracks", profile.tracks.len())?;
    let mut figure = windows.page(&[Length::Units(HEIGHT)]).title(heading(profile));
    for (i, track) in profile.tracks.iter().enumerate() {
        found_some(&format!("series of {}", track.name), track.series.len())?;
        for series in track.series {
            windows.check_values(&format!("{} of {}", series.name, track.name), series.values)?;
            series.check()?;
        }
        let all = track.series.iter().flat_map(Series::all);
        let row = Row {
            title: track.name,
            label: "",
            limits: limits(all.chain([0.0])),
            last: i + 1 == profile.tracks.len(),
            highlights: &[],
        };
        figure = windows.add_row(figure, &row, |x, which| {
            let lines = track.series.iter().enumerate();
            let lines = lines.flat_map(|(i, s)| s.layers(x, which.clone(), Colour::of_line(i)));
            [zero_line(x)].into_iter().chain(lines).collect()
        });
    }
    Ok(figure)
}

/// Gives the title with what the values are.
fn heading(profile: &Profile<'_>) -> String {
    match (profile.title, profile.value_label) {
        (title, "") => title.to_owned(),
        ("", label) => label.to_owned(),
        (title, label) => format!("{title}: {label}"),
    }
}
