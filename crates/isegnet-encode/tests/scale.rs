//! Scales are fitted on training rows and applied in the reference's order.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Study, same};
use isegnet_core::{Batch, Examples};
use isegnet_encode::{
    Dataset, Missing, Scale, ScaleError, ScaledView, Scaler, ScalerConfig, Target, TargetError,
    TargetTransform, TrackScaling, Transform, View, ViewConfig, Windows,
};

fn scaling(transform: Transform, scale: Scale, missing: Missing) -> TrackScaling {
    TrackScaling { transform, scale, missing }
}

fn set(seed: u64) -> (Study, Dataset, View) {
    let study = Study::new(seed, Windows::default());
    let dataset = study.build().unwrap();
    let view = dataset.view(&ViewConfig::default()).unwrap();
    (study, dataset, view)
}

fn config() -> ScalerConfig {
    let tracks = [
        ("binned", scaling(Transform::Ln1p, Scale::Max, Missing::Zero)),
        ("single", scaling(Transform::Arcsinh, Scale::Quantile(0.5), Missing::Mean)),
        ("coarse", scaling(Transform::Identity, Scale::Minmax, Missing::Zero)),
    ];
    let tracks = tracks.map(|(name, scaling)| (name.to_owned(), scaling)).into();
    ScalerConfig { tracks, clip: false }
}

/// Every value of a track in some rows, transformed.
fn values(view: &View, rows: &[usize], track: usize, transform: Transform) -> Vec<f32> {
    let mut all = Vec::new();
    for &row in rows {
        let mut values = vec![0.0; view.positions()];
        view.values_into(row, track, &mut values);
        all.extend(values.into_iter().filter(|v| !v.is_nan()).map(|v| transform.of(v)));
    }
    all.sort_by(f32::total_cmp);
    all
}

#[test]
fn every_filled_value_is_the_slow_references() {
    let (_study, dataset, view) = set(11);
    let train: Vec<usize> = (0..dataset.rows().len()).step_by(2).collect();
    let scaler = Scaler::fit(&view, &train, &config()).unwrap();
    assert_eq!(scaler.columns(), ["binned", "single", "meth", "meth.measured", "coarse"]);
    let target = Target::fit(TargetTransform::Log2p1, &dataset, &train).unwrap();
    let rows: Vec<usize> = (0..dataset.rows().len()).rev().collect();
    let examples = ScaledView::new(view.clone(), scaler, &target, rows.clone()).unwrap();
    let mut batch = Batch::default();
    let wanted: Vec<usize> = (0..rows.len()).collect();
    examples.fill(&wanted, &mut batch).unwrap();

    let binned = values(&view, &train, 0, Transform::Ln1p);
    let single = values(&view, &train, 1, Transform::Arcsinh);
    let coarse = values(&view, &train, 3, Transform::Identity);
    let largest = binned[binned.len() - 1];
    let median = single[(single.len() as f64 * 0.5).ceil() as usize - 1];
    let mean = single.iter().map(|&v| f64::from(v)).sum::<f64>() / single.len() as f64;
    let (low, high) = (coarse[0], coarse[coarse.len() - 1]);
    let image = |column: usize, raw: f32| match (column, raw.is_nan()) {
        (0, false) => raw.ln_1p() / largest,
        (1, false) => raw.asinh() / median,
        (1, true) => (mean as f32) / median,
        (2, false) => raw / 100.0,
        (3, missing) => f32::from(u8::from(!missing)),
        (4, false) => (raw - low) / (high - low),
        (4, true) => (0.0 - low) / (high - low),
        _ => 0.0,
    };
    for (i, &row) in rows.iter().enumerate() {
        assert_eq!(batch.target[i], target.of(dataset.expression(row)));
        let mut codes = vec![0; view.positions()];
        view.dna_into(row, &mut codes);
        assert_eq!(batch.dna.row(i).as_slice().unwrap(), codes);
        for (column, track) in [0, 1, 2, 2, 3].into_iter().enumerate() {
            let mut raw = vec![0.0; view.positions()];
            view.values_into(row, track, &mut raw);
            for (p, &raw) in raw.iter().enumerate() {
                let (found, expected) = (batch.tracks[[i, p, column]], image(column, raw));
                let close = (found - expected).abs() <= 1e-6 * expected.abs().max(1.0);
                assert!(close, "row {row} column {column} position {p}: {found} {expected}");
            }
        }
    }
}

