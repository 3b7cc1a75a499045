//! Draws every chart, from ordinary and from extreme numbers, as PNG and SVG
//! into the folder given as the first argument.

use isegnet_plot::{
    Band, Colour, Error, Figure, GeneTrack, GeneTracks, Highlight, Logo, LogoRow, Profile,
    ProfileTrack, Series, Strip, Window, gene_tracks, information_content, logo, profile,
};
use std::path::PathBuf;

const WINDOWS: [Window<'static>; 2] = [
    Window { anchor: "TSS", upstream: 1000, downstream: 500, note: "" },
    Window { anchor: "TTS", upstream: 500, downstream: 500, note: "" },
];
const MARKS: [&str; 16] = [
    "H3K4me1",
    "H3K4me3",
    "H3K9ac",
    "H3K9me3",
    "H3K27ac",
    "H3K27me3",
    "H3K36me3",
    "H3K79me2",
    "H4K20me1",
    "H2A.Z",
    "DNase I",
    "Pol II",
    "CTCF",
    "Methylation",
    "Methylation.measured",
    "A track whose name is so long that nobody would ever write it but someone will",
];

struct Gallery {
    folder: PathBuf,
}

impl Gallery {
    fn keep(
        &self,
        name: &str,
        figure: Result<Figure, Error>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let figure = figure?;
        std::fs::write(self.folder.join(format!("{name}.png")), figure.to_png(2.0)?)?;
        std::fs::write(self.folder.join(format!("{name}.svg")), figure.to_svg())?;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("usage: gallery FOLDER")?.into();
    std::fs::create_dir_all(&folder)?;
    let gallery = Gallery { folder };
    profiles(&gallery)?;
    genes(&gallery)?;
    logos(&gallery)
}

/// Numbers that look normal, from a fixed sequence.
fn noise(i: usize) -> f64 {
    (0..12).map(|k| ((i * 12 + k) as f64 * 12.9898).sin() * 43_758.547 % 1.0).sum::<f64>() / 2.0
}

fn bump(i: usize, at: f64, width: f64) -> f64 {
    (-((i as f64 - at) / width).powi(2)).exp()
}

fn profiles(gallery: &Gallery) -> Result<(), Box<dyn std::error::Error>> {
    let mean = |t: usize, sign: f64| -> Vec<f64> {
        (0..2500)
            .map(|i| {
                let t = t as f64;
                let shape = bump(i, 950.0 + 20.0 * t, 120.0) - 0.3 * bump(i, 2000.0, 90.0 + t);
                sign * 1e-3 * (shape + 0.02 * noise(i))
            })
            .collect()
    };
    let moved =
        |v: &[f64], by: f64| -> Vec<f64> { v.iter().map(|x| x + by * (1e-4 + x.abs())).collect() };
    let means: Vec<[Vec<f64>; 4]> = (0..16)
        .map(|t| {
            let (a, b) = (mean(t, 1.0), mean(t + 4, 0.7));
            let (low, high) = (moved(&a, -0.8), moved(&a, 0.8));
            [a, b, low, high]
        })
        .collect();
    let series: Vec<Vec<Series<'_>>> = means
        .iter()
        .map(|[a, b, low, high]| {
            let band = Some(Band { name: "10–90% of genes", low, high });
            vec![Series { name: "late ring", values: a, band }, Series::new("late schizont", b)]
        })
        .collect();
    let tracks: Vec<ProfileTrack<'_>> =
        MARKS.iter().zip(&series).map(|(name, series)| ProfileTrack { name, series }).collect();
    let draw = |tracks: &[ProfileTrack<'_>]| {
        profile(&Profile {
            title: "Late ring, held-out genes",
            value_label: "mean attribution",
            windows: &WINDOWS,
            seam: 30,
            tracks,
        })
    };
    gallery.keep("profile", draw(&tracks[..3]))?;
    gallery.keep("profile_one", draw(&tracks[15..]))?;
    gallery.keep("profile_sixteen", draw(&tracks))?;
    let mut zero = vec![0.0; 2500];
    zero[1200..1600].fill(f64::NAN);
    let zeros = [Series::new("all zero, some missing", &zero)];
    gallery.keep("profile_zero", draw(&[ProfileTrack { name: "DNA", series: &zeros }]))
}

fn genes(gallery: &Gallery) -> Result<(), Box<dyn std::error::Error>> {
    let windows = [
        Window { note: "chr7:55,951,793–55,953,293", ..WINDOWS[0] },
        Window { note: "chr7:55,999,204–56,000,204", ..WINDOWS[1] },
    ];
    let of = |t: usize| -> [Vec<f64>; 2] {
        let at = 500.0 + 60.0 * t as f64;
        let signal: Vec<f64> = (0..2500)
            .map(|i| (bump(i / 20 * 20, 1050.0, 250.0) + 0.1 * noise(i / 20)).max(0.0))
            .collect();
        let attribution = (0..2500)
            .map(|i| {
                0.004 * (bump(i, at, 60.0) - 0.6 * bump(i, 1900.0, 50.0) + 0.05 * noise(i + t))
            })
            .collect();
        [attribution, signal]
    };
    let values: Vec<[Vec<f64>; 2]> = (0..16).map(of).collect();
    let strips: Vec<[Strip<'_>; 2]> =
        values.iter().map(|[a, s]| [Strip::Attribution(a), Strip::Signal(s)]).collect();
    let tracks: Vec<GeneTrack<'_>> =
        MARKS.iter().zip(&strips).map(|(name, strips)| GeneTrack { name, strips }).collect();
    let highlights = [
        Highlight { name: "top site", positions: 590..690, colour: Colour::ORANGE },
        Highlight { name: "MYC peak", positions: 1850..2100, colour: Colour::GREEN },
    ];
    let draw = |tracks: &[GeneTrack<'_>], highlights: &[Highlight<'_>]| {
        gene_tracks(&GeneTracks {
            title: "NIPSNAP2 (+): attribution above signal",
            windows: &windows,
            seam: 30,
            tracks,
            highlights,
        })
    };
    gallery.keep("gene", draw(&tracks[..3], &highlights))?;
    gallery.keep("gene_sixteen", draw(&tracks, &[]))?;
    let zero = vec![0.0; 2500];
    let chip = [Strip::Signal(&values[0][1])];
    let strips = [Strip::Attribution(&zero), Strip::Signal(&zero)];
    let flat = [
        GeneTrack { name: "MYC ChIP-seq", strips: &chip },
        GeneTrack { name: "all zero", strips: &strips },
    ];
    gallery.keep("gene_zero", draw(&flat, &highlights[..1]))
}

fn logos(gallery: &Gallery) -> Result<(), Box<dyn std::error::Error>> {
    let one_hot = |i: usize, height: f64| {
        let mut column = [0.0; 4];
        column[(noise(i * 7).abs() * 1000.0) as usize % 4] = height;
        column
    };
    let site: Vec<[f64; 4]> =
        (0..101).map(|i| one_hot(i, 0.02 * (bump(i, 50.0, 8.0) + 0.15 * noise(i)))).collect();
    let motif = [
        [0.02, 0.95, 0.02, 0.01],
        [0.9, 0.03, 0.04, 0.03],
        [0.02, 0.94, 0.02, 0.02],
        [0.1, 0.05, 0.8, 0.05],
        [0.05, 0.05, 0.05, 0.85],
        [0.01, 0.01, 0.97, 0.01],
        [0.25, 0.25, 0.25, 0.25],
        [0.4, 0.1, 0.4, 0.1],
    ];
    let bits = information_content(&motif)?;
    let row = |heights| LogoRow {
        name: "Top site of H3K4me3",
        value_label: "attribution",
        position_label: "Position in the site (bp)",
        first: -50,
        heights,
    };
    let matrix = LogoRow {
        name: "MYC (MA0147.3)",
        value_label: "bits",
        position_label: "Position",
        first: 1,
        heights: &bits,
    };
    let draw = |rows: &[LogoRow<'_>]| logo(&Logo { title: "PF3D7_0102200", rows });
    gallery.keep("logo_site", draw(&[row(&site)]))?;
    gallery.keep("logo_motif", draw(&[matrix]))?;
    gallery.keep("logo_both", draw(&[row(&site[44..60]), matrix]))?;
    let long: Vec<[f64; 4]> = (0..300).map(|i| one_hot(i, 0.01 * noise(i))).collect();
    gallery.keep("logo_long", draw(&[row(&long)]))?;
    gallery.keep("logo_zero", draw(&[row(&[[0.0; 4]; 20])]))?;
    gallery.keep("logo_one", draw(&[row(&site[50..51])]))
}
