use isegnet_core::{Gene, Interval, Strand};
use serde::{Deserialize, Serialize};

/// The farthest that a window may reach from its anchor, in bases.
pub const FARTHEST_BP: i64 = 10_000_000;

/// A stretch around one anchor (a TSS or a TTS), in bases of transcript
/// orientation relative to it: `[start, end)`, upstream negative.
///
/// Written as `[-1000, 500]`; `[0, 0]` is no window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "[i64; 2]", into = "[i64; 2]")]
pub struct Window {
    start: i64,
    end: i64,
}

impl Window {
    /// Makes the window `[start, end)`.
    ///
    /// # Errors
    /// It ends before it starts, or reaches farther than [`FARTHEST_BP`].
    pub fn new(start: i64, end: i64) -> Result<Self, WindowError> {
        if end < start {
            return Err(WindowError::Backwards { start, end });
        }
        if start < -FARTHEST_BP || end > FARTHEST_BP {
            return Err(WindowError::TooFar { start, end });
        }
        Ok(Self { start, end })
    }

    /// First base, relative to the anchor.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// One past the last base, relative to the anchor.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Length in bases.
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Tells whether the window has no base.
    pub fn is_empty(&self) -> bool {
        self.end == self.start
    }

    /// Tells whether `other` lies inside; an empty window lies in any.
    pub fn contains(&self, other: &Self) -> bool {
        other.is_empty() || (self.start <= other.start && other.end <= self.end)
    }

    /// Gives the bases of the genome that the window covers around `anchor`,
    /// `[start, end)`; on the reverse strand they are read from the end.
    pub fn around(&self, anchor: i64, strand: Strand) -> (i64, i64) {
        match strand {
            Strand::Forward => (anchor + self.start, anchor + self.end),
            Strand::Reverse => (anchor - self.end + 1, anchor - self.start + 1),
        }
    }
}

impl TryFrom<[i64; 2]> for Window {
    type Error = WindowError;

    fn try_from([start, end]: [i64; 2]) -> Result<Self, WindowError> {
        Self::new(start, end)
    }
}

impl From<Window> for [i64; 2] {
    fn from(window: Window) -> Self {
        [window.start, window.end]
    }
}

impl std::fmt::Display for Window {
    /// Writes `[-1000, 500)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}, {})", self.start, self.end)
    }
}

/// The windows of every gene: one around the TSS, one around the TTS, laid one
/// after the other. Either may be empty, not both.
///
/// The default is the paper's: TSS `[-1000, 500)`, TTS `[-500, 500)`.
///
/// ```
/// use isegnet_core::{Gene, Interval, Strand};
/// use isegnet_encode::Windows;
///
/// let windows = Windows::default();
/// let gene = Gene {
///     id: "g1".into(),
///     name: None,
///     strand: Strand::Reverse,
///     body: Interval::new("chr1", 5000, 9000),
/// };
/// let [tss, tts] = windows.intervals(&gene);
/// assert_eq!((tss.start, tss.end), (8500, 10_000));
/// assert_eq!((tts.start, tts.end), (4501, 5501));
/// assert_eq!(windows.positions(), 2500);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WindowsForm", into = "WindowsForm")]
pub struct Windows {
    tss: Window,
    tts: Window,
}

/// How [`Windows`] stand in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowsForm {
    #[serde(default = "default_tss")]
    tss: Window,
    #[serde(default = "default_tts")]
    tts: Window,
}

fn default_tss() -> Window {
    Window { start: -1000, end: 500 }
}

fn default_tts() -> Window {
    Window { start: -500, end: 500 }
}

impl Default for Windows {
    fn default() -> Self {
        Self { tss: default_tss(), tts: default_tts() }
    }
}

impl TryFrom<WindowsForm> for Windows {
    type Error = WindowError;

    fn try_from(form: WindowsForm) -> Result<Self, WindowError> {
        Self::of(form.tss, form.tts)
    }
}

impl From<Windows> for WindowsForm {
    fn from(windows: Windows) -> Self {
        Self { tss: windows.tss, tts: windows.tts }
    }
}

impl Windows {
    /// Makes the windows `[from, to)` around the TSS and the TTS.
    ///
    /// # Errors
    /// One ends before it starts or reaches too far, or both are empty.
    pub fn new(tss: [i64; 2], tts: [i64; 2]) -> Result<Self, WindowError> {
        Self::of(tss.try_into()?, tts.try_into()?)
    }

