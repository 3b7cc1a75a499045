use std::fmt;

/// An opaque colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Text and spines.
    pub const INK: Self = Self(0x2b, 0x2b, 0x2b);
    /// Guides and what should stand back.
    pub const GREY: Self = Self(0x7a, 0x7a, 0x7a);
    /// Grid lines.
    pub const GRID: Self = Self(0xe8, 0xe8, 0xe8);
    /// Blue of the palette for lines.
    pub const BLUE: Self = Self(0x00, 0x72, 0xb2);
    /// Vermilion of the palette for lines.
    pub const VERMILION: Self = Self(0xd5, 0x5e, 0x00);
    /// Green of the palette for lines.
    pub const GREEN: Self = Self(0x00, 0x9e, 0x73);
    /// Purple of the palette for lines.
    pub const PURPLE: Self = Self(0xcc, 0x79, 0xa7);

    /// Orange of the palette for lines.
    pub const ORANGE: Self = Self(0xe6, 0x9f, 0x00);
    /// Sky blue of the palette for lines.
    pub const SKY: Self = Self(0x56, 0xb4, 0xe9);
    /// Where a value is missing.
    pub const MISSING: Self = Self(0xd4, 0xd4, 0xd4);
    /// Behind everything.
    pub const PAPER: Self = Self(0xff, 0xff, 0xff);

    /// Colour of the `index`-th line; told apart by colour-blind readers too
    /// (Okabe and Ito's palette).
    pub fn of_line(index: usize) -> Self {
        [Self::BLUE, Self::VERMILION, Self::GREEN, Self::PURPLE, Self::ORANGE, Self::SKY][index % 6]
    }

    /// Colour of A, C, G or T: the usual green, blue, orange and red, in tones
    /// that colour-blind readers tell apart; grey for any other letter.
    pub fn of_base(base: char) -> Self {
        match base {
            'A' => Self::GREEN,
            'C' => Self::BLUE,
            'G' => Self::ORANGE,
            'T' => Self::VERMILION,
            _ => Self::GREY,
        }
    }

    /// Colour of a value between 0 (nearly white) and 1 (dark blue).
    pub fn of_amount(amount: f64) -> Self {
        const STOPS: [Colour; 5] = [
            Colour(0xf3, 0xf6, 0xfa),
            Colour(0xa9, 0xcb, 0xe6),
            Colour(0x4f, 0x9b, 0xcc),
            Colour(0x18, 0x63, 0xa7),
            Colour(0x08, 0x2f, 0x66),
        ];
        ramp(&STOPS, amount)
    }

    /// Colour of a signed value between -1 (blue), 0 (white) and 1 (vermilion).
    pub fn of_signed(value: f64) -> Self {
        const STOPS: [Colour; 5] = [
            Colour(0x0a, 0x4c, 0x92),
            Colour(0x7d, 0xb0, 0xd9),
            Colour(0xf7, 0xf7, 0xf7),
            Colour(0xf0, 0xa4, 0x72),
            Colour(0xad, 0x3c, 0x00),
        ];
        ramp(&STOPS, 0.5 + 0.5 * value)
    }

    /// Black or white, whichever is better read on this colour.
    #[must_use]
    pub fn ink_on(self) -> Self {
        let Self(r, g, b) = self;
        let light = 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
        if light > 140.0 { Self::INK } else { Self::PAPER }
    }

    /// Colour of a density between 0 (light) and 1 (dark).
    pub fn of_density(density: f64) -> Self {
        const STOPS: [Colour; 4] = [
            Colour(0x9f, 0xc5, 0xe3),
            Colour(0x4a, 0x98, 0xc9),
            Colour(0x16, 0x62, 0xa6),
            Colour(0x08, 0x2f, 0x66),
        ];
        ramp(&STOPS, density)
    }

    fn towards(self, other: Self, part: f64) -> Self {
        let mix = |a: u8, b: u8| {
            (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round().clamp(0.0, 255.0) as u8
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

/// Reads colours spread evenly over 0 to 1; what is beyond or not finite takes
/// an end.
fn ramp<const N: usize>(stops: &[Colour; N], at: f64) -> Colour {
    let at = if at.is_nan() { 0.0 } else { at.clamp(0.0, 1.0) * (N - 1) as f64 };
    let below = (at as usize).min(N - 2);
    stops[below].towards(stops[below + 1], at - below as f64)
}

impl fmt::Display for Colour {
    /// Writes `#rrggbb`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn density_runs_from_light_to_dark() {
        let brightness = |d| {
            let Colour(r, g, b) = Colour::of_density(d);
            u32::from(r) + u32::from(g) + u32::from(b)
        };
        let all: Vec<u32> = (0..=20).map(|i| brightness(f64::from(i) / 20.0)).collect();
        assert!(all.windows(2).all(|w| w[0] > w[1]), "{all:?}");
        assert_eq!(Colour::of_density(f64::NAN), Colour::of_density(0.0));
        assert_eq!(Colour(0, 158, 115).to_string(), "#009e73");
    }

    #[test]
    fn signed_values_are_white_at_zero_and_meet_their_ends() {
        assert_eq!(Colour::of_signed(0.0), Colour(0xf7, 0xf7, 0xf7));
        assert_eq!(Colour::of_signed(-7.0), Colour::of_signed(-1.0));
        assert_eq!(Colour::of_amount(1.0).ink_on(), Colour::PAPER);
        assert_eq!(Colour::of_amount(0.0).ink_on(), Colour::INK);
    }
}
