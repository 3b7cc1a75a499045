//! From rows to spectra of tiles and back.

use super::PARTS;
use crate::Real;
use crate::fourier::{Fourier, Points, Sink, Source};
use crate::lanes::{Kernel, Lanes};
use crate::product::{padded, volume};

/// How a signal is cut into tiles, and what becomes of its spectrum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiling {
    /// First tile, and how many.
    pub first: usize,
    pub tiles: usize,
    /// Rows from the start of a tile to that of the next.
    pub step: usize,
    /// Rows of a tile that count; those after them are taken as 0, or left.
    pub take: usize,
    /// Whether the spectrum is the conjugate.
    pub conjugate: bool,
}

impl Tiling {
    /// Rows of tile `j` that lie in a signal of `rows`; none past the last tile.
    #[inline(always)]
    fn rows_inside(&self, j: usize, rows: usize) -> usize {
        if j < self.tiles {
            rows.saturating_sub((self.first + j) * self.step).min(self.take)
        } else {
            0
        }
    }

    /// The two points that frequency `k` and its mirror image have.
    #[inline(always)]
    fn mirrored(&self, k: usize, points: usize) -> (usize, usize) {
        let opposite = (points - k) % points;
        if self.conjugate { (opposite, k) } else { (k, opposite) }
    }
}

/// Computes twice the spectrum of every tile: (frequency, tile, part, channel).
pub(super) struct ToTiles<'a, T> {
    pub fourier: &'a Fourier<T>,
    pub tiling: Tiling,
    /// The signal, (rows, channels).
    pub x: &'a [T],
    pub channels: usize,
    pub spectrum: &'a mut [T],
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for ToTiles<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { fourier, tiling, x, channels, spectrum, scratch } = self;
        let (points, width) = (fourier.points(), padded(channels));
        let rows = x.len() / channels;
        assert!(spectrum.len() >= volume([points / 2 + 1, tiling.tiles, PARTS, width]));
        assert!(scratch.len() >= scratch_len(fourier));
        let (ends, scratch) = scratch.split_at_mut(2 * points * V::WIDTH);
        let (ends, scratch) = (ends.as_mut_ptr(), scratch.as_mut_ptr());
        for j in (0..tiling.tiles).step_by(2) {
            for at in (0..channels).step_by(V::WIDTH) {
                let tile = |j| TileRows {
                    from: x.as_ptr().wrapping_add((tiling.first + j) * tiling.step * channels + at),
                    rows: tiling.rows_inside(j, rows),
                };
                let lanes = (channels - at).min(V::WIDTH);
                let pair = TilePair { tiles: [tile(j), tile(j + 1)], stride: channels, lanes };
                // SAFETY: a tile's rows lie inside `x`, and its lanes inside a row; the
                // spectrum has room for all tiles, as asserted.
                unsafe {
                    fourier.transform::<V>(&pair, &mut Points(ends), scratch);
                    let to = spectrum.as_mut_ptr().add(j * PARTS * width + at);
                    let both = j + 1 < tiling.tiles;
                    separate::<T, V>(&tiling, points, Points(ends), to, width, both);
                }
            }
        }
    }
}

/// Numbers of scratch memory that transforms of tiles take.
pub(super) fn scratch_len<T: Real>(fourier: &Fourier<T>) -> usize {
    2 * fourier.points() * crate::buffer::LANES + fourier.scratch_len()
}

/// The spectra of two real signals from that of one with the second as imaginary part.
///
/// # Safety
/// `from` has all points; `to` is one tile's place in a spectrum, and its neighbour's
/// where there are `both`.
#[inline(always)]
unsafe fn separate<T: Real, V: Lanes<T>>(
    tiling: &Tiling,
    points: usize,
    from: Points<T>,
    to: *mut T,
    width: usize,
    both: bool,
) {
    for k in 0..=points / 2 {
        let (p, q) = tiling.mirrored(k, points);
        // SAFETY: p and q are points; the caller vouches for the spectrum.
        unsafe {
            let z: (V, V) = from.get(p);
            let w: (V, V) = from.get(q);
            let to = to.add(k * tiling.tiles * PARTS * width);
            put_parts(z.0.add(w.0), z.1.sub(w.1), to, width);
            if both {
                put_parts(z.1.add(w.1), w.0.sub(z.0), to.add(PARTS * width), width);
            }
        }
    }
}

/// Writes the parts of one frequency.
///
/// # Safety
/// `to` is a place in a spectrum, with parts `width` apart.
#[inline(always)]
unsafe fn put_parts<T: Real, V: Lanes<T>>(re: V, im: V, to: *mut T, width: usize) {
    // SAFETY: the caller's.
    unsafe {
        re.store(to);
        im.store(to.add(width));
        re.add(im).store(to.add(2 * width));
    }
}

/// Some lanes of a tile's rows.
#[derive(Clone, Copy)]
struct TileRows<T> {
    from: *const T,
    rows: usize,
}

/// Two tiles as real and imaginary part.
struct TilePair<T> {
    tiles: [TileRows<T>; 2],
    stride: usize,
    lanes: usize,
}

