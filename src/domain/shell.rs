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

/// The words of a command as a shell would take it, with its quotes and backslashes and nothing else of a shell: no
/// variables, no globs. `None`: a quote is not closed, or there is no word.
pub fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, '\\') => word.get_or_insert_default().push(letters.next()?),
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Some(words).filter(|words| quote.is_none() && !words.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{word, words};

    #[test]
    fn a_command_is_taken_apart() {
        for (text, taken) in [
            ("vim", &["vim"][..]),
            ("code --wait", &["code", "--wait"]),
            ("'/opt/my editor/ed' -n", &["/opt/my editor/ed", "-n"]),
            (
                r#""/opt/my editor/ed" a\ b """#,
                &["/opt/my editor/ed", "a b", ""],
            ),
            (r"emacsclient -a ''", &["emacsclient", "-a", ""]),
            ("x; rm $HOME", &["x;", "rm", "$HOME"]),
        ] {
            assert_eq!(
                words(text).as_deref(),
                Some(
                    &taken
                        .iter()
                        .map(|word| (*word).to_owned())
                        .collect::<Vec<_>>()[..]
                ),
                "{text}"
            );
        }
        for bad in ["", "  ", "'open", "\"open", "x\\"] {
            assert_eq!(words(bad), None, "{bad}");
        }
    }

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
