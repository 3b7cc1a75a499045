//! Baselines from settings.

use super::refused;
use isegnet_baselines::{
    ElasticNetParams, FeatureSet, ForestParams, Gamma, Kernel, MaxFeatures, Mean, Regression,
    RidgeParams, SvrParams, Tabular,
};
use isegnet_core::Learner;
use isegnet_select::{SelectError, Settings, SharedLearner};
use std::str::FromStr;
use std::sync::Arc;

/// What can be chosen.
pub const NAMES: [&str; 10] = [
    "mean",
    "gene-length",
    "gc",
    "ridge",
    "ridge-length",
    "lasso",
    "elastic-net",
    "forest",
    "svr",
    "nu-svr",
];

/// Settings of the features of all models that see bins.
const FEATURES: [&str; 3] = ["bin_bp", "words", "length"];

/// Makes the model of that name for rows whose positions are `position_bp` bases; `lengths`
/// are the genes', one a row.
pub fn learner(
    name: &str,
    settings: &Settings,
    position_bp: usize,
    lengths: &Arc<[f64]>,
) -> Result<SharedLearner<'static>, SelectError> {
    let set = Set { settings, position_bp };
    let known = |own: &[&str]| only(settings, &[&FEATURES, own].concat());
    match name {
        "gene-length" => {
            only(settings, &[]).map(|()| shared(Tabular::gene_length(lengths.clone())))
        }
        "gc" => only(settings, &[]).map(|()| shared(Tabular::gc())),
        "ridge" | "ridge-length" => {
            known(&["alpha"])?;
            let length = set.or("length", name == "ridge-length", "true or false")?;
            let mut params = RidgeParams::default();
            if let Some(alpha) = set.number("alpha")? {
                params = params.alphas([alpha]);
            }
            set.on_features(name, params, length.then_some(lengths))
        }
        "lasso" | "elastic-net" => {
            known(&["alpha", "l1_ratio"])?;
            let ratio = if name == "lasso" { 1.0 } else { 0.5 };
            let ratio = set.or("l1_ratio", ratio, "a share from 0 to 1")?;
            let mut params = ElasticNetParams::default().l1_ratio(ratio);
            if let Some(alpha) = set.number("alpha")? {
                params = params.alphas([alpha]);
            }
            set.with_features(name, params, lengths)
        }
        "forest" => {
            known(&["trees", "max_features", "max_depth", "min_samples_leaf", "bootstrap"])?;
            set.with_features(name, forest(&set)?, lengths)
        }
        "svr" | "nu-svr" => {
            let own = ["C", "epsilon", "nu", "kernel", "gamma", "degree", "coef0", "flat_gb"];
            let unused = if name == "svr" { "nu" } else { "epsilon" };
            known(&own.into_iter().filter(|key| *key != unused).collect::<Vec<_>>())?;
            let params = svr(name, &set)?;
            match set.number("flat_gb")? {
                None => set.with_features(name, params, lengths),
                Some(gb) => Ok(shared(Tabular::flattened(name, params, (gb * 1e9) as u64))),
            }
        }
        _ => only(settings, &[]).map(|()| shared(Mean)),
    }
}

/// Refuses a setting that is none of `known`.
pub fn only(settings: &Settings, known: &[&str]) -> Result<(), SelectError> {
    match settings.iter().find(|(name, _)| !known.contains(name)) {
        None => Ok(()),
        Some((name, value)) => Err(SelectError::Setting {
            name: name.to_owned(),
            value: value.to_owned(),
            allowed: match known.is_empty() {
                true => "no settings to this model".to_owned(),
                false => format!("settings among {}", known.join(", ")),
            },
        }),
    }
}

fn forest(set: &Set<'_>) -> Result<ForestParams, SelectError> {
    let depth = match set.settings.get("max_depth") {
        None | Some("none") => usize::MAX,
        Some(_) => set.or("max_depth", 0, "a number of levels, or none")?,
    };
    let max_features = match set.settings.get("max_features") {
        None | Some("all") => MaxFeatures::All,
        Some("sqrt") => MaxFeatures::Sqrt,
        Some("log2") => MaxFeatures::Log2,
        Some(text) => match text.parse() {
            Ok(count) if !text.contains('.') => MaxFeatures::Count(count),
            _ => MaxFeatures::Share(set.or(
                "max_features",
                1.0,
                "all, sqrt, log2, a share such as 0.3, or a count such as 20",
            )?),
        },
    };
    Ok(ForestParams::default()
        .trees(set.or("trees", 100, "a number of trees")?)
        .max_features(max_features)
        .max_depth(depth)
        .min_samples_leaf(set.or("min_samples_leaf", 1, "a number of rows")?)
        .bootstrap(set.or("bootstrap", true, "true or false")?))
}

