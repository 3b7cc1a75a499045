use super::index::named_twice;
use super::indexed::{is_base, not_a_base, on_sequence, unknown};
use crate::Error;
use isegnet_core::{Chromosome, SequenceSource, SourceError};
use std::collections::HashMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No name line that means something is longer.
const LONGEST_NAME_LINE: usize = 1 << 16;

/// A genome whose bases are in memory, shared by all its readers.
#[derive(Clone)]
pub(super) struct Memory(Arc<Genome>);

struct Genome {
    path: PathBuf,
    chromosomes: Vec<Chromosome>,
    bases: HashMap<String, Vec<u8>>,
}

impl Memory {
    pub(super) fn read(input: impl BufRead, path: &Path) -> Result<Self, Error> {
        let mut genome =
            Genome { path: path.into(), chromosomes: Vec::new(), bases: HashMap::new() };
        let mut parser = Parser::default();
        parser.run(input, path, &mut |name, bases| genome.add(name, bases))?;
        Ok(Self(Arc::new(genome)))
    }
}

impl Genome {
    fn add(&mut self, name: String, mut bases: Vec<u8>) -> Result<(), Error> {
        bases.shrink_to_fit();
        self.chromosomes.push(Chromosome { name: name.clone(), length: Some(bases.len() as u64) });
        match self.bases.insert(name.clone(), bases) {
            None => Ok(()),
            Some(_) => Err(named_twice(&self.path, &name)),
        }
    }
}

/// Takes FASTA apart chunk by chunk, since a chromosome may be one line.
#[derive(Default)]
struct Parser {
    line: u64,
    /// The name line being read, from its '>' on.
    name_line: Option<Vec<u8>>,
    current: Option<(String, Vec<u8>)>,
}

type Give<'a> = &'a mut dyn FnMut(String, Vec<u8>) -> Result<(), Error>;

impl Parser {
    fn run(&mut self, mut input: impl BufRead, path: &Path, give: Give<'_>) -> Result<(), Error> {
        self.line = 1;
        loop {
            let chunk = input.fill_buf().map_err(|e| Error::read(path, e))?;
            if chunk.is_empty() {
                break;
            }
            for &byte in chunk {
                self.byte(byte, path, give)?;
            }
            let n = chunk.len();
            input.consume(n);
        }
        self.byte(b'\n', path, give)?;
        self.current.take().map_or(Ok(()), |(name, bases)| give(name, bases))
    }

    fn byte(&mut self, byte: u8, path: &Path, give: Give<'_>) -> Result<(), Error> {
        match (&mut self.name_line, byte) {
            (Some(_), b'\n') => self.begin(path, give)?,
            (Some(name), _) if name.len() < LONGEST_NAME_LINE => name.push(byte),
            (Some(_), _) => {
                return Err(Error::line(path, self.line, "the name is too long; is this FASTA?"));
            }
            (None, b'>') => self.name_line = Some(Vec::new()),
            (None, b'\n' | b'\r' | b' ' | b'\t') => {}
            (None, _) if !is_base(byte) => {
                return Err(Error::line(path, self.line, not_a_base(byte)));
            }
            (None, _) => match &mut self.current {
                Some((_, bases)) => bases.push(byte),
                None => {
                    return Err(Error::line(
                        path,
                        self.line,
                        "bases before the first name; a sequence begins with '>'",
                    ));
                }
            },
        }
        self.line += u64::from(byte == b'\n');
        Ok(())
    }

    /// A name line is complete: the sequence before it is, too.
    fn begin(&mut self, path: &Path, give: Give<'_>) -> Result<(), Error> {
        let line = self.name_line.take().unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        let Some(name) = line.split_whitespace().next().filter(|_| !line.starts_with([' ', '\t']))
        else {
            return Err(Error::line(
                path,
                self.line,
                "a sequence without a name; write one after '>'",
            ));
        };
        match self.current.replace((name.to_owned(), Vec::new())) {
            Some((name, bases)) => give(name, bases),
            None => Ok(()),
        }
    }
}

impl SequenceSource for Memory {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.0.chromosomes
    }

    fn bases_into(&mut self, chrom: &str, start: i64, out: &mut [u8]) -> Result<(), SourceError> {
        out.fill(b'.');
        let Some(bases) = self.0.bases.get(chrom) else {
            return Err(unknown(&self.0.path, chrom, &self.0.chromosomes));
        };
        if let Some((from, to, place)) = on_sequence(start, out.len(), bases.len() as u64) {
            let bases = &bases[from as usize..to as usize];
            out[place..place + bases.len()].copy_from_slice(bases);
        }
        Ok(())
    }

    fn reopen(&self) -> Result<Box<dyn SequenceSource>, SourceError> {
        Ok(Box::new(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Memory, Error> {
        Memory::read(text.as_bytes(), Path::new("g.fa.gz"))
    }

    #[test]
    fn names_end_at_a_blank_and_lines_may_differ() {
        let mut genome = read(">chr1 the first\r\nAC\r\nGTA\r\n\r\n>chr2\nnnn").unwrap();
        let lengths: Vec<_> = genome.chromosomes().iter().map(|c| c.length.unwrap()).collect();
        assert_eq!(lengths, [5, 3]);
        let mut out = [0; 7];
        genome.bases_into("chr1", -1, &mut out).unwrap();
        assert_eq!(&out, b".ACGTA.");
    }

    #[test]
    fn what_is_no_fasta_is_told_with_its_line() {
        let message = |text| read(text).err().unwrap().to_string();
        assert!(
            message(">a\nAC\nG7\n").contains("line 3: \"7\" where a base"),
            "{}",
            message(">a\nAC\nG7\n")
        );
        assert!(message("ACGT\n>a\n").contains("line 1: bases before"));
        assert!(message(">\nACGT\n").contains("line 1: a sequence without a name"));
        assert!(message(">a\nA\n>a\nC\n").contains("\"a\": its name stands twice"));
    }
}
