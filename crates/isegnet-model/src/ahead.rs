//! Reading ahead: the next batch is filled while the present one is worked on.

use isegnet_core::{Batch, LearnError};

/// Memory of two batches.
#[derive(Default)]
pub(crate) struct Ahead {
    present: Batch,
    next: Batch,
}

impl Ahead {
    /// Lets `fill` read a batch of each of `chunks`, and `take` work on them in order.
    ///
    /// What could not be read is handed to `take` in that batch's place, after
    /// the batches before it; the first error of `take` ends the work.
    pub fn each(
        &mut self,
        chunks: &[&[usize]],
        fill: impl Fn(&[usize], &mut Batch) -> Result<(), LearnError> + Sync,
        mut take: impl FnMut(Result<&Batch, LearnError>) -> Result<(), LearnError> + Send,
    ) -> Result<(), LearnError> {
        let Some(first) = chunks.first() else { return Ok(()) };
        let mut read = fill(first, &mut self.present);
        for following in chunks.iter().skip(1).map(Some).chain([None]) {
            let Self { present, next } = self;
            let (taken, filled) = rayon::join(
                || take(read.map(|()| &*present)),
                || following.map_or(Ok(()), |rows| fill(rows, next)),
            );
            taken?;
            read = filled;
            std::mem::swap(&mut self.present, &mut self.next);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isegnet_core::{InputShape, SourceError};

    fn fill(rows: &[usize], batch: &mut Batch) -> Result<(), LearnError> {
        if rows.contains(&5) {
            return Err(SourceError::new("made up", "row 5", "is broken").into());
        }
        batch.reshape(rows, &InputShape { positions: 0, tracks: Vec::new(), dna: false });
        Ok(())
    }

    #[test]
    fn batches_come_in_order_and_an_error_in_its_own_place() {
        let rows: Vec<usize> = (0..9).collect();
        let chunks: Vec<&[usize]> = rows.chunks(2).collect();
        let mut seen = Vec::new();
        let take = |batch: Result<&Batch, LearnError>| {
            seen.extend_from_slice(&batch?.rows);
            Ok(())
        };
        let error = Ahead::default().each(&chunks, fill, take).unwrap_err().to_string();
        assert!(error.contains("row 5"), "{error}");
        assert_eq!(seen, [0, 1, 2, 3]);
    }

    #[test]
    fn work_that_fails_is_told_before_what_was_read_ahead() {
        let take = |batch: Result<&Batch, LearnError>| match batch?.rows[0] {
            4 => unreachable!("the work had ended"),
            _ => Err(LearnError::Cancelled),
        };
        let error = Ahead::default().each(&[&[0], &[5], &[4]], fill, take).unwrap_err();
        assert!(matches!(error, LearnError::Cancelled));
    }
}