fn svr(name: &str, set: &Set<'_>) -> Result<SvrParams, SelectError> {
    let params = match name {
        "svr" => SvrParams::epsilon(set.or("epsilon", 0.1, "half the width of the tube")?),
        _ => SvrParams::nu(set.or("nu", 0.5, "a share above 0, at most 1")?),
    };
    let gamma = match set.settings.get("gamma") {
        None | Some("scale") => Gamma::Scale,
        Some("auto") => Gamma::Auto,
        Some(_) => Gamma::Value(set.or("gamma", 0.0, "scale, auto, or a number")?),
    };
    let kernel = match set.settings.get("kernel").unwrap_or("rbf") {
        "rbf" => Kernel::Rbf { gamma },
        "linear" => Kernel::Linear,
        "polynomial" => Kernel::Polynomial {
            degree: set.or("degree", 3, "a power")?,
            gamma,
            coef0: set.or("coef0", 0.0, "a number")?,
        },
        other => return Err(refused("kernel", other, "rbf, linear or polynomial")),
    };
    Ok(params.c(set.or("C", 1.0, "a number above 0")?).kernel(kernel))
}

/// Settings with defaults.
struct Set<'s> {
    settings: &'s Settings,
    /// Bases of a position of the rows.
    position_bp: usize,
}

impl Set<'_> {
    fn or<T: FromStr>(&self, name: &str, default: T, allowed: &str) -> Result<T, SelectError> {
        match self.settings.get(name) {
            Some(_) => self.settings.value(name, allowed),
            None => Ok(default),
        }
    }

    fn number(&self, name: &str) -> Result<Option<f64>, SelectError> {
        self.settings.get(name).map(|_| self.settings.value(name, "a number")).transpose()
    }

    /// A model on the features that the settings say.
    fn with_features(
        &self,
        name: &str,
        params: impl Regression + Send + Sync + 'static,
        lengths: &Arc<[f64]>,
    ) -> Result<SharedLearner<'static>, SelectError> {
        let length = self.or("length", false, "true or false")?;
        self.on_features(name, params, length.then_some(lengths))
    }

    fn on_features(
        &self,
        name: &str,
        params: impl Regression + Send + Sync + 'static,
        lengths: Option<&Arc<[f64]>>,
    ) -> Result<SharedLearner<'static>, SelectError> {
        let bin_bp: usize = self.or("bin_bp", 100, "bases of a bin, 1 or more")?;
        let words = self.or("words", 0, "bases of the words that are counted, 1 to 8, or 0")?;
        if bin_bp == 0 {
            return Err(refused("bin_bp", "0", "1 or more"));
        }
        if words > 8 {
            return Err(refused("words", &words.to_string(), "1 to 8, or 0 for none"));
        }
        let mut features = FeatureSet::bins(bin_bp.div_ceil(self.position_bp));
        if words > 0 {
            features = features.and(FeatureSet::words(words));
        }
        if let Some(lengths) = lengths {
            features = features.with_length(lengths.clone());
        }
        Ok(shared(Tabular::new(name, features, params)))
    }
}

fn shared(learner: impl Learner + Send + Sync + 'static) -> SharedLearner<'static> {
    Arc::new(learner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, settings: &[(&str, &str)]) -> Result<(), String> {
        let of = |all: Settings, (name, value): &(&str, &str)| all.with(*name, value);
        let settings = settings.iter().fold(Settings::new(), of);
        let made = learner(name, &settings, 1, &Arc::from([1000.0]));
        made.map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_name_is_a_model_and_every_wrong_setting_is_refused() {
        for name in NAMES {
            made(name, &[]).unwrap();
            assert!(made(name, &[("shoe", "1")]).unwrap_err().contains("shoe"), "{name}");
        }
        made("forest", &[("trees", "7"), ("max_features", "0.3"), ("max_depth", "none")]).unwrap();
        made("svr", &[("kernel", "polynomial"), ("C", "10"), ("gamma", "0.1")]).unwrap();
        made("nu-svr", &[("nu", "0.3"), ("words", "3"), ("length", "true")]).unwrap();
        made("svr", &[("flat_gb", "0.5")]).unwrap();
        for (name, key, value) in [
            ("forest", "trees", "many"),
            ("forest", "max_features", "most"),
            ("svr", "kernel", "tanh"),
            ("svr", "nu", "0.5"),
            ("nu-svr", "epsilon", "0.1"),
            ("ridge", "bin_bp", "0"),
            ("ridge", "words", "9"),
        ] {
            let refused = made(name, &[(key, value)]).unwrap_err();
            assert!(refused.contains(key) && refused.contains("give"), "{refused}");
        }
    }
}
