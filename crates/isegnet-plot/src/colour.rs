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

    /// Colour of the `index`-th line; told apart by colour-blind readers too
    /// (Okabe and Ito's palette).
    pub fn of_line(index: usize) -> Self {
        [Self::BLUE, Self::VERMILION, Self::GREEN, Self::PURPLE][index % 4]
    }

    /// Colour of a density between 0 (light) and 1 (dark).
    pub fn of_density(density: f64) -> Self {
        const STOPS: [Colour; 4] = [
            Colour(0x9f, 0xc5, 0xe3),
            Colour(0x4a, 0x98, 0xc9),
            Colour(0x16, 0x62, 0xa6),
            Colour(0x08, 0x2f, 0x66),
        ];
        let at = if density.is_finite() { density.clamp(0.0, 1.0) * 3.0 } else { 0.0 };
        let below = (at as usize).min(2);
        STOPS[below].towards(STOPS[below + 1], at - below as f64)
    }

    fn towards(self, other: Self, part: f64) -> Self {
        let mix = |a: u8, b: u8| {
            (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round().clamp(0.0, 255.0) as u8
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
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
}
