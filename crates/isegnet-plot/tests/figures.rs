//! The ready charts, from ordinary and from awkward numbers.
//!
//! With `ISEGNET_PICTURES` set to a folder, the pictures are kept there to be looked at.
#![allow(clippy::unwrap_used)]

use isegnet_plot::{Curve, Error, Figure, LearningCurve, Scatter, curves, scatter};

fn keep(name: &str, figure: &Figure) {
    let png = figure.to_png(2.0).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    if let Some(folder) = std::env::var_os("ISEGNET_PICTURES") {
        let path = std::path::Path::new(&folder).join(name);
        std::fs::write(path.with_extension("png"), png).unwrap();
        std::fs::write(path.with_extension("svg"), figure.to_svg()).unwrap();
    }
}

/// Numbers that look normal, from a fixed sequence.
fn noise(i: usize) -> f64 {
    (0..12).map(|k| ((i * 12 + k) as f64 * 12.9898).sin() * 43_758.547 % 1.0).sum::<f64>() / 2.0
}

fn draw(measured: &[f64], predicted: &[f64], notes: &[String]) -> Figure {
    scatter(&Scatter {
        title: "Late ring, held-out chromosomes 6, 8 and 10",
        unit: "ln(TPM + 1)",
        measured,
        predicted,
        notes,
    })
    .unwrap()
}

#[test]
fn a_scatter_of_thousands_shows_its_notes() {
    let measured: Vec<f64> = (0..3000).map(|i| (4.0 + 1.6 * noise(i)).max(0.0)).collect();
    let predicted: Vec<f64> =
        measured.iter().enumerate().map(|(i, m)| 1.6 + 0.6 * m + 0.9 * noise(i + 7000)).collect();
    let notes = ["R² 0.412".to_owned(), "Pearson r 0.645".into(), "n = 3000".into()];
    let figure = draw(&measured, &predicted, &notes);
    assert!(figure.to_svg().contains("R² 0.412"));
    keep("scatter", &figure);
}

#[test]
fn a_scatter_of_few_or_no_points_is_drawn() {
    keep("scatter_few", &draw(&[0.5, 2.0, 3.0], &[1.0, 1.5, 2.5], &[]));
    keep("scatter_none", &draw(&[], &[], &[]));
    keep("scatter_constant", &draw(&[0.0, 1.0, 2.0], &[5.0; 3], &[]));
}

#[test]
fn missing_rows_are_counted() {
    let figure = draw(&[0.5, f64::NAN, 3.0], &[1.0, 1.5, f64::INFINITY], &[]);
    assert!(figure.to_svg().contains("2 not finite, not shown"));
}

#[test]
fn curves_mark_the_epoch_that_was_kept() {
    let train: Vec<f64> = (0..60).map(|e| 1.2 + 8.0 * (-0.12 * f64::from(e)).exp()).collect();
    let validation: Vec<f64> =
        train.iter().enumerate().map(|(e, v)| v + 0.2 + 0.1 * noise(e)).collect();
    let mut r2: Vec<f64> = train.iter().map(|v| 0.55 - 0.13 * v).collect();
    r2[0] = -12.3;
    r2[1] = -3.0;
    let figure = curves(&LearningCurve {
        title: "Learning curve",
        losses: &[
            Curve { name: "Training", values: &train },
            Curve { name: "Validation", values: &validation },
        ],
        scores: &[Curve { name: "", values: &r2 }],
        score_label: "Validation R²",
        best: Some(47),
    })
    .unwrap();
    assert!(figure.to_svg().contains("(4 epochs below, lowest −12.30)"));
    keep("curves", &figure);
}

#[test]
fn a_single_epoch_is_drawn() {
    let one = [Curve { name: "Training", values: &[3.0] }];
    let score = [Curve { name: "", values: &[f64::NAN] }];
    let figure = curves(&LearningCurve {
        title: "A title that is so long that it has to be broken into more than one line of the picture",
        losses: &one,
        scores: &score,
        score_label: "Validation R²",
        best: None,
    });
    keep("curves_one", &figure.unwrap());
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let lengths =
        scatter(&Scatter { title: "", unit: "", measured: &[1.0], predicted: &[], notes: &[] });
    assert!(matches!(lengths, Err(Error::LengthsDiffer { left: 1, right: 0, .. })));
    assert!(matches!(Figure::new(10.0, 10.0).to_png(1e9), Err(Error::Size { .. })));
    assert!(matches!(Figure::new(10.0, f64::NAN).to_png(1.0), Err(Error::Size { .. })));
}

#[test]
fn names_from_outside_cannot_break_the_svg() {
    let figure = scatter(&Scatter {
        title: "<script>&\"\u{1}",
        unit: "a<b",
        measured: &[1.0],
        predicted: &[1.0],
        notes: &["</text>".into()],
    })
    .unwrap();
    assert!(!figure.to_svg().contains("<script>"));
    keep("hostile", &figure);
}
