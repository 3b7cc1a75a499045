//! A folder to work in, and the binary run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A temporary folder, removed when the test ends.
pub struct Folder {
    folder: tempfile::TempDir,
}

/// Makes the working folder of the test `name`.
pub fn setup(name: &str) -> Folder {
    let folder = tempfile::Builder::new().prefix(&format!("isegnet-{name}-")).tempdir().unwrap();
    Folder { folder }
}

impl Folder {
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// The command with these arguments, separated by blanks, not yet started.
    pub fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isegnet"));
        command.args(args.split_whitespace()).current_dir(self.folder.path());
        command
    }

    /// Runs the command and gives how it ended.
    pub fn run(&self, args: &str) -> Ran {
        Ran { args: args.to_owned(), output: self.command(args).output().unwrap() }
    }
}

/// How a command ended.
pub struct Ran {
    args: String,
    output: Output,
}

impl Ran {
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    pub fn exit(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        let (out, err) = (self.stdout(), self.stderr());
        assert_eq!(
            self.exit(),
            Some(code),
            "isegnet {}\n--- stdout\n{out}\n--- stderr\n{err}",
            self.args
        );
        assert!(!err.contains("panicked at"), "a panic reached the user:\n{err}");
        self
    }

    /// Asserts success.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.code(0)
    }

    /// Asserts that standard error holds each of these texts.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        let err = self.stderr();
        for text in texts {
            assert!(err.contains(text), "isegnet {}\n{text:?} is not in\n{err}", self.args);
        }
        self
    }

    /// Every line of standard output as a JSON object.
    #[track_caller]
    pub fn json(&self) -> Vec<serde_json::Value> {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?} is no JSON: {e}"))
        };
        self.stdout().lines().map(parse).collect()
    }
}

impl Folder {
    /// Simulates a small organism into `organism`.
    pub fn organism(&self) -> &Self {
        self.run("simulate --scenario easy --genes 60 --out organism --quiet").ok();
        self
    }

    /// Replaces a text in a file; it must be there.
    #[track_caller]
    pub fn replace(&self, name: &str, from: &str, to: &str) -> &Self {
        let text = self.read(name);
        assert!(text.contains(from), "{from:?} is not in {name}");
        self.write(name, text.replacen(from, to, 1));
        self
    }

    /// Writes `organism/tiny.toml`: the organism's configuration with a network
    /// that trains in a second.
    pub fn tiny(&self, train: &str) -> &Self {
        let text = self.read("organism/isegnet.toml");
        let data = text.split("[model]").next().unwrap();
        let model = "[model]\nk1 = 2\nk2 = 2\npool = 20\ndense = [4]\ndense_dropout = 1\n";
        self.write("organism/tiny.toml", format!("{data}{model}[train]\nbatch = 8\n{train}\n"));
        self
    }
}