#[test]
fn coarse_values_are_transformed_after_the_mean() {
    let (_study, dataset, view) = set(12);
    let coarse = ViewConfig { bin_bp: Some(100), ..ViewConfig::default() };
    let view = view.view(&coarse).unwrap();
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let scaler = Scaler::fit(&view, &rows, &config()).unwrap();
    let target = Target::fit(TargetTransform::Ln1p, &dataset, &rows).unwrap();
    let examples = ScaledView::new(view.clone(), scaler.clone(), &target, rows.clone()).unwrap();
    assert_eq!((examples.shape().positions, examples.shape().dna), (25, false));
    let mut batch = Batch::default();
    examples.fill(&rows, &mut batch).unwrap();
    assert_eq!(batch.dna.dim(), (rows.len(), 0));
    for row in 0..rows.len() {
        let mut raw = vec![0.0; 25];
        view.values_into(row, 0, &mut raw);
        for (p, &raw) in raw.iter().enumerate() {
            let track = &scaler.tracks()[0];
            let expected = if raw.is_nan() { track.fill() } else { track.image(raw) };
            assert!(same(batch.tracks[[row, p, 0]], expected));
        }
    }
}

#[test]
fn a_scaler_survives_its_file_and_does_not_depend_on_threads() {
    let (_study, dataset, view) = set(13);
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let scaler = Scaler::fit(&view, &rows, &config()).unwrap();
    let json = serde_json::to_string(&scaler).unwrap();
    assert_eq!(serde_json::from_str::<Scaler>(&json).unwrap(), scaler);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(one.install(|| Scaler::fit(&view, &rows, &config())).unwrap(), scaler);
    let broken = json.replacen("\"divisor\":", "\"divisor\":0.0,\"x\":", 1);
    assert!(serde_json::from_str::<Scaler>(&broken).is_err());
    let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
    value["tracks"][0]["divisor"] = 0.0.into();
    assert!(serde_json::from_value::<Scaler>(value).is_err());
}

#[test]
fn held_out_values_outside_are_counted_and_clamped_only_when_asked() {
    let (_study, dataset, view) = set(14);
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let (train, held_out) = rows.split_at(3);
    for clip in [false, true] {
        let scaler = Scaler::fit(&view, train, &ScalerConfig { clip, ..config() }).unwrap();
        let outside = scaler.outside(&view, held_out).unwrap();
        assert!(outside[3].below > 0 && outside[3].above > 0);
        let target = Target::fit(TargetTransform::None, &dataset, train).unwrap();
        let examples = ScaledView::new(view.clone(), scaler, &target, held_out.to_vec()).unwrap();
        let mut batch = Batch::default();
        examples.fill(&(0..held_out.len()).collect::<Vec<_>>(), &mut batch).unwrap();
        let beyond = batch.tracks.iter().filter(|v| !(0.0..=1.0).contains(*v)).count();
        assert_eq!(beyond == 0, clip);
    }
}

