//! Every reference case: scipy, statsmodels and scikit-learn in `stats_cases.jsonl`,
//! to 1e-9 relative.
#![allow(clippy::unwrap_used)]

use isegnet_core::testdata::fixtures;
use isegnet_stats::{
    Alternative, Correction, KolmogorovSmirnov, Method, PValue, TestResult, Undefined,
    fisher_exact, kolmogorov_smirnov, mann_whitney, mse, odds_ratio, paired_t_test, pearson_test,
    r2, spearman_test,
};
use serde_json::Value;

const ALTERNATIVES: [(&str, Alternative); 3] = [
    ("two-sided", Alternative::TwoSided),
    ("less", Alternative::Less),
    ("greater", Alternative::Greater),
];

/// The cases of one function; `None` where there are no fixtures.
fn cases(function: &str, expected: usize) -> Option<Vec<Value>> {
    let file = fixtures("stats")?.join("stats_cases.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let cases: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|case: &Value| case["fn"] == function)
        .collect();
    assert_eq!(cases.len(), expected, "cases of {function}");
    Some(cases)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn alternative(case: &Value) -> Alternative {
    ALTERNATIVES.iter().find(|(name, _)| case["alternative"] == *name).unwrap().1
}

/// Asserts 1e-9 relative; a reference below 1e-300 has no digits to compare.
#[track_caller]
fn close(ours: f64, theirs: &Value, case: &Value) {
    let theirs = theirs.as_f64().unwrap();
    let same = ours == theirs || (ours - theirs).abs() <= 1e-9 * theirs.abs();
    assert!(same, "{ours} is not {theirs} in {}", brief(case));
}

#[track_caller]
fn close_p(ours: PValue, theirs: &Value, case: &Value) {
    let p = theirs.as_f64().unwrap();
    if p < 1e-300 {
        assert!(ours.p() < 1e-300, "{ours:?} is not {p} in {}", brief(case));
    } else {
        close(ours.p(), theirs, case);
        assert!((ours.ln() - p.ln()).abs() < 1e-9, "{ours:?} is not ln {p} in {}", brief(case));
    }
}

fn brief(case: &Value) -> String {
    case.to_string().chars().take(400).collect()
}

#[test]
fn parity_fisher_exact() {
    let Some(cases) = cases("fisher_exact", 29) else { return };
    for case in &cases {
        let table = [0, 1].map(|r| [0, 1].map(|c| case["table"][r][c].as_u64().unwrap()));
        for (name, alternative) in ALTERNATIVES {
            close_p(fisher_exact(table, alternative).unwrap(), &case["result"][name], case);
        }
        match (&case["result"]["odds_ratio"], odds_ratio(table)) {
            (Value::String(text), Ok(ratio)) => {
                assert_eq!((text.as_str(), ratio), ("inf", f64::INFINITY))
            }
            (Value::String(text), Err(e)) => {
                assert_eq!((text.as_str(), e), ("nan", Undefined::EmptyMargin { margin: "row" }));
            }
            (theirs, ours) => close(ours.unwrap(), theirs, case),
        }
    }
}

#[test]
fn parity_ks_2samp() {
    let Some(cases) = cases("ks_2samp", 72) else { return };
    let mut same_place = 0;
    for case in &cases {
        let (a, b, theirs) = (numbers(&case["a"]), numbers(&case["b"]), &case["result"]);
        let test = |method| kolmogorov_smirnov(&a, &b, alternative(case), method).unwrap();
        let KolmogorovSmirnov { distance, location, first_above, p } = test(Method::Auto);
        close(distance, &theirs["D"], case);
        // Where several places share the distance, scipy's is the one that rounding
        // makes the furthest, and ours the first.
        let gap = |at: f64, first_above: bool| {
            let share = |v: &[f64]| v.iter().filter(|x| **x <= at).count() as f64 / v.len() as f64;
            if first_above { share(&a) - share(&b) } else { share(&b) - share(&a) }
        };
        let reference = theirs["location"].as_f64().unwrap();
        assert!((gap(location, first_above) - distance).abs() < 1e-12, "{}", brief(case));
        let off = gap(reference, theirs["sign"] == 1) - gap(location, first_above);
        assert!(off.abs() < 1e-12, "{}", brief(case));
        same_place += usize::from(location == reference);
        close_p(p, &theirs["p_auto"], case);
        close_p(test(Method::Asymptotic).p, &theirs["p_asymp"], case);
    }
    assert_eq!(same_place, 70, "of 72 places, those scipy gives");
}

#[test]
fn parity_mannwhitneyu() {
    let Some(cases) = cases("mannwhitneyu", 69) else { return };
    for case in &cases {
        let (a, b, theirs) = (numbers(&case["a"]), numbers(&case["b"]), &case["result"]);
        let test = |method| mann_whitney(&a, &b, alternative(case), method).unwrap();
        for (method, name) in [
            (Method::Auto, "p_auto"),
            (Method::Asymptotic, "p_asymptotic_cc"),
            (Method::Uncorrected, "p_asymptotic_nocc"),
        ] {
            let TestResult { statistic, p } = test(method);
            close(statistic, &theirs["U1"], case);
            close_p(p, &theirs[name], case);
        }
    }
}

#[test]
fn parity_ttest_rel() {
    let Some(cases) = cases("ttest_rel", 18) else { return };
    for case in &cases {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let ours = paired_t_test(&a, &b, alternative(case)).unwrap();
        close(ours.statistic, &case["result"]["t"], case);
        close((a.len() - 1) as f64, &case["result"]["df"], case);
        close_p(ours.p, &case["result"]["p"], case);
    }
}

#[test]
fn parity_corr() {
    let Some(cases) = cases("corr", 15) else { return };
    for case in &cases {
        let (x, y, theirs) = (numbers(&case["x"]), numbers(&case["y"]), &case["result"]);
        let pearson = pearson_test(&x, &y, Alternative::TwoSided).unwrap();
        let spearman = spearman_test(&x, &y, Alternative::TwoSided).unwrap();
        close(pearson.statistic, &theirs["pearson_r"], case);
        close_p(pearson.p, &theirs["pearson_p"], case);
        close(spearman.statistic, &theirs["spearman_rho"], case);
        close_p(spearman.p, &theirs["spearman_p"], case);
        close(r2(&x, &y).unwrap(), &theirs["r2_score_true_x_pred_y"], case);
        close(mse(&x, &y).unwrap(), &theirs["mse"], case);
    }
}

/// Where scikit-learn gives a constant truth 1 or 0 by decree, ours says that it is
/// constant.
#[test]
fn parity_r2_score() {
    let Some(cases) = cases("r2_score", 3) else { return };
    for case in &cases {
        let (measured, predicted) = (numbers(&case["y_true"]), numbers(&case["y_pred"]));
        match r2(&measured, &predicted) {
            Ok(ours) => close(ours, &case["result"], case),
            Err(e) => assert_eq!(e, Undefined::Constant { side: "measured", value: measured[0] }),
        }
    }
}

#[test]
fn parity_corrections() {
    let (Some(bh), Some(others)) = (cases("bh", 4), cases("bonferroni_sidak_by", 4)) else {
        return;
    };
    let names = [
        (&bh, "q", Correction::BenjaminiHochberg),
        (&others, "bonferroni", Correction::Bonferroni),
        (&others, "sidak", Correction::Sidak),
        (&others, "fdr_by", Correction::BenjaminiYekutieli),
        (&others, "holm", Correction::Holm),
    ];
    for (cases, name, correction) in names {
        for case in cases {
            let p = PValue::all(&numbers(&case["p"])).unwrap();
            let adjusted = correction.adjust(&p);
            let theirs = case["result"][name].as_array().unwrap();
            assert_eq!(adjusted.len(), theirs.len());
            for (i, (ours, theirs)) in adjusted.iter().zip(theirs).enumerate() {
                close_p(*ours, theirs, case);
                if name == "q" {
                    assert_eq!(ours.p() <= 0.05, case["result"]["reject_0.05"][i] == true);
                }
            }
        }
    }
}
