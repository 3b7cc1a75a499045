use crate::Session;
use crate::report::{self, Prediction};
use crate::study::{self, Lens, predict};
use isegnet_core::Progress;
use isegnet_encode::{Dataset, Part, ScaledView, View};
use isegnet_model::EngineKind;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Predict every row of a data set with a trained model
///
/// The data set may be the one the model was trained on or another one with
/// the same tracks. Writes a table of gene_id, sample, part, measured, predicted.
///
/// Example: isegnet predict run --dataset dataset --out predictions.tsv
#[derive(clap::Args)]
pub struct Args {
    /// The run's folder
    run: PathBuf,
    /// The data set
    #[arg(long, short, default_value = "dataset")]
    dataset: PathBuf,
    /// The table to write
    #[arg(long, short, default_value = "predictions.tsv")]
    out: PathBuf,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let model = Applied::new(&args.run, &args.dataset, session)?;
    let rows = model.rows();
    report::predictions(&args.out, &rows)?;
    session.screen.event("predicted", &json!({ "path": args.out, "rows": rows.len() }));
    session.screen.say(&format!("wrote {}: {} rows", args.out.display(), rows.len()));
    Ok(())
}

/// A model's predictions for every row of a data set.
pub struct Applied {
    pub view: View,
    pub lens: Lens,
    /// The part of each row; none at all in another data set than that of the training.
    pub parts: Vec<Option<Part>>,
    pub predicted: Vec<f32>,
}

impl Applied {
    /// Applies the model of `run`.
    pub fn new(run: &Path, dataset: &Path, session: &Session) -> anyhow::Result<Self> {
        let (model, lens) = study::load(run)?;
        let dataset = Dataset::open(dataset)?;
        let view = study::view(run, &lens, &dataset)?;
        let parts = study::parts_of(run, &lens, &dataset)?;
        let all = (0..dataset.rows().len()).collect();
        let examples = ScaledView::new(view.clone(), lens.scaler.clone(), &lens.target, all)?;
        let mut predictor = model.into_predictor(EngineKind::Cpu)?;
        let watch = (&session.screen as &dyn Progress, &session.cancel);
        let predicted = predict(&mut predictor, &examples, watch)?;
        Ok(Self { view, lens, parts, predicted })
    }

    /// Every row, for tables.
    pub fn rows(&self) -> Vec<Prediction<'_>> {
        Prediction::of(self.view.dataset(), &self.lens.target, &self.parts, &self.predicted)
    }
}
