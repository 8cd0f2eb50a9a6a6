//! Words of a command that somebody is told to type.

use std::borrow::Cow;
use std::path::Path;

/// `text` as one word of a shell: as it is where every shell takes it so, else in single quotes.
pub fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

/// A path as one word of a shell.
pub fn path(path: &Path) -> String {
    word(&path.display().to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_shell_takes_it_for_one_word() {
        for plain in [
            "worker-1",
            "/home/ana/app.caves/worker-1",
            "1/größe",
            "a@b=c",
        ] {
            assert_eq!(word(plain), plain);
        }
        for (text, quoted) in [
            ("", "''"),
            ("/my app", "'/my app'"),
            ("x; rm -rf ~", "'x; rm -rf ~'"),
            ("it's", r"'it'\''s'"),
            ("$(reboot)", "'$(reboot)'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(word(text), quoted);
        }
    }
}
