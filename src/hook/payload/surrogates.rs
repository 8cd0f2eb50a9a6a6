//! Half characters: JSON can spell one half of a UTF-16 pair, which is no text (RFC 8259, section 8.2).

/// What stands in their place.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// The JSON with each lone half replaced.
pub(super) fn replaced(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let length = match (half(escape), escape.get(6..).and_then(half)) {
            (Some(Half::First), Some(Half::Second)) => 12,
            (Some(_), _) => {
                out.extend_from_slice(REPLACEMENT);
                rest = &escape[6..];
                continue;
            }
            // The escaped character may be a backslash itself.
            (None, _) => escape.len().min(2),
        };
        out.extend_from_slice(&escape[..length]);
        rest = &escape[length..];
    }
    out.extend_from_slice(rest);
    out
}

enum Half {
    First,
    Second,
}

/// The half that an escape like `\ud83d` at the beginning spells.
fn half(escape: &[u8]) -> Option<Half> {
    let digits = escape.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::First),
        0xdc00..=0xdfff => Some(Half::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn halves_only() {
        for (json, text) in [
            (r#""plain""#, "plain"),
            (r#""\ud83e\udd80 whole""#, "\u{1f980} whole"),
            (r#""a\ud83e b""#, "a\u{fffd} b"),
            (r#""\udd80\ud83e""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83e\ud83e\udd80""#, "\u{fffd}\u{1f980}"),
            (r#""\\ud83e \\\ud83e""#, "\\ud83e \\\u{fffd}"),
            (r#""\ud83e\n\u0041""#, "\u{fffd}\nA"),
        ] {
            let read: String = serde_json::from_slice(&replaced(json.as_bytes()))
                .unwrap_or_else(|error| panic!("{json}: {error}"));
            assert_eq!(read, text, "{json}");
        }
        for torn in [&b"\"\\"[..], b"\\u", b"\\ud8", b"\\ud83e\\u", b""] {
            assert!(replaced(torn).len() <= torn.len() + 6);
        }
    }
}
