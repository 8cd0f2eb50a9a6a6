//! Titles as names: for ids of documents and names of branches.

/// `title` in lower-case words of `[a-z0-9]` joined by single `-`, at most `max` characters.
///
/// Latin letters lose their accents, apostrophes and accents of their own vanish, everything
/// else parts words. Too long a title is cut after a word, the first word alone anywhere. Never
/// empty: where nothing remains it is `item`. Without `_`, it never begins like a key (`ghp_`).
pub fn slug(title: &str, max: usize) -> String {
    let max = max.max(1);
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        match fold(c) {
            Some("-") if slug.is_empty() || slug.ends_with('-') => {}
            Some(ascii) => slug.push_str(ascii),
            None if c.is_ascii_alphanumeric() => slug.push(c),
            None => {}
        }
        if slug.len() > max {
            break;
        }
    }
    if slug.len() > max {
        let word_end = slug[..=max].rfind('-').unwrap_or(max);
        slug.truncate(word_end);
    }
    if slug.ends_with('-') {
        slug.pop();
    }
    if slug.is_empty() {
        slug.push_str(&"item"[..max.min(4)]);
    }
    slug
}

/// The spelling of a lower-case letter in `[a-z]`, `-` for what parts words; none for letters
/// and digits that stay and for marks that vanish.
fn fold(c: char) -> Option<&'static str> {
    Some(match c {
        'a'..='z' | '0'..='9' | '\'' | '’' | '\u{300}'..='\u{36f}' => return None,
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "-",
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::slug;

    #[test]
    fn titles_become_names() {
        for (title, max, name) in [
            ("Add the dashboard command", 40, "add-the-dashboard-command"),
            ("  --Fix: `foo()` & bar!! ", 40, "fix-foo-bar"),
            ("Don't panic", 40, "dont-panic"),
            (
                "Où est Ærøskøbing? Straße, ÜBER Łódź",
                60,
                "ou-est-aeroskobing-strasse-uber-lodz",
            ),
            ("cafe\u{301} İstanbul", 40, "cafe-istanbul"),
            ("2-factor auth", 40, "2-factor-auth"),
            ("ghp_ tokens leak", 40, "ghp-tokens-leak"),
            ("feature/login.lock", 40, "feature-login-lock"),
            ("日本語", 40, "item"),
            ("", 40, "item"),
            ("../../etc/passwd", 40, "etc-passwd"),
            ("\x1b[2J\u{202e}evil", 40, "2j-evil"),
        ] {
            assert_eq!(slug(title, max), name, "{title:?}");
        }
    }

    #[test]
    fn cuts_after_a_word_where_it_can() {
        for (max, name) in [
            (40, "add-the-dashboard"),
            (17, "add-the-dashboard"),
            (16, "add-the"),
            (8, "add-the"),
            (7, "add-the"),
            (6, "add"),
            (3, "add"),
            (2, "ad"),
            (1, "a"),
            (0, "a"),
        ] {
            assert_eq!(slug("Add the dashboard", max), name, "{max}");
        }
        assert_eq!(slug("ß", 1), "s");
        assert_eq!(slug("!", 2), "it");
    }

    proptest! {
        #[test]
        fn always_a_name(title in "\\PC*|[a-zA-Zéüßœ_ '\u{301}\\n-]*", max in 0_usize..50) {
            let name = slug(&title, max);
            prop_assert!(!name.is_empty() && name.len() <= max.max(1));
            prop_assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert!(!name.starts_with('-') && !name.ends_with('-') && !name.contains("--"));
            prop_assert!(!name.starts_with("ghp_"));
            prop_assert_eq!(&slug(&name, max), &name);
            let whole = slug(&title, usize::MAX);
            if let Some(rest) = whole.strip_prefix(&*name) {
                prop_assert!(rest.is_empty() || rest.starts_with('-') || !name.contains('-'));
            }
        }
    }
}
