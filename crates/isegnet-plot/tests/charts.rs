//! Every chart: where things are on the page, hostile names, and refusals.
#![allow(clippy::unwrap_used)]

use isegnet_plot::{
    Band, Bar, BarSeries, Bars, Colour, Differences, Error, Figure, GeneTrack, GeneTracks,
    GroupedBars, Heatmap, Highlight, Lines, Logo, LogoRow, Profile, ProfileTrack, Sample, Series,
    Shading, Strip, Volcano, Window, bars, differences, gene_tracks, grouped_bars, heatmap, lines,
    logo, profile, volcano,
};

const HOSTILE: &str = "<script>&\"'</text>\u{1}";
const WINDOWS: [Window<'static>; 2] = [
    Window { anchor: "TSS", upstream: 20, downstream: 10, note: HOSTILE },
    Window { anchor: HOSTILE, upstream: 10, downstream: 10, note: "" },
];

fn profile_of(values: &[f64], band: Option<Band<'_>>) -> Result<Figure, Error> {
    let series = [Series { name: HOSTILE, values, band }];
    let track = ProfileTrack { name: HOSTILE, series: &series };
    profile(&Profile {
        title: HOSTILE,
        value_label: "mean",
        windows: &WINDOWS,
        seam: 3,
        tracks: &[track, track],
    })
}

