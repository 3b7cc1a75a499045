//! How positions are laid out in pictures: in bases, window by window.

use isegnet_encode::{View, Window};

/// The windows of a view as pictures show them: in bases, from the anchor if it is outside.
pub struct Ruler {
    windows: Vec<(&'static str, Window)>,
    bin_bp: usize,
}

impl Ruler {
    /// That of a view.
    pub fn of(view: &View) -> Self {
        let windows = ["TSS", "TTS"].into_iter().zip(view.windows().both());
        let windows = windows.filter(|(_, window)| !window.is_empty()).collect();
        Self { windows, bin_bp: view.bin_bp() }
    }

    /// Bases before and from the anchor on that a window is drawn with.
    fn reach(window: Window) -> (usize, usize) {
        ((-window.start()).max(0) as usize, window.end().max(0) as usize)
    }

    /// The windows for a picture, each with its note.
    pub fn windows<'a>(&self, notes: &'a [String; 2]) -> Vec<isegnet_plot::Window<'a>> {
        let windows = self.windows.iter().map(|&(anchor, window)| {
            let (upstream, downstream) = Self::reach(window);
            let note = &notes[usize::from(anchor == "TTS")];
            isegnet_plot::Window { anchor, upstream, downstream, note }
        });
        windows.collect()
    }

    /// Gives values a position as values a base, missing between a window and its anchor.
    pub fn stretched(&self, values: &[f64]) -> Vec<f64> {
        let mut bases = Vec::new();
        let mut first = 0;
        for &(_, window) in &self.windows {
            let end = first + window.len() / self.bin_bp;
            let inside = values.get(first..end).unwrap_or_default().iter();
            let inside = inside.flat_map(|&value| std::iter::repeat_n(value, self.bin_bp));
            bases.extend(std::iter::repeat_n(f64::NAN, window.start().max(0) as usize));
            bases.extend(inside);
            bases.extend(std::iter::repeat_n(f64::NAN, (-window.end()).max(0) as usize));
            first = end;
        }
        bases
    }

    /// The drawn bases of some positions of one window.
    pub fn bases(&self, positions: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let (mut first, mut drawn) = (0, 0);
        for &(_, window) in &self.windows {
            let end = first + window.len() / self.bin_bp;
            let pad = window.start().max(0) as usize;
            if positions.start < end {
                let base = |position: usize| drawn + pad + (position - first) * self.bin_bp;
                return base(positions.start)..base(positions.end.min(end));
            }
            let (upstream, downstream) = Self::reach(window);
            (first, drawn) = (end, drawn + upstream + downstream);
        }
        drawn..drawn
    }
}
