use super::Library;
use crate::failure::Refusal;
use isegnet_motif::Background;
use serde::Serialize;
use std::path::PathBuf;
use std::str::FromStr;

/// How frequent bases are taken to be where no motif is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frequencies {
    /// What FIMO takes unless told otherwise.
    Fimo,
    /// All alike.
    Uniform,
    /// What the file of motifs says.
    Motifs,
    /// Those of the sequences.
    Sequences,
    /// A file of the MEME Suite.
    File(PathBuf),
}

impl FromStr for Frequencies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "fimo" => Self::Fimo,
            "uniform" => Self::Uniform,
            "motifs" => Self::Motifs,
            "sequences" => Self::Sequences,
            path if std::path::Path::new(path).is_file() => Self::File(path.into()),
            other => {
                return Err(format!(
                    "{other:?} is no file; give one, or fimo, uniform, motifs or sequences"
                ));
            }
        })
    }
}

impl Frequencies {
    /// The frequencies; none for those of the sequences.
    pub fn of(&self, library: &Library) -> anyhow::Result<Option<Background>> {
        Ok(match self {
            Self::Fimo => Some(Background::fimo()),
            Self::Uniform => Some(Background::uniform()),
            Self::Sequences => None,
            Self::File(path) => Some(Background::read(path)?),
            Self::Motifs => match library.background {
                Some(background) => Some(background),
                None => {
                    return Err(Refusal::usage(format!(
                        "{} names no base frequencies; give --background uniform or a file",
                        library.path.display()
                    ))
                    .into());
                }
            },
        })
    }
}
