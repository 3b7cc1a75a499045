//! A trial: a stage, what the network sees of it, the network, a fold.

use super::FOLDS;
use super::data::Data;
use anyhow::{Context, bail};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A stage of the parasite, with the tracks measured nearest to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    LateRing,
    LateSchizont,
}

impl Stage {
    pub const ALL: [Self; 2] = [Self::LateRing, Self::LateSchizont];

    pub fn name(self) -> &'static str {
        match self {
            Self::LateRing => "late-ring",
            Self::LateSchizont => "late-schizont",
        }
    }

    fn expression(self) -> &'static str {
        match self {
            Self::LateRing => "expression.LR.tsv",
            Self::LateSchizont => "expression.LS.tsv",
        }
    }

    fn tracks(self) -> &'static str {
        match self {
            Self::LateRing => "_Ring.bw",
            Self::LateSchizont => "_Schizont.bw",
        }
    }

    /// Where its data set is.
    pub fn dataset(self, out: &Path) -> PathBuf {
        out.join(self.name())
    }
}

/// What a network sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inputs {
    Both,
    Tracks,
    Dna,
}

impl Inputs {
    pub const ALL: [Self; 3] = [Self::Both, Self::Tracks, Self::Dna];

    fn settings(self) -> Option<Setting> {
        let (field, value) = match self {
            Self::Both => return None,
            Self::Tracks => ("dna", "false"),
            Self::Dna => ("tracks", "[]"),
        };
        Some(Setting::new("input", field, value))
    }
}

impl fmt::Display for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Both => "tracks+dna",
            Self::Tracks => "tracks",
            Self::Dna => "dna",
        })
    }
}

impl FromStr for Inputs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|inputs| inputs.to_string() == text);
        found.ok_or_else(|| "give tracks+dna, tracks or dna".to_owned())
    }
}

/// A field of the configuration and its value, as TOML writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    section: String,
    field: String,
    value: String,
}

impl Setting {
    fn new(section: &str, field: &str, value: impl fmt::Display) -> Self {
        let (section, field) = (section.to_owned(), field.to_owned());
        Self { section, field, value: value.to_string() }
    }

    /// A field of the network.
    pub fn model(field: &str, value: usize) -> Self {
        Self::new("model", field, value)
    }
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('=').and_then(|(place, value)| {
            let (section, field) = place.trim().split_once('.')?;
            Some(Self::new(section, field, value.trim()))
        });
        parts.ok_or_else(|| "write section.field=value, such as train.seeds=3".to_owned())
    }
}

/// A network: a preset and what is different from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    preset: String,
    settings: Vec<Setting>,
}

impl Model {
    pub fn new(preset: &str, settings: impl IntoIterator<Item = Setting>) -> Self {
        Self { preset: preset.to_owned(), settings: settings.into_iter().collect() }
    }

    /// The preset, and each field that differs, as a folder may be called.
    pub fn name(&self) -> String {
        let mut name = self.preset.clone();
        for Setting { field, value, .. } in &self.settings {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
            let words = value.split(|c| !plain(c)).filter(|word| !word.is_empty());
            name = std::iter::once(field.as_str()).chain(words).fold(name, |n, w| n + "-" + w);
        }
        name
    }
}

/// One network, trained and tested once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    pub stage: Stage,
    pub inputs: Inputs,
    pub model: Model,
    /// The fold that is tested on; the next one decides when to stop.
    pub fold: usize,
}

/// Every stage and fold of a network that sees these inputs.
pub fn of(inputs: Inputs, model: &Model) -> impl Iterator<Item = Trial> {
    let folds = move |stage| (1..=FOLDS).map(move |fold| (stage, fold));
    let trial = move |(stage, fold)| Trial { stage, inputs, model: model.clone(), fold };
    Stage::ALL.into_iter().flat_map(folds).map(trial)
}

/// The trials of the README's table: the recommended network on every subset of
/// the inputs, the paper's network on both, and a smaller one on each alone.
pub fn default_list() -> Vec<Trial> {
    let isegnet = Model::new("isegnet", []);
    let paper = Model::new("gao2022", []);
    let small = Model::new("gao2022", [Setting::model("k1", 16), Setting::model("k2", 32)]);
    let lines = [
        (Inputs::Both, &isegnet),
        (Inputs::Tracks, &isegnet),
        (Inputs::Dna, &isegnet),
        (Inputs::Both, &paper),
        (Inputs::Tracks, &small),
        (Inputs::Dna, &small),
    ];
    lines.into_iter().flat_map(|(inputs, model)| of(inputs, model)).collect()
}

impl Trial {
    pub fn name(&self) -> String {
        let Self { stage, inputs, model, fold } = self;
        format!("{}/{inputs}/{}/fold-{fold}", stage.name(), model.name())
    }

