//! The NPY format, version 1.0: <https://numpy.org/neps/nep-0001-npy-format.html>.

/// Gives the header of an array in row-major order.
pub(super) fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let mut dims: Vec<String> = shape.iter().map(usize::to_string).collect();
    if let [only] = dims.as_mut_slice() {
        only.push(',');
    }
    let dims = dims.join(", ");
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dims}), }}");
    // Magic, version, length, text and a line feed fill a multiple of 64 bytes.
    let length = (10 + text.len() + 1).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend_from_slice(&(length as u16).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(10 + length - 1, b' ');
    bytes.push(b'\n');
    bytes
}

/// Texts of a fixed number of characters, four bytes each.
#[derive(Clone, Copy)]
pub(super) struct Text {
    characters: usize,
}

impl Text {
    /// As wide as the longest of some texts, at least one character.
    pub fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self { characters: texts.map(|text| text.chars().count()).max().unwrap_or(0).max(1) }
    }

    pub fn descr(&self) -> String {
        format!("<U{}", self.characters)
    }

    pub fn put(&self, text: &str, bytes: &mut Vec<u8>) {
        let end = bytes.len() + 4 * self.characters;
        for character in text.chars() {
            bytes.extend_from_slice(&u32::from(character).to_le_bytes());
        }
        bytes.resize(end, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_aligned_and_say_the_shape() {
        let bytes = header("<f4", &[3]);
        assert_eq!(bytes.len() % 64, 0);
        let text = String::from_utf8_lossy(&bytes[10..]).into_owned();
        assert!(text.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"));
        assert!(text.ends_with('\n'));
        assert!(String::from_utf8_lossy(&header("|u1", &[3, 0, 4])).contains("(3, 0, 4)"));
    }
}
