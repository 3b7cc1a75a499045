//! How attributions are made, as the command line says it.

use super::baseline::Choice;
use crate::failure::Refusal;
use clap::ValueEnum;
use isegnet_core::Differentiable;
use isegnet_explain::{Quadrature, Rule, Steps};
use isegnet_model::{EngineKind, Ensemble, Explained};
use serde::Serialize;

/// How attributions are made; all that their numbers depend on beside model and rows.
#[derive(clap::Args, Clone, Debug, Serialize)]
pub struct HowArgs {
    /// integrated-gradients, or gradient-x-input
    #[arg(long, value_name = "NAME", default_value = "integrated-gradients")]
    pub method: MethodName,
    /// Steps of the integral
    #[arg(long, value_name = "N", default_value_t = 200)]
    steps: usize,
    /// How steps are placed: gauss-legendre or midpoint
    #[arg(long, value_name = "NAME", default_value = "gauss-legendre")]
    rule: RuleName,
    /// Largest |sum - (value - baseline)| relative to what is explained; rows over it are flagged
    #[arg(long, value_name = "SHARE", default_value_t = 0.02)]
    pub tolerance: f64,
    /// Double the steps of rows over the tolerance, up to this number; with that of --steps
    /// nothing is doubled, as in the paper [default: 8 times --steps]
    #[arg(long, value_name = "N")]
    max_steps: Option<usize>,
    /// What inputs are compared with: zero, raw-zero, mean (of training rows), quarter-meth1 (a
    /// quarter of each base, methylation 1), shuffles=K (of the DNA), a number, or a safetensors
    /// file; for one input as NAME=... (the DNA is DNA); may be given several times [default:
    /// zero, and raw-zero for tracks with negative values]
    #[arg(long, value_name = "[NAME=]WHAT")]
    pub baseline: Vec<Choice>,
    /// Explain the number before the last activation (linear; logit for a classifier), or the
    /// prediction itself
    #[arg(long, value_name = "NAME", default_value = "linear")]
    target: TargetName,
    /// Take the mean over the four bases from the gradient of the DNA
    #[arg(long)]
    pub centre: bool,
    /// Of a model of several networks explain the one of this seed only
    #[arg(long, value_name = "SEED")]
    pub network: Option<u64>,
    /// What computes the network: cpu, candle, cuda or metal
    #[arg(long, value_name = "NAME", default_value = "cpu")]
    engine: EngineName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    IntegratedGradients,
    #[value(name = "gradient-x-input")]
    GradientXInput,
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RuleName {
    GaussLegendre,
    Midpoint,
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TargetName {
    #[value(alias = "logit")]
    Linear,
    Prediction,
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum EngineName {
    Cpu,
    Candle,
    Cuda,
    Metal,
}

impl HowArgs {
    /// Steps of each row.
    pub fn steps(&self) -> Steps {
        let rule = match self.rule {
            RuleName::GaussLegendre => Rule::GaussLegendre,
            RuleName::Midpoint => Rule::Midpoint,
        };
        let limit = self.steps.saturating_mul(8).min(Quadrature::MOST);
        match self.max_steps.unwrap_or(limit) {
            limit if limit == self.steps => Steps::Fixed(rule, limit),
            limit => Steps::Adaptive { rule, first: self.steps, tolerance: self.tolerance, limit },
        }
    }

    /// Makes a model what is explained of it.
    pub fn function(&self, model: Ensemble) -> anyhow::Result<Box<dyn Differentiable>> {
        let model = match self.network {
            None => model,
            Some(seed) => one_of(&model, seed)?,
        };
        let engine = match self.engine {
            EngineName::Cpu => EngineKind::Cpu,
            EngineName::Candle => EngineKind::Candle,
            EngineName::Cuda => EngineKind::Cuda,
            EngineName::Metal => EngineKind::Metal,
        };
        let target = match self.target {
            TargetName::Linear => Explained::Linear,
            TargetName::Prediction => Explained::Prediction,
        };
        Ok(Box::new(model.into_function(engine, target)?))
    }

    /// Refuses numbers that make no sense, and a network that the model does not have.
    pub fn check(&self, model: &Ensemble) -> anyhow::Result<()> {
        if let Some(seed) = self.network {
            one_of(model, seed)?;
        }
        let most = self.steps.max(self.max_steps.unwrap_or(0));
        let problem = match self.max_steps {
            _ if self.steps == 0 => "--steps 0: give 1 at least".to_owned(),
            _ if most > Quadrature::MOST => {
                format!("{most} steps were asked for; {} are the most", Quadrature::MOST)
            }
            _ if !(self.tolerance > 0.0 && self.tolerance.is_finite()) => {
                format!("--tolerance {}: give a number above 0, such as 0.02", self.tolerance)
            }
            Some(limit) if limit < self.steps => format!(
                "--max-steps {limit} is below --steps {}, from which steps are doubled; raise it \
                 or lower --steps",
                self.steps
            ),
            _ => return Ok(()),
        };
        Err(Refusal::usage(problem).into())
    }
}

/// Takes the network of one seed out of several.
fn one_of(model: &Ensemble, seed: u64) -> anyhow::Result<Ensemble> {
    let members = model.members();
    let found = members.iter().find(|(other, _)| members.len() > 1 && *other == seed);
    let seeds: Vec<String> = members.iter().map(|(seed, _)| seed.to_string()).collect();
    let one = found.and_then(|found| Ensemble::new(vec![found.clone()]));
    one.ok_or_else(|| {
        let known = match members.len() {
            1 => "it has only one network".to_owned(),
            _ => format!("its networks are of seeds {}", seeds.join(", ")),
        };
        Refusal::usage(format!("--network {seed}: the model has no such network, {known}")).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        how: HowArgs,
    }

    #[test]
    fn steps_are_doubled_three_times_but_not_beyond_the_most() {
        let limit = |steps: &str| match Command::parse_from(["", "--steps", steps]).how.steps() {
            Steps::Adaptive { limit, .. } | Steps::Fixed(_, limit) => limit,
        };
        assert_eq!(["200", "10000"].map(limit), [1600, Quadrature::MOST]);
        assert_eq!(limit(&usize::MAX.to_string()), Quadrature::MOST);
    }
}
