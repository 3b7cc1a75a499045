//! A track in memory: intervals with one value each, sorted, without overlaps.

use crate::Error;
use isegnet_core::{Chromosome, SignalSource, SourceError};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// One value over `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) value: f32,
}

/// Intervals of a track as they are read, chromosome by chromosome.
#[derive(Default)]
pub(crate) struct Collected {
    order: Vec<String>,
    values: HashMap<String, Vec<Value>>,
}

impl Collected {
    pub(crate) fn push(&mut self, chrom: &str, value: Value) {
        match self.values.get_mut(chrom) {
            Some(values) => values.push(value),
            None => {
                self.order.push(chrom.to_owned());
                self.values.insert(chrom.to_owned(), vec![value]);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Sorts what was collected; a base with two values is an error.
    pub(crate) fn finish(self, path: &Path) -> Result<Track, Error> {
        let Self { order, mut values } = self;
        for chrom in &order {
            let Some(values) = values.get_mut(chrom) else { continue };
            if !values.is_sorted_by_key(|v| v.start) {
                values.sort_by_key(|v| v.start);
            }
            values.dedup();
            if let Some(two) = values.windows(2).find(|w| w[0].end > w[1].start) {
                return Err(overlap(path, chrom, &two[0], &two[1]));
            }
            values.shrink_to_fit();
        }
        if order.is_empty() {
            let remedy = "check that the file was written to its end".into();
            return Err(Error::Nothing { path: path.into(), what: "value", remedy });
        }
        let chromosomes = order.into_iter().map(|name| Chromosome { name, length: None }).collect();
        Ok(Track { chromosomes, values: Arc::new(values) })
    }
}

fn overlap(path: &Path, chrom: &str, a: &Value, b: &Value) -> Error {
    Error::Damaged {
        path: path.into(),
        place: format!("{chrom}:{}-{}", b.start, a.end.min(b.end)),
        message: format!(
            "these bases have the value {} (from {}) and the value {} (from {})",
            a.value, a.start, b.value, b.start
        ),
    }
}

/// A track in memory; readers of it share the values.
#[derive(Clone)]
pub(crate) struct Track {
    chromosomes: Vec<Chromosome>,
    values: Arc<HashMap<String, Vec<Value>>>,
}

impl SignalSource for Track {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.chromosomes
    }

    fn values_into(&mut self, chrom: &str, start: i64, out: &mut [f32]) -> Result<(), SourceError> {
        out.fill(f32::NAN);
        let Some(values) = self.values.get(chrom) else { return Ok(()) };
        let end = start.saturating_add_unsigned(out.len() as u64);
        let first = values.partition_point(|v| i64::from(v.end) <= start);
        for v in values[first..].iter().take_while(|v| i64::from(v.start) < end) {
            let from = (i64::from(v.start).max(start) - start) as usize;
            let to = (i64::from(v.end).min(end) - start) as usize;
            out[from..to].fill(v.value);
        }
        Ok(())
    }

    fn reopen(&self) -> Result<Box<dyn SignalSource>, SourceError> {
        Ok(Box::new(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(start: u32, end: u32, value: f32) -> Value {
        Value { start, end, value }
    }

    #[test]
    fn intervals_are_sorted_and_cut_to_the_query() {
        let mut collected = Collected::default();
        collected.push("b", value(10, 20, 2.0));
        collected.push("b", value(2, 5, 1.0));
        collected.push("b", value(2, 5, 1.0));
        let mut track = collected.finish(Path::new("x")).unwrap();
        let mut out = [0.0; 6];
        track.values_into("b", 4, &mut out).unwrap();
        assert_eq!(out.map(|v| v.is_nan()), [false, true, true, true, true, true]);
        track.values_into("b", -3, &mut out).unwrap();
        assert!(out[4].is_nan() && out[5] == 1.0);
        track.values_into("b", i64::MAX - 2, &mut out).unwrap();
        track.values_into("b", i64::MIN, &mut out).unwrap();
        track.values_into("other", 0, &mut out).unwrap();
        assert!(out.iter().all(|v| v.is_nan()));
    }

    #[test]
    fn a_base_with_two_values_is_an_error() {
        let mut collected = Collected::default();
        collected.push("a", value(10, 20, 2.0));
        collected.push("a", value(15, 30, 3.0));
        let error = collected.finish(Path::new("x.bedGraph")).err().unwrap().to_string();
        assert!(
            error.contains("a:15-20") && error.contains("value 2") && error.contains("value 3"),
            "{error}"
        );
    }
}