#[test]
fn what_cannot_be_scaled_is_named_with_the_way_out() {
    let (_study, dataset, view) = set(15);
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let fit = |name: &str, scaling: TrackScaling| {
        let mut config = config();
        config.tracks.insert(name.into(), scaling);
        Scaler::fit(&view, &rows, &config).unwrap_err().to_string()
    };
    let text = fit("coarse", TrackScaling::default());
    assert!(text.contains("\"coarse\"") && text.contains("minmax"), "{text}");
    let text = fit("coarse", scaling(Transform::Neglog10, Scale::Max, Missing::Zero));
    assert!(text.contains("neglog10 is not defined"), "{text}");
    let text = fit("binned", scaling(Transform::Identity, Scale::Quantile(0.0), Missing::Zero));
    assert!(text.contains("quantile 0"), "{text}");
    let text = fit("meth", scaling(Transform::Identity, Scale::Max, Missing::Zero));
    assert!(text.contains("divided by 100"), "{text}");
    let text = fit("absent", TrackScaling::default());
    assert!(text.contains("[binned, single, meth, coarse]"), "{text}");
    assert_eq!(Scaler::fit(&view, &[], &config()).unwrap_err(), ScaleError::NoRow);
    let beyond = Scaler::fit(&view, &[rows.len()], &config()).unwrap_err();
    assert!(matches!(beyond, ScaleError::Row { .. }));
    let scaler = Scaler::fit(&view, &rows, &config()).unwrap();
    let fewer = ViewConfig { dna: Some(false), ..ViewConfig::default() };
    let target = Target::fit(TargetTransform::Ln1p, &dataset, &rows).unwrap();
    let other = ScaledView::new(view.view(&fewer).unwrap(), scaler, &target, rows.clone());
    assert!(matches!(other.unwrap_err(), ScaleError::OtherView { .. }));
    assert_eq!(Target::fit(TargetTransform::Ln1p, &dataset, &[]).unwrap_err(), TargetError::NoRow);
}

#[test]
fn views_refuse_what_is_not_prepared_and_name_both() {
    let (_study, dataset, view) = set(16);
    let ask = |config: ViewConfig| dataset.view(&config).unwrap_err().to_string();
    let windows = Some(Windows::new([-1200, 500], [0, 0]).unwrap());
    let text = ask(ViewConfig { windows, ..ViewConfig::default() });
    assert!(text.contains("[-1200, 500)") && text.contains("[-1000, 500)"), "{text}");
    let text = ask(ViewConfig { bin_bp: Some(7), ..ViewConfig::default() });
    assert!(text.contains("bins of 7 bases"), "{text}");
    let text = ask(ViewConfig { bin_bp: Some(20), dna: Some(true), ..ViewConfig::default() });
    assert!(text.contains("DNA has no mean"), "{text}");
    let tracks = Some(vec!["binnd".to_owned()]);
    assert!(ask(ViewConfig { tracks, ..ViewConfig::default() }).contains("[binned, single"));
    let nothing = ViewConfig { tracks: Some(vec![]), dna: Some(false), ..ViewConfig::default() };
    assert!(ask(nothing.clone()).contains("neither a track nor DNA"));
    let dna = ViewConfig { tracks: Some(vec![]), ..ViewConfig::default() };
    assert_eq!(view.view(&dna).unwrap().tracks().len(), 0);
}

#[test]
fn dna_alone_fills_no_track() {
    let (_study, dataset, view) = set(17);
    let view = view.view(&ViewConfig { tracks: Some(vec![]), ..ViewConfig::default() }).unwrap();
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let scaler = Scaler::fit(&view, &rows, &ScalerConfig::default()).unwrap();
    let target = Target::fit(TargetTransform::MedianBinary, &dataset, &rows).unwrap();
    let mut examples = ScaledView::new(view, scaler, &target, rows.clone()).unwrap();
    let mut batch = Batch::default();
    examples.fill(&rows, &mut batch).unwrap();
    assert_eq!(batch.tracks.dim(), (rows.len(), 2500, 0));
    assert!(batch.dna.iter().any(|&code| code == 2));
    let high = batch.target.iter().filter(|&&t| t == 1.0).count();
    assert!(high > 0 && high <= rows.len() / 2);
    examples.shuffle_targets(1);
    let mut shuffled = examples.targets().unwrap();
    assert_ne!(shuffled, batch.target);
    shuffled.sort_by(f32::total_cmp);
    let mut before = batch.target.clone();
    before.sort_by(f32::total_cmp);
    assert_eq!(shuffled, before);
    assert_eq!(examples.body_bp()[3], dataset.gene_of(3).body.len());
}
