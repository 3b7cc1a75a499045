//! From the file's form to the checked one.

mod model;
mod split;
mod track;

use super::file::{self, File};
use super::tree::{Tree, unknown};
use super::{Config, Error, Expression, Filter, Genome, Input, Problem, Sample, Track, Windows};
use std::path::{Path, PathBuf};

pub(super) fn config(path: &Path, text: &str) -> Result<Config, Error> {
    let (tree, problems) = Tree::parse(text);
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut check = Check { tree, folder, problems };
    let config = check.file(path, text);
    let mut problems = check.problems;
    if problems.is_empty() {
        return Ok(config);
    }
    problems.sort_by_key(|p| p.line.unwrap_or(usize::MAX));
    Err(Error::Wrong { path: path.to_owned(), problems })
}

struct Check {
    tree: Tree,
    folder: PathBuf,
    problems: Vec<Problem>,
}

impl Check {
    /// Checks everything; the result is meant for use only without problems.
    fn file(&mut self, path: &Path, text: &str) -> Config {
        let tree = self.tree.clone();
        let file: File = tree.read("", &[], &mut self.problems);
        let tracks = self.tracks(&file.track);
        let samples = self.samples(&file, &tracks);
        let genome = self.genome(file.genome);
        if genome.fasta.is_none() && tracks.is_empty() {
            self.say(&["track"], "there is neither [genome] fasta nor a [[track]]; give one");
        }
        let windows = file.windows.unwrap_or_default();
        let input = self.input(file.input, &tracks, genome.fasta.is_some(), windows);
        let target = file.target.transform.unwrap_or_default();
        Config {
            path: path.to_owned(),
            text: text.to_owned(),
            filter: Filter {
                include: file.filter.include.map(|p| self.folder.join(p)),
                blacklist: file.filter.blacklist.map(|p| self.folder.join(p)),
                zero_expression: file.filter.zero_expression.unwrap_or_default(),
            },
            split_seed: file.split.as_ref().and_then(|split| split.seed),
            split: self.split(file.split.unwrap_or_default()),
            model: self.model(&input, &tracks, windows, target),
            input,
            target,
            windows,
            genome,
            samples,
            tracks,
        }
    }

    /// Notes a problem at the place that `path` leads to, as far as it exists.
    fn say(&mut self, path: &[&str], message: impl Into<String>) {
        let mut tree = Some(&self.tree);
        let mut line = None;
        let mut place = String::new();
        for (i, step) in path.iter().enumerate() {
            if let Ok(index) = step.parse::<usize>() {
                place = format!("[{place}] {}", index + 1);
                tree = tree.and_then(|t| t.at(index));
                line = tree.map(|t| t.line_of("")).or(line);
            } else {
                let exists = tree.is_some_and(|t| t.get(step).is_some());
                place = match i {
                    0 => format!("[{step}]"),
                    _ if exists => format!("{place}, {step}"),
                    _ => place,
                };
                if let Some(t) = tree.filter(|_| exists) {
                    line = Some(t.line_of(step));
                }
                tree = tree.and_then(|t| t.get(step));
            }
        }
        self.problems.push(Problem::new(line, place, message));
    }

    fn genome(&mut self, genome: file::Genome) -> Genome {
        if genome.genes.is_none() {
            self.say(&["genome"], "has no genes; add genes = \"genes.gtf.gz\"");
        }
        Genome {
            fasta: genome.fasta.map(|p| self.folder.join(p)),
            genes: self.folder.join(genome.genes.unwrap_or_default()),
            anchor: genome.anchor.unwrap_or_default(),
            biotypes: genome.biotype.map(file::OneOrMany::into_vec).unwrap_or_default(),
            chrom_alias: genome.chrom_alias.unwrap_or_default(),
        }
    }

    /// A name that may stand in a file's name and in a table's column.
    fn name(&mut self, section: &str, i: usize, name: Option<&str>) -> String {
        let at = i.to_string();
        let fits = |c: char| c.is_alphanumeric() || "._+-".contains(c);
        match name {
            None => self.say(&[section, &at], "has no name; add name = \"...\""),
            Some(name) if name.is_empty() || !name.chars().all(fits) => self.say(
                &[section, &at, "name"],
                format!("{name:?} is no name; use letters, digits and . _ + -"),
            ),
            Some(_) => {}
        }
        name.unwrap_or_default().to_owned()
    }

