//! Rows of the kernel matrix, kept as long as they fit into so many bytes.

use super::kernel::{Function, Points};
use ndarray::ArrayViewMut2;
use rayon::prelude::*;

/// Columns of the kernel matrix that one thread fills at a time.
const STRIP: usize = 256;
/// Rows computed together: one alone would wait for memory.
const TOGETHER: usize = 32;
const NONE: usize = usize::MAX;

/// The least recently used rows make room for new ones. Values are kept in
/// single precision, as LIBSVM keeps them.
pub(crate) struct Rows {
    function: Function,
    bytes: usize,
    width: usize,
    slot_of: Vec<usize>,
    slots: Vec<Slot>,
    /// Slots that hold nothing.
    free: Vec<usize>,
    clock: u64,
    strips: Vec<f64>,
}

struct Slot {
    owner: usize,
    used: u64,
    values: Vec<f32>,
}

impl Rows {
    pub fn new(function: Function, width: usize, bytes: usize) -> Self {
        Self {
            function,
            bytes,
            width,
            slot_of: vec![NONE; width],
            slots: Vec::new(),
            free: Vec::new(),
            clock: 0,
            strips: Vec::new(),
        }
    }

    /// Rows that fit; a step needs three at once.
    fn capacity(&self) -> usize {
        (self.bytes / (4 * self.width.max(1))).max(4)
    }

    /// How many rows to load together, the needed one among them.
    pub fn together(&self) -> usize {
        TOGETHER.min(self.capacity() - 3)
    }

    pub fn has(&self, row: usize) -> bool {
        self.slot_of[row] != NONE
    }

    /// Says that a row is needed now; it must be there.
    pub fn touch(&mut self, row: usize) {
        self.clock += 2;
        self.slots[self.slot_of[row]].used = self.clock;
    }

    /// A row that is there.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.slots[self.slot_of[row]].values
    }

    /// Computes rows that are not there, at most [`together`](Self::together).
    pub fn load(&mut self, points: Points<'_>, rows: &[usize]) {
        self.make_room(rows.len());
        let chosen = points.select(rows);
        let (function, width) = (self.function, self.width);
        self.strips.resize(rows.len() * width, 0.0);
        self.strips.par_chunks_mut(rows.len() * STRIP).enumerate().for_each(|(i, strip)| {
            let columns = i * STRIP..(i * STRIP + STRIP).min(width);
            if let Ok(out) = ArrayViewMut2::from_shape((rows.len(), columns.len()), strip) {
                function.block(chosen.points(), points.slice(columns), out);
            }
        });
        for (k, &row) in rows.iter().enumerate() {
            let Some(slot) = self.free.pop() else { return };
            self.slot_of[row] = slot;
            let slot = &mut self.slots[slot];
            // Older than the row touched last, which is still needed.
            (slot.owner, slot.used) = (row, self.clock.saturating_sub(1));
            slot.values.clear();
            slot.values.reserve_exact(width);
            for strip in self.strips.chunks(rows.len() * STRIP) {
                let columns = strip.len() / rows.len();
                let values = strip[k * columns..][..columns].iter();
                slot.values.extend(values.map(|&v| v as f32));
            }
        }
    }

    /// Leaves at least `rows` slots free.
    fn make_room(&mut self, rows: usize) {
        while self.free.len() < rows && self.slots.len() < self.capacity() {
            self.free.push(self.slots.len());
            let values = Vec::with_capacity(self.width);
            self.slots.push(Slot { owner: NONE, used: 0, values });
        }
        if self.free.len() < rows {
            let full = |&s: &usize| self.slots[s].owner != NONE;
            let mut oldest: Vec<usize> = (0..self.slots.len()).filter(full).collect();
            let wanted = rows - self.free.len();
            oldest.select_nth_unstable_by_key(wanted - 1, |&s| self.slots[s].used);
            for &slot in &oldest[..wanted] {
                self.empty(slot);
            }
        }
    }

    fn empty(&mut self, slot: usize) {
        self.slot_of[self.slots[slot].owner] = NONE;
        self.slots[slot].owner = NONE;
        self.free.push(slot);
    }

    /// Keeps only some columns, ascending, and their rows, numbered anew.
    pub fn retain(&mut self, kept: &[usize]) {
        let mut new = vec![NONE; self.width];
        kept.iter().enumerate().for_each(|(to, &from)| new[from] = to);
        for slot in 0..self.slots.len() {
            let owner = self.slots[slot].owner;
            if owner != NONE && new[owner] == NONE {
                self.empty(slot);
            }
        }
        self.slots.par_iter_mut().for_each(|slot| {
            if slot.owner == NONE {
                // More of the shorter rows fit, so this one's memory is for them.
                slot.values = Vec::new();
                return;
            }
            slot.owner = new[slot.owner];
            for (to, &from) in kept.iter().enumerate() {
                slot.values[to] = slot.values[from];
            }
            slot.values.truncate(kept.len());
            slot.values.shrink_to_fit();
        });
        self.width = kept.len();
        self.slot_of = vec![NONE; self.width];
        for (i, slot) in self.slots.iter_mut().enumerate() {
            if slot.owner != NONE {
                self.slot_of[slot.owner] = i;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kernel;
    use crate::svr::kernel::norms;
    use ndarray::Array2;

    #[test]
    fn rows_that_are_kept_never_pass_their_bytes() {
        let x = Array2::from_shape_fn((1000, 2), |(i, j)| (i * (j + 1)) as f64);
        let (norms, bytes) = (norms(x.view()), 4 * 1000 * 100);
        let points = Points::new(x.view(), &norms);
        let mut rows = Rows::new(Function::on(Kernel::Linear, x.view()), 1000, bytes);
        let held = |rows: &Rows| rows.slots.iter().map(|s| 4 * s.values.capacity()).sum::<usize>();
        let fill = |rows: &mut Rows, points: Points<'_>| {
            let all: Vec<usize> = (0..points.len()).collect();
            all.chunks(20).for_each(|some| rows.load(points, some));
        };
        fill(&mut rows, points);
        assert!(held(&rows) <= bytes && held(&rows) > bytes / 2);
        let kept: Vec<usize> = (0..400).chain(950..990).collect();
        let own = points.select(&kept);
        rows.retain(&kept);
        fill(&mut rows, own.points());
        assert!(held(&rows) <= bytes, "{} of {bytes} bytes", held(&rows));
    }
}
