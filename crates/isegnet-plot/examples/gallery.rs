//! Draws every chart, from ordinary and from extreme numbers, as PNG and SVG
//! into the folder given as the first argument.

use isegnet_plot::{
    Band, Bar, BarSeries, Bars, Colour, Curve, Differences, Error, Figure, GeneTrack, GeneTracks,
    GroupedBars, Heatmap, Highlight, LearningCurve, Lines, Logo, LogoRow, Profile, ProfileTrack,
    Sample, Scatter, Series, Shading, Strip, Volcano, Window, bars, curves, differences,
    gene_tracks, grouped_bars, heatmap, information_content, lines, logo, profile, scatter,
    volcano,
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
    logos(&gallery)?;
    heatmaps(&gallery)?;
    bar_charts(&gallery)?;
    line_charts(&gallery)?;
    clouds(&gallery)
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

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|i| format!("{prefix}{}", i + 1)).collect()
}

fn heatmaps(gallery: &Gallery) -> Result<(), Box<dyn std::error::Error>> {
    let values = |rows: usize, columns: usize| -> Vec<f64> {
        let value = |i: usize| {
            let (r, c) = (i / columns, i % columns);
            let block = if r % 3 == c % 3 { 9.0 } else { 1.0 };
            if i % 29 == 7 { f64::NAN } else { (block + 1.5 * noise(i)).max(0.0) }
        };
        (0..rows * columns).map(value).collect()
    };
    let draw = |rows: &[String], columns: &[String], clusters: (bool, bool), shading| {
        let mut values = values(rows.len(), columns.len());
        if shading == Shading::Signed {
            values.iter_mut().for_each(|v| *v -= 4.0);
        }
        heatmap(&Heatmap {
            title: "Motifs enriched at top sites",
            row_label: "Factor",
            column_label: "Condition and track",
            rows,
            columns,
            values: &values,
            value_label: "−log10 p",
            shading,
            cluster_rows: clusters.0,
            cluster_columns: clusters.1,
            decimals: None,
        })
    };
    let mut factors = names("FOXB", 24);
    factors[3] = "FOS::JUN (var.2), a dimer whose name is longer than a name should ever be".into();
    let tracks: Vec<String> = MARKS[..15].iter().map(|m| format!("late ring {m}")).collect();
    gallery.keep("heatmap", draw(&factors, &tracks, (true, true), Shading::FromZero))?;
    gallery.keep("heatmap_rows", draw(&factors, &tracks[..3], (true, false), Shading::Signed))?;
    gallery.keep(
        "heatmap_many",
        draw(&names("M", 300), &names("track ", 40), (true, true), Shading::FromZero),
    )?;
    gallery.keep(
        "heatmap_one",
        draw(&names("MYC", 1), &names("H3K9ac", 1), (true, true), Shading::FromZero),
    )?;
    let sweep = |shading, value: &dyn Fn(usize) -> f64, size: usize| {
        let (rows, columns) = (names("TSS −", size), names("+", size));
        let values: Vec<f64> = (0..size * size).map(value).collect();
        heatmap(&Heatmap {
            title: "Region sweep: R² by window",
            row_label: "Upstream (kb)",
            column_label: "Downstream (kb)",
            rows: &rows,
            columns: &columns,
            values: &values,
            value_label: "Validation R²",
            shading,
            cluster_rows: false,
            cluster_columns: false,
            decimals: Some(3),
        })
    };
    gallery.keep("sweep", sweep(Shading::Range, &|i| 0.6 + 0.04 * noise(i), 5))?;
    gallery.keep("sweep_zero", sweep(Shading::FromZero, &|_| 0.0, 2))
}

fn bar_charts(gallery: &Gallery) -> Result<(), Box<dyn std::error::Error>> {
    let terms = [
        ("Pathways in cancer", 14.2, "31 of 531"),
        ("Transcriptional misregulation in cancer", 11.9, "22 of 192"),
        ("Signaling pathways regulating pluripotency of stem cells", 7.1, "12 of 143"),
        ("Breast cancer", 5.0, "9 of 147"),
        ("Estrogen signaling pathway & <others>", 1.1, "3 of 137"),
        ("Nothing", 0.0, ""),
    ];
    let terms = terms.map(|(name, value, note)| Bar { name, value, note });
    let draw = |bars_: &[Bar<'_>]| {
        bars(&Bars {
            title: "KEGG pathways of factors at differential sites",
            value_label: "−log10 adjusted p",
            bars: bars_,
            threshold: Some((-(0.05f64.log10()), "p = 0.05")),
        })
    };
    gallery.keep("bars", draw(&terms))?;
    gallery.keep("bars_one", draw(&terms[5..]))?;
    let signed = [Bar { value: -3.0, ..terms[0] }, terms[4]];
    gallery.keep("bars_signed", draw(&signed))?;
    let groups: Vec<String> = ["A549", "HepG2", "K562", "late ring"].map(String::from).to_vec();
    let folds: Vec<Vec<f64>> =
        (0..4).map(|g| (0..5).map(|f| 0.5 + 0.05 * noise(g * 5 + f)).collect()).collect();
    let series = |name, values, errors| BarSeries { name, values, errors, points: &[] };
    let errors = [(0.45, 0.56), (0.4, 0.5), (0.44, 0.6), (0.46, 0.53)];
    let few = [
        BarSeries { points: &folds, ..series("network", &[0.5, 0.51, 0.49, 0.5], None) },
        series("random forest", &[0.5, 0.44, 0.52, 0.5], Some(&errors[..])),
        series("SVR, RBF kernel", &[0.41, 0.4, 0.38, 0.45], None),
        series("mean", &[-0.01, -0.02, 0.0, -0.01], None),
    ];
    let draw = |groups: &[String], series: &[BarSeries<'_>]| {
        grouped_bars(&GroupedBars { title: "Held-out genes", value_label: "R²", groups, series })
    };
    gallery.keep("grouped", draw(&groups, &few))?;
    let many = names("a condition with a name ", 16);
    let heights: Vec<f64> = (0..16).map(|i| 0.3 + 0.02 * f64::from(i)).collect();
    gallery.keep(
        "grouped_many",
        draw(&many, &[series("network", &heights, None), series("forest", &heights, None)]),
    )?;
    gallery.keep("grouped_zero", draw(&groups[..1], &[series("zero", &[0.0], None)]))
}