    /// Its run folder.
    pub fn run(&self, out: &Path) -> PathBuf {
        out.join("runs").join(self.name())
    }

    /// Its configuration file.
    pub fn config(&self, out: &Path) -> PathBuf {
        self.run(out).with_extension("toml")
    }

    /// Writes its configuration; a run of another one in its place is refused.
    pub fn write(&self, data: &Data, out: &Path) -> anyhow::Result<()> {
        let (path, text) = (self.config(out), self.text(data)?);
        let made_from = self.run(out).join("isegnet.toml");
        if made_from.exists() && std::fs::read_to_string(&made_from)? != text {
            bail!(
                "{} is a run of another configuration than {} would be; remove it, or choose \
                 another folder with --out",
                self.run(out).display(),
                self.name()
            );
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text).with_context(|| path.display().to_string())
    }

    /// Tells whether it was trained to the end.
    pub fn is_finished(&self, out: &Path) -> anyhow::Result<bool> {
        Ok(self.run(out).join("metrics.json").try_exists()?)
    }

    /// Its configuration.
    fn text(&self, data: &Data) -> anyhow::Result<String> {
        let mut settings = vec![
            Setting::new("split", "kind", "\"file\""),
            Setting::new("split", "path", data.file("folds.tsv")),
            Setting::new("split", "test", self.fold),
            Setting::new("split", "validation", self.fold % FOLDS + 1),
            Setting::new("model", "preset", format!("\"{}\"", self.model.preset)),
        ];
        settings.extend(self.inputs.settings());
        settings.extend(self.model.settings.iter().cloned());
        let mut text = files(self.stage, data)?;
        let mut written: Vec<&str> = Vec::new();
        for Setting { section, .. } in &settings {
            if written.contains(&section.as_str()) {
                continue;
            }
            written.push(section);
            text.push_str(&format!("\n[{section}]\n"));
            for one in settings.iter().filter(|one| one.section == *section) {
                text.push_str(&format!("{} = {}\n", one.field, one.value));
            }
        }
        Ok(text)
    }
}

/// The configuration of a stage's data set, 500 bases wider on each side of the
/// paper's windows than a network sees by default, so that they can be moved.
pub fn dataset(stage: Stage, data: &Data) -> anyhow::Result<String> {
    Ok(files(stage, data)? + "\n[windows]\ntss = [-1500, 1000]\ntts = [-1000, 1000]\n")
}

/// Genome, expression and tracks of a stage.
fn files(stage: Stage, data: &Data) -> anyhow::Result<String> {
    let mut text = format!(
        "[genome]\nfasta = {}\ngenes = {}\n\n[expression]\npath = {}\nid = \"gene_id\"\nvalue = \"value\"\n",
        data.file("genome.fa.gz"),
        data.file("genes.gtf.gz"),
        data.file(stage.expression()),
    );
    for (name, path) in data.tracks(stage.tracks())? {
        // Log2 ratios may be negative.
        text.push_str(&format!("\n[[track]]\nname = {name}\npath = {path}\nscale = \"minmax\"\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_called_by_what_differs_from_its_preset() {
        let settings = ["model.k1=16", "train.schedule={ kind = \"cosine\" }", "train.lambda=1e-3"];
        let settings = settings.map(|text| text.parse().unwrap());
        assert_eq!(
            Model::new("isegnet", settings).name(),
            "isegnet-k1-16-schedule-kind-cosine-lambda-1e-3"
        );
        assert!("seeds=3".parse::<Setting>().is_err());
    }

    #[test]
    fn every_default_trial_is_accepted_by_the_command_and_has_its_own_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tracks")).unwrap();
        for file in ["folds.tsv", "tracks/A_Ring.bw", "tracks/B_Ring.bw", "tracks/A_Schizont.bw"] {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        let data = Data::find(Some(folder.path())).unwrap();
        let trials = default_list();
        assert_eq!(trials.len(), 60);
        let mut names: Vec<String> = trials.iter().map(Trial::name).collect();
        for trial in &trials {
            let text = trial.text(&data).unwrap();
            let config = isegnet_cli::config::Config::parse("trial.toml".as_ref(), &text).unwrap();
            assert_eq!(config.model.preset, trial.model.preset);
            assert_eq!(config.input.dna, trial.inputs != Inputs::Tracks);
            assert_eq!(config.input.tracks.is_empty(), trial.inputs == Inputs::Dna);
            let wide = dataset(trial.stage, &data).unwrap();
            let wide = isegnet_cli::config::Config::parse("wide.toml".as_ref(), &wide).unwrap();
            assert!(wide.windows.contains(&config.windows));
            assert_eq!(wide.tracks, config.tracks);
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 60);
        let text = trials[4].text(&data).unwrap();
        assert!(text.contains("test = 5\nvalidation = 1\n"), "{text}");
    }
}
