//! The ninth column of GTF and GFF3.

use std::borrow::Cow;

/// Gives (key, value) of a GTF line: `key "value"; key "a; b"; key 5;`.
pub(super) fn gtf(column: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = column;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', ';']);
        let (key, after) = rest.split_once(' ')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(';').unwrap_or((after, "")),
        };
        rest = next;
        Some((key, Cow::Borrowed(value.trim())))
    })
}

/// Gives (key, value) of a GFF3 line: `key=value;key=value`, percent-decoded.
pub(super) fn gff3(column: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    column.split(';').filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        Some((key, decoded(value)))
    })
}

/// Undoes percent-encoding; what is not valid stays as it is.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let bytes = value.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|h| std::str::from_utf8(h).ok());
        let code = code.filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(code) if byte == b'%' => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).map_or(Cow::Borrowed(value), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gtf_values_may_hold_semicolons() {
        let pairs: Vec<_> =
            gtf(r#"gene_id "G1.2"; note "a; b"; level 2; tag "basic"; tag "x""#).collect();
        let expected =
            [("gene_id", "G1.2"), ("note", "a; b"), ("level", "2"), ("tag", "basic"), ("tag", "x")];
        assert_eq!(pairs, expected.map(|(k, v)| (k, Cow::Borrowed(v))));
        assert_eq!(gtf("gene_id \"open").count(), 1);
        assert_eq!(gtf("").count() + gtf(";;").count() + gtf("word").count(), 0);
    }

    #[test]
    fn gff3_values_are_decoded() {
        let pairs: Vec<_> = gff3("ID=gene:G1;Note=a%3B b%2;x%zz=%C3%A9%").collect();
        let expected = [("ID", "gene:G1"), ("Note", "a; b%2"), ("x%zz", "é%")];
        assert_eq!(pairs, expected.map(|(k, v)| (k, Cow::Borrowed(v))));
    }
}
