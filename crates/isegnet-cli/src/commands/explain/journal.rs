//! What was computed so far: a line a row, appended once the row's numbers are on the disk.

use anyhow::Context;
use isegnet_explain::Completeness;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

/// The journal of a folder of attributions; it outlives every interruption.
pub struct Journal {
    file: File,
    place: String,
    /// Where each line ends.
    ends: Vec<u64>,
    entries: Vec<Completeness>,
}

impl Journal {
    /// Opens the journal, or begins one; what was cut off in the middle is dropped.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let place = path.display().to_string();
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(path);
        let file = file.with_context(|| format!("{place} cannot be opened"))?;
        let text = std::fs::read(path).with_context(|| format!("{place} cannot be read"))?;
        let (mut ends, mut entries, mut end) = (Vec::new(), Vec::new(), 0);
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let Some(entry) = parse(line, entries.len()) else { break };
            end += line.len() as u64;
            ends.push(end);
            entries.push(entry);
        }
        let mut journal = Self { file, place, ends, entries };
        journal.keep(journal.entries.len())?;
        Ok(journal)
    }

    /// What each row came to so far.
    pub fn entries(&self) -> &[Completeness] {
        &self.entries
    }

    /// Forgets all but the first `rows`.
    pub fn keep(&mut self, rows: usize) -> anyhow::Result<()> {
        self.ends.truncate(rows);
        self.entries.truncate(rows);
        let end = self.ends.last().copied().unwrap_or(0);
        let cut = self.file.set_len(end).and_then(|()| self.file.seek(SeekFrom::Start(end)));
        cut.with_context(|| format!("{} cannot be written", self.place))?;
        Ok(())
    }

    /// Appends rows, and waits until they are on the disk.
    pub fn push(&mut self, rows: &[Completeness]) -> anyhow::Result<()> {
        let mut text = String::new();
        let before = self.ends.last().copied().unwrap_or(0);
        for (i, row) in rows.iter().enumerate() {
            let Completeness { value, baseline_value, sum, steps } = row;
            let number = self.entries.len() + i;
            text.push_str(&format!("{number}\t{value}\t{baseline_value}\t{sum}\t{steps}\n"));
            self.ends.push(before + text.len() as u64);
        }
        self.entries.extend_from_slice(rows);
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("{} cannot be written; free some space", self.place))
    }
}

/// Reads the line of row `number`, its line feed included.
fn parse(line: &[u8], number: usize) -> Option<Completeness> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let fields: Vec<&str> = line.split('\t').collect();
    let [row, value, baseline, sum, steps] = fields.as_slice() else { return None };
    if row.parse() != Ok(number) {
        return None;
    }
    let number = |text: &str| text.parse::<f64>().ok();
    Some(Completeness {
        value: number(value)?,
        baseline_value: number(baseline)?,
        sum: number(sum)?,
        steps: steps.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(value: f64) -> Completeness {
        Completeness { value, baseline_value: 1.0 / 3.0, sum: f64::MIN_POSITIVE, steps: 7 }
    }

    #[test]
    fn a_journal_cut_anywhere_keeps_its_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.tsv");
        let all = [entry(0.1), entry(-2e-300), entry(1e17)];
        let mut journal = Journal::open(&path).unwrap();
        journal.push(&all[..1]).unwrap();
        journal.push(&all[1..]).unwrap();
        let text = std::fs::read(&path).unwrap();
        for cut in 0..=text.len() {
            std::fs::write(&path, &text[..cut]).unwrap();
            let lines = text[..cut].iter().filter(|&&byte| byte == b'\n').count();
            let mut journal = Journal::open(&path).unwrap();
            assert_eq!(journal.entries(), &all[..lines]);
            journal.push(&all[lines..]).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), text, "cut at {cut}");
        }
        Journal::open(&path).unwrap().keep(1).unwrap();
        assert_eq!(Journal::open(&path).unwrap().entries(), &all[..1]);
    }
}
