//! What the network has to beat: mean, gene length, ridge, ridge with length.

use crate::Session;
use crate::scores::{Line, Scores};
use crate::study::{Study, predict};
use isegnet_baselines::{Subset, floors};
use isegnet_core::{Examples, FitContext, LearnError, Progress};
use isegnet_encode::Part;

/// Bases of a bin of ridge's features.
const BIN_BP: usize = 100;

/// Fits every floor and scores it.
///
/// Floors need no rows to decide when to stop. For the validation column they
/// are fitted on the training rows; for the test column on training and
/// validation rows, which makes them the strongest that they can be.
pub fn fit(study: &Study, session: &Session) -> anyhow::Result<Vec<Line>> {
    let mut rows: Vec<usize> =
        Part::ALL.iter().flat_map(|&part| study.split.rows(part)).copied().collect();
    rows.sort_unstable();
    let examples = study.examples(&rows)?;
    let parts = study.parts();
    let of = |wanted: &[Part]| {
        let among = |&i: &usize| parts[rows[i]].is_some_and(|part| wanted.contains(&part));
        Subset::new(&examples, (0..rows.len()).filter(among).collect())
    };
    let (train, validation, test) =
        (of(&[Part::Train]), of(&[Part::Validation]), of(&[Part::Test]));
    let both = of(&[Part::Train, Part::Validation]);
    let lengths: Vec<f64> = examples.body_bp().iter().map(|&bp| bp as f64).collect();
    let learners = floors(lengths, BIN_BP.div_ceil(study.view.bin_bp()));
    let binary = study.lens.target.is_class();
    let context = FitContext {
        seed: study.lens.seed,
        progress: &session.screen,
        cancel: &session.cancel,
        folder: None,
    };
    session.screen.start("fitting floors", learners.len() as u64);
    let mut lines = Vec::new();
    for learner in &learners {
        let score = |fitted_on: &Subset<'_>, scored: &Subset<'_>| -> Result<Scores, LearnError> {
            let mut predictor = learner.fit(fitted_on, &validation, &context)?;
            let watch = (&isegnet_core::Silent as &dyn Progress, &session.cancel);
            let predicted = predict(predictor.as_mut(), scored, watch)?;
            Ok(Scores::new(&scored.targets()?, &predicted, binary))
        };
        lines.push(Line {
            name: learner.name().to_owned(),
            validation: score(&train, &validation)?,
            test: score(&both, &test)?,
        });
        session.screen.advance(1);
    }
    session.screen.finish();
    Ok(lines)
}