impl<T: Real> TilePair<T> {
    /// A row of a tile, 0 past its end.
    ///
    /// # Safety
    /// The tile's rows can be read.
    #[inline(always)]
    unsafe fn row<V: Lanes<T>>(&self, tile: usize, i: usize) -> V {
        let TileRows { from, rows } = self.tiles[tile];
        if i >= rows {
            return V::zero();
        }
        // SAFETY: a row inside; the caller vouches for it.
        unsafe { V::load_first(from.add(i * self.stride), self.lanes) }
    }
}

impl<T: Real, V: Lanes<T>> Source<V> for TilePair<T> {
    #[inline(always)]
    unsafe fn get(&self, i: usize) -> (V, V) {
        // SAFETY: the caller's.
        unsafe { (self.row(0, i), self.row(1, i)) }
    }
}

/// What becomes of the rows that an inverse transform gives.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written<'a, T> {
    /// They replace what is there, plus a bias.
    With(Option<&'a [T]>),
    /// They are added: tiles overlap.
    Added,
}

/// Computes a signal from the spectra (frequency, tile, (re, im), channel) of its tiles,
/// times the number of points.
pub(super) struct FromTiles<'a, T> {
    pub fourier: &'a Fourier<T>,
    pub tiling: Tiling,
    pub spectrum: &'a [T],
    pub channels: usize,
    pub written: Written<'a, T>,
    /// The signal, (rows, channels).
    pub y: &'a mut [T],
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for FromTiles<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { fourier, tiling, spectrum, channels, written, y, scratch } = self;
        let (points, width) = (fourier.points(), padded(channels));
        let rows = y.len() / channels;
        assert!(spectrum.len() >= volume([points / 2 + 1, tiling.tiles, 2, width]));
        assert!(scratch.len() >= scratch_len(fourier));
        if let Written::With(Some(bias)) = written {
            assert_eq!(bias.len(), channels, "a bias of another length");
        }
        let (ends, scratch) = scratch.split_at_mut(2 * points * V::WIDTH);
        let (ends, scratch) = (ends.as_mut_ptr(), scratch.as_mut_ptr());
        let y = y.as_mut_ptr();
        for j in (0..tiling.tiles).step_by(2) {
            for at in (0..channels).step_by(V::WIDTH) {
                let lanes = (channels - at).min(V::WIDTH);
                let tile = |j| {
                    let start = (tiling.first + j) * tiling.step * channels + at;
                    (y.wrapping_add(start), tiling.rows_inside(j, rows))
                };
                // SAFETY: the spectrum was just found to hold all tiles; a tile's rows
                // lie inside `y`, and its lanes inside a row and the bias.
                unsafe {
                    let bias = match written {
                        Written::With(Some(bias)) => V::load_first(bias.as_ptr().add(at), lanes),
                        _ => V::zero(),
                    };
                    let from = spectrum.as_ptr().add(j * 2 * width + at);
                    let both = j + 1 < tiling.tiles;
                    join::<T, V>(&tiling, points, from, Points(ends), width, both);
                    let mut to = RowPair {
                        tiles: [tile(j), tile(j + 1)],
                        stride: channels,
                        lanes,
                        bias,
                        add: matches!(written, Written::Added),
                    };
                    fourier.transform::<V>(&Points(ends), &mut to, scratch);
                }
            }
        }
    }
}

/// One spectrum of two, with real and imaginary parts exchanged, so that the
/// transform is the inverse one.
///
/// # Safety
/// `from` is one tile's place in a spectrum, and its neighbour's where there are `both`;
/// `to` has room for all points.
#[inline(always)]
unsafe fn join<T: Real, V: Lanes<T>>(
    tiling: &Tiling,
    points: usize,
    from: *const T,
    mut to: Points<T>,
    width: usize,
    both: bool,
) {
    for k in 0..=points / 2 {
        let (p, q) = tiling.mirrored(k, points);
        // SAFETY: p and q are points; the caller vouches for the spectrum.
        unsafe {
            let from = from.add(k * tiling.tiles * 2 * width);
            let (mut a, mut b) =
                ((V::load(from), V::load(from.add(width))), (V::zero(), V::zero()));
            if both {
                b = (V::load(from.add(2 * width)), V::load(from.add(3 * width)));
            }
            if p == q {
                // The signal is real: what these have of an imaginary part is rounding.
                (a.1, b.1) = (V::zero(), V::zero());
            }
            to.put(q, (b.0.sub(a.1), a.0.add(b.1)));
            to.put(p, (a.1.add(b.0), a.0.sub(b.1)));
        }
    }
}

/// Where two tiles' rows go.
struct RowPair<T, V> {
    tiles: [(*mut T, usize); 2],
    stride: usize,
    lanes: usize,
    bias: V,
    add: bool,
}

impl<T: Real, V: Lanes<T>> Sink<V> for RowPair<T, V> {
    #[inline(always)]
    unsafe fn put(&mut self, i: usize, (second, first): (V, V)) {
        for ((to, rows), value) in self.tiles.into_iter().zip([first, second]) {
            if i >= rows {
                continue;
            }
            // SAFETY: a row inside; the caller vouches for it.
            unsafe {
                let to = to.add(i * self.stride);
                let old = if self.add { V::load_first(to, self.lanes) } else { self.bias };
                value.add(old).store_first(to, self.lanes);
            }
        }
    }
}