fn gene_of(strips: &[Strip<'_>]) -> Result<Figure, Error> {
    gene_tracks(&GeneTracks {
        title: HOSTILE,
        windows: &WINDOWS,
        seam: 3,
        tracks: &[GeneTrack { name: HOSTILE, strips }],
        highlights: &[Highlight { name: HOSTILE, positions: 5..9, colour: Colour::ORANGE }],
    })
}

fn logo_of(heights: &[[f64; 4]]) -> Result<Figure, Error> {
    let label = HOSTILE;
    let row = LogoRow { name: label, value_label: label, position_label: label, first: 0, heights };
    logo(&Logo { title: label, rows: &[row] })
}

fn heatmap_of(rows: usize, values: &[f64]) -> Result<Figure, Error> {
    let names = vec![HOSTILE.to_owned(); rows.max(3)];
    heatmap(&Heatmap {
        title: HOSTILE,
        row_label: HOSTILE,
        column_label: HOSTILE,
        rows: &names[..rows],
        columns: &names[..3],
        values,
        value_label: HOSTILE,
        shading: Shading::Signed,
        cluster_rows: true,
        cluster_columns: true,
        decimals: Some(1),
    })
}

fn bars_of(values: &[f64]) -> Result<Figure, Error> {
    let all: Vec<Bar<'_>> =
        values.iter().map(|&value| Bar { name: HOSTILE, value, note: HOSTILE }).collect();
    let threshold = Some((1.3, HOSTILE));
    bars(&Bars { title: HOSTILE, value_label: HOSTILE, bars: &all, threshold })
}

fn grouped_of(values: &[f64], errors: &[(f64, f64)], points: &[Vec<f64>]) -> Result<Figure, Error> {
    let groups = [HOSTILE.to_owned(), HOSTILE.to_owned()];
    let series = [BarSeries { name: HOSTILE, values, errors: Some(errors), points }];
    grouped_bars(&GroupedBars {
        title: HOSTILE,
        value_label: HOSTILE,
        groups: &groups,
        series: &series,
    })
}

fn lines_of(x: &[f64], values: &[f64]) -> Result<Figure, Error> {
    lines(&Lines {
        title: HOSTILE,
        x_label: HOSTILE,
        y_label: HOSTILE,
        x,
        series: &[Series::new(HOSTILE, values)],
        reference: Some((0.0, HOSTILE)),
    })
}

fn differences_of(values: &[f64], bins: usize) -> Result<Figure, Error> {
    let samples = [Sample { name: HOSTILE, values }];
    differences(&Differences { title: HOSTILE, label: HOSTILE, samples: &samples, bins })
}

fn volcano_of(effects: &[f64], evidence: &[f64]) -> Result<Figure, Error> {
    volcano(&Volcano {
        title: HOSTILE,
        effect_label: HOSTILE,
        evidence_label: HOSTILE,
        effects,
        evidence,
        effect_from: 1.0,
        evidence_from: 1.0,
    })
}

/// Every chart with hostile names, some with missing values.
fn all() -> Vec<Figure> {
    let mut values = vec![0.5; 50];
    values[7] = f64::NAN;
    let band = Band { name: HOSTILE, low: &values, high: &values };
    let figures = [
        profile_of(&values, Some(band)),
        gene_of(&[Strip::Attribution(&values), Strip::Signal(&values)]),
        logo_of(&[[0.1, 0.0, -0.2, 0.0]; 12]),
        heatmap_of(2, &[1.0, -2.0, f64::NAN, 0.0, 0.5, 1.0]),
        bars_of(&[3.0, -1.0, 0.0]),
        grouped_of(&[0.5, -0.1], &[(0.4, 0.6), (-0.2, 0.0)], &[vec![0.5, 0.4], vec![]]),
        lines_of(&[0.0, 1.0, 2.0], &[1.0, f64::NAN, 0.0]),
        differences_of(&[0.0, 1.0, -1.0], 5),
        volcano_of(&[0.0, 2.0, -2.0], &[0.0, 2.0, 2.0]),
    ];
    figures.into_iter().map(Result::unwrap).collect()
}

#[test]
fn names_from_outside_cannot_break_any_chart() {
    for figure in all() {
        let svg = figure.to_svg();
        assert!(!svg.contains("<script>") && !svg.contains('\u{1}'));
        assert!(svg.contains("&lt;script&gt;"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        // Drawing parses the SVG, so it is well-formed.
        assert!(figure.to_png(1.0).unwrap().starts_with(b"\x89PNG"));
    }
}

/// The numbers of `name="..."` in a tag.
fn number(tag: &str, name: &str) -> f64 {
    let from = tag.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    tag[from..].split('"').next().unwrap().parse().unwrap()
}

/// The plotting areas of a figure: x, y, width, height.
fn areas(figure: &Figure) -> Vec<[f64; 4]> {
    let svg = figure.to_svg();
    let clips = svg.split("<clipPath").skip(1);
    clips
        .map(|c| ["x", "y", "width", "height"].map(|n| number(&c[c.find("<rect").unwrap()..], n)))
        .collect()
}

#[test]
fn windows_are_as_wide_as_their_positions_and_line_up() {
    let found = areas(&profile_of(&[1.0; 50], None).unwrap());
    assert_eq!(found.len(), 4);
    let [first, second, third, fourth] = [found[0], found[1], found[2], found[3]];
    assert!((first[2] / second[2] - 1.5).abs() < 1e-3, "{first:?} {second:?}");
    assert_eq!((first[1], first[3]), (second[1], second[3]));
    assert_eq!((first[0], second[0]), (third[0], fourth[0]));
    assert!(second[0] > first[0] + first[2] + 3.0, "the windows do not touch");
    assert!(third[1] > first[1] + first[3]);
}

#[test]
fn an_area_stands_where_its_values_are() {
    let mut values = [0.0; 50];
    values[20] = 2.0;
    let figure = gene_of(&[Strip::Attribution(&values)]).unwrap();
    let (svg, area) = (figure.to_svg(), areas(&figure)[0]);
    let path = svg.split("<path d=\"").find(|p| p.contains("Z\" fill=\"#d55e00\"")).unwrap();
    let points: Vec<(f64, f64)> = path[..path.find('Z').unwrap()]
        .split(['M', 'L'])
        .filter_map(|p| p.split_once(' '))
        .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
        .collect();
    let top = points.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    // Position 20 is the TSS, 20 of 30 positions into the window; 2 is the top
    // of a scale with 4% of air on either side.
    assert!((top.0 - (area[0] + area[2] * 20.0 / 30.0)).abs() < 0.02, "{top:?} {area:?}");
    assert!((top.1 - (area[1] + area[3] * 0.04 / 1.08)).abs() < 0.02, "{top:?} {area:?}");
    let foot = points.iter().map(|p| p.1).fold(0.0, f64::max);
    assert!((foot - (area[1] + area[3] * 1.04 / 1.08)).abs() < 0.02);
}

#[test]
fn letters_are_as_high_as_their_values() {
    let svg = logo_of(&[[0.5, 0.0, 0.0, 0.0], [0.0, 1.5, 0.0, -1.0]]).unwrap().to_svg();
    let height = |colour: Colour| {
        let path =
            svg.split("<path d=\"").find(|p| p.contains(&format!("fill=\"{colour}\""))).unwrap();
        let ys = path[..path.rfind('Z').unwrap()]
            .split(|c: char| c.is_ascii_alphabetic() || c == ' ')
            .filter(|v| !v.is_empty())
            .map(|v| v.parse::<f64>().unwrap())
            .skip(1)
            .step_by(2);
        let (low, high) = ys.fold((f64::MAX, f64::MIN), |(l, h), y| (l.min(y), h.max(y)));
        high - low
    };
    let [a, c, t] = ['A', 'C', 'T'].map(|base| height(Colour::of_base(base)));
    assert!((c / a - 3.0).abs() < 0.01 && (t / a - 2.0).abs() < 0.01, "{a} {c} {t}");
}

#[test]
fn trees_lie_along_the_cells() {
    let figure = heatmap_of(2, &[1.0, -2.0, f64::NAN, 0.0, 0.5, 1.0]).unwrap();
    let [above, beside, cells, bar] = areas(&figure)[..] else { panic!("{:?}", areas(&figure)) };
    assert_eq!((above[0], above[2]), (cells[0], cells[2]));
    assert_eq!((beside[1], beside[3]), (cells[1], cells[3]));
    assert_eq!((bar[1], bar[3]), (cells[1], cells[3]));
    assert!(above[1] + above[3] <= cells[1] && beside[0] + beside[2] <= cells[0]);
    assert_eq!(figure.to_svg().matches("fill=\"#d4d4d4\" fill-opacity=\"1\" shape").count(), 1);
}

#[test]
fn what_cannot_be_drawn_says_what_is_wrong() {
    let nan = [f64::NAN; 50];
    let refused = |figure: Result<Figure, Error>, wanted: &str| {
        let message = figure.unwrap_err().to_string();
        assert!(message.contains(wanted), "{message}");
    };
    refused(profile_of(&[], None), "has 0 values and the windows 50");
    refused(profile_of(&[1.0], None), "has 1 values and the windows 50");
    refused(profile_of(&nan, None), "none of the 50 values");
    let short = Band { name: "band", low: &nan[..3], high: &nan };
    refused(profile_of(&[1.0; 50], Some(short)), "its band 3");
    refused(gene_of(&[]), "there are no strips");
    refused(gene_of(&[Strip::Signal(&nan)]), "signal of");
    refused(logo_of(&[]), "there are no positions");
    refused(logo_of(&[[0.0; 4], [0.0, f64::INFINITY, 0.0, 0.0]]), "value 5 (from 0) is inf");
    refused(heatmap_of(0, &[]), "there are no rows");
    refused(heatmap_of(2, &[1.0; 5]), "has 5 values and rows x columns 6");
    refused(heatmap_of(2, &nan[..6]), "none of the 6 values");
    refused(heatmap_of(1, &[0.0, f64::NEG_INFINITY, 1.0]), "value 1 (from 0) is -inf");
    refused(bars_of(&[]), "there are no bars");
    refused(bars_of(&[1.0, f64::NAN]), "value 1 (from 0) is NaN");
    let errors = [(0.0, 1.0); 2];
    refused(grouped_of(&[1.0], &errors, &[]), "has 1 values and the groups 2");
    refused(grouped_of(&[1.0; 2], &errors[..1], &[]), "error bars");
    refused(grouped_of(&[1.0; 2], &errors, &[vec![], vec![f64::NAN]]), "points of");
    refused(lines_of(&[0.0], &[1.0]), "at least 2 are needed");
    refused(lines_of(&[0.0, f64::NAN], &[1.0; 2]), "value 1 (from 0) is NaN");
    refused(lines_of(&[0.0, 1.0], &nan[..2]), "none of the 2 values");
    refused(differences_of(&[1.0], 5), "at least 2 are needed");
    refused(differences_of(&[1.0, 2.0], 0), "there are no bins");
    refused(volcano_of(&[], &[]), "there are no effects");
    refused(volcano_of(&[1.0], &[]), "has 1 values and evidence 0");
}
