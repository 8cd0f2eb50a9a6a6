//! How random a token looks.
//!
//! Entropy alone cannot tell a key from an identifier: both use many different characters. What
//! tells them apart is the neighbours: words are spelled with few of the possible pairs of
//! letters, and change rarely between letters and digits.

/// For each letter, those that often follow it in English and in source code: 95 % of all pairs,
/// but only 45 % of the possible ones.
const FOLLOWERS: [&str; 26] = [
    "bcdfgiklmnprstuvwxy",
    "aceilorsuy",
    "acdefhiklmoprstuvy",
    "adefilorstuv",
    "abcdefgiklmnopqrstuvwxy",
    "acdefgilorstu",
    "aeghilnorsu",
    "adeimortu",
    "abcdefglmnoprstvxz",
    "aeou",
    "aeis",
    "adefilopstuy",
    "abdeilmopstu",
    "acdefgiklnopstuv",
    "abcdfgiklmnoprstuvw",
    "acehiloprstu",
    "u",
    "acdefgiklmnoprstuvy",
    "aceghiklmnoprstuwy",
    "acdefhilmoprstuxy",
    "abcdefgilmnprst",
    "aeio",
    "aehinors",
    "aceipt",
    "mnps",
    "aeo",
];

/// Shannon entropy of the bytes of `text`, in bits for each.
pub(super) fn bits_per_char(text: &str) -> f64 {
    let mut counts = [0_u16; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] = counts[usize::from(byte)].saturating_add(1);
    }
    let total: f64 = counts.iter().copied().map(f64::from).sum();
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// The share of neighbouring characters that no word has, from 0 to 1.
///
/// Words, also joined in camel case, stay below 0.3; random letters and digits exceed 0.5.
/// Separators such as `-` and `/` have no neighbours.
pub(super) fn roughness(text: &str) -> f64 {
    let pairs = text.as_bytes().windows(2).map(|pair| (pair[0], pair[1]));
    let (mut rough, mut all) = (0_u32, 0_u32);
    for (left, right) in pairs.filter(|(left, right)| !is_separator(*left) && !is_separator(*right))
    {
        all += 1;
        rough += u32::from(!is_smooth(left, right));
    }
    f64::from(rough) / f64::from(all.max(1))
}

fn is_separator(byte: u8) -> bool {
    b"-_./+=:~ ".contains(&byte) || !byte.is_ascii()
}

fn is_smooth(left: u8, right: u8) -> bool {
    if left.is_ascii_digit() || right.is_ascii_digit() {
        return left.is_ascii_digit() && right.is_ascii_digit();
    }
    if !left.is_ascii_alphabetic() || !right.is_ascii_alphabetic() {
        return left == right;
    }
    let is_hump = left.is_ascii_lowercase() && right.is_ascii_uppercase();
    let followers = FOLLOWERS[usize::from(left.to_ascii_lowercase() - b'a')];
    let is_alphabetical = left.checked_add(1) == Some(right);
    is_alphabetical || !is_hump && followers.as_bytes().contains(&right.to_ascii_lowercase())
}

/// Whether some run of 16 digits and letters of one case mixes them, as keys do and names do not.
pub(super) fn is_dense(text: &str) -> bool {
    runs(text).any(|run| {
        let count = |class: fn(&u8) -> bool| run.bytes().filter(class).count();
        let (lower, upper) = (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase));
        let letters = lower + upper;
        run.len() >= 16
            && letters > 0
            && (lower == 0 || upper == 0)
            && run.len() - letters >= 4
            && bits_per_char(run) >= 3.0
    })
}

/// Whether a token is random by itself, whatever stands around it.
///
/// Hexadecimal never is: digests and object ids are everywhere in engineering text.
pub(super) fn is_random(token: &str) -> bool {
    let has = |class: fn(&u8) -> bool| token.bytes().any(|byte| class(&byte));
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let (whole, part) = if is_mixed { (32, 12) } else { (40, 40) };
    token.len() >= whole
        && has(u8::is_ascii_digit)
        && runs(token).any(|run| run.len() >= part && !is_hex(run))
        && bits_per_char(token) >= 4.0
        && roughness(token) >= 0.5
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

fn is_hex(run: &str) -> bool {
    let digits = run.strip_prefix("0x").unwrap_or(run);
    digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `550e8400-e29b-41d4-a716-446655440000`.
pub(super) fn is_uuid(token: &str) -> bool {
    token.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && token.split('-').all(is_hex)
}
