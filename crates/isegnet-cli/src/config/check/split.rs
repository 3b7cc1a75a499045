//! Section `[split]`.

use super::Check;
use crate::config::SplitKind;
use crate::config::file::{self, Part};
use isegnet_encode::{FoldName, SplitConfig};

impl Check {
    pub(super) fn split(&mut self, split: file::Split) -> SplitConfig {
        let kind = split.kind.unwrap_or_default();
        self.split_fields(kind);
        match kind {
            SplitKind::Folds => {
                let folds = split.folds.unwrap_or(5);
                let test = self.fold("test", &split.test, folds, 1);
                let next = if test == folds { 1 } else { test + 1 };
                let validation = self.fold("validation", &split.validation, folds, next);
                if folds < 3 {
                    let way = "give at least 3 folds: test, validation, training";
                    self.say(&["split", "folds"], way);
                }
                self.differ(&test.to_string(), &validation.to_string());
                SplitConfig::Folds { folds, test, validation }
            }
            SplitKind::File => {
                if split.path.is_none() {
                    self.say(&["split"], "kind = \"file\" needs path = \"folds.tsv\"");
                }
                let test = self.named_fold("test", &split.test, 1);
                let validation = self.named_fold("validation", &split.validation, 2);
                self.differ(&test.to_string(), &validation.to_string());
                let path = self.folder.join(split.path.unwrap_or_default());
                SplitConfig::File { path, test, validation }
            }
            SplitKind::Chromosomes => {
                let test = self.chromosomes("test", split.test);
                let validation = self.chromosomes("validation", split.validation);
                for name in test.iter().filter(|name| validation.contains(name)) {
                    let way = format!("{name:?} is tested on as well; leave it in one of them");
                    self.say(&["split", "validation"], way);
                }
                SplitConfig::Chromosomes { test, validation }
            }
            SplitKind::Groups => {
                let (test, validation) = self.shares(&split);
                SplitConfig::Groups { test, validation }
            }
            SplitKind::Random => {
                let (test, validation) = self.shares(&split);
                SplitConfig::Random { test, validation }
            }
        }
    }

    /// Refuses fields that the chosen kind of split does not use.
    fn split_fields(&mut self, kind: SplitKind) {
        let (name, used): (_, &[&str]) = match kind {
            SplitKind::Folds => ("folds", &["folds"]),
            SplitKind::Chromosomes => ("chromosomes", &[]),
            SplitKind::File => ("file", &["path"]),
            SplitKind::Groups => ("groups", &["seed"]),
            SplitKind::Random => ("random", &["seed"]),
        };
        for key in ["folds", "path", "seed"] {
            let given = self.tree.get("split").is_some_and(|t| t.get(key).is_some());
            if given && !used.contains(&key) {
                self.say(&["split", key], format!("is not used by kind = {name:?}; leave it out"));
            }
        }
    }

    fn fold(&mut self, key: &str, part: &Option<Part>, folds: usize, default: usize) -> usize {
        match part {
            None => default,
            Some(Part::Fold(n)) if (1..=folds).contains(n) => *n,
            Some(_) => {
                self.say(&["split", key], format!("give the number of a fold, 1 to {folds}"));
                default
            }
        }
    }

    /// A fold of a file may be called by a number or a word.
    fn named_fold(&mut self, key: &str, part: &Option<Part>, default: usize) -> FoldName {
        match part {
            None => FoldName::from(default),
            Some(Part::Fold(n)) => FoldName::from(*n),
            Some(Part::Chromosome(name)) => FoldName::from(name.as_str()),
            Some(_) => {
                self.say(&["split", key], "give one fold as the file calls it, such as 1");
                FoldName::from(default)
            }
        }
    }

    fn differ(&mut self, test: &str, validation: &str) {
        if test == validation {
            let way = format!("fold {test} is tested on as well; choose another one");
            self.say(&["split", "validation"], way);
        }
    }

    fn chromosomes(&mut self, key: &str, part: Option<Part>) -> Vec<String> {
        match part {
            Some(Part::Chromosome(name)) => vec![name],
            Some(Part::Chromosomes(names)) if !names.is_empty() => names,
            _ => {
                let way = format!("kind = \"chromosomes\" needs {key} = [\"chr8\", ...]");
                self.say(&["split", key], way);
                Vec::new()
            }
        }
    }

    fn shares(&mut self, split: &file::Split) -> (f64, f64) {
        let mut share = |key: &str, part: &Option<Part>| match part {
            None => 0.2,
            Some(Part::Share(x)) if *x > 0.0 && *x < 1.0 => *x,
            Some(_) => {
                self.say(&["split", key], "give the share of the genes, such as 0.2");
                0.2
            }
        };
        let (test, validation) =
            (share("test", &split.test), share("validation", &split.validation));
        if test + validation >= 1.0 {
            self.say(&["split"], "test and validation leave nothing to train on; lower them");
        }
        (test, validation)
    }
}
