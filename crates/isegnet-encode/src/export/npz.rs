//! An `.npz` file as a stream: a zip of `.npy` arrays.

use super::npy::{Text, header};
use std::io::{self, BufWriter, Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Arrays written one after the other, each in pieces.
pub(super) struct Npz<W: Write + Seek> {
    zip: ZipWriter<BufWriter<W>>,
    method: CompressionMethod,
}

impl<W: Write + Seek> Npz<W> {
    pub fn new(out: W, compress: bool) -> Self {
        let method = if compress { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        Self { zip: ZipWriter::new(BufWriter::with_capacity(1 << 20, out)), method }
    }

    /// Begins an array; its bytes follow.
    pub fn begin(&mut self, name: &str, descr: &str, shape: &[usize]) -> io::Result<()> {
        // Sizes may pass 4 GiB: every entry gets 64-bit ones.
        let options = SimpleFileOptions::default().compression_method(self.method).large_file(true);
        self.zip.start_file(format!("{name}.npy"), options)?;
        self.zip.write_all(&header(descr, shape))
    }

    pub fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)
    }

    /// Writes an array of texts.
    pub fn text<'t>(
        &mut self,
        name: &str,
        texts: impl ExactSizeIterator<Item = &'t str> + Clone,
    ) -> io::Result<()> {
        let width = Text::widest(texts.clone());
        self.begin(name, &width.descr(), &[texts.len()])?;
        let mut bytes = Vec::new();
        texts.for_each(|text| width.put(text, &mut bytes));
        self.put(&bytes)
    }

    pub fn finish(self) -> io::Result<()> {
        self.zip.finish()?.flush()
    }
}