    fn samples(&mut self, file: &File, tracks: &[Track]) -> Vec<Sample> {
        if file.sample.is_empty() {
            let paths = file.track.iter().enumerate().map(|(i, track)| match &track.path {
                Some(path) => self.folder.join(path),
                None => {
                    let way = "has no path; add path = \"tracks/file.bw\"";
                    self.say(&["track", &i.to_string()], way);
                    PathBuf::new()
                }
            });
            let tracks = paths.collect();
            let expression = file.expression.as_ref();
            if expression.is_none_or(|e| e.path.is_none()) {
                let way =
                    "there is no expression table; add [expression] path = \"expression.tsv\"";
                self.say(&["expression"], way);
            }
            return vec![Sample {
                name: "sample".to_owned(),
                condition: None,
                group: None,
                expression: self.expression(expression, None),
                tracks,
            }];
        }
        let mut samples: Vec<Sample> = Vec::new();
        for (i, sample) in file.sample.iter().enumerate() {
            let name = self.name("sample", i, sample.name.as_deref());
            if samples.iter().any(|s| s.name == name) {
                self.say(
                    &["sample", &i.to_string(), "name"],
                    format!("two samples are called {name:?}; rename one"),
                );
            }
            samples.push(self.sample(i, name, sample, file, tracks));
        }
        samples
    }

    fn sample(
        &mut self,
        i: usize,
        name: String,
        sample: &file::Sample,
        file: &File,
        tracks: &[Track],
    ) -> Sample {
        let at = i.to_string();
        let names: Vec<&str> = tracks.iter().map(|t| t.name.as_str()).collect();
        for given in sample.tracks.keys().filter(|key| !names.contains(&key.as_str())) {
            let way = format!("{}, or declare it as a [[track]]", unknown("track", given, &names));
            self.say(&["sample", &at, "tracks", given], way);
        }
        let paths = tracks.iter().zip(&file.track).map(|(track, declared)| {
            match sample.tracks.get(&track.name).or(declared.path.as_ref()) {
                Some(path) => self.folder.join(path),
                None => {
                    let name = &track.name;
                    let way = format!("has no file for track {name:?}; add it to tracks = {{ }}");
                    self.say(&["sample", &at, "tracks"], way);
                    PathBuf::new()
                }
            }
        });
        let tracks = paths.collect();
        let (own, common) = (sample.expression.as_ref(), file.expression.as_ref());
        Sample {
            name,
            condition: sample.condition.clone(),
            group: sample.group.clone(),
            expression: self.expression(own, common),
            tracks,
        }
    }

    /// A sample's own fields win over those of `[expression]`; none without a path.
    fn expression(
        &self,
        own: Option<&file::Expression>,
        common: Option<&file::Expression>,
    ) -> Option<Expression> {
        let field = |get: fn(&file::Expression) -> Option<String>| {
            own.and_then(get).or_else(|| common.and_then(get))
        };
        Some(Expression {
            path: self.folder.join(field(|e| e.path.clone())?),
            id: field(|e| e.id.clone()).unwrap_or_else(|| "gene_id".to_owned()),
            value: field(|e| e.value.clone()).unwrap_or_else(|| "TPM".to_owned()),
        })
    }

    fn input(
        &mut self,
        input: file::Input,
        tracks: &[Track],
        fasta: bool,
        windows: Windows,
    ) -> Input {
        let names: Vec<&str> = tracks.iter().map(|t| t.name.as_str()).collect();
        for given in input.tracks.iter().flatten().filter(|n| !names.contains(&n.as_str())) {
            self.say(&["input", "tracks"], unknown("track", given, &names));
        }
        if input.dna == Some(true) && !fasta {
            self.say(&["input", "dna"], "there is no [genome] fasta; add one or set dna = false");
        }
        let bin_bp = self.bins(input.bin_bp, windows);
        if input.dna == Some(true) && bin_bp > 1 {
            let way = "DNA has no mean over bins; leave it out or set bin_bp = 1";
            self.say(&["input", "dna"], way);
        }
        let dna = input.dna.unwrap_or(fasta && bin_bp == 1);
        let chosen =
            input.tracks.unwrap_or_else(|| names.iter().map(|n| (*n).to_owned()).collect());
        if chosen.is_empty() && !dna && (fasta || !tracks.is_empty()) {
            self.say(&["input"], "leaves the model nothing to see; keep a track or the DNA");
        }
        Input { tracks: chosen, dna, bin_bp, clip: input.clip.unwrap_or_default() }
    }

    /// Bases of a position, which have to divide both windows.
    fn bins(&mut self, bin_bp: Option<usize>, windows: Windows) -> usize {
        let bin_bp = bin_bp.unwrap_or(1);
        if bin_bp == 0 || windows.both().iter().any(|window| window.len() % bin_bp != 0) {
            let way = format!(
                "{bin_bp} bases do not divide the windows {windows}; choose a size that divides both lengths"
            );
            self.say(&["input", "bin_bp"], way);
            return 1;
        }
        bin_bp
    }
}
