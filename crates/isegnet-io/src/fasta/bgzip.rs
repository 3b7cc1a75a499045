use noodles::bgzf::{self, gzi};
use std::fs::File;
use std::io::{self, BufRead};
use std::sync::Arc;

/// The text of a bgzip file, of which the last block stays decompressed:
/// windows that follow each other are often in one.
pub(super) struct Blocks {
    index: Arc<gzi::Index>,
    input: bgzf::io::Reader<File>,
    /// Number of the block that `text` holds.
    kept: Option<usize>,
    text: Vec<u8>,
}

impl Blocks {
    pub(super) fn new(file: File, index: Arc<gzi::Index>) -> Self {
        Self { index, input: bgzf::io::Reader::new(file), kept: None, text: Vec::new() }
    }

    /// Fills `out` with the bytes of the text from `at` on, which must be there.
    pub(super) fn read_at(&mut self, mut at: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            let begin = self.go(at)?;
            let inside = usize::try_from(at - begin).ok().and_then(|from| self.text.get(from..));
            let inside = inside.filter(|text| !text.is_empty()).ok_or_else(|| {
                io::Error::new(io::ErrorKind::UnexpectedEof, format!("no text at byte {at}"))
            })?;
            let bytes = inside.len().min(out.len());
            let (now, later) = out.split_at_mut(bytes);
            now.copy_from_slice(&inside[..bytes]);
            (at, out) = (at + bytes as u64, later);
        }
        Ok(())
    }

    /// Decompresses the block that byte `at` of the text is in, and says where it begins.
    fn go(&mut self, at: u64) -> io::Result<u64> {
        // The index leaves out the first block, which is number 0.
        let entries = self.index.as_ref().as_ref();
        let number = entries.partition_point(|entry| entry.1 <= at);
        let (compressed, begin) =
            number.checked_sub(1).and_then(|i| entries.get(i)).copied().unwrap_or_default();
        if self.kept != Some(number) {
            self.kept = None;
            let place =
                bgzf::VirtualPosition::try_from((compressed, 0)).map_err(io::Error::other)?;
            self.input.seek(place)?;
            self.text.clear();
            self.text.extend_from_slice(self.input.fill_buf()?);
            self.kept = Some(number);
        }
        Ok(begin)
    }
}