fn line_charts(gallery: &Gallery) -> Result<(), Box<dyn std::error::Error>> {
    let x: Vec<f64> = (0..=20).map(|i| f64::from(i) / 20.0).collect();
    let fall =
        |rate: f64, by: f64| -> Vec<f64> { x.iter().map(|x| (-rate * x).exp() + by * x).collect() };
    let (top, low, high) = (fall(4.0, 0.0), fall(4.0, -0.1), fall(4.0, 0.1));
    let (random, random_low, random_high) = (fall(0.9, 0.0), fall(0.9, -0.08), fall(0.9, 0.08));
    let band = |low, high| Some(Band { name: "10–90% of genes", low, high });
    let series = [
        Series { name: "top sites", values: &top, band: band(&low, &high) },
        Series { name: "random sites", values: &random, band: band(&random_low, &random_high) },
    ];
    let chart = Lines {
        title: "Deletion",
        x_label: "Fraction of positions replaced by the baseline",
        y_label: "Prediction / prediction of the whole gene",
        x: &x,
        series: &series,
        reference: Some((0.2, "baseline")),
    };
    gallery.keep("deletion", lines(&chart))?;
    let zero = [0.0; 2];
    let flat = [Series::new("zero", &zero)];
    gallery.keep(
        "deletion_zero",
        lines(&Lines { x: &x[..2], series: &flat, reference: None, ..chart }),
    )?;
    let conditions: Vec<f64> =
        (0..4000).map(|i| 0.02 * noise(i) * (1.0 + noise(i + 9000).powi(2))).collect();
    let seeds: Vec<f64> = (0..4000).map(|i| 0.01 * noise(i + 50_000)).collect();
    let samples = [
        Sample { name: "between conditions", values: &conditions },
        Sample { name: "between seeds", values: &seeds },
    ];
    let chart = Differences {
        title: "H3K9ac: late schizont − late ring",
        label: "Difference of mean attribution",
        samples: &samples,
        bins: 60,
    };
    gallery.keep("differences", differences(&chart))?;
    let zero = [Sample { name: "zero", values: &[0.0; 9] }];
    gallery.keep("differences_zero", differences(&Differences { samples: &zero, ..chart }))
}

fn clouds(gallery: &Gallery) -> Result<(), Box<dyn std::error::Error>> {
    let effects: Vec<f64> = (0..3000).map(|i| 1.2 * noise(i)).collect();
    let evidence: Vec<f64> =
        effects.iter().enumerate().map(|(i, e)| (e * e + noise(i + 4000)).abs()).collect();
    gallery.keep(
        "volcano",
        volcano(&Volcano {
            title: "Late schizont against late ring",
            effect_label: "Difference of attribution",
            evidence_label: "−log10 q",
            effects: &effects,
            evidence: &evidence,
            effect_from: 1.0,
            evidence_from: 1.3,
        }),
    )?;
    let measured: Vec<f64> = (0..2000).map(|i| (4.0 + 1.6 * noise(i)).max(0.0)).collect();
    let predicted: Vec<f64> =
        measured.iter().enumerate().map(|(i, m)| 1.6 + 0.6 * m + 0.9 * noise(i + 7000)).collect();
    let notes = ["R² 0.41".to_owned(), "n = 2000".into()];
    let (title, unit) = ("Held-out genes", "ln(TPM + 1)");
    let chart = Scatter { title, unit, measured: &measured, predicted: &predicted, notes: &notes };
    gallery.keep("scatter", scatter(&chart))?;
    let loss: Vec<f64> = (0..60).map(|e| 1.2 + 8.0 * (-0.12 * f64::from(e)).exp()).collect();
    let r2: Vec<f64> = loss.iter().map(|v| 0.55 - 0.13 * v).collect();
    gallery.keep(
        "curves",
        curves(&LearningCurve {
            title: "Learning curve",
            losses: &[Curve { name: "Training", values: &loss }],
            scores: &[Curve { name: "", values: &r2 }],
            score_label: "Validation R²",
            best: Some(47),
        }),
    )
}