    fn of(tss: Window, tts: Window) -> Result<Self, WindowError> {
        if tss.is_empty() && tts.is_empty() {
            return Err(WindowError::BothEmpty);
        }
        Ok(Self { tss, tts })
    }

    /// The window around the TSS.
    pub fn tss(&self) -> Window {
        self.tss
    }

    /// The window around the TTS.
    pub fn tts(&self) -> Window {
        self.tts
    }

    /// Both windows, TSS first.
    pub fn both(&self) -> [Window; 2] {
        [self.tss, self.tts]
    }

    /// Number of positions of a row: both windows, one after the other.
    pub fn positions(&self) -> usize {
        self.tss.len() + self.tts.len()
    }

    /// Gives the bases of the genome that the windows of `gene` cover, TSS first.
    ///
    /// They may reach off the chromosome. On the reverse strand each is read
    /// from its end, complemented.
    pub fn intervals(&self, gene: &Gene) -> [Interval; 2] {
        let place = |window: Window, anchor| {
            let (start, end) = window.around(anchor, gene.strand);
            Interval::new(gene.body.chrom.clone(), start, end)
        };
        [place(self.tss, gene.tss()), place(self.tts, gene.tts())]
    }

    /// Tells whether both windows of `other` lie inside these.
    pub fn contains(&self, other: &Self) -> bool {
        self.tss.contains(&other.tss) && self.tts.contains(&other.tts)
    }

    /// Tells whether the gene is shorter than what its windows take of its
    /// body, so that they overlap and show its length.
    pub fn overlap_in(&self, gene: &Gene) -> bool {
        let inside = self.tss.end - self.tts.start;
        !self.tss.is_empty() && !self.tts.is_empty() && gene.body.end - gene.body.start < inside
    }
}

impl std::fmt::Display for Windows {
    /// Writes `TSS [-1000, 500), TTS [-500, 500)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TSS {}, TTS {}", self.tss, self.tts)
    }
}

/// Why there are no such windows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// The window ends before it starts.
    #[error(
        "window [{start}, {end}) ends before it starts; write bases upstream of the anchor as a negative number, as in [-1000, 500]"
    )]
    Backwards {
        /// First base.
        start: i64,
        /// One past the last base.
        end: i64,
    },
    /// The window reaches too far.
    #[error("window [{start}, {end}) reaches farther than {FARTHEST_BP} bases; make it smaller")]
    TooFar {
        /// First base.
        start: i64,
        /// One past the last base.
        end: i64,
    },
    /// Neither window has a base.
    #[error("both windows are empty; give one at least one base, as in tss = [-1000, 500]")]
    BothEmpty,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gene(strand: Strand, start: i64, end: i64) -> Gene {
        Gene { id: "g".into(), name: None, strand, body: Interval::new("c", start, end) }
    }

    #[test]
    fn windows_follow_the_reference() {
        let windows = Windows::default();
        let [tss, tts] = windows.intervals(&gene(Strand::Forward, 5000, 9000));
        assert_eq!((tss.start, tss.end), (4000, 5500));
        assert_eq!((tts.start, tts.end), (8499, 9499));
        let [tss, tts] = windows.intervals(&gene(Strand::Reverse, 5000, 9000));
        assert_eq!((tss.start, tss.end), (8500, 10_000));
        assert_eq!((tts.start, tts.end), (4501, 5501));
    }

    #[test]
    fn genes_shorter_than_what_is_taken_of_them_are_told() {
        let windows = Windows::default();
        assert!(windows.overlap_in(&gene(Strand::Forward, 0, 999)));
        assert!(!windows.overlap_in(&gene(Strand::Forward, 0, 1000)));
    }

    #[test]
    fn bad_windows_are_refused_with_the_way_out() {
        assert_eq!(Windows::new([0, 0], [3, 3]), Err(WindowError::BothEmpty));
        assert!(Window::new(1000, 500).unwrap_err().to_string().contains("[-1000, 500]"));
        assert!(Window::new(0, i64::MAX).is_err());
        assert!(serde_json::from_str::<Windows>(r#"{"tss": [5, 1]}"#).is_err());
        assert!(serde_json::from_str::<Windows>(r#"{"tsss": [1, 5]}"#).is_err());
        let sweep: Windows = serde_json::from_str(r#"{"tss": [-2000, 10]}"#).unwrap();
        assert_eq!(sweep.tts(), Windows::default().tts());
    }
}
